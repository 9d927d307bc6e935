//! Owns the accounts: one task that applies settings, from the file or by RPC, one change at a time.

use std::{path::PathBuf, sync::Arc, time::Duration};

use perpetua_config::{Name, Problems, edit};
use perpetua_fs::{Access, write_atomic};
use perpetua_schema::{
    Applied, ErrorCode, Event, Import, Imported, RpcError, SetClientEnabled, SettingsProblem,
    SettingsWrite,
};
use perpetua_task::every;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use perpetua_words::{Message, rpc as words};

use crate::{
    accounts::Accounts,
    error::{in_words, other},
    first_start::Settings,
    installed_cores::InstalledCores,
    live::LiveSettings,
    managed,
    supplies::blocking,
    view::View,
};

/// How often the settings file is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often what could not be started is tried again: seldom, for a locked keyring may ask its
/// owner for the password each time.
const RETRY_EVERY: Duration = Duration::from_secs(30);
/// Commands that may wait; each is a person's.
const COMMANDS: usize = 16;

type Reply<T> = oneshot::Sender<Result<T, RpcError>>;

/// What RPC asks of the steward.
enum Command {
    Write(SettingsWrite, Reply<Applied>),
    SetClientEnabled(SetClientEnabled, Reply<Applied>),
    Reconnect(String, Reply<()>),
    Import(Import, Reply<Imported>),
}

/// A handle to the steward.
#[derive(Clone, Debug)]
pub(crate) struct StewardHandle(mpsc::Sender<Command>);

impl StewardHandle {
    pub(crate) async fn write(&self, write: SettingsWrite) -> Result<Applied, RpcError> {
        self.ask(|reply| Command::Write(write, reply)).await
    }

    pub(crate) async fn set_client_enabled(
        &self,
        change: SetClientEnabled,
    ) -> Result<Applied, RpcError> {
        self.ask(|reply| Command::SetClientEnabled(change, reply))
            .await
    }

    pub(crate) async fn reconnect(&self, account: String) -> Result<(), RpcError> {
        self.ask(|reply| Command::Reconnect(account, reply)).await
    }

    pub(crate) async fn import(&self, import: Import) -> Result<Imported, RpcError> {
        self.ask(|reply| Command::Import(import, reply)).await
    }

    async fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, RpcError> {
        let stopping = || RpcError::new(ErrorCode::Internal, words::ShuttingDown);
        let (reply, answer) = oneshot::channel();
        self.0.send(command(reply)).await.map_err(|_| stopping())?;
        answer.await.map_err(|_| stopping())?
    }
}

/// The task that owns the accounts.
#[derive(Debug)]
pub(crate) struct Steward {
    accounts: Accounts,
    live: LiveSettings,
    cores: InstalledCores,
    path: PathBuf,
    /// The text that was last looked at, applied or not.
    text: String,
    problems: Vec<SettingsProblem>,
    view: watch::Sender<Arc<View>>,
    watchers: broadcast::Sender<Event>,
    commands: mpsc::Receiver<Command>,
}

impl Steward {
    pub(crate) fn new(
        accounts: Accounts,
        live: LiveSettings,
        cores: InstalledCores,
        settings: &Settings,
        watchers: broadcast::Sender<Event>,
    ) -> (Self, StewardHandle, watch::Receiver<Arc<View>>) {
        let (sender, commands) = mpsc::channel(COMMANDS);
        let (view, viewer) = watch::channel(accounts.view(Vec::new()));
        let steward = Self {
            accounts,
            live,
            cores,
            path: settings.path.clone(),
            text: settings.text.clone(),
            problems: Vec::new(),
            view,
            watchers,
            commands,
        };
        (steward, StewardHandle(sender), viewer)
    }

    /// Runs until cancelled, then ends all accounts.
    pub(crate) async fn run(mut self, cancel: CancellationToken) {
        let (mut looks, mut retries) = (every(LOOK_EVERY), every(RETRY_EVERY));
        loop {
            tokio::select! {
                biased;
                () = cancel.cancelled() => break,
                Some(command) = self.commands.recv() => self.obey(command).await,
                _ = looks.tick() => self.look().await,
                _ = retries.tick() => {
                    if self.accounts.retry().await {
                        self.publish();
                    }
                }
            }
        }
        self.accounts.stop().await;
    }

    async fn obey(&mut self, command: Command) {
        // Whoever asked and has left does not miss the answer.
        match command {
            Command::Write(write, reply) => {
                let outcome = self.write(write).await;
                let _asker_left = reply.send(outcome);
            }
            Command::SetClientEnabled(change, reply) => {
                let outcome = self.set_client_enabled(change).await;
                let _asker_left = reply.send(outcome);
            }
            Command::Reconnect(account, reply) => {
                let outcome = self.reconnect(&account).await;
                let _asker_left = reply.send(outcome);
            }
            Command::Import(import, reply) => {
                let outcome = self.import(import).await;
                let _asker_left = reply.send(outcome);
            }
        }
    }

    /// Applies the file if someone has changed it.
    async fn look(&mut self) {
        let text = match tokio::fs::read_to_string(&self.path).await {
            Ok(text) if text != self.text => text,
            // A file that is gone or half-written is looked at again; the node keeps what it has.
            Ok(_) | Err(_) => return,
        };
        self.text.clone_from(&text);
        match perpetua_config::parse(&text) {
            Ok(config) => {
                let applied = self.apply(config).await;
                info!(changes = ?applied.changes, pending = ?applied.pending, "the settings file was applied");
            }
            Err(problems) => {
                self.problems = settings_problems(&problems);
                for problem in &self.problems {
                    warn!(%problem, "the settings file is wrong; the node keeps its former settings");
                }
                self.publish();
            }
        }
        let problems = self.problems.clone();
        let _nobody_watches = self.watchers.send(Event::Settings { problems });
    }

