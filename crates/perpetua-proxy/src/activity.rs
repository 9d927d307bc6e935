//! When something last came from a peer, byte by byte: a large frame on a slow link is no silence.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use perpetua_task::GapWatch;
use tokio::{net::TcpStream, sync::Notify, time::Instant};
use tokio_util::io::InspectReader;

/// A stream that notes when bytes come in.
pub(crate) type WatchedStream = InspectReader<TcpStream, Box<dyn FnMut(&[u8]) + Send>>;

/// The moment of the last byte; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct LastActivity {
    begin: Instant,
    /// Nanoseconds since `begin`: a pong may follow its ping within a few microseconds.
    last: Arc<AtomicU64>,
    /// Wakes those who wait for the next byte.
    noted: Arc<Notify>,
}

impl LastActivity {
    /// As if a byte had come just now.
    pub(crate) fn now() -> Self {
        Self {
            begin: Instant::now(),
            last: Arc::default(),
            noted: Arc::default(),
        }
    }

    /// The stream, watched.
    pub(crate) fn watch(&self, stream: TcpStream) -> WatchedStream {
        let activity = self.clone();
        let note = move |bytes: &[u8]| {
            if !bytes.is_empty() {
                activity.note();
            }
        };
        InspectReader::new(stream, Box::new(note))
    }

    /// Something came.
    pub(crate) fn note(&self) {
        let elapsed = u64::try_from(self.begin.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.last.store(elapsed, Ordering::Relaxed);
        self.noted.notify_waiters();
    }

    /// When the last byte came.
    pub(crate) fn last(&self) -> Instant {
        self.begin + Duration::from_nanos(self.last.load(Ordering::Relaxed))
    }

    /// Waits until something has come at or after `moment`.
    pub(crate) async fn after(&self, moment: Instant) {
        loop {
            // Made before the look, so that what comes between the two is not missed.
            let next = self.noted.notified();
            if self.last() >= moment {
                return;
            }
            next.await;
        }
    }

    /// Waits until nothing has come for `limit` while this process could hear it.
    pub(crate) async fn silence(&self, limit: Duration, gaps: &GapWatch) {
        let mut since = self.last();
        while since.elapsed() < limit {
            tokio::time::sleep_until(since + limit).await;
            since = since.max(self.last());
            since = gaps.woke_after(since).unwrap_or(since);
        }
    }
}
