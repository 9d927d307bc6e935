//! Frames that cannot be passed on: too large, or broken. Each concerns whoever it was for, and nobody else.

use std::time::{Duration, Instant};

use perpetua_onebot::{Malformed, MalformedReason};
use perpetua_words::{Message, hub as hub_words, notice as words};

use super::{Hub, refusal::Refusal};
use crate::{
    ClockReading, ConnectionId, FrameSize, LinkFailure, LinkState, Retcode,
    action::{AnswerFor, Caller, Ended},
};

/// The smallest frame of which it is believed that the upstream finds it too large: no implementation
/// has a lower limit, and a wrong belief would keep nearly every action from it.
const SMALLEST_LIMIT: usize = 64 << 10;
/// How long the upstream's limit is remembered at most: it may be raised in its settings.
const REMEMBERED: Duration = Duration::from_hours(1);

/// An upstream looks at a frame's size as soon as it comes: what was sent longer ago than this is not what it
/// closes the link over.
const LOOKED_AT_WITHIN: Duration = Duration::from_secs(5);

/// What has been seen of the sizes that the upstream takes.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct UpstreamSizes {
    /// The largest that it has answered.
    taken: usize,
    limit: Option<SizeLimit>,
}

/// How large a frame the upstream does not take. Each link but the one that replaces a refused one may
/// try again: behind it may be another upstream, or other settings.
#[derive(Clone, Copy, Debug)]
struct SizeLimit {
    bytes: usize,
    until: Instant,
    /// The link is there again that was closed over it.
    replaced: bool,
}

impl Hub {
    /// Refuses a frame of a connection that is not taken in. It is answered if an echo was found in it:
    /// nobody could tell what another answer belongs to.
    pub fn refuse_frame(
        &mut self,
        id: ConnectionId,
        echo: Option<&str>,
        message: impl Into<Message>,
        retcode: Retcode,
        now: ClockReading,
    ) {
        let refusal = Refusal::new(retcode, message);
        let cause = refusal.message.clone();
        self.refuse_noted(id, echo, &refusal, words::ClientFrame { cause }, now);
    }

    /// Refuses a frame that cannot be read.
    pub(super) fn refuse_malformed(
        &mut self,
        id: ConnectionId,
        malformed: &Malformed,
        now: ClockReading,
    ) {
        let cause = Message::from(&malformed.reason);
        let noted: Message = match malformed.reason {
            // The place of the fault differs from frame to frame: they are one notice, not many.
            MalformedReason::Syntax { .. } | MalformedReason::NotAnObject => {
                words::ClientFrameNotJson.into()
            }
            _ => words::ClientFrame {
                cause: cause.clone(),
            }
            .into(),
        };
        let refusal = Refusal::malformed(cause);
        self.refuse_noted(id, malformed.echo.as_deref(), &refusal, noted, now);
    }

    /// Refuses a frame that is JSON and no action.
    pub(super) fn refuse_foreign(
        &mut self,
        id: ConnectionId,
        echo: Option<&str>,
        now: ClockReading,
    ) {
        let refusal = Refusal::malformed(hub_words::NoAction);
        let cause = refusal.message.clone();
        self.refuse_noted(id, echo, &refusal, words::ClientFrame { cause }, now);
    }

    /// Notes a frame of what is no framework: it sends events, or answers.
    pub(super) fn leave_implementation_alone(&mut self, id: ConnectionId, now: ClockReading) {
        let Some(client) = self.acting_client(id) else {
            return;
        };
        self.note_client(&client, words::ClientIsImplementation, now);
        self.count_refusal(&client);
    }

    fn refuse_noted(
        &mut self,
        id: ConnectionId,
        echo: Option<&str>,
        refusal: &Refusal,
        noted: impl Into<Message>,
        now: ClockReading,
    ) {
        let Some(client) = self.acting_client(id) else {
            return;
        };
        self.note_client(&client, noted, now);
        self.count_refusal(&client);
        if echo.is_some() {
            self.deliver(id, refusal.frame(echo));
        }
    }

