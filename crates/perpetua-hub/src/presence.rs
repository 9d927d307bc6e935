//! Whether the account can be talked to: one machine for all that is known of it.
//!
//! ```text
//!           opened                   an answer, or a frame that names the account
//!   Away ────────────► Unproven ──────────────────────────────────────────► Proven
//!    ▲                    │                                                    │
//!    └────── closed ──────┴────────────────────────────────────────────────────┘
//! ```
//!
//! An open link may lead to anyone, so nothing is sent before it is `Proven`. While it is open a
//! [`Liveness`] is watched: the hub asks after silence, and an upstream that answers nothing counts as hung.
//!
//! Beside the link stands what says that the account is [`Offline`], which outlives links: a core that
//! was kicked may be started anew without logging in.
//!
//! The account is online when the link is `Proven`, it is not `Hung`, nothing says that it is
//! offline, and its id is known.

mod liveness;
mod offline;

use std::time::Instant;

use perpetua_words::Message;

use crate::{LinkState, ProbeSettings};
use liveness::Liveness;
use offline::{Offline, OfflineKind};

pub(crate) use liveness::Due;
pub(crate) use offline::{notice, notice_words, said};

/// The machine above. Moments are arguments; what follows from a change is the hub's business.
#[derive(Debug)]
pub(crate) struct Presence {
    stage: Stage,
    offline: Option<Offline>,
    self_id: Option<i64>,
    /// The id that the settings want.
    uin: Option<i64>,
    /// The raw `data` of its last `get_login_info`.
    login_info: Option<String>,
    managed: bool,
    probes: Option<ProbeSettings>,
}

#[derive(Debug)]
enum Stage {
    /// There is no link; the state is never `Open`.
    Away(LinkState),
    /// The link is open, and nobody knows where it leads.
    Unproven(Line),
    /// Since the link opened, the upstream has shown which account it is.
    Proven(Line),
}

/// An open link.
#[derive(Clone, Copy, Debug)]
struct Line {
    since: Instant,
    liveness: Liveness,
}

/// What others see of the machine, as far as it is quickly compared: words change only with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct StatusSummary {
    pub(crate) online: bool,
    proven: bool,
    hung: bool,
    offline: Option<OfflineKind>,
}

/// What became of a link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LinkChange {
    Opened,
    Closed,
}

/// What an id says about the account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum IdentityChange {
    /// It was not known before.
    First,
    /// It is the one that was known.
    Same,
    /// Another account is logged in now.
    Other,
}

impl Presence {
    pub(crate) fn new() -> Self {
        Self {
            stage: Stage::Away(LinkState::Closed),
            offline: None,
            self_id: None,
            uin: None,
            login_info: None,
            managed: false,
            probes: Some(ProbeSettings::default()),
        }
    }

    /// Whether the account can be talked to.
    pub(crate) fn online(&self) -> bool {
        matches!(&self.stage, Stage::Proven(line) if !self.is_hung(line))
            && self.offline.is_none()
            && self.self_id.is_some()
    }

    pub(crate) fn summary(&self) -> StatusSummary {
        StatusSummary {
            online: self.online(),
            proven: self.is_proven(),
            hung: self.hung(),
            offline: self.offline.as_ref().map(Offline::kind),
        }
    }

    /// Why it is not, as far as somebody has said so.
    pub(crate) fn offline_reason(&self) -> Option<Message> {
        let hung = || {
            self.hung()
                .then(|| perpetua_words::link::Unresponsive.into())
        };
        self.offline.as_ref().map(Offline::message).or_else(hung)
    }

    pub(crate) fn link(&self) -> LinkState {
        match &self.stage {
            Stage::Away(link) => link.clone(),
            Stage::Unproven(Line { since, .. }) | Stage::Proven(Line { since, .. }) => {
                LinkState::Open { since: *since }
            }
        }
    }

    pub(crate) fn link_is_open(&self) -> bool {
        self.line().is_some()
    }

    pub(crate) fn is_proven(&self) -> bool {
        matches!(self.stage, Stage::Proven(_))
    }

    /// The link is open, and nothing comes over it though it was asked.
    pub(crate) fn hung(&self) -> bool {
        self.line().is_some_and(|line| self.is_hung(line))
    }

