//! Frames from a client's connection.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use perpetua_onebot::{FrameKind, Malformed, Peek};
use perpetua_words::hub as words;

use super::{Hub, refusal::Refusal};
use crate::{
    ClockReading, ConnectionId,
    action::{Caller, NewAction, Question},
};

/// How long `get_login_info` may take: perpetua's own SDK gives up after 10 s, and hears the reason before.
const LOGIN_LIMIT: Duration = Duration::from_secs(8);

impl Hub {
    /// Routes one frame of a connection; `peeked` is what was found in `text`.
    pub fn from_client(
        &mut self,
        id: ConnectionId,
        text: &Bytes,
        peeked: &Result<Peek<'_>, Malformed>,
        now: ClockReading,
    ) {
        let Some(connection) = self.connections.get(&id) else {
            return;
        };
        if !connection.role.may_act() || connection.cut.is_some() {
            return;
        }
        let client = Arc::clone(&connection.client);
        let is_action = matches!(peeked, Ok(peek) if peek.kind() == FrameKind::Action);
        let taken_in = match peeked {
            Ok(peek) => self.action(id, &client, text, peek, now),
            Err(malformed) => {
                self.refuse_malformed(id, malformed, now);
                return;
            }
        };
        if let Err((refusal, echo)) = taken_in {
            self.count_refusal(&client);
            // Nobody could tell what the answer to some other frame without an echo belongs to.
            if is_action || echo.is_some() {
                self.deliver(id, refusal.frame(echo));
            }
        }
    }

    fn action<'a>(
        &mut self,
        id: ConnectionId,
        client: &Arc<str>,
        text: &Bytes,
        peek: &Peek<'a>,
        now: ClockReading,
    ) -> Result<(), (Refusal, Option<&'a str>)> {
        let echo = peek.echo();
        let refuse = |refusal| Err((refusal, echo));
        let (FrameKind::Action, Some(action)) = (peek.kind(), peek.action.as_deref()) else {
            return refuse(Refusal::malformed(words::NoAction));
        };
        self.count_action(client);
        if let Some(outcome) = self.extension(id, action, peek, now) {
            return match outcome {
                Ok(answer) => {
                    self.deliver(id, answer.frame(echo));
                    Ok(())
                }
                Err(refusal) => refuse(refusal),
            };
        }
        let asks = Question::of(action);
        if let Some(known) = self.known_answer(id, asks, echo) {
            self.deliver(id, known);
            return Ok(());
        }
        self.hand_over(id, client, text, peek, asks, now)
            .map_err(|refusal| (refusal, echo))
    }

    /// Puts an action in line for the upstream.
    fn hand_over(
        &mut self,
        id: ConnectionId,
        client: &Arc<str>,
        text: &Bytes,
        peek: &Peek<'_>,
        asks: Question,
        now: ClockReading,
    ) -> Result<(), Refusal> {
        let settings = self.clients.get(client).map(|client| &client.settings);
        let action = NewAction {
            caller: Caller::Connection {
                id,
                client: Arc::clone(client),
                max_pending: settings.map_or(0, |settings| settings.max_pending_actions),
            },
            echo: peek.echo().map(Into::into),
            text: text.clone(),
            spans: peek.echo_spans(),
            answer_limit: (asks == Question::Login).then_some(LOGIN_LIMIT),
            asks,
        };
        self.check_upstream_size(text.len(), now.instant)?;
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

    fn count_action(&mut self, client: &str) {
        if let Some(entry) = self.clients.get_mut(client) {
            entry.traffic.actions += 1;
        }
    }
}
