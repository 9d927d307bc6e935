//! What the hub does about the account's presence: who hears of it, and what is asked.

use std::time::Instant;

use perpetua_onebot::Peek;
use perpetua_words::Message;
use serde::Deserialize;

use super::Hub;
use crate::{
    ClockReading, LinkState, ProbeSettings, SupervisorSignal,
    presence::{Due, LinkChange, StatusSummary, notice, notice_words, said},
    restart::Restart,
};

/// The part of a heartbeat's `status` that the hub believes.
#[derive(Deserialize)]
struct CoreStatus {
    online: Option<bool>,
}

impl Hub {
    /// Whether the account can be talked to, from all that is known: the upstream's own
    /// heartbeats claim to be online even after a kick, and an open link may lead to anyone.
    pub fn online(&self) -> bool {
        self.presence.online()
    }

    /// Why the account is offline though its upstream is there, or was: a kick, a heartbeat that says
    /// so, or that it does not answer.
    pub fn offline_reason(&self) -> Option<Message> {
        self.presence.offline_reason()
    }

    /// Whether the link is open and has shown where it leads, whatever is known of the account.
    pub fn linked(&self) -> bool {
        self.presence.is_proven()
    }

    /// Since when the core answers nothing over the link though it answers elsewhere: it waits for something, most
    /// likely its signer. `None` while that is not so.
    pub fn blocked_since(&self) -> Option<Instant> {
        self.presence.blocked_since()
    }

    /// Whether [`Hub::linked`], [`Hub::online`], [`Hub::offline_reason`] or [`Hub::blocked_since`] may have changed since the last call.
    pub fn presence_woken(&mut self) -> bool {
        std::mem::take(&mut self.presence_woken)
    }

    /// Whether this node supervises the account's core. Only then are there [`SupervisorSignal`]s, and clients
    /// may ask for a restart.
    pub fn set_managed(&mut self, managed: bool) {
        self.presence.set_managed(managed);
        if !managed {
            self.signals.clear();
            self.restart = Restart::Free;
        }
    }

    /// When the upstream is asked whether it is still there; `None`: never.
    pub fn set_probes(&mut self, probes: Option<ProbeSettings>, now: ClockReading) {
        let before = self.presence.summary();
        self.presence.set_probes(probes);
        self.note_presence(before, now.instant);
    }

    /// The supervisor saw in the core's log that the account was logged out, in these words. Clients
    /// hear it in a heartbeat at once, and in one `bot_offline` notice: the core's own, or one that the
    /// hub makes when the link closes before that came. A good login over a new link ends it.
    pub fn went_offline(&mut self, reason: &str, now: ClockReading) {
        let before = self.presence.summary();
        self.presence.kick_logged(said(reason));
        self.report_kick(now);
        self.note_presence(before, now.instant);
    }

    /// The supervisor saw in the core's log that it has lost QQ, in these words, or that it is back
    /// (`None`): for that time clients hear in their heartbeats that the account is offline.
    pub fn set_interrupted(&mut self, reason: Option<Message>, now: ClockReading) {
        let before = self.presence.summary();
        self.presence.interruption_logged(reason);
        self.note_presence(before, now.instant);
    }

    /// The supervisor has looked whether the core answers over another connection, as
    /// [`SupervisorSignal::AnswersDoubted`] asked: if so it counts as there, and else as hung.
    pub fn looked_elsewhere(&mut self, answers: bool, now: ClockReading) {
        let before = self.presence.summary();
        if self.presence.looked(answers) {
            self.post(SupervisorSignal::AnswersStopped);
        }
        self.note_presence(before, now.instant);
    }

