//! The model's knowledge of the account: whether it can be talked to, and who is told.

use std::time::Duration;

use perpetua_hub::{ProbeSettings, SupervisorSignal};
use serde_json::json;

use crate::{
    expectation::{Expectation, Fate},
    frames,
    model::{Model, Seat},
    operation::{Part, Response, What},
    rig::UNIX_START,
};

/// The time between two questions that stray ids raise, and between two changes of the account.
const BRAKE: Duration = Duration::from_secs(30);
/// The time after which is asked again who could not say who it is.
const RETRY: Duration = Duration::from_secs(5);
/// Who is silent for longer than this hangs, wherever it answers.
const LONGEST_BLOCKED: Duration = Duration::from_mins(10);

/// All that says whether the account is online.
#[derive(Default)]
pub(crate) struct Presence {
    pub(crate) account: Option<i64>,
    pub(crate) link_open: bool,
    /// The upstream has shown who it is since the link opened.
    pub(crate) confirmed: bool,
    pub(crate) managed: bool,
    pub(crate) probes: Option<ProbeSettings>,
    pub(crate) login: Option<String>,
    pub(crate) version: Option<String>,
    uin: Option<i64>,
    /// When the account last was another one.
    changed: Option<Duration>,
    inquiry: Inquiry,
    offline: Option<Offline>,
    silence: Silence,
}

/// What the open link has said of which account it is.
#[derive(Default)]
struct Inquiry {
    asked: Duration,
    again: Option<Duration>,
    unsupported: bool,
    first: Option<i64>,
    refused: bool,
}

/// What somebody said of being offline.
struct Offline {
    /// The words of a kick.
    kick: Option<String>,
    /// Clients had a notice of it.
    told: bool,
    /// A heartbeat said so, alone or beside a kick: another one takes it back.
    seconded: bool,
    /// It is from before the link opened.
    old: bool,
}

/// Since when nothing has come, and what was done about it.
#[derive(Default)]
struct Silence {
    begin: Duration,
    asked: Option<Duration>,
    /// When its supervisor is asked again to look elsewhere, once it was.
    doubted: Option<Duration>,
    /// It answers elsewhere.
    blocked: bool,
    hung: bool,
}

impl Presence {
    pub(crate) fn hung(&self) -> bool {
        self.link_open && self.probes.is_some() && self.silence.hung
    }

    pub(crate) fn online(&self) -> bool {
        let undisturbed = self.offline.is_none() && !self.hung();
        self.link_open && self.confirmed && self.account.is_some() && undisturbed
    }

    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        let again = self.inquiry.again.filter(|_| self.link_open);
        self.silence_ends().into_iter().chain(again).min()
    }

    fn silence_ends(&self) -> Option<Duration> {
        let ProbeSettings { every, patience } = self.probes.filter(|_| self.link_open)?;
        let Some(asked) = self.silence.asked else {
            return Some(self.silence.begin + every);
        };
        Some(match self.silence.doubted {
            Some(again) => again,
            None if self.silence.hung => asked + every,
            None => asked + patience,
        })
    }

    /// Since when it answers elsewhere only.
    pub(crate) fn blocked_since(&self) -> Option<Duration> {
        let is_shown = self.link_open && self.probes.is_some() && self.silence.blocked;
        self.silence.asked.filter(|_| is_shown)
    }

    fn ask(&mut self, now: Duration) {
        self.silence.asked = Some(now);
    }

    fn hear(&mut self, now: Duration) {
        self.silence = Silence {
            begin: now,
            ..Silence::default()
        };
    }
}

impl Model {
    pub(crate) fn online(&self) -> bool {
        self.presence.online()
    }

    /// A response or an event came: it does not hang.
    pub(crate) fn hear(&mut self) {
        let was_online = self.online();
        self.presence.hear(self.now);
        self.beat_on_change(was_online);
    }

    /// An event names an account, or somebody who connects; whether it is the one that is served.
    pub(crate) fn meet(&mut self, account: i64) -> bool {
        let presence = &mut self.presence;
        let first = presence.inquiry.first.unwrap_or(account);
        if presence.link_open && !presence.confirmed {
            presence.inquiry.first = Some(first);
        }
        let settles = presence.link_open
            && !presence.confirmed
            && presence.inquiry.unsupported
            && first == account;
        let was_online = presence.online();
        let served = match presence.account {
            Some(known) if known != account && presence.uin.is_some() => false,
            Some(known) if known != account && settles => self.change_account(account),
            Some(known) if known != account => {
                let asked = presence.inquiry.asked;
                if presence.link_open && !presence.inquiry.unsupported {
                    presence.inquiry.again.get_or_insert(asked + BRAKE);
                }
                false
            }
            _ => self.become_account(account),
        };
        if served {
            self.confirm();
        }
        self.tell_identity(was_online);
        served
    }