    pub(crate) fn self_id(&self) -> Option<i64> {
        self.self_id
    }

    pub(crate) fn login_info(&self) -> Option<&str> {
        self.login_info.as_deref()
    }

    pub(crate) fn uin(&self) -> Option<i64> {
        self.uin
    }

    pub(crate) fn set_uin(&mut self, uin: Option<i64>) {
        self.uin = uin;
    }

    pub(crate) fn is_managed(&self) -> bool {
        self.managed
    }

    pub(crate) fn set_managed(&mut self, managed: bool) {
        self.managed = managed;
    }

    pub(crate) fn set_probes(&mut self, probes: Option<ProbeSettings>) {
        self.probes = probes;
    }

    /// The link is in this state now. Whoever hears that it has opened asks who is there.
    pub(crate) fn set_link(&mut self, state: LinkState, now: Instant) -> Option<LinkChange> {
        let was_open = self.link_is_open();
        match (state, &mut self.stage) {
            (LinkState::Open { since }, Stage::Away(_)) => {
                let liveness = Liveness::Probing { since: now };
                self.stage = Stage::Unproven(Line { since, liveness });
                if let Some(offline) = &mut self.offline {
                    offline.of_former_link = true;
                }
                Some(LinkChange::Opened)
            }
            (LinkState::Open { since }, Stage::Unproven(line) | Stage::Proven(line)) => {
                line.since = since;
                None
            }
            (away, former) => {
                *former = Stage::Away(away);
                was_open.then_some(LinkChange::Closed)
            }
        }
    }

    /// The upstream has shown that it is there; false when that was known, or there is no link.
    pub(crate) fn prove(&mut self) -> bool {
        let Stage::Unproven(line) = self.stage else {
            return false;
        };
        self.stage = Stage::Proven(line);
        true
    }

    /// Whether an event of this account says nothing new of it, as nearly all do.
    pub(crate) fn knows(&self, self_id: i64) -> bool {
        self.self_id == Some(self_id) && !matches!(self.stage, Stage::Unproven(_))
    }

    /// The account has this id. What was known of another one is forgotten.
    pub(crate) fn name(&mut self, self_id: i64) -> IdentityChange {
        match self.self_id.replace(self_id) {
            None => IdentityChange::First,
            Some(former) if former == self_id => IdentityChange::Same,
            Some(_) => {
                self.login_info = None;
                self.offline = None;
                IdentityChange::Other
            }
        }
    }

    /// It has told who it is, well. The account is logged in, so what a former link's upstream had
    /// said of being offline is over; a core that was kicked on this link still answers so.
    pub(crate) fn log_in(&mut self, login_info: String) {
        self.login_info = Some(login_info);
        self.offline.take_if(|offline| offline.of_former_link);
    }

    /// Something came that a hung upstream would not send: a response, or an event.
    pub(crate) fn hear(&mut self, now: Instant) {
        if let Stage::Unproven(line) | Stage::Proven(line) = &mut self.stage {
            line.liveness = Liveness::Alive { last: now };
        }
    }

    /// Whether an answer is being waited for.
    pub(crate) fn awaits_answer(&self) -> bool {
        self.line()
            .is_some_and(|line| !matches!(line.liveness, Liveness::Alive { .. }))
    }

    /// The moment at which [`Self::tick`] has something to give.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        Some(self.line()?.liveness.next_deadline(&self.probes?))
    }

    /// What is due; asked until there is nothing more.
    pub(crate) fn tick(&mut self, now: Instant) -> Option<Due> {
        let probes = self.probes?;
        match &mut self.stage {
            Stage::Away(_) => None,
            Stage::Unproven(line) | Stage::Proven(line) => line.liveness.tick(now, &probes),
        }
    }

    fn line(&self) -> Option<&Line> {
        match &self.stage {
            Stage::Away(_) => None,
            Stage::Unproven(line) | Stage::Proven(line) => Some(line),
        }
    }

    /// Who is never asked cannot fail to answer.
    fn is_hung(&self, line: &Line) -> bool {
        self.probes.is_some() && matches!(line.liveness, Liveness::Hung { .. })
    }
}
