//! Frames and news from the upstream.

use std::{num::NonZeroU64, time::Duration};

use bytes::Bytes;
use perpetua_onebot::{FrameKind, Peek};
use perpetua_words::link as words;
use serde::Deserialize;

use super::Hub;
use crate::{
    ClockReading, ConnectionId, DisconnectReason, Outgoing, SupervisorSignal,
    action::{AnswerFor, Caller, Ended, Question, Reached},
    reshaping::{EventCopies, WantedFormat},
};

/// The `retcode` of an action that could not be signed (Lagrange: a packet or its signature failed).
const RETCODE_UNSIGNED: i64 = 9057;

/// `data` of a streamed response: its `type` says whether more follow (`NapCat`'s stream actions).
#[derive(Deserialize)]
struct StreamData<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<std::borrow::Cow<'a, str>>,
}

impl Hub {
    /// Routes one frame; `peek` is what was found in `text`.
    pub fn from_upstream(&mut self, text: Bytes, peek: &Peek<'_>, now: ClockReading) {
        match peek.kind() {
            FrameKind::Event => self.event(text, peek, now),
            FrameKind::Response => self.response(text, peek, now),
            FrameKind::Action | FrameKind::Other => {
                self.lose_upstream_frame(words::SentOtherJson, None, now);
            }
        }
    }

    fn event(&mut self, text: Bytes, peek: &Peek<'_>, now: ClockReading) {
        let is_heartbeat = is_meta_event(peek, "heartbeat");
        // Every connection has a lifecycle and heartbeats of its own. A core that hangs sends them too.
        let is_its_own = is_heartbeat || is_meta_event(peek, "lifecycle");
        if !is_its_own {
            self.hear(now.instant);
        }
        if let Some(self_id) = peek.self_id
            && !self.meet(self_id, now)
        {
            self.leave_out(self_id, now);
            return;
        }
        let is_new = self.learn_presence(&text, peek, is_heartbeat, now.instant);
        if is_its_own {
            return;
        }
        self.upstream.events += 1;
        if is_new {
            let holds_message =
                matches!(peek.post_type.as_deref(), Some("message" | "message_sent"));
            self.fan_out(event_frame(text, peek), holds_message);
        }
    }

    /// Gives an event the next number, and each connection a copy. Numbers stay here: frames go onto
    /// the wire as they came.
    pub(super) fn fan_out(&mut self, event: Outgoing, holds_message: bool) {
        self.last_event += 1;
        let event = event.counted_by(&self.events);
        let frame = match NonZeroU64::new(self.last_event) {
            Some(number) => event.numbered(number),
            None => event,
        };
        let limit = self.limits().max_frame_size;
        let mut copies = EventCopies::new(frame, holds_message, limit, &self.reshaped);
        let mut full: Vec<ConnectionId> = Vec::new();
        for (id, connection) in &mut self.connections {
            if !connection.role.gets_events() || connection.cut.is_some() {
                continue;
            }
            if !connection.is_greeted() {
                connection.dropped += 1;
            } else if !connection.offer(copies.copy(connection.format.as_ref())) {
                connection.dropped += 1;
                full.push(*id);
            } else if !connection.woken {
                connection.woken = true;
                self.woken.push(*id);
            }
        }
        self.count_unposted();
        for id in full {
            self.cut(id, DisconnectReason::QueueFull);
        }
    }

    /// A framework that is posted to does not come and go: what it cannot be given now is lost for it. Others know that
    /// they were away.
    fn count_unposted(&mut self) {
        let Self {
            clients,
            connections,
            ..
        } = self;
        for (name, client) in clients.iter_mut().filter(|(_, one)| one.settings.posted) {
            let mut own = connections.values().filter(|one| one.client == *name);
            let is_served = own.any(|one| one.cut.is_none() && !one.is_call());
            client.traffic.dropped += u64::from(!is_served);
        }
    }

    fn response(&mut self, text: Bytes, peek: &Peek<'_>, now: ClockReading) {
        // Even one that nobody waits for any longer shows that the upstream answers.
        self.hear(now.instant);
        let more = has_more(peek);
        let ended = peek
            .echo()
            .and_then(|echo| self.actions.answer(echo, more, now.instant));
        let Some(ended) = ended else {
            self.upstream.late_responses += 1;
            return;
        };
        if peek.retcode == Some(RETCODE_UNSIGNED) {
            self.post(SupervisorSignal::SendUnsigned);
        }
        self.learn_upstream_takes(ended.size);
        match &ended.caller {
            Caller::LoginProbe => self.learn_login(peek, now),
            Caller::VersionQuestion => self.learn_answer(ended.asks, peek),
            Caller::Connection { .. } => self.answer_client(ended, text, peek, now),
        }
    }

    fn answer_client(&mut self, ended: Ended, text: Bytes, peek: &Peek<'_>, now: ClockReading) {
        let Caller::Connection {
            id,
            client,
            answer_for,
            ..
        } = ended.caller
        else {
            return;
        };
        self.learn_answer(ended.asks, peek);
        if ended.reached == Reached::Sent {
            self.count_answer(&client, ended.took);
        }
        if let AnswerFor::Nobody { action } = answer_for {
            self.hear_of_quick_action(&client, action, peek, now);
            return;
        }
        if !self.connections.contains_key(&id) {
            self.upstream.late_responses += 1;
            return;
        }
        self.upstream.responses += 1;
        let mut frame = Outgoing::spliced(text, peek.echo_spans(), ended.echo);
        if ended.asks == Question::Messages
            && let Some(wanted) = self.wanted_format(id)
        {
            frame = frame.reshaped_answer(wanted, self.limits().max_frame_size);
        }
        self.deliver(id, frame);
    }

    fn wanted_format(&self, id: ConnectionId) -> Option<WantedFormat> {
        self.connections.get(&id)?.format.clone()
    }

    pub(super) fn refuse_sent(&mut self, now: ClockReading) {
        for ended in self.actions.lose_sent(now.instant) {
            self.refuse_ended(ended, now);
        }
    }

    fn count_answer(&mut self, client: &str, took: Duration) {
        if let Some(entry) = self.clients.get_mut(client) {
            entry.traffic.latency.record(took);
        }
    }
}

/// An event never carries an echo to a client: some take it for a response.
fn event_frame(text: Bytes, peek: &Peek<'_>) -> Outgoing {
    if peek.has_echo() {
        Outgoing::spliced(text, peek.echo_spans(), None)
    } else {
        Outgoing::plain(text)
    }
}

fn has_more(peek: &Peek<'_>) -> bool {
    if peek.stream.as_deref() != Some("stream-action") {
        return false;
    }
    let data = peek
        .data
        .and_then(|data| serde_json::from_str::<StreamData<'_>>(data).ok());
    let kind = data.and_then(|data| data.kind);
    !matches!(kind.as_deref(), Some("response" | "error"))
}

/// Whether it is a meta event of this kind.
fn is_meta_event(peek: &Peek<'_>, kind: &str) -> bool {
    peek.post_type.as_deref() == Some("meta_event") && peek.meta_event_type.as_deref() == Some(kind)
}