    /// The settings want this account, or any.
    pub(crate) fn set_uin(&mut self, uin: Option<i64>) {
        if self.presence.uin == uin {
            return;
        }
        let was_online = self.online();
        self.presence.uin = uin;
        self.presence.inquiry.refused = false;
        self.presence.inquiry.again = Some(self.now);
        if let Some(uin) = uin {
            self.presence.confirmed &= self.presence.account.is_none_or(|known| known == uin);
            self.become_account(uin);
        }
        self.tell_identity(was_online);
    }

    /// The account is another one now, unless it was not so long ago.
    fn change_account(&mut self, account: i64) -> bool {
        let brake = self.presence.changed.map_or(self.now, |last| last + BRAKE);
        if brake > self.now {
            self.refuse_account(brake);
            return false;
        }
        self.presence.changed = Some(self.now);
        self.become_account(account)
    }

    fn refuse_account(&mut self, again: Duration) {
        self.presence.confirmed = false;
        self.presence.inquiry.refused = true;
        self.presence.inquiry.again = Some(again);
    }

    fn become_account(&mut self, account: i64) -> bool {
        let former = self.presence.account.replace(account);
        if former.is_some_and(|former| former != account) {
            self.presence.login = None;
            self.presence.version = None;
            self.presence.offline = None;
            self.presence.inquiry.refused = false;
            self.forget_account();
            self.seats
                .iter_mut()
                .for_each(|seat| seat.end(perpetua_hub::DisconnectReason::AccountChanged));
            if self.presence.link_open && self.presence.silence.asked.is_some() {
                self.ask_login();
            }
        }
        true
    }

    /// The link leads to the account.
    fn confirm(&mut self) {
        let presence = &mut self.presence;
        if presence.link_open && !presence.inquiry.refused && !presence.confirmed {
            presence.confirmed = true;
            self.extend_unsent();
        }
    }

    fn tell_identity(&mut self, was_online: bool) {
        self.beat_on_change(was_online);
        for id in self.seats.iter().map(|seat| seat.id).collect::<Vec<_>>() {
            self.greet(id);
        }
    }

    /// Whoever was asked who it is did not say so.
    pub(crate) fn answered_in_vain(&mut self) {
        if self.presence.link_open && !self.presence.confirmed {
            self.presence.inquiry.again = Some(self.now + RETRY);
        }
    }

    pub(crate) fn event(&mut self, what: What, account: Option<i64>, text: &str) {
        let is_its_own = matches!(what, What::Lifecycle | What::Heartbeat { .. });
        if !is_its_own {
            self.hear();
        }
        if account.is_some_and(|account| !self.meet(account)) {
            self.left_out += 1;
            return;
        }
        let was_online = self.online();
        let is_new = self.learn_presence(what);
        self.beat_on_change(was_online);
        if !is_its_own {
            self.events += 1;
        }
        if !is_its_own && is_new {
            self.tell_event(text);
        }
    }

    /// False for the notice of a kick that clients know of.
    fn learn_presence(&mut self, what: What) -> bool {
        let managed = self.presence.managed;
        let offline = &mut self.presence.offline;
        let seconded = offline.as_ref().is_some_and(|offline| offline.seconded);
        let kick = offline.as_mut().filter(|offline| offline.kick.is_some());
        match (what, kick) {
            (What::BotOffline, kick) => {
                let is_new = kick.as_ref().is_none_or(|kick| !kick.told || !managed);
                let words = kick.and_then(|kick| kick.kick.take());
                *offline = Some(Offline {
                    kick: words.or(Some(frames::KICK.to_owned())),
                    told: true,
                    seconded,
                    old: false,
                });
                self.post(SupervisorSignal::Kicked(frames::KICK.to_owned()));
                return is_new;
            }
            (What::BotOnline, Some(kick)) if kick.told => *offline = None,
            (What::Message, Some(kick)) if kick.told && !managed => *offline = None,
            (What::Heartbeat { online: false }, Some(kick)) => kick.seconded = true,
            (What::Heartbeat { online: true }, Some(kick))
                if kick.told && kick.seconded && !managed =>
            {
                *offline = None;
            }
            // What the log of a managed core tells is the log's to take back.
            (What::Message | What::BotOnline, None) => {
                offline.take_if(|offline| offline.seconded || !managed);
            }
            (What::Heartbeat { online: true }, None) => {
                offline.take_if(|offline| offline.seconded);
            }
            (What::Heartbeat { online: false }, None) => {
                offline.get_or_insert(Offline {
                    kick: None,
                    told: false,
                    seconded: true,
                    old: false,
                });
            }
            _ => {}
        }
        true
    }

