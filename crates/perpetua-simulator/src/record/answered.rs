//! What people did last, which is what a client answers.

use std::collections::HashMap;

use crate::{chat::Chat, timestamp::Timestamp};

/// How long something that people did elsewhere may be what a client acts on, in milliseconds: an action waits
/// no longer for its answer.
const ELSEWHERE_MS: i64 = 60_000;

/// The line of the last thing that people did, everywhere and in each chat.
#[derive(Debug, Default)]
pub(super) struct LatestOfPeople {
    /// No more chats than the world has people and groups.
    by_chat: HashMap<Chat, Latest>,
    of_all: Option<Latest>,
}

#[derive(Clone, Copy, Debug)]
struct Latest {
    line: u64,
    time: Timestamp,
}

impl LatestOfPeople {
    /// People did something.
    pub(super) fn note(&mut self, chat: Chat, line: u64, time: Timestamp) {
        let latest = Latest { line, time };
        self.by_chat.insert(chat, latest);
        self.of_all = Some(latest);
    }

    /// The line on account of which a client acts, as far as can be told: the last one in the chat that it acts
    /// in, however long it thought; or one elsewhere, if that was just now.
    pub(super) fn answered(&self, chat: Option<Chat>, now: Timestamp) -> Option<u64> {
        let here = chat.and_then(|chat| self.by_chat.get(&chat));
        let just_now = |latest: &&Latest| ms_between(latest.time, now) <= ELSEWHERE_MS;
        let latest = here.or(self.of_all.as_ref().filter(just_now))?;
        Some(latest.line)
    }

    /// How long ago people did something in a chat, in milliseconds.
    pub(super) fn since(&self, chat: Chat, now: Timestamp) -> Option<u64> {
        let latest = self.by_chat.get(&chat)?;
        // A clock that was set back makes nothing negative.
        Some(u64::try_from(ms_between(latest.time, now)).unwrap_or_default())
    }
}

fn ms_between(earlier: Timestamp, later: Timestamp) -> i64 {
    later.unix_ms().saturating_sub(earlier.unix_ms())
}
