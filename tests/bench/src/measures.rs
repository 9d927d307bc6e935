//! What is measured: each on freshly started programs, side by side in short turns, so that whatever else the
//! machine does hits both.

use std::time::{Duration, Instant};

use anyhow::Result;
use tempfile::TempDir;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::{
    clients::{Audience, Caller},
    process::{Usage, megabytes, seconds_between},
    stage::{Stage, both},
    statistics::percentile,
    subject::Subject,
    upstream::Door,
};

/// Deliveries of one turn of fan-out: some hundredths of a second.
const TURN_DELIVERIES: u32 = 192_000;
/// Events per second and side. The sides take turns, so one tick of a millisecond is the other's.
const EVENTS_PER_SECOND: u32 = 500;
/// Clients that a steady rate goes to.
const STEADY_CLIENTS: u32 = 4;
/// Calls before the measuring begins.
const WARM_UP_CALLS: u32 = 200;
/// Until a program that was just started has come to rest.
pub(crate) const IDLE_AFTER: Duration = Duration::from_secs(3);

/// Fan-out as fast as it goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FanOut {
    /// Events times clients, per second.
    pub(crate) deliveries_per_second: f64,
    /// Processor time of the program for one delivery, in microseconds.
    pub(crate) processor_us: Option<f64>,
    /// Resident memory afterwards, in megabytes.
    pub(crate) resident_mb: Option<f64>,
    /// How much of one core the driver itself used: near 1.0, it and not the program was the limit.
    pub(crate) driver_load: Option<f64>,
}

/// How long something took, in microseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delays {
    pub(crate) median_us: f64,
    pub(crate) p99_us: f64,
}

/// Sends `turns` times some events to this many clients, as fast as the slowest takes them.
pub(crate) async fn fan_out(
    subjects: &[Subject; 2],
    clients: u32,
    turns: u32,
) -> Result<[FanOut; 2]> {
    let mut stages = both(subjects, Stage::set).await?;
    let measured = measure_fan_out(&mut stages, clients, turns).await;
    Stage::clear(stages, measured).await
}

/// How many events that are.
pub(crate) fn fan_out_events(clients: u32, turns: u32) -> u32 {
    TURN_DELIVERIES / clients * turns
}

/// The same on programs that run already.
pub(crate) async fn measure_fan_out(
    stages: &mut [Stage; 2],
    clients: u32,
    turns: u32,
) -> Result<[FanOut; 2]> {
    let mut audiences = audiences(stages, clients).await?;
    let before = usages(stages)?;
    let driver_before = Usage::of(std::process::id())?;
    let mut elapsed = [Duration::ZERO; 2];
    for _ in 0..turns {
        for ((stage, audience), elapsed) in stages.iter_mut().zip(&mut audiences).zip(&mut elapsed)
        {
            let begin = Instant::now();
            stage.flood(audience, fan_out_events(clients, 1)).await?;
            *elapsed += begin.elapsed();
        }
    }
    let driver_seconds = seconds_between(driver_before, Usage::of(std::process::id())?);
    let both_elapsed = (elapsed[0] + elapsed[1]).as_secs_f64();
    let deliveries = f64::from(fan_out_events(clients, turns)) * f64::from(clients);
    let after = usages(stages)?;
    Ok([0, 1].map(|side| FanOut {
        deliveries_per_second: deliveries / elapsed[side].as_secs_f64(),
        processor_us: seconds_between(before[side], after[side])
            .map(|seconds| seconds * 1e6 / deliveries),
        resident_mb: after[side].map(|usage| megabytes(usage.resident_bytes)),
        driver_load: driver_seconds.map(|seconds| seconds / both_elapsed),
    }))
}

/// What a steady rate costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steady {
    /// From the upstream's write to a client's read.
    pub(crate) delays: Delays,
    /// Processor time of the program for one delivery, in microseconds.
    pub(crate) processor_us: Option<f64>,
}

