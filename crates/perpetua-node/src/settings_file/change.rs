//! Changes of single settings: made from the text as it is at that moment, so that whatever somebody else wrote
//! meanwhile stays.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use perpetua_config::{Config, Problems};
use perpetua_schema::{Applied, ErrorCode, RpcError};
use perpetua_words::node as words;
use tokio::time::Instant;

use super::{
    Edit, Present, SettingsFile, SettingsHandle, read, settings_problems, settled::SETTLE_LIMIT,
    shutting_down,
};

/// How often a change is made anew because somebody wrote the file between its reading and its writing.
const ATTEMPTS: usize = 5;

/// Makes the next text of the present one. It is asked again when that is outdated.
pub(super) struct Change {
    make: Box<Make>,
    /// Set before the file is written, and taken back when it was not.
    may_be_written: Arc<AtomicBool>,
}

/// Why nobody can say that a change was made.
#[derive(Debug)]
pub(crate) struct ChangeFailed {
    /// For who asked.
    pub(crate) error: RpcError,
    /// Whether the settings may have it nevertheless: a node that ends does not say.
    pub(crate) may_be_written: bool,
}

impl From<RpcError> for ChangeFailed {
    /// An error from before the settings were written.
    fn from(error: RpcError) -> Self {
        Self {
            error,
            may_be_written: false,
        }
    }
}

impl From<ChangeFailed> for RpcError {
    fn from(failed: ChangeFailed) -> Self {
        failed.error
    }
}

type Make = dyn FnMut(&Present) -> Result<String, RpcError> + Send;

impl fmt::Debug for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Change")
    }
}

impl SettingsHandle {
    /// The settings as the file has them, if they are in order and nobody is writing them.
    pub(crate) async fn present(&self) -> Result<Present, RpcError> {
        self.ask(Edit::Present).await
    }

    /// Changes single settings: `make` gives the next text, and what the caller wants to know of it. The text
    /// is checked as a whole and written, and the reply says what that did.
    pub(crate) async fn change<T: Send + 'static>(
        &self,
        mut make: impl FnMut(&Present) -> Result<(String, T), RpcError> + Send + 'static,
    ) -> Result<(Applied, T), ChangeFailed> {
        let latest = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&latest);
        let make = move |present: &Present| {
            let (text, value) = make(present)?;
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
            Ok(text)
        };
        let may_be_written = Arc::new(AtomicBool::new(false));
        let change = Change {
            make: Box::new(make),
            may_be_written: Arc::clone(&may_be_written),
        };
        let asked = self.ask(|reply| Edit::Change(change, reply)).await;
        let applied = asked.map_err(|error| ChangeFailed {
            error,
            may_be_written: may_be_written.load(Relaxed),
        })?;
        let mut latest = latest.lock().unwrap_or_else(PoisonError::into_inner);
        Ok((applied, latest.take().ok_or_else(shutting_down)?))
    }
}

impl SettingsFile {
    /// Writes a change. Nothing is changed when the file is not in order, before the change or after it.
    pub(super) async fn change(&mut self, mut change: Change) -> Result<Arc<Config>, RpcError> {
        let until = Instant::now() + SETTLE_LIMIT;
        for _ in 0..ATTEMPTS {
            let present = self.settled(until).await?;
            let text = (change.make)(&present)?;
            read::can_be_read_again(&text)?;
            let config = perpetua_config::parse(&text).map_err(|problems| refused(&problems))?;
            self.may_take(&config).await?;
            change.may_be_written.store(true, Relaxed);
            if text == present.text {
                return Ok(self.wrote(present.bytes, config));
            }
            let replaced = self.replace(present.bytes, &text).await;
            let is_written = matches!(replaced, Ok(true));
            change.may_be_written.store(is_written, Relaxed);
            if replaced? {
                return Ok(self.wrote(text.into_bytes(), config));
            }
        }
        Err(RpcError::new(ErrorCode::Conflict, words::SettingsConflict))
    }
}

/// The change cannot be: what is wrong with it, without its place in a text that nobody sees.
fn refused(problems: &Problems) -> RpcError {
    let first = problems.as_slice().first();
    let message = first.map(|problem| problem.message.clone());
    RpcError {
        problems: settings_problems(problems),
        ..RpcError::new(
            ErrorCode::InvalidSettings,
            message.unwrap_or_else(|| words::SettingsInvalid.into()),
        )
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::{super::SettingsHandle, *};

    /// What is known of a change whose answer never comes.
    async fn unanswered(is_written: bool) -> ChangeFailed {
        let (sender, mut edits) = mpsc::channel(1);
        let settings = SettingsHandle(sender);
        let ending = async {
            let Some(Edit::Change(mut change, _reply)) = edits.recv().await else {
                panic!("a change is asked for");
            };
            let present = Present {
                bytes: Vec::new(),
                text: String::new(),
                config: perpetua_config::parse("").expect("settings").into(),
            };
            (change.make)(&present).expect("a text");
            change.may_be_written.store(is_written, Relaxed);
        };
        let change = settings.change(|present| Ok((present.text.clone(), ())));
        tokio::join!(change, ending).0.expect_err("no answer")
    }

    #[tokio::test]
    async fn a_node_that_ends_says_whether_the_settings_may_have_a_change() {
        for is_written in [true, false] {
            let failed = unanswered(is_written).await;
            assert_eq!(failed.may_be_written, is_written);
            assert_eq!(failed.error.code, ErrorCode::Internal);
        }
    }
}