    /// The link to the upstream has changed. When it ends, what was sent and not answered is
    /// refused with "outcome unknown", and never sent again.
    pub fn set_link(&mut self, link: LinkState, now: ClockReading) {
        if link.is_open() && self.presence.link_is_open() {
            // Another link: the one before it is gone, with what was sent over it.
            self.set_link(LinkState::Closed, now);
        }
        let before = self.presence.summary();
        self.follow_size_limit(&link);
        match self.presence.set_link(link, now.instant) {
            Some(LinkChange::Opened) => self.ask_login(now),
            Some(LinkChange::Closed) => {
                self.signals.link_closed();
                self.report_kick(now);
                self.refuse_sent(now);
                self.actions.upstream_went(now.instant);
            }
            None => {}
        }
        self.note_presence(before, now.instant);
    }

    /// The supervisor's next signal; [`Hub::signals_woken`] says when there is one.
    pub fn next_signal(&mut self) -> Option<SupervisorSignal> {
        self.signals.take()
    }

    /// Whether there are signals since the last call.
    pub fn signals_woken(&mut self) -> bool {
        self.signals.woken()
    }

    /// Only a supervisor can act on a signal.
    pub(super) fn post(&mut self, signal: SupervisorSignal) {
        if self.presence.is_managed() {
            self.signals.post(signal);
        }
    }

    /// Something came that a hung upstream would not send. Nearly every frame does, so the rest is
    /// left to those that change something.
    pub(super) fn hear(&mut self, now: Instant) {
        if self.presence.silence_is_seen() {
            let before = self.presence.summary();
            self.presence.hear(now);
            self.note_presence(before, now);
        } else {
            self.presence.hear(now);
        }
    }

    /// Believes bad news from the upstream, and good news only when something really happened: a
    /// core's heartbeat says `online` for ever, even after a kick. Gives false for a notice of a kick
    /// that clients have had.
    pub(super) fn learn_presence(
        &mut self,
        text: &[u8],
        peek: &Peek<'_>,
        is_heartbeat: bool,
        now: Instant,
    ) -> bool {
        let before = self.presence.summary();
        let mut is_new = true;
        match (peek.post_type.as_deref(), peek.notice_type.as_deref()) {
            (_, Some("bot_offline")) => {
                let words = notice_words(text);
                is_new = self.presence.kick_noticed(words.clone());
                self.post(SupervisorSignal::Kicked(words.to_string()));
            }
            (_, Some("bot_online")) => self.presence.came_back(),
            (Some("message"), _) => self.presence.message_came(),
            _ if is_heartbeat => self.learn_heartbeat(peek),
            _ => {}
        }
        self.note_presence(before, now);
        is_new
    }

    fn learn_heartbeat(&mut self, peek: &Peek<'_>) {
        let status = peek
            .status
            .and_then(|status| serde_json::from_str(status).ok());
        if let Some(CoreStatus {
            online: Some(online),
        }) = status
        {
            self.presence.heartbeat_came(online);
        }
    }

    /// Asks when the upstream has been silent, and draws the consequence when it stays so.
    pub(super) fn tick_presence(&mut self, now: ClockReading) {
        let before = self.presence.summary();
        while let Some(due) = self.presence.tick(now.instant) {
            match due {
                Due::Ask => self.ask_login(now),
                Due::Doubt => self.post(SupervisorSignal::AnswersDoubted),
                Due::Hung => self.post(SupervisorSignal::AnswersStopped),
            }
        }
        self.note_presence(before, now.instant);
    }

    /// Reports a kick to clients that no upstream can report any more.
    fn report_kick(&mut self, now: ClockReading) {
        let Some(words) = self.presence.take_unreported_kick() else {
            return;
        };
        // Without an id nobody was greeted, so nobody waits for events.
        if let Some(self_id) = self.presence.self_id() {
            self.fan_out(
                notice(&words.to_string(), self_id, now.unix_seconds()).into(),
                false,
            );
        }
    }

    /// Tells the driver of a change, and everyone now, not at their next heartbeat, when `online` is
    /// another.
    pub(super) fn note_presence(&mut self, before: StatusSummary, now: Instant) {
        let summary = self.presence.summary();
        self.presence_woken |= summary != before;
        if summary.online == before.online {
            return;
        }
        self.presence.turned(now);
        for id in self.connections.keys().copied().collect::<Vec<_>>() {
            self.heartbeat(id);
        }
    }
}
