//! What says that the account is offline though its upstream is there, and how clients hear of it.
//!
//! A kick has two witnesses that come in any order: the core's log, which the supervisor reads, and the
//! core's `bot_offline` notice, which Lagrange sends five seconds later if it lives that long. Frameworks
//! act on the notice, so a managed account's clients get exactly one for each kick:
//!
//! ```text
//!          log                      notice: forwarded
//!   Well ───────► Kick, unreported ───────────────────────────────► Kick, reported ──► notice: held back
//!    │ ▲                 │ the link closes: one is made                ▲   │ ▲
//!    │ │                 └─────────────────────────────────────────────┘   │ │
//!    │ └── a new link's good login, or `bot_online` ───────────────────────┘ │
//!    └──────────────── notice: forwarded ────────────────────────────────────┘
//! ```
//!
//! An interruption (the core has lost QQ and dials again) begins and ends with the log alone where somebody
//! supervises the core: `bot_online`, messages and heartbeats tell of its end at the same moment, in any order,
//! and clients are to hear of one change each way.
//!
//! A message takes a kick back only where nobody supervises the core: one that was on its way when
//! the kick came proves nothing, and a managed core is started anew anyway. So does a heartbeat that says
//! `online`, of an upstream whose heartbeats have said that it was not.

use perpetua_words::{Message, link as words};
use serde::{Deserialize, Serialize};

use super::{Presence, Stage};

/// The account is offline.
#[derive(Debug)]
pub(super) struct Offline {
    why: Why,
    /// It was so before the present link opened: a good login over this one is newer.
    pub(super) of_former_link: bool,
}

/// Who said so.
#[derive(Debug)]
enum Why {
    /// The upstream's heartbeat; the next one may take it back.
    Heartbeat,
    /// The core's log, in these words: it has lost QQ, and comes back by itself.
    Interrupted(Message),
    /// A notice, or the core's log, in its words.
    Kick {
        words: Message,
        /// Clients have had a notice of it.
        reported: bool,
        /// A heartbeat said so too, so the next one that says otherwise is true. Lagrange's say `online` for
        /// ever and take nothing back.
        seconded: bool,
    },
}

/// The same without its words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum OfflineKind {
    Heartbeat,
    Interrupted,
    Kick,
}

impl Offline {
    fn new(why: Why) -> Self {
        Self {
            why,
            of_former_link: false,
        }
    }

    pub(super) fn kind(&self) -> OfflineKind {
        match self.why {
            Why::Heartbeat => OfflineKind::Heartbeat,
            Why::Interrupted(_) => OfflineKind::Interrupted,
            Why::Kick { .. } => OfflineKind::Kick,
        }
    }

    fn by_heartbeat(&self) -> bool {
        matches!(self.why, Why::Heartbeat)
    }

    pub(super) fn message(&self) -> Message {
        match &self.why {
            Why::Heartbeat => words::HeartbeatOffline.into(),
            Why::Interrupted(words) | Why::Kick { words, .. } => words.clone(),
        }
    }
}

impl Presence {
    /// The core's log tells of a kick; a notice that said so before is the same one.
    pub(crate) fn kick_logged(&mut self, words: Message) {
        match &mut self.offline {
            Some(Offline {
                why: Why::Kick { .. },
                of_former_link,
            }) => *of_former_link = false,
            offline => {
                let seconded = offline.as_ref().is_some_and(Offline::by_heartbeat);
                *offline = Some(Offline::new(Why::Kick {
                    words,
                    reported: false,
                    seconded,
                }));
            }
        }
    }

    /// The core's log tells of an interruption, or that it is over (`None`). Clients hear of it in
    /// heartbeats only, and of nothing while a kick is the worse news.
    pub(crate) fn interruption_logged(&mut self, words: Option<Message>) {
        match (words, &mut self.offline) {
            (
                _,
                Some(Offline {
                    why: Why::Kick { .. },
                    ..
                }),
            ) => {}
            (
                Some(_),
                Some(Offline {
                    why: Why::Interrupted(_),
                    of_former_link,
                }),
            ) => *of_former_link = false,
            (Some(words), offline) => *offline = Some(Offline::new(Why::Interrupted(words))),
            (None, offline) => {
                offline.take_if(|offline| matches!(offline.why, Why::Interrupted(_)));
            }
        }
    }

