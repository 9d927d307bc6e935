//! Whether the account can be talked to: one machine for all that is known of it.
//!
//! ```text
//!           opened               its own answer, or an event, names the account
//!   Away ────────────► Unproven ◄─────────────────────────────────────────► Proven
//!    ▲                    │         its own answer names one that is not served │
//!    └────── closed ──────┴─────────────────────────────────────────────────────┘
//! ```
//!
//! An open link may lead to anyone, so nothing is sent before it is `Proven`. While it is open a
//! [`Liveness`] is watched: the hub asks after silence, and an upstream that answers nothing counts as hung, a
//! supervised core only if it answers nowhere else.
//!
//! Beside the link stands what says that the account is [`Offline`], which outlives links: a core that
//! was kicked may be started anew without logging in.
//!
//! The account is online when the link is `Proven`, it is not `Hung`, nothing says that it is
//! offline, and its id is known.

mod identity;
mod inquiry;
mod liveness;
mod offline;
mod summary;
mod told;

use std::time::Instant;

use perpetua_words::Message;

use crate::{LinkState, ProbeSettings};
use inquiry::Inquiry;
use liveness::Liveness;
use offline::{Offline, OfflineKind};
use told::{LoginInfo, VersionInfo};

pub(crate) use identity::IdentityChange;
pub(crate) use liveness::Due;
pub(crate) use offline::{notice, notice_words, said};
pub(crate) use summary::StatusSummary;
pub use told::shown_name;

/// The machine above. Moments are arguments; what follows from a change is the hub's business.
#[derive(Debug)]
pub(crate) struct Presence {
    stage: Stage,
    offline: Option<Offline>,
    self_id: Option<i64>,
    /// Since when the link is in its state.
    link_since: Instant,
    /// Since when the account is online, or is not.
    online_since: Instant,
    /// The id that the settings want.
    uin: Option<i64>,
    /// When the upstream last turned out to be another account.
    changed: Option<Instant>,
    /// The raw `data` of its last `get_login_info`.
    login_info: Option<LoginInfo>,
    /// The last `get_version_info` that was answered well.
    version_info: Option<VersionInfo>,
    managed: bool,
    probes: Option<ProbeSettings>,
}

#[derive(Debug)]
enum Stage {
    /// There is no link; the state is never `Open`.
    Away(LinkState),
    /// The link is open, and nobody knows where it leads, or it leads to another account.
    Unproven(Line),
    /// Since the link opened, the upstream has shown which account it is.
    Proven(Line),
}

/// An open link.
#[derive(Clone, Copy, Debug)]
struct Line {
    since: Instant,
    liveness: Liveness,
    inquiry: Inquiry,
    /// It was asked which implementation it is.
    version_asked: bool,
}

/// What became of a link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LinkChange {
    Opened,
    Closed,
}

impl Presence {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            stage: Stage::Away(LinkState::Closed),
            offline: None,
            self_id: None,
            link_since: now,
            online_since: now,
            uin: None,
            changed: None,
            login_info: None,
            version_info: None,
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