    async fn write(&mut self, write: SettingsWrite) -> Result<Applied, RpcError> {
        if let Some(edited) = &write.instead_of {
            let present = self.read_file().await?;
            if present != *edited {
                return Err(RpcError::new(ErrorCode::Conflict, words::SettingsChanged));
            }
        }
        self.replace(write.text).await
    }

    async fn set_client_enabled(&mut self, change: SetClientEnabled) -> Result<Applied, RpcError> {
        let present = self.read_file().await?;
        let (account, client) = (name(&change.account)?, name(&change.client)?);
        let edited = edit::set_client_enabled(&present, &account, &client, change.enabled)
            .map_err(|error| RpcError::new(ErrorCode::NotFound, other(error.to_string())))?;
        self.replace(edited).await
    }

    async fn reconnect(&mut self, account: &str) -> Result<(), RpcError> {
        if !self.accounts.reconnect(account).await {
            return Err(RpcError::new(
                ErrorCode::NotFound,
                words::NoSuchAccount { account },
            ));
        }
        self.publish();
        Ok(())
    }

    /// Takes over another program's installation as a new account, which starts at once.
    async fn import(&mut self, import: Import) -> Result<Imported, RpcError> {
        let text = self.read_file().await?;
        let supplies = self.accounts.supplies();
        let (folders, tokens) = (supplies.managed.folders.clone(), supplies.tokens.clone());
        let prepared = blocking(move || managed::import(&import, &text, &folders, &tokens)).await?;
        self.replace(prepared.text).await?;
        Ok(prepared.imported)
    }

    /// Checks a whole new text, writes it, and applies it. Nothing is changed when it is wrong.
    async fn replace(&mut self, text: String) -> Result<Applied, RpcError> {
        let config = perpetua_config::parse(&text).map_err(|problems| RpcError {
            code: ErrorCode::InvalidSettings,
            message: words::SettingsWrong.into(),
            problems: settings_problems(&problems),
        })?;
        let (path, bytes) = (self.path.clone(), text.clone().into_bytes());
        let written =
            tokio::task::spawn_blocking(move || write_atomic(&path, &bytes, Access::Usual)).await;
        match written {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                return Err(RpcError::new(ErrorCode::Internal, other(in_words(&error))));
            }
            Err(error) => return Err(RpcError::new(ErrorCode::Internal, other(error.to_string()))),
        }
        self.text = text;
        let applied = self.apply(config).await;
        let _nobody_watches = self.watchers.send(Event::Settings {
            problems: Vec::new(),
        });
        Ok(applied)
    }

    async fn apply(&mut self, config: perpetua_config::Config) -> Applied {
        let former = self.accounts.config().clone();
        let mut pending = waits_for_restart(&former, &config);
        self.live.apply(&config, self.accounts.supplies()).await;
        let sources_changed = config.core != former.core;
        if sources_changed && let Err(error) = self.cores.apply(&config.core).await {
            pending.push(other(in_words(&error)));
        }
        let mut changes: Vec<_> = self
            .accounts
            .apply(config)
            .await
            .into_iter()
            .map(other)
            .collect();
        if sources_changed {
            changes.push(other("the sources of the core were changed"));
            self.accounts.sources_changed().await;
        }
        pending.extend(self.accounts.problems().into_iter().map(other));
        self.problems.clear();
        self.publish();
        Applied { changes, pending }
    }

    async fn read_file(&self) -> Result<String, RpcError> {
        tokio::fs::read_to_string(&self.path)
            .await
            .map_err(|error| {
                let words = perpetua_words::file::CannotRead {
                    path: &self.path,
                    cause: &error,
                };
                RpcError::new(ErrorCode::Internal, words)
            })
    }

    fn publish(&self) {
        let problems = self.problems.iter().map(Message::from).collect();
        self.view.send_replace(self.accounts.view(problems));
    }
}

fn name(text: &str) -> Result<Name, RpcError> {
    Name::new(text).map_err(|error| {
        RpcError::new(
            ErrorCode::BadRequest,
            words::BadName {
                name: text,
                cause: other(error.to_string()),
            },
        )
    })
}

/// The problems of a settings text as RPC tells them.
pub(crate) fn settings_problems(problems: &Problems) -> Vec<SettingsProblem> {
    let problem = |problem: &perpetua_config::Problem| SettingsProblem {
        line: problem.line,
        column: problem.column,
        path: problem.path.clone(),
        message: problem.message.clone(),
    };
    problems.as_slice().iter().map(problem).collect()
}

/// Changes of the node itself, which need a new start.
fn waits_for_restart(
    former: &perpetua_config::Config,
    next: &perpetua_config::Config,
) -> Vec<Message> {
    let parts = [
        ("`listen` in `[api]`", former.api.listen != next.api.listen),
        ("`format` in `[log]`", former.log.format != next.log.format),
        ("`secrets`", former.secrets != next.secrets),
    ];
    let changed = parts.into_iter().filter(|(_, changed)| *changed);
    changed
        .map(|(what, _)| {
            other(format!(
                "{what} takes effect when the node is started again"
            ))
        })
        .collect()
}