    /// The upstream sent a `bot_offline` notice; gives whether clients are to hear it.
    pub(crate) fn kick_noticed(&mut self, words: Message) -> bool {
        match &mut self.offline {
            Some(Offline {
                why: Why::Kick { reported, .. },
                of_former_link,
            }) => {
                *of_former_link = false;
                let repeats = std::mem::replace(reported, true);
                !(repeats && self.managed)
            }
            offline => {
                let seconded = offline.as_ref().is_some_and(Offline::by_heartbeat);
                *offline = Some(Offline::new(Why::Kick {
                    words,
                    reported: true,
                    seconded,
                }));
                true
            }
        }
    }

    /// The words of a kick that was not reported to clients, once no upstream can report it. It
    /// counts as reported from here on.
    pub(crate) fn take_unreported_kick(&mut self) -> Option<Message> {
        let Stage::Away(_) = self.stage else {
            return None;
        };
        match &mut self.offline.as_mut()?.why {
            Why::Kick {
                words, reported, ..
            } => (!std::mem::replace(reported, true)).then(|| words.clone()),
            Why::Heartbeat | Why::Interrupted(_) => None,
        }
    }

    /// The upstream says that it is back. Not while clients wait for the notice that it was away:
    /// they would hear the two the wrong way round.
    pub(crate) fn came_back(&mut self) {
        let managed = self.managed;
        self.offline.take_if(|offline| match offline.why {
            Why::Heartbeat => true,
            Why::Interrupted(_) => !managed,
            Why::Kick { reported, .. } => reported,
        });
    }

    /// A message came, as to an account that is online.
    pub(crate) fn message_came(&mut self) {
        let managed = self.managed;
        self.offline.take_if(|offline| match offline.why {
            Why::Heartbeat => true,
            Why::Interrupted(_) => !managed,
            Why::Kick { reported, .. } => reported && !managed,
        });
    }

    /// The upstream's own heartbeat says whether the account is online: bad news is believed, and good news
    /// takes bad news back.
    pub(crate) fn heartbeat_came(&mut self, online: bool) {
        let managed = self.managed;
        match (online, &mut self.offline) {
            (false, None) => self.offline = Some(Offline::new(Why::Heartbeat)),
            (
                false,
                Some(Offline {
                    why: Why::Kick { seconded, .. },
                    ..
                }),
            ) => *seconded = true,
            (true, offline) => {
                offline.take_if(|offline| match offline.why {
                    Why::Heartbeat => true,
                    Why::Interrupted(_) => false,
                    // A managed core is started anew anyway.
                    Why::Kick {
                        reported, seconded, ..
                    } => reported && seconded && !managed,
                });
            }
            (false, Some(_)) => {}
        }
    }
}

/// A `bot_offline` notice as Lagrange.OneBot sends it, its members in that order.
#[derive(Serialize)]
struct BotOffline<'a> {
    tag: &'a str,
    message: &'a str,
    notice_type: &'static str,
    time: i64,
    self_id: i64,
    post_type: &'static str,
}

/// The title of Lagrange's notices, for words that have none.
const TITLE: &str = "下线通知";

/// The notice that the core did not live to send. Its log says `tag: message`, where the notice has
/// them apart.
pub(crate) fn notice(words: &str, self_id: i64, unix_seconds: i64) -> String {
    let (tag, message) = words.rsplit_once(": ").unwrap_or((words, TITLE));
    serde_json::to_string(&BotOffline {
        tag,
        message,
        notice_type: "bot_offline",
        time: unix_seconds,
        self_id,
        post_type: "notice",
    })
    .expect("strings and numbers always serialize")
}

/// Characters of somebody else's words: they are kept until the account is back, and shown to people.
const LONGEST_WORDS: usize = 200;

/// Somebody else's words.
pub(crate) fn said(text: &str) -> Message {
    let text: String = text.chars().take(LONGEST_WORDS).collect();
    words::UpstreamSaid { text }.into()
}

/// The words of a `bot_offline` notice (Lagrange: `tag` and `message`).
pub(crate) fn notice_words(text: &[u8]) -> Message {
    #[derive(Deserialize)]
    struct Words {
        tag: Option<String>,
        message: Option<String>,
    }
    let notice: Option<Words> = serde_json::from_slice(text).ok();
    let parts = notice.map(|notice| {
        [notice.message, notice.tag]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
    });
    match parts {
        Some(parts) if !parts.is_empty() => said(&parts.join(": ")),
        _ => words::WentOffline.into(),
    }
}
