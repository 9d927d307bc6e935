//! Whether a client, and its machine, still lives.
//!
//! ```text
//!  pinged ──► something comes: it lives
//!     └─ 25 s ──► busy, and shown so ──► something comes: it lives
//!                     └─ 120 s ──► ended
//! ```
//!
//! With a client that we dial it is 10 s and 20 s.
//!
//! A handler that draws a picture answers no ping meanwhile, so a client that is busy is left alone for a
//! while. One whose machine is gone acknowledges nothing either. On Linux that is asked of the system
//! from 25 s on, and ends the connection at once; elsewhere it ends as that of a busy client does.
//!
//! A client that may not be pinged (the perpetua profile) is given time without end. Its machine is looked
//! at whenever the client has been silent for 25 s; where the system does not tell, it is the system that
//! gives up what it repeats in vain: Windows after some 20 s, macOS after some 10 minutes.

use std::time::Duration;

use perpetua_hub::{ClientProfile, ClockReading, DisconnectReason};
use perpetua_task::GapWatch;
use tokio::{sync::watch, time::Instant};

use super::Ended;
use crate::{account::Connected, activity::LastActivity, peer::PeerMachine};

/// Silence after a ping from which on a client is shown as busy, and its machine looked at.
const BUSY_AFTER: Duration = Duration::from_secs(25);
/// Silence after a ping that ends a connection: no handler takes that long, and what waits for the client
/// takes up memory.
pub(crate) const UNANSWERED_LIMIT: Duration = Duration::from_mins(2);

/// How long a client may leave its pings unanswered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// From then on it is shown as busy.
    busy_after: Duration,
    /// Then its connection is ended.
    unanswered: Duration,
}

impl Patience {
    /// With those who connect to us: whoever is cut off while a handler runs has to come again.
    pub(crate) const WITH_CALLERS: Self = Self {
        busy_after: BUSY_AFTER,
        unanswered: UNANSWERED_LIMIT,
    };
    /// With those whom we dial: a way that broke without a word is found within 35 s, pings being 15 s apart, and
    /// made again by us.
    pub(crate) const WITH_DIALLED: Self = Self {
        busy_after: Duration::from_secs(10),
        unanswered: Duration::from_secs(20),
    };
}

/// When a client was pinged, when something last came from it, and where it runs.
#[derive(Debug)]
pub(super) struct Liveness {
    activity: LastActivity,
    machine: Option<PeerMachine>,
    patience: Patience,
    pinged: watch::Sender<Option<ClockReading>>,
}

impl Liveness {
    pub(super) fn new(
        activity: LastActivity,
        machine: Option<PeerMachine>,
        patience: Patience,
    ) -> Self {
        Self {
            activity,
            machine,
            patience,
            pinged: watch::Sender::default(),
        }
    }

    /// A ping has been written. One that still waits behind a large frame asks nothing yet.
    pub(super) fn pinged(&self, now: ClockReading) {
        self.pinged.send_replace(Some(now));
    }

    /// Waits until the client, or its machine, counts as lost.
    pub(super) async fn lost(&self, connected: &Connected) -> Ended {
        match connected.settings.profile {
            ClientProfile::Standard => self.unanswered(connected).await,
            ClientProfile::Perpetua => self.gone_in_silence(connected).await,
        }
    }

    /// Waits until the client has been silent for too long; tells the hub from when to when it is busy.
    async fn unanswered(&self, connected: &Connected) -> Ended {
        let set_busy = |since| {
            connected
                .account
                .with(|hub, _| hub.set_busy(connected.id, since));
        };
        let (mut pings, gaps) = (self.pinged.subscribe(), connected.account.gaps());
        loop {
            let asked = next_ping(&mut pings).await;
            if self.answers(asked, self.patience.busy_after, gaps).await {
                continue;
            }
            set_busy(Some(asked));
            let answers = tokio::select! {
                biased;
                answers = self.answers(asked, self.patience.unanswered, gaps) => answers,
                () = self.gone() => return Ended::Gone,
            };
            if !answers {
                let seconds = self.patience.unanswered.as_secs();
                return Ended::Disconnected(DisconnectReason::Unanswered(seconds));
            }
            set_busy(None);
        }
    }

    /// Waits until the machine of a client that says nothing is gone.
    async fn gone_in_silence(&self, connected: &Connected) -> Ended {
        let gaps = connected.account.gaps();
        loop {
            self.activity.silence(self.patience.busy_after, gaps).await;
            tokio::select! {
                biased;
                () = self.activity.after(Instant::now()) => {}
                () = self.gone() => return Ended::Gone,
            }
        }
    }

    async fn gone(&self) {
        match self.machine {
            Some(machine) => machine.gone().await,
            None => std::future::pending().await,
        }
    }

    /// Whether anything comes within this time after a ping, or after the end of a gap in our own time: then it is
    /// pinged anew.
    async fn answers(&self, asked: ClockReading, limit: Duration, gaps: &GapWatch) -> bool {
        let asked = Instant::from(asked.instant);
        let answer = self.activity.after(asked);
        gaps.within(limit, asked, answer).await.is_some()
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
