//! Whether a client that is pinged still answers.
//!
//! ```text
//!  pinged ──► something comes: it lives
//!     └─ 25 s ──► busy, and shown so ──► something comes: it lives
//!                     └─ 120 s ──► ended
//! ```
//!
//! A handler that draws a picture answers no ping meanwhile, so a client that is busy is left alone for a
//! while. One whose machine is gone acknowledges nothing either: the system ends its connection after
//! 25 s (on Windows and macOS only if nothing was on its way to it; else it is ended as a busy one is).

use std::time::Duration;

use perpetua_hub::{ClockReading, DisconnectReason};
use tokio::{sync::watch, time::timeout_at};

use super::Ended;
use crate::{account::Connected, activity::LastActivity};

/// Silence after a ping from which on a client is shown as busy.
const BUSY_AFTER: Duration = Duration::from_secs(25);
/// Silence after a ping that ends a connection: no handler takes that long, and what waits for the client
/// takes up memory.
const UNANSWERED_LIMIT: Duration = Duration::from_mins(2);

/// When a client was pinged, and when something last came from it.
#[derive(Debug)]
pub(super) struct Liveness {
    activity: LastActivity,
    pinged: watch::Sender<Option<ClockReading>>,
}

impl Liveness {
    pub(super) fn new(activity: LastActivity) -> Self {
        Self {
            activity,
            pinged: watch::Sender::default(),
        }
    }

    /// A ping has been written. One that still waits behind a large frame asks nothing yet.
    pub(super) fn pinged(&self, now: ClockReading) {
        self.pinged.send_replace(Some(now));
    }

    /// Waits until the client has been silent for too long; tells the hub from when to when it is busy.
    pub(super) async fn unanswered(&self, connected: &Connected) -> Ended {
        let set_busy = |since| {
            connected
                .account
                .with(|hub, _| hub.set_busy(connected.id, since));
        };
        let mut pings = self.pinged.subscribe();
        loop {
            let asked = next_ping(&mut pings).await;
            if self.answers(asked, BUSY_AFTER).await {
                continue;
            }
            set_busy(Some(asked));
            if !self.answers(asked, UNANSWERED_LIMIT).await {
                let seconds = UNANSWERED_LIMIT.as_secs();
                return Ended::Disconnected(DisconnectReason::Unanswered(seconds));
            }
            set_busy(None);
        }
    }

    /// Whether anything comes within this time after a ping.
    async fn answers(&self, asked: ClockReading, limit: Duration) -> bool {
        let deadline = (asked.instant + limit).into();
        let answer = self.activity.after(asked.instant.into());
        timeout_at(deadline, answer).await.is_ok()
    }
}

/// The latest ping, once there is one that has not been looked at.
async fn next_ping(pings: &mut watch::Receiver<Option<ClockReading>>) -> ClockReading {
    loop {
        // The sender outlives whoever waits here, so this never fails.
        if pings.changed().await.is_err() {
            return std::future::pending().await;
        }
        if let Some(ping) = *pings.borrow_and_update() {
            return ping;
        }
    }
}
