//! The settings file: one task reads it, notices changes, and writes what RPC asks for. Nobody else waits
//! for that disk.

mod alone;
mod change;
pub(crate) mod read;
mod settled;
mod watcher;

use std::{path::PathBuf, sync::Arc, time::Duration};

use perpetua_accounts::Tokens;
use perpetua_config::{Config, Problems};
use perpetua_fs::{Access, Folders, write_atomic, write_atomic_if};
use perpetua_schema::{
    Applied, ErrorCode, Import, Imported, RpcError, SettingsProblem, SettingsText, SettingsWrite,
};
use perpetua_task::{blocking, every};
use perpetua_words::{Message, node as words};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{
    controller::{ControllerHandle, FileReport, Told},
    first_start::Settings,
    import, refusal,
    renames::{self, AccountNotes, Objection, Register},
};
pub use alone::{replace_settings, settled_settings};
use change::Change;
pub(crate) use change::ChangeFailed;
pub(crate) use settled::Present;
use settled::SETTLE_LIMIT;
use watcher::{FileChange, Seen, Watcher};

/// How often the file is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Edits that may wait; each is a person's.
const EDITS: usize = 16;

type Reply<T> = oneshot::Sender<Result<T, RpcError>>;

/// What RPC asks of the file.
enum Edit {
    Read(Reply<SettingsText>),
    Present(Reply<Present>),
    Write(SettingsWrite, Reply<Applied>),
    Change(Change, Reply<Applied>),
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
    /// What accounts with other names left behind, for the status.
    notes: watch::Sender<AccountNotes>,
    edits: mpsc::Receiver<Edit>,
}

