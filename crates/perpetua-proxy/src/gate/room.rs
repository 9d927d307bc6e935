//! That a large message is not read before there is room for it.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::time::{Instant, Sleep, sleep};

use crate::budget::{ASK_EVERY, Meter, ROOM_WITHIN};

/// Waits for the room of messages that were announced.
#[derive(Debug, Default)]
pub(super) struct Room {
    awaited: Option<Awaited>,
}

#[derive(Debug)]
struct Awaited {
    until: Instant,
    asks_again: Pin<Box<Sleep>>,
}

impl Room {
    /// A part of a message of this size has begun, and is counted.
    pub(super) fn announce(&mut self, bytes: usize, meter: &Meter) {
        if Meter::is_large(bytes) && meter.lacks_room() && self.awaited.is_none() {
            self.awaited = Some(Awaited {
                until: Instant::now() + ROOM_WITHIN,
                asks_again: Box::pin(sleep(ASK_EVERY)),
            });
        }
    }

    /// Ready when what was announced may be read.
    pub(super) fn poll(&mut self, meter: &Meter, context: &mut Context<'_>) -> Poll<()> {
        while let Some(awaited) = &mut self.awaited {
            if !meter.lacks_room() || Instant::now() >= awaited.until {
                self.awaited = None;
                break;
            }
            ready!(awaited.asks_again.as_mut().poll(context));
            let again = Instant::now() + ASK_EVERY;
            awaited.asks_again.as_mut().reset(again);
        }
        Poll::Ready(())
    }
}