    /// Why it is not, as far as somebody has said so.
    pub(crate) fn offline_reason(&self) -> Option<Message> {
        let hung = || {
            self.hung()
                .then(|| perpetua_words::link::Unresponsive.into())
        };
        let offline = || self.offline.as_ref().map(Offline::message);
        self.account_refusal().or_else(offline).or_else(hung)
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

    /// Since when nothing that was asked over the link is answered though the core answers elsewhere; `None` while
    /// that is not so.
    pub(crate) fn blocked_since(&self) -> Option<Instant> {
        self.probes.and(self.line()?.liveness.blocked_since())
    }

    /// The supervisor has looked whether a core that is doubted answers elsewhere; gives whether it hangs.
    pub(crate) fn looked(&mut self, answers: bool) -> bool {
        self.line_mut()
            .is_some_and(|line| line.liveness.looked(answers))
    }

    /// The raw `data` of its last `get_login_info`.
    pub(crate) fn login_info(&self) -> Option<&str> {
        self.login_info.as_ref().map(LoginInfo::data)
    }

    pub(crate) fn nickname(&self) -> Option<&str> {
        self.login_info.as_ref()?.nickname()
    }

    /// The raw `data` of its last good `get_version_info`.
    pub(crate) fn version_info(&self) -> Option<&str> {
        self.version_info.as_ref().map(VersionInfo::data)
    }

    pub(crate) fn implementation(&self) -> Option<&str> {
        self.version_info.as_ref()?.implementation()
    }

    pub(crate) fn set_version_info(&mut self, version_info: String) {
        self.version_info = Some(VersionInfo::new(version_info));
    }

    /// Whether this link's upstream is to be asked what it is: once it has shown which account it is, and
    /// once only.
    pub(crate) fn takes_version_question(&mut self) -> bool {
        match &mut self.stage {
            Stage::Proven(line) => !std::mem::replace(&mut line.version_asked, true),
            Stage::Away(_) | Stage::Unproven(_) => false,
        }
    }

    pub(crate) fn link_since(&self) -> Instant {
        self.link_since
    }

    pub(crate) fn online_since(&self) -> Instant {
        self.online_since
    }

    /// The account has come online, or has gone offline.
    pub(crate) fn turned(&mut self, now: Instant) {
        self.online_since = now;
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
        let is_another = std::mem::discriminant(&self.link()) != std::mem::discriminant(&state);
        if is_another || state.is_open() {
            self.link_since = now;
        }
        match state {
            LinkState::Open { since } => {
                self.stage = Stage::Unproven(Line::opened(since, now));
                if let Some(offline) = &mut self.offline {
                    offline.of_former_link = true;
                }
                Some(LinkChange::Opened)
            }
            away => {
                self.stage = Stage::Away(away);
                was_open.then_some(LinkChange::Closed)
            }
        }
    }

    /// It has told who it is, well. The account is logged in, so what a former link's upstream had
    /// said of being offline is over; a core that was kicked on this link still answers so, and so does one that
    /// has lost QQ, of which its log tells.
    pub(crate) fn log_in(&mut self, login_info: Option<String>) {
        self.login_info = login_info.map(LoginInfo::new);
        let managed = self.managed;
        self.offline.take_if(|offline| {
            offline.of_former_link && !(managed && offline.kind() == OfflineKind::Interrupted)
        });
    }

    /// Something came that a hung upstream would not send: a response, or an event.
    pub(crate) fn hear(&mut self, now: Instant) {
        if let Some(line) = self.line_mut() {
            line.liveness = Liveness::Alive { last: now };
        }
    }

    /// Nobody could hear it until now.
    pub(crate) fn woke(&mut self, now: Instant) {
        if let (Some(probes), Some(line)) = (self.probes, self.line_mut()) {
            line.liveness.woke(now, &probes);
        }
    }

    /// Whether an answer is being waited for.
    pub(crate) fn awaits_answer(&self) -> bool {
        self.line()
            .is_some_and(|line| !matches!(line.liveness, Liveness::Alive { .. }))
    }

    /// The moment at which [`Self::tick`] has something to give.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        let line = self.line()?;
        let silence = self
            .probes
            .map(|probes| line.liveness.next_deadline(&probes));
        [silence, line.inquiry.next_deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    /// What is due; asked until there is nothing more.
    pub(crate) fn tick(&mut self, now: Instant) -> Option<Due> {
        let (probes, managed) = (self.probes, self.managed);
        let line = self.line_mut()?;
        // A question about the silence is one about the account too.
        let silence = probes.and_then(|probes| line.liveness.tick(now, &probes, managed));
        silence.or_else(|| line.inquiry.is_due(now).then_some(Due::Ask))
    }

    fn line(&self) -> Option<&Line> {
        match &self.stage {
            Stage::Away(_) => None,
            Stage::Unproven(line) | Stage::Proven(line) => Some(line),
        }
    }

    fn line_mut(&mut self) -> Option<&mut Line> {
        match &mut self.stage {
            Stage::Away(_) => None,
            Stage::Unproven(line) | Stage::Proven(line) => Some(line),
        }
    }

    /// Who is never asked cannot fail to answer.
    fn is_hung(&self, line: &Line) -> bool {
        self.probes.is_some() && matches!(line.liveness, Liveness::Hung { .. })
    }
}