    /// The core's log tells of an interruption, or of its end.
    pub(crate) fn set_interrupted(&mut self, interrupted: bool) {
        let was_online = self.online();
        let offline = &mut self.presence.offline;
        let kicked = offline.as_ref().is_some_and(|one| one.kick.is_some());
        if interrupted && !kicked {
            *offline = Some(Offline {
                kick: None,
                told: false,
                seconded: false,
                old: false,
            });
        } else if !kicked {
            offline.take_if(|offline| !offline.seconded);
        }
        self.beat_on_change(was_online);
    }

    /// The core's log tells of a kick.
    pub(crate) fn went_offline(&mut self, words: &str) {
        let was_online = self.online();
        match &mut self.presence.offline {
            Some(offline) if offline.kick.is_some() => offline.old = false,
            offline => {
                let seconded = offline.as_ref().is_some_and(|one| one.seconded);
                *offline = Some(Offline {
                    kick: Some(words.to_owned()),
                    told: false,
                    seconded,
                    old: false,
                });
            }
        }
        self.tell_kick();
        self.beat_on_change(was_online);
    }

    /// Once there is no link, clients hear of a kick all the same.
    fn tell_kick(&mut self) {
        let untold = |offline: &&mut Offline| !offline.told && offline.kick.is_some();
        let Some(kick) = self.presence.offline.as_mut().filter(untold) else {
            return;
        };
        if self.presence.link_open {
            return;
        }
        kick.told = true;
        let words = kick.kick.clone().unwrap_or_default();
        let Some(account) = self.presence.account else {
            return;
        };
        let (tag, message) = words.split_once(": ").unwrap_or((&words, "下线通知"));
        let time = (UNIX_START + self.now).as_secs();
        let text = format!(
            r#"{{"tag":{},"message":{},"notice_type":"bot_offline","time":{time},"self_id":{account},"post_type":"notice"}}"#,
            json!(tag),
            json!(message)
        );
        self.tell_event(&text);
    }

    fn tell_event(&mut self, text: &str) {
        let hears = |seat: &&mut Seat| seat.hears_events() && seat.cut.is_none();
        for seat in self.seats.iter_mut().filter(hears) {
            seat.offered += 1;
            if seat.greeted {
                seat.expect(Expectation::Text(text.to_owned()), Fate::Droppable);
            }
        }
    }

    /// The answer to who it is.
    pub(crate) fn learn_login(&mut self, how: Response) {
        let was_online = self.online();
        let (served, data) = match how.part {
            Part::Whole => (self.named(how.account), Some(frames::login(how.account))),
            Part::LastChunk => {
                let data = frames::last_chunk(how.account);
                (self.named(how.account), Some(data))
            }
            Part::NoSuchAction => (self.cannot_say(), None),
            Part::Failed | Part::Unsigned | Part::Chunk => {
                self.answered_in_vain();
                return;
            }
        };
        if served {
            self.confirm();
        }
        if served && data.is_some() {
            self.presence.login = data;
            let managed = self.presence.managed;
            let is_of_log = |offline: &Offline| offline.kick.is_none() && !offline.seconded;
            self.presence
                .offline
                .take_if(|offline| offline.old && !(managed && is_of_log(offline)));
        }
        self.tell_identity(was_online);
    }

    fn named(&mut self, account: i64) -> bool {
        self.presence.inquiry.refused = false;
        match (self.presence.account, self.presence.uin) {
            (Some(known), None) if known != account => self.change_account(account),
            (Some(known), Some(_)) if known != account => {
                self.refuse_account(self.now + BRAKE);
                false
            }
            _ => self.become_account(account),
        }
    }