    /// A frame of the upstream is lost for this cause. If it was the answer to an action, its caller is told;
    /// `echo` is what was found in it.
    pub fn lose_upstream_frame(
        &mut self,
        cause: impl Into<Message>,
        echo: Option<&str>,
        now: ClockReading,
    ) {
        let cause = cause.into();
        self.hear(now.instant);
        self.upstream.foreign_frames += 1;
        let noted = cause.clone();
        self.note_upstream(words::UpstreamFrame { cause: noted }, now);
        let ended = echo.and_then(|echo| self.actions.answer(echo, false, now.instant));
        if let Some(ended) = ended {
            self.learn_upstream_takes(ended.size);
            self.refuse_caller(ended, &Refusal::answer_lost(cause), now);
        }
    }

    /// The upstream closed the link because what it was sent is too large for it; called before the link
    /// is set to closed. The largest action that it was sent just now and has not answered is taken for the one
    /// that it means, unless it has answered one of that size before: that one was not carried out. From here on
    /// no action of that size is sent.
    pub fn upstream_refused_size(&mut self, now: ClockReading) {
        let smallest = SMALLEST_LIMIT.max(self.upstream.sizes.taken + 1);
        // The clock of a machine that has just started may not reach so far back: then all count.
        let from = now.instant.checked_sub(LOOKED_AT_WITHIN);
        let ended = self.actions.lose_largest_sent(smallest, from, now.instant);
        let Some(ended) = ended else {
            return;
        };
        let limit = ended.size;
        self.upstream.sizes.limit = Some(SizeLimit {
            bytes: limit,
            until: now.instant + REMEMBERED,
            replaced: false,
        });
        let told = FrameSize::alone(limit).to_string();
        let notice = words::UpstreamLimit {
            limit: told,
            account: self.name.to_string(),
        };
        self.note_upstream_latest(notice, now);
        let unsent = self.actions.lose_unsent_from(limit, now.instant);
        for ended in std::iter::once(ended).chain(unsent) {
            let refusal = Refusal::too_large_for_upstream(ended.size, limit);
            self.refuse_caller(ended, &refusal, now);
        }
    }

    /// Refuses an action of this size if the upstream is known not to take it.
    pub(super) fn check_upstream_size(&self, bytes: usize, now: Instant) -> Result<(), Refusal> {
        match self.upstream.sizes.limit {
            Some(limit) if bytes >= limit.bytes && now < limit.until => {
                Err(Refusal::too_large_for_upstream(bytes, limit.bytes))
            }
            _ => Ok(()),
        }
    }

    /// The link is in this state now: unless it is on its way to replace one that was closed over the size of
    /// a frame, what was seen of sizes is forgotten.
    pub(super) fn follow_size_limit(&mut self, link: &LinkState) {
        let limit = &mut self.upstream.sizes.limit;
        let is_another = match link {
            LinkState::Open { .. } => limit
                .as_mut()
                .is_some_and(|limit| std::mem::replace(&mut limit.replaced, true)),
            LinkState::Waiting { failure, .. }
            | LinkState::Dialling {
                last_failure: Some(failure),
            } => !matches!(failure, LinkFailure::RefusedSize(..)),
            LinkState::Closed | LinkState::Dialling { last_failure: None } => true,
        };
        if is_another {
            self.upstream.sizes = UpstreamSizes::default();
        }
    }

    /// The upstream has answered an action of this size, so it takes such.
    pub(super) fn learn_upstream_takes(&mut self, bytes: usize) {
        let sizes = &mut self.upstream.sizes;
        sizes.taken = sizes.taken.max(bytes);
        sizes.limit.take_if(|limit| bytes >= limit.bytes);
    }

    /// Tells whoever asked for an action that it ends with this refusal.
    pub(super) fn refuse_caller(&mut self, ended: Ended, refusal: &Refusal, now: ClockReading) {
        match ended.caller {
            Caller::LoginProbe => self.presence.answered_in_vain(now.instant),
            // It is shown only when it is known.
            Caller::VersionQuestion => {}
            Caller::Connection {
                id,
                client,
                answer_for,
                ..
            } => {
                self.count_refusal(&client);
                match answer_for {
                    AnswerFor::Caller => self.deliver(id, refusal.frame(ended.echo.as_deref())),
                    AnswerFor::Nobody { action } => {
                        self.note_quick_refusal(&client, action, refusal, now);
                    }
                }
            }
        }
    }
}
