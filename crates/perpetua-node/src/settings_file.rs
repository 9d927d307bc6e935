//! The settings file: one task reads it, notices changes, and writes what RPC asks for. Nobody else waits
//! for that disk.

pub(crate) mod read;
mod watcher;

use std::{path::PathBuf, sync::Arc, time::Duration};

use perpetua_accounts::Tokens;
use perpetua_config::{Config, Name, Problems, edit};
use perpetua_fs::{Access, Folders, write_atomic};
use perpetua_schema::{
    Applied, ErrorCode, Import, Imported, RpcError, SetClientEnabled, SettingsProblem,
    SettingsText, SettingsWrite,
};
use perpetua_task::{blocking, every};
use perpetua_words::{Message, node as words};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use crate::{
    controller::{ControllerHandle, FileReport},
    first_start::Settings,
    import,
};
use watcher::{FileChange, Seen, Watcher};

/// How often the file is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Edits that may wait; each is a person's.
const EDITS: usize = 16;

type Reply<T> = oneshot::Sender<Result<T, RpcError>>;

/// What RPC asks of the file.
enum Edit {
    Read(Reply<SettingsText>),
    Write(SettingsWrite, Reply<Applied>),
    SetClientEnabled(SetClientEnabled, Reply<Applied>),
    Import(Import, Reply<Imported>),
}

/// A handle to the settings file. A cheap clone.
#[derive(Clone, Debug)]
pub(crate) struct SettingsHandle(mpsc::Sender<Edit>);

impl SettingsHandle {
    pub(crate) async fn read(&self) -> Result<SettingsText, RpcError> {
        self.ask(Edit::Read).await
    }

    pub(crate) async fn write(&self, write: SettingsWrite) -> Result<Applied, RpcError> {
        self.ask(|reply| Edit::Write(write, reply)).await
    }

    pub(crate) async fn set_client_enabled(
        &self,
        change: SetClientEnabled,
    ) -> Result<Applied, RpcError> {
        self.ask(|reply| Edit::SetClientEnabled(change, reply))
            .await
    }

    pub(crate) async fn import(&self, import: Import) -> Result<Imported, RpcError> {
        self.ask(|reply| Edit::Import(import, reply)).await
    }

    async fn ask<T>(&self, edit: impl FnOnce(Reply<T>) -> Edit) -> Result<T, RpcError> {
        let (reply, answer) = oneshot::channel();
        self.0
            .send(edit(reply))
            .await
            .map_err(|_| shutting_down())?;
        answer.await.map_err(|_| shutting_down())?
    }
}

/// The answer of a node that ends.
pub(crate) fn shutting_down() -> RpcError {
    RpcError::new(ErrorCode::Internal, words::ShuttingDown)
}

/// The task of the settings file.
pub(crate) struct SettingsFile {
    path: PathBuf,
    watcher: Watcher,
    folders: Folders,
    tokens: Tokens,
    controller: ControllerHandle,
    edits: mpsc::Receiver<Edit>,
}

impl SettingsFile {
    /// Begins with what the node was started with.
    pub(crate) fn new(
        settings: &Settings,
        folders: Folders,
        tokens: Tokens,
        controller: ControllerHandle,
    ) -> (Self, SettingsHandle) {
        let (sender, edits) = mpsc::channel(EDITS);
        let file = Self {
            path: settings.path.clone(),
            watcher: Watcher::new(settings.bytes.clone(), settings.config.clone()),
            folders,
            tokens,
            controller,
            edits,
        };
        (file, SettingsHandle(sender))
    }

    /// Works until cancelled.
    pub(crate) async fn run(mut self, cancel: CancellationToken) {
        cancel.run_until_cancelled(self.work()).await;
    }

    async fn work(&mut self) {
        let mut looks = every(LOOK_EVERY);
        loop {
            tokio::select! {
                biased;
                Some(edit) = self.edits.recv() => self.carry_out(edit).await,
                _ = looks.tick() => self.look().await,
            }
        }
    }

    /// Tells the controller what somebody else has made of the file.
    async fn look(&mut self) {
        let path = self.path.clone();
        let seen = match blocking(move || read::read(&path)).await {
            Ok(bytes) => Seen::Bytes(bytes),
            Err(error) => Seen::Unreadable(error.into()),
        };
        let path = &self.path;
        let report = match self.watcher.see(seen, Instant::now()) {
            None => return,
            Some(FileChange::Settings(config)) => FileReport::Changed(config),
            Some(FileChange::Invalid(problems)) => {
                FileReport::Refused(settings_problems(&problems))
            }
            Some(FileChange::Unreadable(cause)) => {
                FileReport::Refused(vec![whole_file(words::SettingsUnreadable {
                    cause,
                    path: path.as_path(),
                })])
            }
            Some(FileChange::Blank) => {
                FileReport::Refused(vec![whole_file(words::SettingsBlank {
                    path: path.as_path(),
                })])
            }
            Some(FileChange::AsBefore) => FileReport::AsBefore,
        };
        self.controller.file(report).await;
    }

