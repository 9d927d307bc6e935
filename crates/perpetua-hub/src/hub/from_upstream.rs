//! Frames and news from the upstream.

use bytestring::ByteString;
use perpetua_onebot::{Kind, Peek, compose};
use serde::Deserialize;

use super::Hub;
use crate::{
    ConnectionId, Cut, LinkState, Moment, Outgoing,
    action::{Caller, Ended},
};

/// The part of a heartbeat's or response's `status` that the hub believes.
#[derive(Deserialize)]
struct CoreStatus {
    online: Option<bool>,
}

/// `data` of a streamed response: its `type` says whether more follow (`NapCat`'s stream actions).
#[derive(Deserialize)]
struct StreamData<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<std::borrow::Cow<'a, str>>,
}

impl Hub {
    /// The link to the upstream has changed. When it ends, what was sent and not answered is
    /// refused with "outcome unknown", and never sent again.
    pub fn set_link(&mut self, link: LinkState, now: Moment) {
        let (was_open, was_online) = (self.upstream.link.is_open(), self.online());
        self.upstream.link = link;
        match (was_open, self.upstream.link.is_open()) {
            (true, false) => self.refuse_sent(now),
            (false, true) => self.probe_login(now),
            _ => {}
        }
        self.note_online(was_online);
    }

    /// Takes the account's id from outside the frames, for example from `X-Self-ID`.
    pub fn learn_self_id(&mut self, self_id: i64, now: Moment) {
        if self_id == 0 || self.upstream.self_id == Some(self_id) {
            return;
        }
        let was_online = self.online();
        if self.upstream.self_id.replace(self_id).is_some() {
            self.upstream.login_info = None;
            self.cut_all(Cut::AccountChanged);
        }
        self.greet_waiting(now);
        self.note_online(was_online);
    }

    /// Routes one frame; `peek` is what was found in `text`.
    pub fn from_upstream(&mut self, text: ByteString, peek: &Peek<'_>, now: Moment) {
        match peek.kind() {
            Kind::Event => self.event(text, peek, now),
            Kind::Response => self.response(text, peek, now),
            Kind::Action | Kind::Other => self.count_foreign_frame(),
        }
    }

    /// The upstream sent something that is no OneBot frame.
    pub fn count_foreign_frame(&mut self) {
        self.upstream.foreign_frames += 1;
    }

    fn event(&mut self, text: ByteString, peek: &Peek<'_>, now: Moment) {
        if let Some(self_id) = peek.self_id {
            self.learn_self_id(self_id, now);
        }
        self.learn_presence(&text, peek);
        // Every connection has a lifecycle and heartbeats of its own.
        if is_meta_event(peek, "lifecycle") || is_meta_event(peek, "heartbeat") {
            return;
        }
        self.upstream.events += 1;
        self.fan_out(&event_frame(text, peek));
    }

    fn fan_out(&mut self, frame: &Outgoing) {
        let mut full: Vec<ConnectionId> = Vec::new();
        for (id, connection) in &mut self.connections {
            if !connection.role.gets_events() || connection.cut.is_some() {
                continue;
            }
            if !connection.greeted {
                connection.dropped += 1;
            } else if !connection.offer(frame.clone()) {
                connection.dropped += 1;
                full.push(*id);
            } else if !connection.woken {
                connection.woken = true;
                self.woken.push(*id);
            }
        }
        for id in full {
            self.cut(id, Cut::QueueFull);
        }
    }

    /// Believes bad news from the upstream, and good news only when something really happened:
    /// a core's heartbeat says `online` for ever, even after a kick.
    fn learn_presence(&mut self, text: &str, peek: &Peek<'_>) {
        let was_online = self.online();
        match (peek.post_type.as_deref(), peek.notice_type.as_deref()) {
            (_, Some("bot_offline")) => self.upstream.offline = Some(offline_reason(text)),
            (_, Some("bot_online")) | (Some("message"), _) => self.upstream.offline = None,
            _ => {}
        }
        if is_meta_event(peek, "heartbeat")
            && let Some(status) = peek.status
            && let Ok(CoreStatus {
                online: Some(false),
            }) = serde_json::from_str(status.get())
            && self.upstream.offline.is_none()
        {
            self.upstream.offline = Some("its heartbeat says that it is offline".into());
        }
        self.note_online(was_online);
    }

