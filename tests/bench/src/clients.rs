//! The clients: an audience that counts events, and a caller that waits for answers.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::{sync::Notify, task::JoinSet, time::timeout};

use crate::{
    event::Event,
    frame,
    socket::{self, Reader, Writer},
};

/// How long the slowest client may make no way at all.
const PATIENCE: Duration = Duration::from_secs(20);

/// Clients that read events, each in its order and without a gap.
#[derive(Debug)]
pub(crate) struct Audience {
    progress: Arc<Progress>,
    listening: JoinSet<Result<()>>,
}

#[derive(Debug)]
struct Progress {
    clock: Instant,
    /// For each client the number of the event that it expects; 0 until its first one.
    next: Vec<AtomicU32>,
    changed: Notify,
    delays: Mutex<Vec<Duration>>,
}

impl Audience {
    /// Connects `count` clients. `clock` is when time begins, the same as for the upstream.
    pub(crate) async fn connect(address: SocketAddr, count: usize, clock: Instant) -> Result<Self> {
        let progress = Arc::new(Progress {
            clock,
            next: std::iter::repeat_with(AtomicU32::default)
                .take(count)
                .collect(),
            changed: Notify::new(),
            delays: Mutex::default(),
        });
        let mut listening = JoinSet::new();
        for index in 0..count {
            let (reader, writer) = socket::dial(address).await?;
            listening.spawn(listen(reader, writer, progress.clone(), index));
        }
        Ok(Self {
            progress,
            listening,
        })
    }

    /// Waits until every client has got all events before this number.
    pub(crate) async fn reached(&mut self, number: u32) -> Result<()> {
        while self.progress.least() < number {
            tokio::select! {
                () = self.progress.changed.notified() => {}
                Some(ended) = self.listening.join_next() => return ended?.context("a client was lost"),
                () = tokio::time::sleep(PATIENCE) => bail!("no event came for {PATIENCE:?}; {number} were expected"),
            }
        }
        Ok(())
    }

    /// Whether every client has got an event within `limit`: then they are all known to the other side.
    pub(crate) async fn is_complete_within(&mut self, limit: Duration) -> Result<bool> {
        timeout(limit, self.reached(1))
            .await
            .map_or(Ok(false), |reached| reached.map(|()| true))
    }

    /// How long each delivery since the last call took, from before the upstream wrote it until it was read.
    pub(crate) fn take_delays(&self) -> Vec<Duration> {
        std::mem::take(
            &mut self
                .progress
                .delays
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

impl Progress {
    fn least(&self) -> u32 {
        self.next
            .iter()
            .map(|next| next.load(Ordering::Relaxed))
            .min()
            .unwrap_or(u32::MAX)
    }

    /// Notes what a client has read.
    fn note(&self, index: usize, events: &[Event]) -> Result<()> {
        let now = self.clock.elapsed();
        let mut expected = self.next[index].load(Ordering::Relaxed);
        for event in events {
            ensure!(
                expected == 0 || event.number == expected,
                "client {index} got event {} instead of {expected}: events were dropped or reordered",
                event.number
            );
            expected = event.number + 1;
        }
        let delays = events.iter().map(|event| now.saturating_sub(event.sent));
        self.delays
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(delays);
        self.next[index].store(expected, Ordering::Relaxed);
        self.changed.notify_one();
        Ok(())
    }
}

async fn listen(
    mut reader: Reader,
    mut writer: Writer,
    progress: Arc<Progress>,
    index: usize,
) -> Result<()> {
    let mut events = Vec::new();
    loop {
        reader.fill().await?;
        while let Some(frame) = reader.next() {
            if frame.opcode == frame::TEXT {
                events.extend(Event::read(frame.payload));
            } else if let Some(payload) = socket::control(&frame)? {
                writer.gather(frame::PONG, &payload);
            }
        }
        progress.note(index, &events)?;
        events.clear();
        writer.flush().await?;
    }
}

/// A client that calls one action after the other.
#[derive(Debug)]
pub(crate) struct Caller {
    reader: Reader,
    writer: Writer,
    calls: u32,
}

impl Caller {
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self> {
        let (reader, writer) = socket::dial(address).await?;
        Ok(Self {
            reader,
            writer,
            calls: 0,
        })
    }

    /// Sends a message to a group and waits for the answer; gives how long that took.
    pub(crate) async fn call(&mut self) -> Result<Duration> {
        self.calls += 1;
        let action = format!(
            r#"{{"action":"send_group_msg","params":{{"group_id":987654321,"message":[{{"type":"text","data":{{"text":"收到,四点见"}}}}]}},"echo":"{}"}}"#,
            self.calls
        );
        let answer_ends = format!(r#""echo":"{}"}}"#, self.calls);
        let begin = Instant::now();
        self.writer.send(frame::TEXT, action.as_bytes()).await?;
        let answered = timeout(PATIENCE, self.until(answer_ends.as_bytes())).await;
        answered.with_context(|| {
            format!("call {} was not answered within {PATIENCE:?}", self.calls)
        })??;
        Ok(begin.elapsed())
    }

    async fn until(&mut self, end: &[u8]) -> Result<()> {
        loop {
            while let Some(frame) = self.reader.next() {
                if frame.opcode != frame::TEXT {
                    if let Some(payload) = socket::control(&frame)? {
                        self.writer.send(frame::PONG, &payload).await?;
                    }
                } else if frame.payload.ends_with(end) {
                    return Ok(());
                }
            }
            self.reader.fill().await?;
        }
    }
}
