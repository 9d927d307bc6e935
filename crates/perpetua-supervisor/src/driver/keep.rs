//! The copy of a login: made at once, and again for as long as it could not be.

use perpetua_lagrange::SessionBackupError;
use perpetua_lifecycle::Generation;
use perpetua_words::{Message, core as words};
use tokio::time::{Duration, Instant};
use tracing::info;

use super::Driver;
use crate::steps::{Done, blocking};

/// How long until a copy that could not be kept is tried again.
const KEEP_AGAIN: Duration = Duration::from_secs(30);

impl Driver {
    /// Keeps a copy of the login of this start, which was good, and forgets what was set aside before it. Where there is
    /// no session any more, it was lost since, and what is set aside is told further.
    pub(super) fn keep_login(&mut self, generation: Generation) {
        let (folder, backup) = (self.paths.folder.clone(), self.backup());
        let wall = self.ports.wall.clone();
        self.keep_due = None;
        self.steps.in_order(async move {
            let work = move || {
                let kept = backup.keep(wall.now());
                let told = match &kept {
                    Err(SessionBackupError::NothingToKeep(_)) => Ok(()),
                    _ => folder.forget_set_aside(),
                };
                let kept = kept.map_err(|error| Message::from(&error));
                let told = told.map_err(|error| Message::from(&error));
                kept.and(told)
            };
            Done::LoginKept(generation, blocking(work).await)
        });
        self.look_aside();
    }

    /// There is a copy, or it is tried again after a while, for as long as the process of that login runs: the next login
    /// makes one anyway.
    pub(super) fn login_kept(&mut self, generation: Generation, kept: Result<(), Message>) {
        let told = match kept {
            Ok(()) => None,
            Err(cause) => {
                if self.run_of(generation).is_some() {
                    self.keep_due = Some((generation, Instant::now() + KEEP_AGAIN));
                }
                Some(Message::from(words::LoginNotKept { cause }))
            }
        };
        let former = std::mem::replace(&mut self.not_kept, told.clone());
        match (former, told) {
            (former, Some(told)) if former.as_ref() != Some(&told) => self.notice(told),
            (Some(former), None) => {
                info!(account = self.account, "a copy of the login is kept now");
                if self
                    .publisher
                    .shows(|view| view.notice.as_ref() == Some(&former))
                {
                    self.publisher.change(|view| view.notice = None);
                }
            }
            _ => {}
        }
    }

    pub(super) fn keep_login_if_due(&mut self, now: Instant) {
        let due = self.keep_due.take_if(|(_, due)| *due <= now);
        if let Some((generation, _)) = due
            && self.run_of(generation).is_some()
        {
            self.keep_login(generation);
        }
    }
}
