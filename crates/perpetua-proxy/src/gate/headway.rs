//! That messages come to their end.

use std::{io, pin::Pin, task::Context, time::Duration};

use thiserror::Error;
use tokio::time::{Instant, Sleep, sleep};

use super::scanner::Progress;

/// How long a message may take for its next [`LEAST_BYTES`], or for its end.
pub(crate) const HEADWAY_LIMIT: Duration = Duration::from_secs(30);
/// What comes in that time of a message that is still wanted: 2 KiB a second, less than any line that a picture
/// could be sent over.
pub(crate) const LEAST_BYTES: usize = 64 << 10;

/// A message neither ends nor goes on, while what came of it is held.
#[derive(Clone, Copy, Debug, Error)]
#[error("a message does not come to its end")]
struct StalledMessage;

/// Whether a gate has ended a connection over a message that did not go on.
pub(crate) fn is_stalled_message(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(<dyn std::error::Error + Send + Sync>::is::<StalledMessage>)
}

/// Watches over the message that is being read. Its timer is looked at, not set, when bytes come: a message is
/// given up after once or twice the limit.
#[derive(Debug, Default)]
pub(super) struct Headway {
    /// The end of the time in which something has to come.
    ends: Option<Pin<Box<Sleep>>>,
    /// What has come in that time.
    bytes: usize,
    is_enough: bool,
}

impl Headway {
    /// Something came.
    pub(super) fn note(&mut self, progress: Progress) {
        self.bytes += progress.bytes;
        self.is_enough |= progress.has_ended_one || self.bytes >= LEAST_BYTES;
    }

    /// Nothing comes at this moment: fails when too little has come for too long.
    pub(super) fn poll(
        &mut self,
        is_amid_message: bool,
        context: &mut Context<'_>,
    ) -> io::Result<()> {
        if self.ends.is_none() && !is_amid_message {
            return Ok(());
        }
        loop {
            let ends = self.ends.get_or_insert_with(|| {
                (self.bytes, self.is_enough) = (0, false);
                Box::pin(sleep(HEADWAY_LIMIT))
            });
            if ends.as_mut().poll(context).is_pending() {
                return Ok(());
            }
            if !is_amid_message {
                self.ends = None;
                return Ok(());
            }
            if !self.is_enough {
                return Err(io::Error::other(StalledMessage));
            }
            (self.bytes, self.is_enough) = (0, false);
            ends.as_mut().reset(Instant::now() + HEADWAY_LIMIT);
        }
    }
}