impl SettingsFile {
    /// Begins with what the node was started with.
    pub(crate) fn new(
        settings: &Settings,
        folders: Folders,
        tokens: Tokens,
        controller: ControllerHandle,
        notes: watch::Sender<AccountNotes>,
    ) -> (Self, SettingsHandle) {
        let (sender, edits) = mpsc::channel(EDITS);
        let file = Self {
            path: settings.path.clone(),
            watcher: Watcher::new(settings.bytes.clone(), settings.config.clone()),
            folders,
            tokens,
            controller,
            notes,
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
                _ = looks.tick() => drop(self.look().await),
            }
        }
    }

    /// Tells the controller what somebody else has made of the file; gives what is there.
    async fn look(&mut self) -> Seen {
        let (path, notes) = (self.path.clone(), self.notes.borrow().clone());
        let (read, are_so) = blocking(move || (read::read(&path), notes.are_so())).await;
        if !are_so {
            self.note(&self.watcher.config().clone()).await;
        }
        let seen = match read {
            Ok(bytes) => Seen::Bytes(bytes),
            Err(error) => Seen::Unreadable(error.into()),
        };
        let path = self.path.clone();
        let report = match self.watcher.see(seen.clone(), Instant::now()) {
            None => return seen,
            Some(FileChange::Settings(config)) => self.unless_renamed(config).await,
            Some(FileChange::Invalid(problems)) => {
                FileReport::Refused(settings_problems(&problems))
            }
            Some(FileChange::Unreadable(cause)) if cause.code == "io.not_found" => {
                FileReport::Refused(vec![whole_file(words::SettingsGone {
                    path: path.as_path(),
                })])
            }
            Some(FileChange::CutOff) => {
                FileReport::Refused(vec![whole_file(words::SettingsCutOff {
                    path: path.as_path(),
                })])
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
        seen
    }

    /// Settings in which an account has another name are for the next start.
    async fn unless_renamed(&mut self, config: Arc<Config>) -> FileReport {
        let Some(former) = self.watcher.former().cloned() else {
            return FileReport::Changed(config);
        };
        match self.objection(&former, &config).await {
            None => {
                self.remember(&config, self.lost(&former, &config)).await;
                FileReport::Changed(config)
            }
            Some(objection) => {
                self.watcher.take_back(Instant::now());
                FileReport::Refused(vec![whole_file(objection.waits())])
            }
        }
    }

    /// The accounts that a file does not have any more which ends before them, as one does that was cut off. The last one
    /// alone is more often taken out on purpose.
    fn lost(&self, former: &Config, next: &Config) -> Option<Message> {
        let gone = former.accounts.iter();
        let gone = gone.filter(|account| account.enabled && next.account(&account.name).is_none());
        let names: Vec<_> = gone.map(|account| format!("`{}`", account.name)).collect();
        if names.len() < 2 || !self.watcher.lost_its_end() {
            return None;
        }
        let (names, path) = (names.join(", "), self.path.as_path());
        let lost = Message::from(words::AccountsLost { names, path });
        warn!(%lost, "the settings file ends before accounts that ran");
        Some(lost)
    }

    /// One of these accounts may get another name before the next start. `lost` is what else the change leaves to be said.
    async fn remember(&self, config: &Arc<Config>, lost: Option<Message>) {
        let (remembered, folders) = (Arc::clone(config), self.folders.clone());
        let remember = move || Register::read(&folders).remember(&remembered, &folders);
        let unclear = blocking(remember).await;
        let of_change = unclear.into_iter().chain(lost).collect();
        self.notes.send_modify(|notes| notes.of_change = of_change);
        self.note(config).await;
    }

    /// Looks at the logins that these settings leave to nobody.
    async fn note(&self, config: &Arc<Config>) {
        let (config, folders) = (Arc::clone(config), self.folders.clone());
        let notes = self.notes.borrow().clone();
        let notes = blocking(move || notes.of(&config, &folders)).await;
        self.notes.send_replace(notes);
    }

    async fn may_take(&self, config: &Config) -> Result<(), RpcError> {
        let objection = self.objection(self.watcher.config(), config).await;
        objection.map_or(Ok(()), |objection| {
            Err(RpcError::new(
                ErrorCode::InvalidSettings,
                objection.is_not_saved(),
            ))
        })
    }

    /// Why these settings cannot take the place of the former ones while accounts run.
    async fn objection(&self, former: &Arc<Config>, next: &Config) -> Option<Objection> {
        let (former, next) = (Arc::clone(former), next.clone());
        let folders = self.folders.clone();
        blocking(move || renames::objection(&former, &next, &folders)).await
    }

    async fn carry_out(&mut self, edit: Edit) {
        // Whoever asked and has left does not miss the answer.
        match edit {
            Edit::Read(reply) => {
                let outcome = self.read_text().await;
                let _asker_left = reply.send(outcome);
            }
            Edit::Present(reply) => {
                let outcome = self.settled(Instant::now() + SETTLE_LIMIT).await;
                let _asker_left = reply.send(outcome);
            }
            Edit::Write(write, reply) => match self.write(write).await {
                Ok(config) => {
                    self.remember(&config, None).await;
                    self.controller.apply(config, Told::All, reply).await;
                }
                Err(error) => {
                    let _asker_left = reply.send(Err(error));
                }
            },
            Edit::Change(change, reply) => match self.change(change).await {
                Ok(config) => {
                    let told = Told::OfTheChange;
                    self.remember(&config, None).await;
                    self.controller.apply(config, told, reply).await;
                }
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

    /// Writes a whole text, which may repair one with mistakes.
    async fn write(&mut self, write: SettingsWrite) -> Result<Arc<Config>, RpcError> {
        if write.text.trim().is_empty() {
            // As an editor would have left it: nobody means that by it.
            let path = self.path.as_path();
            let blank = words::SettingsBlank { path };
            return Err(RpcError::new(ErrorCode::InvalidSettings, blank));
        }
        let config = checked(&write.text)?;
        self.may_take(&config).await?;
        let Some(edited) = &write.instead_of else {
            let (path, bytes) = (self.path.clone(), write.text.into_bytes());
            let written = bytes.clone();
            blocking(move || write_atomic(&path, &written, Access::Usual))
                .await
                .map_err(|error| refusal::of_file(&error))?;
            return Ok(self.wrote(bytes, config));
        };
        let conflict = || RpcError::new(ErrorCode::Conflict, words::SettingsConflict);
        if self.read().await? != *edited {
            return Err(conflict());
        }
        let former = self.at_rest(Instant::now() + SETTLE_LIMIT).await?;
        let is_same = self.decode(&former)? == *edited;
        if is_same && self.replace(former, &write.text).await? {
            return Ok(self.wrote(write.text.into_bytes(), config));
        }
        Err(conflict())
    }

    /// Takes over another program's installation as a new account, which starts at once.
    async fn import(&mut self, import: Import) -> Result<Imported, RpcError> {
        let Present { bytes, text, .. } = self.settled(Instant::now() + SETTLE_LIMIT).await?;
        let (folders, tokens) = (self.folders.clone(), self.tokens.clone());
        let prepared = blocking(move || import::import(&import, &text, &folders, &tokens)).await?;
        let config = checked(&prepared.text)?;
        if !self.replace(bytes, &prepared.text).await? {
            return Err(RpcError::new(ErrorCode::Conflict, words::SettingsConflict));
        }
        let config = self.wrote(prepared.text.into_bytes(), config);
        self.remember(&config, None).await;
        let (reply, _nobody_waits) = oneshot::channel();
        self.controller.apply(config, Told::All, reply).await;
        Ok(prepared.imported)
    }

    /// Replaces these bytes of the file by a text; gives whether they were still there.
    async fn replace(&self, former: Vec<u8>, text: &str) -> Result<bool, RpcError> {
        let (path, written) = (self.path.clone(), text.as_bytes().to_vec());
        let replaced = blocking(move || {
            let is_same = || read::read(&path).is_ok_and(|now| now == former);
            write_atomic_if(&path, &written, Access::Usual, is_same)
        });
        replaced.await.map_err(|error| refusal::of_file(&error))
    }

    /// The file holds settings of ours.
    fn wrote(&mut self, bytes: Vec<u8>, config: Config) -> Arc<Config> {
        let config = Arc::new(config);
        self.watcher.wrote(bytes, Arc::clone(&config));
        config
    }

    async fn read(&self) -> Result<String, RpcError> {
        let bytes = self.read_bytes().await?;
        self.decode(&bytes)
    }

    async fn read_bytes(&self) -> Result<Vec<u8>, RpcError> {
        let path = self.path.clone();
        let bytes = blocking(move || read::read(&path)).await;
        bytes.map_err(|error| self.unreadable(error.into()))
    }

    fn decode(&self, bytes: &[u8]) -> Result<String, RpcError> {
        let text = perpetua_config::decode(bytes);
        text.map_err(|error| self.unreadable(Message::from(&error)))
    }

    fn unreadable(&self, cause: Message) -> RpcError {
        let path = self.path.as_path();
        let words = words::SettingsUnreadable { cause, path };
        RpcError::new(ErrorCode::Internal, words)
    }
}

/// What a whole new text says, if it is in order.
fn checked(text: &str) -> Result<Config, RpcError> {
    read::can_be_read_again(text)?;
    perpetua_config::parse(text).map_err(|problems| RpcError {
        problems: settings_problems(&problems),
        ..RpcError::new(ErrorCode::InvalidSettings, words::SettingsInvalid)
    })
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
