//! Whether the account can be talked to, from all that is known.

use perpetua_onebot::Peek;
use serde::Deserialize;

use super::{Hub, from_upstream::is_meta_event};

/// How the upstream said that the account is offline.
#[derive(Debug)]
pub(super) enum Offline {
    /// By a heartbeat; the next one may take it back.
    Heartbeat,
    /// By a notice, in its words. Heartbeats do not take it back: a core's say `online` for ever.
    Notice(String),
}

impl Offline {
    pub(super) fn in_words(&self) -> String {
        match self {
            Self::Heartbeat => "its heartbeat says that it is offline".into(),
            Self::Notice(words) => words.clone(),
        }
    }
}

/// The part of a heartbeat's or response's `status` that the hub believes.
#[derive(Deserialize)]
struct CoreStatus {
    online: Option<bool>,
}

impl Hub {
    /// Whether the account can be talked to, from all that is known: the upstream's own
    /// heartbeats claim to be online even after a kick, and an open link may lead to anyone.
    pub fn online(&self) -> bool {
        self.upstream.link.is_open()
            && self.upstream.confirmed
            && self.upstream.self_id.is_some()
            && self.upstream.offline.is_none()
    }

    /// Lets everyone know now, not at their next heartbeat, that `online` has changed.
    fn announce_online(&mut self) {
        for id in self.connections.keys().copied().collect::<Vec<_>>() {
            self.heartbeat(id);
        }
    }

    /// Believes bad news from the upstream, and good news only when something really happened:
    /// a core's heartbeat says `online` for ever, even after a kick.
    pub(super) fn learn_presence(&mut self, text: &[u8], peek: &Peek<'_>) {
        let was_online = self.online();
        match (peek.post_type.as_deref(), peek.notice_type.as_deref()) {
            (_, Some("bot_offline")) => {
                self.upstream.offline = Some(Offline::Notice(offline_reason(text)));
            }
            (_, Some("bot_online")) | (Some("message"), _) => self.upstream.offline = None,
            _ => {}
        }
        if is_meta_event(peek, "heartbeat") {
            self.learn_heartbeat(peek);
        }
        self.note_online(was_online);
    }

    fn learn_heartbeat(&mut self, peek: &Peek<'_>) {
        let status = peek
            .status
            .and_then(|status| serde_json::from_str(status).ok());
        match (status, &self.upstream.offline) {
            (
                Some(CoreStatus {
                    online: Some(false),
                }),
                None,
            ) => {
                self.upstream.offline = Some(Offline::Heartbeat);
            }
            (Some(CoreStatus { online: Some(true) }), Some(Offline::Heartbeat)) => {
                self.upstream.offline = None;
            }
            _ => {}
        }
    }

    pub(super) fn note_online(&mut self, was_online: bool) {
        if self.online() != was_online {
            self.announce_online();
        }
    }
}

/// The words of a `bot_offline` notice (Lagrange: `tag` and `message`).
fn offline_reason(text: &[u8]) -> String {
    #[derive(Deserialize)]
    struct BotOffline {
        tag: Option<String>,
        message: Option<String>,
    }
    let notice: Option<BotOffline> = serde_json::from_slice(text).ok();
    let words = notice.map(|notice| {
        [notice.message, notice.tag]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
    });
    match words {
        Some(words) if !words.is_empty() => words.join(": "),
        _ => "the upstream says that the account went offline".into(),
    }
}
