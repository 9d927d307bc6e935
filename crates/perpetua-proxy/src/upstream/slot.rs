//! The one place of an upstream that dials us: for one connection that carries everything, or for two
//! that carry a half each.
//!
//! ```text
//!  Universal ─────────────────────────────────────► active ──► gone
//!  API, Event ──► waiting ── its other half comes ────┘
//!                    ├── a newer one of its role comes: closed
//!                    ├── a Universal has come: closed, and noted
//!                    └── nobody comes in time: closed, and noted
//!
//! A half of another account than the one that waits does not come in: with each taking the other's
//! place, no two would ever meet.
//! ```

use std::{
    io,
    net::IpAddr,
    sync::{Arc, PoisonError},
    time::Duration,
};

use futures_util::{FutureExt as _, future::join_all};
use perpetua_hub::Role;
use perpetua_words::Message;
use tokio::{
    io::{Interest, Ready},
    net::TcpStream,
    sync::{Mutex, MutexGuard, Notify},
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::brake::Brake;
use crate::{
    activity::{LastActivity, WatchedStream},
    refused::Refused,
    socket::{self, GatedSocket},
};

/// How long the active connection has to answer a ping when another one wants its slot.
const SIGN_OF_LIFE_LIMIT: Duration = Duration::from_secs(5);

/// How long somebody waits for the slot: less than an upgrade may still take once its request has come, so
/// that the answer arrives.
const PLACE_LIMIT: Duration = Duration::from_secs(8);

/// How often a half that waits is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How much of what a half has sent is looked through for its goodbye: what the events of a few seconds take.
const MAX_LOOKED_AT: usize = 64 << 10;
/// The opcode of a Close frame.
const CLOSE: u8 = 8;

/// The slot; clones are the same one. Whoever wants it holds the lock while it finds out whether the
/// active link lives, so that of two who come at once only one gets in.
#[derive(Clone, Default)]
pub(super) struct UpstreamSlot {
    places: Arc<Mutex<Places>>,
    brake: Arc<std::sync::Mutex<Brake>>,
}

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
    /// Where it comes from.
    pub(super) peer: IpAddr,
    /// Its stream begins with a frame: nothing of it was read with the request.
    pub(super) is_aligned: bool,
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
    /// There is no place for it any longer.
    Refused(HalfLink, Refused),
}

impl UpstreamSlot {
    /// Makes a connection that carries everything the upstream, unless another link is and lives. A half
    /// that waits goes on waiting: the connection may still come to nothing.
    pub(super) async fn take(&self, pulse: &Pulse) -> Result<SlotGuard, Refused> {
        let mut places = self.freed().await?;
        Ok(places.occupy(vec![pulse.clone()]))
    }

    /// Whether a half of this account would have a place.
    pub(super) async fn admits_half(&self, self_id: Option<i64>) -> Result<(), Refused> {
        self.freed().await?.admits_half(self_id)
    }

    /// Takes the half out that waits: a connection that carries everything has come.
    pub(super) async fn take_waiting(&self) -> Option<HalfLink> {
        let mut places = self.places.lock().await;
        places.waiting.take().map(|waiting| waiting.half)
    }

    /// A link has ended; at its end the account was online over it, or not.
    pub(super) fn link_ended(&self, lasted: Duration, was_online: bool) {
        let mut brake = self.brake.lock().unwrap_or_else(PoisonError::into_inner);
        brake.ended(lasted, was_online, Instant::now());
    }

    /// Whether the next link may come already.
    pub(super) fn is_open_to_next(&self) -> Result<(), Refused> {
        let brake = self.brake.lock().unwrap_or_else(PoisonError::into_inner);
        match brake.remaining(Instant::now()) {
            Some(wait) => Err(Refused::EndsTooSoon(wait)),
            None => Ok(()),
        }
    }

