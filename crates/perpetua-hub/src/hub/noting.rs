//! What was refused or lost, as the account's owner is shown it.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use perpetua_words::{Message, Param, notice as words};

use super::Hub;
use crate::{ClockReading, ConnectionId, notice::LoggedNotice, reshaping::WantedFormat};

/// Lines that wait for the driver, who takes them after each verb: one verb notes a few things at most.
const MAX_WAITING_LINES: usize = 64;

/// What is said of somebody who does not show the token of a client.
const ABOUT_TOKENS: [&str; 4] = [
    "refused.no_token",
    "refused.wrong_token",
    "refused.token_undefined",
    "refused.token_elsewhere",
];

/// A line that is due in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoticeLine {
    /// The client that it concerns; `None`: the upstream.
    pub client: Option<Arc<str>>,
    /// What it says.
    pub notice: LoggedNotice,
}

/// Programs that come again with another token do so after a person has changed it.
const ONE_PROGRAM_AFTER: Duration = Duration::from_mins(1);
/// Peers that are remembered for each client.
const MOST_PEERS: usize = 16;

/// When the right token was last shown, and from where.
#[derive(Debug, Default)]
pub(super) struct Showings(VecDeque<(String, Instant)>);

impl Showings {
    /// It is shown; gives when it was before.
    fn replace(&mut self, peer: &str, now: Instant) -> Option<Instant> {
        if let Some((_, shown)) = self.0.iter_mut().find(|(one, _)| one == peer) {
            return Some(std::mem::replace(shown, now));
        }
        if self.0.len() == MOST_PEERS {
            self.0.pop_front();
        }
        self.0.push_back((peer.to_owned(), now));
        None
    }
}

/// Lines that nobody has taken yet, the oldest first.
#[derive(Debug, Default)]
pub(super) struct WaitingLines(VecDeque<NoticeLine>);

impl WaitingLines {
    fn push(&mut self, client: Option<Arc<str>>, notice: LoggedNotice) {
        if self.0.len() == MAX_WAITING_LINES {
            self.0.pop_front();
        }
        self.0.push_back(NoticeLine { client, notice });
    }
}

impl Hub {
    /// Something that came from the upstream, or wanted to be it, was refused or lost.
    pub fn note_upstream(&mut self, message: impl Into<Message>, now: ClockReading) {
        if let Some(line) = self.upstream.notices.record(message, now) {
            self.lines.push(None, line);
        }
    }

    /// As [`Hub::note_upstream`], of something whose parameters the upstream chooses.
    pub(super) fn note_upstream_latest(&mut self, message: impl Into<Message>, now: ClockReading) {
        if let Some(line) = self.upstream.notices.record_latest(message, now) {
            self.lines.push(None, line);
        }
    }

    /// Something that came to or from a client was refused or lost. Nothing is noted of one that the
    /// settings do not name.
    pub fn note_client(&mut self, client: &str, message: impl Into<Message>, now: ClockReading) {
        let Some(entry) = self.clients.get_mut(client) else {
            return;
        };
        if let Some(line) = entry.notices.record(message, now) {
            self.lines.push(Some(client.into()), line);
        }
    }

    /// Whoever is at `peer` has shown the right token to a client: that it had shown none, or another, is mended. But who was
    /// refused soon after a right one was shown from there is another program.
    pub fn token_was_shown(&mut self, client: &str, peer: &str, now: ClockReading) {
        let Some(entry) = self.clients.get_mut(client) else {
            return;
        };
        let is_of_peer = |message: &Message| matches!(message.params.get("peer"), Some(Param::Text(one)) if one == peer);
        let before = entry.showings.replace(peer, now.instant);
        entry.notices.settle(|notice| {
            let (message, refused) = (&notice.message, notice.last.instant);
            let is_anothers = before.is_some_and(|before| {
                refused.saturating_duration_since(before) < ONE_PROGRAM_AFTER
                    && now.instant.saturating_duration_since(refused) < ONE_PROGRAM_AFTER
            });
            ABOUT_TOKENS.contains(&&*message.code) && is_of_peer(message) && !is_anothers
        });
    }

    /// Notes each message that went out to a connection as it came since the last call, because the format that it wants
    /// cannot hold it.
    pub(super) fn tell_unshaped(&mut self, id: ConnectionId, now: ClockReading) {
        let Some(connection) = self.connections.get(&id) else {
            return;
        };
        let format = connection.format.as_ref();
        let count = format.map_or(0, WantedFormat::take_failures);
        if count > 0 {
            let client = Arc::clone(&connection.client);
            (0..count).for_each(|_| self.note_client(&client, words::NotReshaped, now));
        }
    }

    /// Lines for the log that are due since the last call.
    pub fn due_log_lines(&mut self) -> impl Iterator<Item = NoticeLine> + '_ {
        self.lines.0.drain(..)
    }
}
