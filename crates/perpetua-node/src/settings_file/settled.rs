//! What a change may be based on: only what the watcher counts, so that a moment of somebody else's saving is
//! never taken for the settings.

use std::{sync::Arc, time::Duration};

use perpetua_config::{Config, Problems};
use perpetua_schema::{ErrorCode, RpcError};
use perpetua_words::{Message, config as config_words, node as words};
use tokio::time::{Instant, sleep};

use super::{
    SettingsFile, settings_problems,
    watcher::{FileChange, Seen, Standing, judge},
};

/// How long a change waits for somebody else to end writing: longer than any text has to stay as it is.
pub(super) const SETTLE_LIMIT: Duration = Duration::from_secs(4);
/// How often the file is looked at meanwhile.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// The settings as the file has them.
#[derive(Debug)]
pub(crate) struct Present {
    /// The file's own bytes.
    pub(crate) bytes: Vec<u8>,
    /// The text.
    pub(crate) text: String,
    /// What it says.
    pub(crate) config: Arc<Config>,
}

impl SettingsFile {
    /// The settings, once nobody is writing them. What somebody else has written is applied by then.
    pub(super) async fn settled(&mut self, until: Instant) -> Result<Present, RpcError> {
        match self.waited_for(until).await? {
            (Seen::Bytes(bytes), Standing::Applied(config)) => Ok(Present {
                text: self.decode(&bytes)?,
                bytes,
                config,
            }),
            (seen, _) => Err(self.unusable(&seen).await),
        }
    }

    /// The bytes of the file, whatever they are, once nobody is writing them.
    pub(super) async fn at_rest(&mut self, until: Instant) -> Result<Vec<u8>, RpcError> {
        match self.waited_for(until).await? {
            (Seen::Bytes(bytes), _) => Ok(bytes),
            (Seen::Unreadable(cause), _) => Err(self.unreadable(cause)),
        }
    }

    /// Looks until what is there has stayed as it is.
    async fn waited_for(&mut self, until: Instant) -> Result<(Seen, Standing), RpcError> {
        loop {
            let seen = self.look().await;
            match self.watcher.standing(&seen) {
                Standing::Settling if Instant::now() < until => sleep(LOOK_AGAIN).await,
                Standing::Settling => return Err(self.being_edited()),
                standing => return Ok((seen, standing)),
            }
        }
    }

    /// Why nothing can be made of what is there.
    async fn unusable(&self, seen: &Seen) -> RpcError {
        match judge(seen) {
            FileChange::Invalid(problems) => broken(&problems),
            FileChange::Unreadable(cause) => self.unreadable(cause),
            FileChange::Blank => {
                let path = self.path.as_path();
                RpcError::new(ErrorCode::InvalidSettings, words::SettingsBlank { path })
            }
            FileChange::Settings(config) => match self.may_take(&config).await {
                Err(objection) => objection,
                Ok(()) => self.being_edited(),
            },
            FileChange::CutOff | FileChange::AsBefore => self.being_edited(),
        }
    }

    fn being_edited(&self) -> RpcError {
        let path = self.path.as_path();
        RpcError::new(ErrorCode::Conflict, words::SettingsBeingEdited { path })
    }
}

/// The file has to be repaired first; the sentence names the line.
fn broken(problems: &Problems) -> RpcError {
    let first = problems.as_slice().first().map(Message::from);
    let message = match first {
        Some(problem) => config_words::EditBroken { problem }.into(),
        None => Message::from(words::SettingsInvalid),
    };
    RpcError {
        problems: settings_problems(problems),
        ..RpcError::new(ErrorCode::InvalidSettings, message)
    }
}
