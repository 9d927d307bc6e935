//! What goes out to a client: frames as the hub has them, heartbeats, pings.

use std::time::Duration;

use futures_util::Sink;
use perpetua_hub::{ClientProfile, Outgoing, Remaining};
use perpetua_task::every;
use tokio_tungstenite::tungstenite::{self, Message};

use super::{Ended, liveness::Liveness};
use crate::{
    account::Connected,
    socket::{self, WRITE_LIMIT},
};

/// Pings find connections that broke without a word; the perpetua profile forbids them.
pub(crate) const PING_EVERY: Duration = Duration::from_secs(15);

/// Far below a fragment.
const SMALL_BYTES: usize = 4 << 10;

/// Writes what the hub has for the connection, its heartbeats included.
pub(super) async fn write<S>(sink: &mut S, liveness: &Liveness, connected: &Connected) -> Ended
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    let mut batch = Vec::new();
    let mut beats = every(connected.settings.heartbeat);
    let mut pings = every(PING_EVERY);
    loop {
        // The timers come first: a queue that never empties must not hold them up.
        let written = tokio::select! {
            biased;
            _ = beats.tick() => {
                connected.account.with(|hub, _| hub.heartbeat(connected.id));
                continue;
            }
            _ = pings.tick(), if connected.settings.profile == ClientProfile::Standard => {
                ping(sink, liveness, connected).await
            }
            () = connected.signals.wake.notified() => write_batch(sink, connected, &mut batch).await,
        };
        if let Err(ended) = written {
            return ended;
        }
    }
}

/// Whether a frame needs neither room nor fragments: nearly all are so, and a task for each of them would cost more than
/// writing it. In another format it is a few times as large.
fn is_small(frame: &Outgoing) -> bool {
    frame.weight() <= SMALL_BYTES && frame.bytes_to_make() <= SMALL_BYTES
}

/// Writes some of what waits, and flushes once nothing does.
async fn write_batch<S>(
    sink: &mut S,
    connected: &Connected,
    batch: &mut Vec<Outgoing>,
) -> Result<(), Ended>
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    let meter = &connected.signals.meter;
    let taken = connected.account.with(|hub, now| {
        let taken = hub.take(connected.id, now, batch);
        meter.writes(batch);
        taken
    });
    let mut frames = batch.drain(..).peekable();
    loop {
        let next_small = || frames.next_if(is_small).map(Outgoing::into_bytes);
        socket::write_at_once(sink, next_small).await?;
        let Some(frame) = frames.next() else { break };
        let text = meter.brought_out(frame).await;
        socket::write_text(sink, text, WRITE_LIMIT).await?;
    }
    drop(frames);
    match taken {
        Remaining::More => connected.signals.wake.notify_one(),
        Remaining::Emptied => {
            meter.writes(&[]);
            socket::flush(sink, WRITE_LIMIT).await?;
        }
        Remaining::Disconnect(cut) => return Err(Ended::Disconnected(cut)),
        Remaining::Gone => return Err(Ended::ByPeer),
    }
    Ok(())
}

async fn ping<S>(sink: &mut S, liveness: &Liveness, connected: &Connected) -> Result<(), Ended>
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    socket::ping(sink, WRITE_LIMIT).await?;
    liveness.pinged(connected.account.now());
    Ok(())
}