    fn response(&mut self, text: ByteString, peek: &Peek<'_>, now: Moment) {
        let more = has_more(peek);
        let ended = peek
            .echo()
            .and_then(|echo| self.actions.answer(echo, more, now.instant));
        let Some(ended) = ended else {
            self.upstream.late_responses += 1;
            return;
        };
        match &ended.caller {
            Caller::LoginProbe => self.learn_login(peek, now),
            Caller::Connection { .. } => self.answer_client(ended, text, peek, more),
        }
    }

    fn answer_client(&mut self, ended: Ended, text: ByteString, peek: &Peek<'_>, more: bool) {
        let Caller::Connection { id, client } = ended.caller else {
            return;
        };
        if !more {
            self.settle_caller(&client, Some(ended.took));
        }
        if !self.connections.contains_key(&id) {
            self.upstream.late_responses += 1;
            return;
        }
        self.upstream.responses += 1;
        let frame = Outgoing::Spliced {
            text,
            spans: peek.echo_spans(),
            echo: ended.echo,
        };
        self.deliver(id, frame);
    }

    fn refuse_sent(&mut self, now: Moment) {
        for ended in self.actions.lose_sent(now.instant) {
            self.refuse_ended(ended);
        }
    }

    /// Asks who the account is: its id names the bot for clients that wait, and the answer serves
    /// them while the upstream is away.
    fn probe_login(&mut self, now: Moment) {
        self.upstream.offline = None;
        let probe = (
            ByteString::from_static(r#"{"action":"get_login_info","params":{}}"#),
            perpetua_onebot::EchoSpans::default(),
        );
        // A full table asks in vain; the account's id then comes with its first event.
        let _full = self
            .actions
            .add(Caller::LoginProbe, None, probe, now.instant);
        self.upstream_woken = true;
    }

    fn learn_login(&mut self, peek: &Peek<'_>, now: Moment) {
        #[derive(Deserialize)]
        struct LoginInfo {
            user_id: i64,
        }
        let Some(data) = peek.data else { return };
        if let Ok(LoginInfo { user_id }) = serde_json::from_str(data.get()) {
            self.learn_self_id(user_id, now);
            self.upstream.login_info = Some(data.get().to_owned());
        }
    }

    fn note_online(&mut self, was_online: bool) {
        if self.online() != was_online {
            self.announce_online();
        }
    }

    /// `get_login_info` as far as it is known without the upstream.
    pub(super) fn known_login(&self, echo: Option<&str>) -> Option<Outgoing> {
        if self.upstream.link.is_open() {
            return None;
        }
        let data = self.upstream.login_info.as_deref()?;
        Some(compose::success(data, echo).into())
    }
}

fn is_meta_event(peek: &Peek<'_>, kind: &str) -> bool {
    peek.post_type.as_deref() == Some("meta_event") && peek.meta_event_type.as_deref() == Some(kind)
}

/// An event never carries an echo to a client: some take it for a response.
fn event_frame(text: ByteString, peek: &Peek<'_>) -> Outgoing {
    if peek.has_echo() {
        peek.echo_spans().remove(&text).into()
    } else {
        Outgoing::Plain(text)
    }
}

fn has_more(peek: &Peek<'_>) -> bool {
    if peek.stream.as_deref() != Some("stream-action") {
        return false;
    }
    let data = peek
        .data
        .and_then(|data| serde_json::from_str::<StreamData<'_>>(data.get()).ok());
    let kind = data.and_then(|data| data.kind);
    !matches!(kind.as_deref(), Some("response" | "error"))
}

/// The words of a `bot_offline` notice (Lagrange: `tag` and `message`).
fn offline_reason(text: &str) -> String {
    #[derive(Deserialize)]
    struct BotOffline {
        tag: Option<String>,
        message: Option<String>,
    }
    let notice: Option<BotOffline> = serde_json::from_str(text).ok();
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
