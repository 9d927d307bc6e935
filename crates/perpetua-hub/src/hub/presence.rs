//! What the hub does about the account's presence: who is told, and what is asked.

use std::time::Instant;

use perpetua_onebot::Peek;
use serde::Deserialize;

use super::Hub;
use crate::{
    LinkState, Moment, News, ProbeSettings,
    presence::{Due, LinkChange, Standing, notice, notice_words},
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
    pub fn offline_reason(&self) -> Option<String> {
        self.presence.offline_reason()
    }

    /// Whether the link is open and has shown where it leads, whatever is known of the account.
    pub fn linked(&self) -> bool {
        self.presence.is_proven()
    }

    /// Whether [`Hub::linked`], [`Hub::online`] or [`Hub::offline_reason`] may have changed since the last call.
    pub fn presence_woken(&mut self) -> bool {
        std::mem::take(&mut self.presence_woken)
    }

    /// Whether this node supervises the account's core. Only then are there [`News`], and clients
    /// may ask for a restart.
    pub fn set_managed(&mut self, managed: bool) {
        self.presence.set_managed(managed);
        if !managed {
            self.news.clear();
            self.restart = Restart::Free;
        }
    }

    /// When the upstream is asked whether it is still there; `None`: never.
    pub fn set_probes(&mut self, probes: Option<ProbeSettings>) {
        let before = self.presence.standing();
        self.presence.set_probes(probes);
        self.note_presence(before);
    }

    /// The supervisor saw in the core's log that the account was logged out, in these words. Clients
    /// hear it in a heartbeat at once, and in one `bot_offline` notice: the core's own, or one that the
    /// hub makes when the link closes before that came. A good login over a new link ends it.
    pub fn went_offline(&mut self, reason: String, now: Moment) {
        let before = self.presence.standing();
        self.presence.log_told_kick(reason);
        self.tell_kick(now);
        self.note_presence(before);
    }

    /// The supervisor saw in the core's log that it has lost QQ, in these words, or that it is back
    /// (`None`): for that time clients hear in their heartbeats that the account is offline.
    pub fn set_interrupted(&mut self, reason: Option<String>) {
        let before = self.presence.standing();
        self.presence.log_told_interruption(reason);
        self.note_presence(before);
    }

    /// The link to the upstream has changed. When it ends, what was sent and not answered is
    /// refused with "outcome unknown", and never sent again.
    pub fn set_link(&mut self, link: LinkState, now: Moment) {
        let before = self.presence.standing();
        match self.presence.set_link(link, now.instant) {
            Some(LinkChange::Opened) => self.ask_login(now),
            Some(LinkChange::Closed) => {
                self.news.link_closed();
                self.tell_kick(now);
                self.refuse_sent(now);
            }
            None => {}
        }
        self.note_presence(before);
    }

    /// The supervisor's next news; [`Hub::news_woken`] says when there is some.
    pub fn next_news(&mut self) -> Option<News> {
        self.news.take()
    }

    /// Whether there is news since the last call.
    pub fn news_woken(&mut self) -> bool {
        self.news.woken()
    }

    /// Only a supervisor can do something about news.
    pub(super) fn post(&mut self, news: News) {
        if self.presence.is_managed() {
            self.news.post(news);
        }
    }

    /// Something came that a hung upstream would not send. Nearly every frame does, so the rest is
    /// left to those that change something.
    pub(super) fn hear(&mut self, now: Instant) {
        if self.presence.hung() {
            let before = self.presence.standing();
            self.presence.hear(now);
            self.note_presence(before);
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
    ) -> bool {
        let before = self.presence.standing();
        let mut is_new = true;
        match (peek.post_type.as_deref(), peek.notice_type.as_deref()) {
            (_, Some("bot_offline")) => {
                let words = notice_words(text);
                is_new = self.presence.notice_told_kick(words.clone());
                self.post(News::Kicked(words));
            }
            (_, Some("bot_online")) => self.presence.came_back(),
            (Some("message"), _) => self.presence.message_came(),
            _ if is_heartbeat => self.learn_heartbeat(peek),
            _ => {}
        }
        self.note_presence(before);
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
    pub(super) fn tick_presence(&mut self, now: Moment) {
        let before = self.presence.standing();
        while let Some(due) = self.presence.tick(now.instant) {
            match due {
                Due::Ask => self.ask_login(now),
                Due::Hung => self.post(News::AnswersStopped),
            }
        }
        self.note_presence(before);
    }

    /// Tells clients of a kick that no upstream can tell them of any more.
    fn tell_kick(&mut self, now: Moment) {
        let Some(words) = self.presence.take_untold_kick() else {
            return;
        };
        // Without an id nobody was greeted, so nobody waits for events.
        if let Some(self_id) = self.presence.self_id() {
            self.fan_out(&notice(&words, self_id, now.unix_seconds()).into());
        }
    }

    /// Tells the driver of a change, and everyone now, not at their next heartbeat, when `online` is
    /// another.
    pub(super) fn note_presence(&mut self, before: Standing) {
        let standing = self.presence.standing();
        self.presence_woken |= standing != before;
        if standing.online == before.online {
            return;
        }
        for id in self.connections.keys().copied().collect::<Vec<_>>() {
            self.heartbeat(id);
        }
    }
}
