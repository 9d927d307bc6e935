//! `.handle_quick_operation`: what a client wants done about an event. The hub carries it out as ordinary actions of
//! that client, because no implementation carries out all of it.

use std::sync::Arc;

use perpetua_onebot::{EchoSpans, FrameLimits, Peek, QuickAction, peek, quick_actions};
use perpetua_words::{Message, notice, quick as words};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Hub, extension::read, refusal::Refusal};
use crate::{
    ClockReading, ConnectionId,
    action::{AnswerFor, NewAction, Question},
};

/// Borrowed, because a reply may hold 50 MB.
#[derive(Deserialize)]
struct QuickOperation<'a> {
    #[serde(borrow)]
    context: &'a RawValue,
    #[serde(borrow)]
    operation: &'a RawValue,
}

impl Hub {
    /// Puts what an operation stands for in line for the upstream. Its caller waits for none of it; what fails is noted
    /// for the owner.
    pub(super) fn quick_operation(
        &mut self,
        id: ConnectionId,
        client: &Arc<str>,
        params: Option<&str>,
        now: ClockReading,
    ) -> Result<(), Refusal> {
        let QuickOperation { context, operation } = read(params)?;
        self.check_account(params)?;
        self.check_account(Some(context.get()))?;
        self.operate(id, client, context.get(), operation.get(), now)?;
        Ok(())
    }

    /// Gives how many actions an operation stands for.
    pub(super) fn operate(
        &mut self,
        id: ConnectionId,
        client: &Arc<str>,
        context: &str,
        operation: &str,
        now: ClockReading,
    ) -> Result<usize, Refusal> {
        let actions = quick_actions(context.as_bytes(), operation.as_bytes())
            .map_err(|fault| Refusal::malformed(&fault))?;
        for (place, action) in actions.iter().enumerate() {
            match self.hand_over_part(id, client, action, now) {
                // Nothing is done yet, so that the caller may repeat it.
                Err(refusal) if place == 0 => return Err(refusal),
                Err(refusal) => self.note_quick_refusal(client, action.action, &refusal, now),
                Ok(()) => {}
            }
        }
        Ok(actions.len())
    }

    fn hand_over_part(
        &mut self,
        id: ConnectionId,
        client: &Arc<str>,
        part: &QuickAction,
        now: ClockReading,
    ) -> Result<(), Refusal> {
        let answer_for = AnswerFor::Nobody {
            action: part.action,
        };
        let action = NewAction {
            caller: self.caller(id, client, answer_for),
            echo: None,
            text: part.frame().into(),
            spans: EchoSpans::default(),
            answer_limit: None,
            asks: Question::Other,
        };
        self.put_in_line(action, now)
    }

    /// Refuses what names another account than this one.
    fn check_account(&self, object: Option<&str>) -> Result<(), Refusal> {
        let limits = FrameLimits::default();
        let named = object.and_then(|object| peek(object, &limits).ok()?.self_id);
        match (named, self.presence.self_id()) {
            (Some(named), Some(ours)) if named != ours => {
                let self_id = named;
                Err(Refusal::malformed(words::OtherAccount { self_id }))
            }
            _ => Ok(()),
        }
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
