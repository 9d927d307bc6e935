//! Versions that were given up: they are not taken again before a person has heard of it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::{Timestamp, tz::TimeZone};
use perpetua_words::{Message, install as words};
use serde::{Deserialize, Serialize};

use super::record::Record;
use crate::Sha256;

/// So many are remembered; older ones are long replaced.
const MOST_REMEMBERED: usize = 16;

/// A version that was given up, as it is recorded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct RolledBackEntry {
    sha256: Sha256,
    /// Seconds since 1970.
    unix_s: u64,
    why: Message,
    /// Whoever wanted it again has been told.
    is_told: bool,
}

impl RolledBackEntry {
    /// That it was given up, when and why; for people.
    fn told(&self) -> Message {
        let time = UNIX_EPOCH + Duration::from_secs(self.unix_s);
        let date = Timestamp::try_from(time).unwrap_or(Timestamp::UNIX_EPOCH);
        let date = date.to_zoned(TimeZone::system());
        words::RolledBackBefore {
            cause: self.why.clone(),
            date: date.strftime("%Y-%m-%d %H:%M").to_string(),
        }
        .into()
    }
}

impl Record {
    pub(super) fn is_rolled_back(&self, sha256: Sha256) -> bool {
        self.rolled_back.iter().any(|one| one.sha256 == sha256)
    }

    /// A version is given up.
    pub(super) fn give_up(&mut self, id: &str, why: Message, now: SystemTime) {
        let Some(sha256) = self.entry(id).ok().map(|entry| entry.sha256) else {
            return;
        };
        self.take_again(sha256);
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        self.rolled_back.push(RolledBackEntry {
            sha256,
            unix_s: since.as_secs(),
            why,
            is_told: false,
        });
        let surplus = self.rolled_back.len().saturating_sub(MOST_REMEMBERED);
        self.rolled_back.drain(..surplus);
    }

    /// A person wants it all the same.
    pub(super) fn take_again(&mut self, sha256: Sha256) {
        self.rolled_back.retain(|one| one.sha256 != sha256);
    }

    /// What is to be said of a file that was given up; for people.
    pub(super) fn rolled_back_words(&self, sha256: Sha256) -> Option<Message> {
        let found = self.rolled_back.iter().find(|one| one.sha256 == sha256);
        found.map(RolledBackEntry::told)
    }

    /// What a person has to hear before a file is installed that was given up; nothing to one who has heard it
    /// and accepts the file.
    pub(super) fn objection(&mut self, sha256: Sha256, accept: Option<Sha256>) -> Option<Message> {
        let mut all = self.rolled_back.iter_mut();
        let found = all.find(|one| one.sha256 == sha256)?;
        let is_told = std::mem::replace(&mut found.is_told, true);
        (!is_told || accept != Some(sha256)).then(|| found.told())
    }
}
