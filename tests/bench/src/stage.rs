//! Everything that one run needs: the program under test between the upstream and its clients.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use tokio::time::timeout;

use crate::{
    clients::Audience,
    subject::{Running, Subject},
    upstream::{Door, Upstream},
};

/// Events that are on their way to the slowest client at most: fewer than any queue holds, so that nothing is
/// dropped, and enough that nobody waits for the driver.
const WINDOW: u32 = 2048;
/// Events that the upstream writes at once when it may.
const BATCH: u32 = 64;
/// Events before the measuring begins, for both sides to come up to speed.
const WARM_UP: u32 = 4096;
/// How long a program may take until it dials its upstream.
const DIALLED_WITHIN: Duration = Duration::from_mins(1);
/// Between two events while clients are still being let in.
const CALL_EVERY: Duration = Duration::from_millis(10);

/// A program under test whose upstream is connected.
#[derive(Debug)]
pub(crate) struct Stage {
    /// The program.
    pub(crate) running: Running,
    /// The upstream that it has dialled.
    pub(crate) upstream: Upstream,
    clock: Instant,
    _folder: TempDir,
}

impl Stage {
    /// Starts the program in a folder of its own.
    pub(crate) async fn set(subject: &Subject) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let door = Door::open().await?;
        let running = subject.start(folder.path(), door.address()?).await?;
        Self::with(running, folder, door).await
    }

    /// Waits until a program that was started in this folder has dialled its upstream.
    pub(crate) async fn with(running: Running, folder: TempDir, door: Door) -> Result<Self> {
        let clock = Instant::now();
        let upstream = timeout(DIALLED_WITHIN, door.accept(clock)).await;
        let upstream = upstream
            .map_err(Into::into)
            .flatten()
            .with_context(|| running.last_words())
            .context("the upstream was not dialled")?;
        Ok(Self {
            running,
            upstream,
            clock,
            _folder: folder,
        })
    }

    /// Connects clients and warms them up.
    pub(crate) async fn audience(&mut self, count: usize) -> Result<Audience> {
        let mut audience = Audience::connect(self.running.clients, count, self.clock).await?;
        self.upstream.send(1).await?;
        while !audience.is_complete_within(CALL_EVERY).await? {
            self.upstream.send(1).await?;
        }
        self.flood(&mut audience, WARM_UP).await?;
        audience.take_delays();
        Ok(audience)
    }

    /// Sends events as fast as the slowest client takes them, until it has taken them all.
    pub(crate) async fn flood(&mut self, audience: &mut Audience, count: u32) -> Result<()> {
        let end = self.upstream.sent() + count;
        while self.upstream.sent() < end {
            let batch = BATCH.min(end - self.upstream.sent());
            audience
                .reached((self.upstream.sent() + batch).saturating_sub(WINDOW))
                .await?;
            self.upstream.send(batch).await?;
        }
        audience.reached(end).await
    }

    /// Ends the programs. When the run has failed, what they wrote last is part of the error.
    pub(crate) async fn clear<T>(
        stages: impl IntoIterator<Item = Self>,
        result: Result<T>,
    ) -> Result<T> {
        let mut result = result;
        for stage in stages {
            result = result.with_context(|| stage.running.last_words());
            stage.running.end().await?;
        }
        result
    }
}

/// The same for both sides, one after the other.
pub(crate) async fn both<S, T>(
    sides: &[S; 2],
    verb: impl AsyncFn(&S) -> Result<T>,
) -> Result<[T; 2]> {
    let [relay, node] = sides;
    Ok([
        verb(relay).await.context("the relay failed")?,
        verb(node).await.context("the node failed")?,
    ])
}
