//! Frames from a client's connection.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use perpetua_onebot::{FrameKind, Malformed, Peek};

use super::{
    Hub,
    quick_order::{QuickOrder, is_quick},
    refusal::Refusal,
};
use crate::{
    ClockReading, ConnectionId,
    action::{AnswerFor, Caller, NewAction, Question},
};

/// An action below this is copied before it waits. What it is a part of was read at once, and may be four times as
/// large (a read of the WebSocket has 16 KiB).
const COPIED_BELOW: usize = 4 << 10;
/// How long `get_login_info` may take: perpetua's own SDK gives up after 10 s, and hears the reason before.
const LOGIN_LIMIT: Duration = Duration::from_secs(8);

/// A frame of a client, with all that is read of it without the hub.
#[derive(Debug)]
pub struct ClientFrame<'a> {
    text: &'a Bytes,
    peeked: &'a Result<Peek<'a>, Malformed>,
    /// What it asks for, if it is a quick operation.
    quick: Option<Result<QuickOrder, Refusal>>,
}

impl<'a> ClientFrame<'a> {
    /// `peeked` is what was found in `text`. It takes as long as the frame is large.
    pub fn new(text: &'a Bytes, peeked: &'a Result<Peek<'a>, Malformed>) -> Self {
        let peek = peeked.as_ref().ok();
        let quick = peek.filter(|peek| {
            let is_action = peek.kind() == FrameKind::Action;
            is_action && peek.action.as_deref().is_some_and(is_quick)
        });
        Self {
            text,
            peeked,
            quick: quick.map(|peek| QuickOrder::of_params(peek.params)),
        }
    }
}

impl Hub {
    /// Routes one frame of a connection.
    pub fn from_client(&mut self, id: ConnectionId, frame: ClientFrame<'_>, now: ClockReading) {
        let ClientFrame {
            text,
            peeked,
            quick,
        } = frame;
        let Some(client) = self.acting_client(id) else {
            return;
        };
        match peeked {
            Err(malformed) => self.refuse_malformed(id, malformed, now),
            Ok(peek) => match (peek.kind(), peek.action.as_deref()) {
                (FrameKind::Action, Some(action)) => {
                    let done = match quick {
                        Some(order) => self.quick_operation(id, &client, order, peek, now),
                        None => self.action(id, &client, action, text, peek, now),
                    };
                    if let Err(refusal) = done {
                        self.count_refusal(&client);
                        self.deliver(id, refusal.frame(peek.echo()));
                    }
                }
                (FrameKind::Event, _) if peek.echo().is_none() => {
                    self.leave_implementation_alone(id, now);
                }
                // One that answers whatever comes would answer a refusal, too, and so for ever.
                (FrameKind::Response, _) if peek.retcode.is_some() => {
                    self.leave_implementation_alone(id, now);
                }
                _ => self.refuse_foreign(id, peek.echo(), now),
            },
        }
    }

    /// The client of a connection whose frames are listened to.
    pub(super) fn acting_client(&self, id: ConnectionId) -> Option<Arc<str>> {
        let connection = self.connections.get(&id)?;
        let may_act = connection.role.may_act() && connection.cut.is_none();
        may_act.then(|| Arc::clone(&connection.client))
    }

    fn action(
        &mut self,
        id: ConnectionId,
        client: &Arc<str>,
        action: &str,
        text: &Bytes,
        peek: &Peek<'_>,
        now: ClockReading,
    ) -> Result<(), Refusal> {
        self.count_action(client);
        if let Some(outcome) = self.extension(id, action, peek, now) {
            let answer = outcome?;
            self.deliver(id, answer.frame(peek.echo()));
            return Ok(());
        }
        let asks = Question::of(action);
        if let Some(known) = self.known_answer(id, asks, peek.echo()) {
            self.deliver(id, known);
            return Ok(());
        }
        self.hand_over(id, client, text, peek, asks, now)
    }

    /// Puts an action of a client in line for the upstream.
    fn hand_over(
        &mut self,
        id: ConnectionId,
        client: &Arc<str>,
        text: &Bytes,
        peek: &Peek<'_>,
        asks: Question,
        now: ClockReading,
    ) -> Result<(), Refusal> {
        let action = NewAction {
            caller: self.caller(id, client, AnswerFor::Caller),
            echo: peek.echo().map(Into::into),
            text: to_keep(text),
            spans: peek.echo_spans(),
            answer_limit: (asks == Question::Login).then_some(LOGIN_LIMIT),
            asks,
        };
        self.put_in_line(action, now)
    }

    pub(super) fn caller(
        &self,
        id: ConnectionId,
        client: &Arc<str>,
        answer_for: AnswerFor,
    ) -> Caller {
        let settings = self.clients.get(client).map(|client| &client.settings);
        Caller::Connection {
            id,
            client: Arc::clone(client),
            max_pending: settings.map_or(0, |settings| settings.max_pending_actions),
            answer_for,
        }
    }

    /// Puts an action in line for the upstream, if it takes such and there is room.
    pub(super) fn put_in_line(
        &mut self,
        action: NewAction,
        now: ClockReading,
    ) -> Result<(), Refusal> {
        self.check_upstream_size(action.text.len(), now.instant)?;
        self.actions
            .add(action, self.takes_actions(), now.instant)?;
        self.upstream_woken = true;
        Ok(())
    }

    pub(super) fn count_refusal(&mut self, client: &str) {
        if let Some(entry) = self.clients.get_mut(client) {
            entry.traffic.refusals += 1;
        }
    }

    pub(super) fn count_action(&mut self, client: &str) {
        if let Some(entry) = self.clients.get_mut(client) {
            entry.traffic.actions += 1;
        }
    }
}

/// The frame as it is kept: a small one by itself, not as a part of all that came with it.
fn to_keep(text: &Bytes) -> Bytes {
    if text.len() < COPIED_BELOW {
        Bytes::copy_from_slice(text)
    } else {
        text.clone()
    }
}