    /// Brings a half together with the one that waits for it, or lets it wait.
    pub(super) async fn pair(&self, half: HalfLink) -> Pairing {
        let mut places = self.places.lock().await;
        if places.is_taken() {
            return Pairing::Refused(half, Refused::UpstreamActive);
        }
        if let Err(refused) = places.admits_half(half.self_id) {
            return Pairing::Refused(half, refused);
        }
        let former = places.waiting.take().map(|waiting| waiting.half);
        match former {
            Some(former) if former.role != half.role && !former.has_left() => {
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

    /// Waits until the half that waits has left.
    pub(super) async fn waiting_left(&self) {
        loop {
            sleep(LOOK_EVERY).await;
            let places = self.places.lock().await;
            let waiting = places.waiting.as_ref();
            if waiting.is_some_and(|waiting| waiting.half.has_left()) {
                return;
            }
        }
    }

    /// Takes back the half that has waited under this token, if it still does.
    pub(super) async fn take_back(&self, waits: &CancellationToken) -> Option<HalfLink> {
        let mut places = self.places.lock().await;
        if waits.is_cancelled() {
            return None;
        }
        places.waiting.take().map(|waiting| waiting.half)
    }

    /// The slot without an active link: one that gives no sign of life has to go.
    async fn freed(&self) -> Result<MutexGuard<'_, Places>, Refused> {
        let freed = timeout(PLACE_LIMIT, self.free()).await;
        freed.unwrap_or(Err(Refused::PlaceContested))
    }

    async fn free(&self) -> Result<MutexGuard<'_, Places>, Refused> {
        let places = self.places.lock().await;
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

    /// Whether a half of this account may wait, or meet the one that does: both are of one account, as far
    /// as they name it.
    fn admits_half(&self, self_id: Option<i64>) -> Result<(), Refused> {
        let waiting = self.waiting.as_ref().map(|waiting| &waiting.half);
        let waiting = waiting.filter(|half| !half.has_left());
        let waiting = waiting.and_then(|half| half.self_id);
        match (waiting, self_id) {
            (Some(waiting), Some(found)) if waiting != found => {
                Err(Refused::OtherHalf { found, waiting })
            }
            _ => Ok(()),
        }
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
    /// Whether its other side has ended the connection, or has said that it does. Nothing is read for that:
    /// what has come before is still to be served.
    fn has_left(&self) -> bool {
        let stream = self.socket.socket.get_ref().get_ref().get_ref();
        let ready = stream.ready(Interest::READABLE).now_or_never();
        let has_ended = |ready: io::Result<Ready>| ready.is_ok_and(Ready::is_read_closed);
        ready.is_some_and(has_ended) || (self.is_aligned && says_goodbye(stream))
    }

    /// Ends it, with a reason.
    pub(super) async fn close(self, code: u16, reason: impl Into<Message>) {
        let reason = reason.into().to_string();
        let _over_either_way = socket::end(self.socket.socket, Some((code, &reason))).await;
    }
}

/// Whether a Close frame is among what the system holds.
fn says_goodbye(stream: &TcpStream) -> bool {
    let mut held = vec![0; MAX_LOOKED_AT];
    match stream.peek(&mut held).now_or_never() {
        Some(Ok(count)) => holds_close(&held[..count]),
        Some(Err(_)) | None => false,
    }
}

/// Whether a Close frame (RFC 6455, section 5.2) is among these frames, of which the last may be cut off.
fn holds_close(frames: &[u8]) -> bool {
    let mut rest = frames;
    while let [first, second, behind @ ..] = rest {
        if first & 0x0f == CLOSE {
            return true;
        }
        let long = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let Some((long, behind)) = behind.split_at_checked(long) else {
            return false;
        };
        let number = |number, byte: &u8| number << 8 | usize::from(*byte);
        let length = match long {
            [] => usize::from(second & 0x7f),
            long => long.iter().fold(0, number),
        };
        let mask = if second & 0x80 == 0 { 0 } else { 4 };
        rest = behind
            .get(length.saturating_add(mask)..)
            .unwrap_or_default();
    }
    false
}

impl Drop for SlotGuard {
    fn drop(&mut self) {
        self.gone.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::holds_close;

    #[test]
    fn a_close_frame_is_found_behind_frames_of_every_length_and_nowhere_else() {
        for mask in [0, 0x80] {
            for length in [0_usize, 1, 125, 126, 127, 1000, 65_535, 65_536, 100_000] {
                let mut frames = vec![0x81];
                match length {
                    0..=125 => frames.push(mask | u8::try_from(length).expect("small")),
                    126..=65_535 => {
                        frames.push(mask + 126);
                        frames.extend(u16::try_from(length).expect("small").to_be_bytes());
                    }
                    _ => {
                        frames.push(mask + 127);
                        frames.extend((length as u64).to_be_bytes());
                    }
                }
                // What a frame carries looks like a Close frame all over.
                let masked = if mask == 0 { 0 } else { 4 };
                frames.extend(std::iter::repeat_n(0x88, masked + length));
                for cut in (0..frames.len()).step_by(97) {
                    assert!(!holds_close(&frames[..cut]), "{mask} {length} {cut}");
                }
                assert!(!holds_close(&frames));
                frames.extend([0x88, 0x80]);
                assert!(holds_close(&frames), "{mask} {length}");
            }
        }
    }
}