    async fn carry_out(&mut self, edit: Edit) {
        // Whoever asked and has left does not miss the answer.
        match edit {
            Edit::Read(reply) => {
                let outcome = self.read_text().await;
                let _asker_left = reply.send(outcome);
            }
            Edit::Write(write, reply) => match self.write(write).await {
                Ok(config) => self.controller.apply(config, reply).await,
                Err(error) => {
                    let _asker_left = reply.send(Err(error));
                }
            },
            Edit::SetClientEnabled(change, reply) => match self.set_client_enabled(change).await {
                Ok(config) => self.controller.apply(config, reply).await,
                Err(error) => {
                    let _asker_left = reply.send(Err(error));
                }
            },
            Edit::Import(import, reply) => {
                let outcome = self.import(import).await;
                let _asker_left = reply.send(outcome);
            }
        }
    }

    async fn read_text(&self) -> Result<SettingsText, RpcError> {
        let text = self.read().await?;
        let problems = perpetua_config::parse(&text).err();
        Ok(SettingsText {
            problems: problems.as_ref().map(settings_problems).unwrap_or_default(),
            text,
        })
    }

    async fn write(&mut self, write: SettingsWrite) -> Result<Arc<Config>, RpcError> {
        if let Some(edited) = &write.instead_of {
            let present = self.read().await?;
            if present != *edited {
                return Err(RpcError::new(ErrorCode::Conflict, words::SettingsConflict));
            }
        }
        self.replace(write.text).await
    }

    async fn set_client_enabled(
        &mut self,
        change: SetClientEnabled,
    ) -> Result<Arc<Config>, RpcError> {
        let present = self.read().await?;
        let (account, client) = (name(&change.account)?, name(&change.client)?);
        let edited = edit::set_client_enabled(&present, &account, &client, change.enabled)
            .map_err(|error| RpcError::new(ErrorCode::NotFound, &error))?;
        self.replace(edited).await
    }

    /// Takes over another program's installation as a new account, which starts at once.
    async fn import(&mut self, import: Import) -> Result<Imported, RpcError> {
        let text = self.read().await?;
        let (folders, tokens) = (self.folders.clone(), self.tokens.clone());
        let prepared = blocking(move || import::import(&import, &text, &folders, &tokens)).await?;
        let config = self.replace(prepared.text).await?;
        let (reply, _nobody_waits) = oneshot::channel();
        self.controller.apply(config, reply).await;
        Ok(prepared.imported)
    }

    /// Checks a whole new text and writes it. Nothing is changed when it is wrong.
    async fn replace(&mut self, text: String) -> Result<Arc<Config>, RpcError> {
        let config = perpetua_config::parse(&text).map_err(|problems| RpcError {
            problems: settings_problems(&problems),
            ..RpcError::new(ErrorCode::InvalidSettings, words::SettingsInvalid)
        })?;
        let (path, bytes) = (self.path.clone(), text.into_bytes());
        let written = bytes.clone();
        blocking(move || write_atomic(&path, &written, Access::Usual))
            .await
            .map_err(|error| RpcError::new(ErrorCode::Internal, &error))?;
        let config = Arc::new(config);
        self.watcher.wrote(bytes, Arc::clone(&config));
        Ok(config)
    }

    async fn read(&self) -> Result<String, RpcError> {
        let unreadable = |cause: Message| {
            let path = self.path.as_path();
            RpcError::new(
                ErrorCode::Internal,
                words::SettingsUnreadable { cause, path },
            )
        };
        let path = self.path.clone();
        let bytes = blocking(move || read::read(&path))
            .await
            .map_err(|error| unreadable(error.into()))?;
        perpetua_config::decode(&bytes).map_err(|error| unreadable(Message::from(&error)))
    }
}

fn name(text: &str) -> Result<Name, RpcError> {
    Name::new(text).map_err(|error| RpcError::new(ErrorCode::BadRequest, &error))
}

/// A problem of the file as a whole.
fn whole_file(message: impl Into<Message>) -> SettingsProblem {
    SettingsProblem {
        line: 1,
        column: 1,
        path: String::new(),
        message: message.into(),
    }
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
