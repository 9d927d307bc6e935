//! The one place of an upstream that dials us: for one connection that carries everything, or for two
//! that carry a half each.
//!
//! ```text
//!  Universal ─────────────────────────────────────► active ──► gone
//!  API, Event ──► waiting ── its other half comes ────┘
//!                    ├── a newer one of its role, or a Universal, comes: closed
//!                    └── nobody comes in time: closed, and noted
//! ```

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use perpetua_hub::Role;
use perpetua_words::Message;
use tokio::{
    sync::{Mutex, MutexGuard, Notify},
    time::{Instant, timeout},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    activity::{LastActivity, WatchedStream},
    refused::Refused,
    socket::{self, GatedSocket},
};

/// How long the active connection has to answer a ping when another one wants its slot.
const SIGN_OF_LIFE_LIMIT: Duration = Duration::from_secs(5);

/// The slot; clones are the same one. Whoever wants it holds the lock while it finds out whether the
/// active link lives, so that of two who come at once only one gets in.
#[derive(Clone, Default)]
pub(super) struct UpstreamSlot(Arc<Mutex<Places>>);

#[derive(Default)]
struct Places {
    active: Option<ActiveLink>,
    waiting: Option<WaitingHalf>,
}

struct WaitingHalf {
    half: HalfLink,
    /// Whoever takes the half out ends the wait.
    _waits: DropGuard,
}

/// How a connection shows that it lives.
#[derive(Clone, Debug)]
pub(super) struct Pulse {
    pub(super) activity: LastActivity,
    pub(super) check_now: Arc<Notify>,
}

/// A link that is, or was, the upstream's.
#[derive(Clone, Debug)]
struct ActiveLink {
    pulses: Vec<Pulse>,
    replaced: CancellationToken,
    gone: CancellationToken,
}

/// The right to be the upstream, until dropped.
#[derive(Debug)]
pub(super) struct SlotGuard {
    pub(super) replaced: CancellationToken,
    gone: CancellationToken,
}

/// A connection that carries actions or events only.
pub(super) struct HalfLink {
    pub(super) role: Role,
    pub(super) self_id: Option<i64>,
    pub(super) socket: Box<GatedSocket<WatchedStream>>,
    pub(super) pulse: Pulse,
}

/// What became of a half.
pub(super) enum Pairing {
    /// The other one was there. In the order actions, events.
    Complete([HalfLink; 2], SlotGuard),
    /// The other one has to come first. The token ends the wait: the half was taken, or closed. A former
    /// one that it takes the place of is to be closed.
    Waits(CancellationToken, Option<HalfLink>),
    /// Another link has become the upstream meanwhile.
    Taken(HalfLink),
}

impl UpstreamSlot {
    /// Makes a connection that carries everything the upstream, unless another link is and lives. A half
    /// that waits is left to wait no longer.
    pub(super) async fn take(&self, pulse: &Pulse) -> Result<SlotGuard, Refused> {
        let mut places = self.freed().await?;
        places.waiting = None;
        Ok(places.occupy(vec![pulse.clone()]))
    }

    /// Whether a half would have a place.
    pub(super) async fn admits_half(&self) -> Result<(), Refused> {
        self.freed().await.map(drop)
    }

    /// Brings a half together with the one that waits for it, or lets it wait.
    pub(super) async fn pair(&self, half: HalfLink) -> Pairing {
        let mut places = self.0.lock().await;
        if places.is_taken() {
            return Pairing::Taken(half);
        }
        let former = places.waiting.take().map(|waiting| waiting.half);
        match former {
            Some(former) if former.is_other_half_of(&half) => {
                let pulses = vec![former.pulse.clone(), half.pulse.clone()];
                let guard = places.occupy(pulses);
                let halves = match half.role {
                    Role::Event => [former, half],
                    Role::Api | Role::Universal => [half, former],
                };
                Pairing::Complete(halves, guard)
            }
            former => {
                let waits = CancellationToken::new();
                places.waiting = Some(WaitingHalf {
                    half,
                    _waits: waits.clone().drop_guard(),
                });
                Pairing::Waits(waits, former)
            }
        }
    }

    /// Takes back the half that has waited under this token, if it still does.
    pub(super) async fn take_back(&self, waits: &CancellationToken) -> Option<HalfLink> {
        let mut places = self.0.lock().await;
        if waits.is_cancelled() {
            return None;
        }
        places.waiting.take().map(|waiting| waiting.half)
    }

    /// The slot without an active link: one that gives no sign of life has to go.
    async fn freed(&self) -> Result<MutexGuard<'_, Places>, Refused> {
        let places = self.0.lock().await;
        // The active one keeps its slot meanwhile: whoever wants it may leave at any await.
        if let Some(active) = &places.active {
            if active.lives().await {
                return Err(Refused::UpstreamActive);
            }
            active.replaced.cancel();
            active.gone.cancelled().await;
        }
        Ok(places)
    }
}

impl Places {
    fn is_taken(&self) -> bool {
        let active = self.active.as_ref();
        active.is_some_and(|active| !active.gone.is_cancelled())
    }

    fn occupy(&mut self, pulses: Vec<Pulse>) -> SlotGuard {
        let (replaced, gone) = (CancellationToken::new(), CancellationToken::new());
        self.active = Some(ActiveLink {
            pulses,
            replaced: replaced.clone(),
            gone: gone.clone(),
        });
        SlotGuard { replaced, gone }
    }
}

impl ActiveLink {
    /// Whether each of its connections answers.
    async fn lives(&self) -> bool {
        let answered = join_all(self.pulses.iter().map(Pulse::beats));
        tokio::select! {
            biased;
            () = self.gone.cancelled() => false,
            answered = answered => answered.into_iter().all(|answered| answered),
        }
    }
}

impl Pulse {
    /// As if something had come just now.
    pub(super) fn new() -> Self {
        Self {
            activity: LastActivity::now(),
            check_now: Arc::default(),
        }
    }

    /// Asks for a sign of life.
    async fn beats(&self) -> bool {
        let asked = Instant::now();
        self.check_now.notify_one();
        let answer = self.activity.after(asked);
        timeout(SIGN_OF_LIFE_LIMIT, answer).await.is_ok()
    }
}

impl HalfLink {
    /// Whether the two make one link: of one account, as far as they name it.
    fn is_other_half_of(&self, other: &Self) -> bool {
        let is_other_account = matches!(
            (self.self_id, other.self_id),
            (Some(own), Some(other)) if own != other
        );
        self.role != other.role && !is_other_account
    }

    /// Ends it, with a reason.
    pub(super) async fn close(mut self, code: u16, reason: impl Into<Message>) {
        let reason = reason.into().to_string();
        socket::end(&mut self.socket.socket, Some((code, &reason))).await;
    }
}

impl Drop for SlotGuard {
    fn drop(&mut self) {
        self.gone.cancel();
    }
}
