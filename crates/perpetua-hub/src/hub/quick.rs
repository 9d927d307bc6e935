//! `.handle_quick_operation`: what a client wants done about an event. The hub carries it out as ordinary actions of
//! that client, because no implementation carries out all of it.

use std::sync::Arc;

use perpetua_onebot::{EchoSpans, Peek};
use perpetua_words::{Message, notice, quick as words};

use super::{
    Hub,
    extension::Answer,
    quick_order::{QuickOrder, QuickPart, is_quick_at_once},
    refusal::Refusal,
};
use crate::{
    ClockReading, ConnectionId,
    action::{AnswerFor, NewAction, Question},
};

impl Hub {
    /// Answers a quick operation at once, and puts what it stands for in line for the upstream. Its caller waits for none
    /// of it; what fails is noted for the owner.
    pub(super) fn quick_operation(
        &mut self,
        id: ConnectionId,
        client: &Arc<str>,
        order: Result<QuickOrder, Refusal>,
        peek: &Peek<'_>,
        now: ClockReading,
    ) -> Result<(), Refusal> {
        self.count_action(client);
        self.operate(id, client, order?, now)?;
        let answer = if peek.action.as_deref().is_some_and(is_quick_at_once) {
            Answer::Done("null".into())
        } else {
            Answer::UnderWay
        };
        self.deliver(id, answer.frame(peek.echo()));
        Ok(())
    }

    /// Gives how many actions an operation stands for.
    pub(super) fn operate(
        &mut self,
        id: ConnectionId,
        client: &Arc<str>,
        order: QuickOrder,
        now: ClockReading,
    ) -> Result<usize, Refusal> {
        self.check_accounts(&order.accounts)?;
        let count = order.parts.len();
        for (place, part) in order.parts.into_iter().enumerate() {
            let action = part.action;
            match self.hand_over_part(id, client, part, now) {
                // Nothing is done yet, so that the caller may repeat it.
                Err(refusal) if place == 0 => return Err(refusal),
                Err(refusal) => self.note_quick_refusal(client, action, &refusal, now),
                Ok(()) => {}
            }
        }
        Ok(count)
    }

    fn hand_over_part(
        &mut self,
        id: ConnectionId,
        client: &Arc<str>,
        part: QuickPart,
        now: ClockReading,
    ) -> Result<(), Refusal> {
        let answer_for = AnswerFor::Nobody {
            action: part.action,
        };
        let action = NewAction {
            caller: self.caller(id, client, answer_for),
            echo: None,
            text: part.text,
            spans: EchoSpans::default(),
            answer_limit: None,
            asks: Question::Other,
        };
        self.put_in_line(action, now)
    }

    /// Refuses what names another account than this one.
    fn check_accounts(&self, named: &[i64]) -> Result<(), Refusal> {
        let ours = self.presence.self_id();
        let other = named
            .iter()
            .find(|named| ours.is_some_and(|ours| ours != **named));
        other.map_or(Ok(()), |other| {
            let self_id = *other;
            Err(Refusal::malformed(words::OtherAccount { self_id }))
        })
    }

    /// A part of an operation has its answer, which nobody waits for.
    pub(super) fn hear_of_quick_action(
        &mut self,
        client: &str,
        action: &'static str,
        peek: &Peek<'_>,
        now: ClockReading,
    ) {
        let retcode = peek.retcode.unwrap_or_default();
        // 0 is done, 1 will be.
        if peek.status == Some("\"failed\"") || !matches!(retcode, 0 | 1) {
            self.note_client(client, notice::QuickFailed { action, retcode }, now);
        }
    }

    /// A part of an operation comes to nothing.
    pub(super) fn note_quick_refusal(
        &mut self,
        client: &str,
        action: &'static str,
        refusal: &Refusal,
        now: ClockReading,
    ) {
        let cause: Message = refusal.message.clone();
        self.note_client(client, notice::QuickRefused { action, cause }, now);
    }
}