    /// The upstream does not know the question: the first account of its link is the one.
    fn cannot_say(&mut self) -> bool {
        let presence = &mut self.presence;
        presence.inquiry.unsupported = true;
        presence.inquiry.again = None;
        match presence.inquiry.first {
            Some(first) if presence.account == Some(first) => true,
            Some(first) if presence.uin.is_none() && !presence.confirmed => {
                self.change_account(first)
            }
            _ => false,
        }
    }

    pub(crate) fn open(&mut self) {
        if self.presence.link_open {
            self.lose();
        }
        let was_online = self.online();
        self.presence.link_open = true;
        self.presence.confirmed = false;
        self.presence.hear(self.now);
        self.presence.ask(self.now);
        self.presence.inquiry = Inquiry::default();
        if let Some(offline) = &mut self.presence.offline {
            offline.old = true;
        }
        self.ask_login();
        self.beat_on_change(was_online);
    }

    pub(crate) fn lose(&mut self) {
        let was_online = self.online();
        if std::mem::take(&mut self.presence.link_open) {
            self.news
                .retain(|news| *news == SupervisorSignal::RestartWanted);
            self.tell_kick();
            self.lose_sent();
        }
        self.beat_on_change(was_online);
    }

    pub(crate) fn set_managed(&mut self, managed: bool) {
        self.presence.managed = managed;
        if !managed {
            self.news.clear();
            self.restart = None;
        }
    }

    pub(crate) fn set_probes(&mut self, probes: Option<ProbeSettings>) {
        let was_online = self.online();
        self.presence.probes = probes;
        self.beat_on_change(was_online);
    }

    /// Time has passed in silence.
    pub(crate) fn pass_in_silence(&mut self) {
        let was_online = self.online();
        while self
            .presence
            .next_deadline()
            .is_some_and(|due| due <= self.now)
        {
            // A question about the silence is one about the account too.
            let silence = self.presence.silence_ends();
            if silence.is_none_or(|ends| ends > self.now) {
                self.ask_login();
            } else if let Some(asked) = self.presence.silence.asked
                && !self.presence.silence.hung
            {
                self.lose_patience(asked);
            } else {
                self.presence.ask(self.now);
                self.ask_login();
            }
        }
        self.beat_on_change(was_online);
    }

    /// Nothing has come since it was asked: who is supervised is looked at elsewhere first, and again and again.
    fn lose_patience(&mut self, asked: Duration) {
        let patience = self.presence.probes.map(|probes| probes.patience);
        let silence = &mut self.presence.silence;
        let is_too_long = silence.doubted.is_some() && self.now >= asked + LONGEST_BLOCKED;
        if self.presence.managed && !is_too_long {
            silence.doubted = patience.map(|patience| self.now + patience);
            self.post(SupervisorSignal::AnswersDoubted);
        } else {
            self.hang();
        }
    }

    fn hang(&mut self) {
        self.presence.silence.doubted = None;
        self.presence.silence.blocked = false;
        self.presence.silence.hung = true;
        self.post(SupervisorSignal::AnswersStopped);
    }

    /// The supervisor has looked elsewhere.
    pub(crate) fn looked_elsewhere(&mut self, answers: bool) {
        let was_online = self.online();
        let is_doubted = self.presence.link_open && self.presence.silence.doubted.is_some();
        if is_doubted && answers {
            self.presence.silence.blocked = true;
        } else if is_doubted {
            self.hang();
        }
        self.beat_on_change(was_online);
    }

    /// Of each kind of news the latest waits, for those who supervise.
    pub(crate) fn post(&mut self, news: SupervisorSignal) {
        if self.presence.managed {
            let same = |one: &SupervisorSignal| {
                std::mem::discriminant(one) == std::mem::discriminant(&news)
            };
            self.news.retain(|one| !same(one));
            self.news.push_back(news);
        }
    }

    fn ask_login(&mut self) {
        self.presence.inquiry.asked = self.now;
        self.presence.inquiry.again = None;
        self.ask_on_its_own(r#"{"action":"get_login_info","params":{}}"#.to_owned());
    }

    fn beat_on_change(&mut self, was_online: bool) {
        if self.online() != was_online {
            self.seats.iter_mut().for_each(Seat::beat);
        }
    }
}