/// Sends `events` events at a steady rate.
pub(crate) async fn steady(subjects: &[Subject; 2], events: u32) -> Result<[Steady; 2]> {
    let mut stages = both(subjects, Stage::set).await?;
    let measured = measure_steady(&mut stages, events).await;
    Stage::clear(stages, measured).await
}

async fn measure_steady(stages: &mut [Stage; 2], events: u32) -> Result<[Steady; 2]> {
    let mut audiences = audiences(stages, STEADY_CLIENTS).await?;
    let before = usages(stages)?;
    let mut ticks = interval(Duration::from_secs(1) / EVENTS_PER_SECOND / 2);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for _ in 0..events {
        for stage in &mut *stages {
            ticks.tick().await;
            stage.upstream.send(1).await?;
        }
    }
    for (stage, audience) in stages.iter().zip(&mut audiences) {
        audience.reached(stage.upstream.sent()).await?;
    }
    let after = usages(stages)?;
    let deliveries = f64::from(events) * f64::from(STEADY_CLIENTS);
    Ok([0, 1].map(|side| Steady {
        delays: Delays::of(audiences[side].take_delays()),
        processor_us: seconds_between(before[side], after[side])
            .map(|seconds| seconds * 1e6 / deliveries),
    }))
}

/// The time from a client's action to its response, one after the other.
pub(crate) async fn round_trip(subjects: &[Subject; 2], calls: u32) -> Result<[Delays; 2]> {
    let stages = both(subjects, Stage::set).await?;
    let measured = measure_round_trip(&stages, calls).await;
    Stage::clear(stages, measured).await
}

async fn measure_round_trip(stages: &[Stage; 2], calls: u32) -> Result<[Delays; 2]> {
    let mut callers = both(stages, async |stage| {
        Caller::connect(stage.running.clients).await
    })
    .await?;
    let mut delays = [Vec::new(), Vec::new()];
    for call in 0..WARM_UP_CALLS + calls {
        for (caller, delays) in callers.iter_mut().zip(&mut delays) {
            let delay = caller.call().await?;
            if call >= WARM_UP_CALLS {
                delays.push(delay);
            }
        }
    }
    Ok(delays.map(Delays::of))
}

/// Resident memory of a program without clients, in megabytes.
pub(crate) async fn idle_memory(subject: &Subject) -> Result<Option<f64>> {
    let stage = Stage::set(subject).await?;
    sleep(IDLE_AFTER).await;
    let usage = stage.running.usage();
    let usage = Stage::clear([stage], usage).await?;
    Ok(usage.map(|usage| megabytes(usage.resident_bytes)))
}

/// Times from starting a program to its ready line, in milliseconds: the first one on an empty folder, the
/// others on what it left there.
pub(crate) async fn starts(subject: &Subject, count: usize) -> Result<Vec<f64>> {
    let folder = TempDir::new()?;
    let door = Door::open().await?;
    let mut times = Vec::new();
    for _ in 0..count {
        let running = subject.start(folder.path(), door.address()?).await?;
        times.push(running.ready_after.as_secs_f64() * 1e3);
        running.end().await?;
    }
    Ok(times)
}

impl Delays {
    fn of(mut delays: Vec<Duration>) -> Self {
        delays.sort_unstable();
        let microseconds = |percent| percentile(&delays, percent).as_secs_f64() * 1e6;
        Self {
            median_us: microseconds(50),
            p99_us: microseconds(99),
        }
    }
}

async fn audiences(stages: &mut [Stage; 2], clients: u32) -> Result<[Audience; 2]> {
    let count = usize::try_from(clients)?;
    let [first, second] = stages;
    Ok([first.audience(count).await?, second.audience(count).await?])
}

fn usages(stages: &[Stage; 2]) -> Result<[Option<Usage>; 2]> {
    let [first, second] = stages;
    Ok([first.running.usage()?, second.running.usage()?])
}
