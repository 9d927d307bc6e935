//! What is compared with what, how thoroughly, and what has to come out.

use std::time::Duration;

use anyhow::Result;

use crate::{
    measures::{self, Delays, FanOut},
    report::{Row, Target},
    subject::{Node, Subject},
};

/// From this share of one core on, the driver and not the program sets the pace.
const BUSY_DRIVER: f64 = 0.9;

/// With so many clients, memory is looked at too.
pub(crate) const MOST_CLIENTS: u32 = 16;

/// So many clients ask for a format.
const FORMAT_CLIENTS: u32 = 4;

/// The relay and the node, and how thoroughly they are compared.
#[derive(Clone, Debug)]
pub(crate) struct Contest {
    pub(crate) sides: [Subject; 2],
    pub(crate) effort: Effort,
}

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    /// Turns of fan-out in a round.
    pub(crate) turns: u32,
    /// Events of one run at a steady rate.
    pub(crate) steady_events: u32,
    pub(crate) calls: u32,
    pub(crate) starts: usize,
    /// How long each kind of supervising is watched in a round.
    pub(crate) watched: Duration,
}

impl Effort {
    /// For figures to rely on.
    pub(crate) const FULL: Self = Self {
        rounds: 5,
        turns: 20,
        steady_events: 5000,
        calls: 5000,
        starts: 11,
        watched: Duration::from_secs(20),
    };
    /// For a first look; still 60,000 events to 16 clients.
    pub(crate) const QUICK: Self = Self {
        rounds: 3,
        turns: 5,
        steady_events: 1000,
        calls: 2000,
        starts: 5,
        watched: Duration::from_secs(10),
    };
}

impl Contest {
    pub(crate) async fn fan_out(&self, clients: u32) -> Result<Vec<Row>> {
        let turns = self.effort.turns;
        let rounds = self
            .rounds(async |sides| measures::fan_out(sides, clients, turns).await)
            .await?;
        warn_of_busy_driver(clients, &rounds);
        let mut rows = vec![
            Row::ratio(
                format!("{clients} clients, deliveries/s"),
                &pick(&rounds, |run| Some(run.deliveries_per_second)),
                Target::AtLeast(0.9),
            ),
            Row::ratio(
                format!("{clients} clients, processor us/delivery"),
                &pick(&rounds, |run| run.processor_us),
                Target::AtMost(1.5),
            ),
        ];
        if clients == MOST_CLIENTS {
            let events = measures::fan_out_events(clients, turns);
            let resident: Vec<f64> = rounds
                .iter()
                .filter_map(|[_, node]| node.resident_mb)
                .collect();
            rows.push(Row::absolute(
                format!("MB resident after {events} events to {clients}"),
                &resident,
                Target::Below(25.0),
            ));
        }
        Ok(rows)
    }

    pub(crate) async fn steady(&self) -> Result<Vec<Row>> {
        let events = self.effort.steady_events;
        let rounds = self
            .rounds(async |sides| measures::steady(sides, events).await)
            .await?;
        let delays: Vec<_> = rounds
            .iter()
            .map(|round| round.map(|side| side.delays))
            .collect();
        let mut rows = delay_rows(
            "delay at 500 events/s, us",
            &delays,
            [Target::AtMost(1.15), Target::AtMost(1.5)],
        );
        rows.push(Row::ratio(
            "processor us/delivery at 500 events/s",
            &pick(&rounds, |side| side.processor_us),
            Target::None,
        ));
        Ok(rows)
    }

    pub(crate) async fn round_trip(&self) -> Result<Vec<Row>> {
        let calls = self.effort.calls;
        let rounds = self
            .rounds(async |sides| measures::round_trip(sides, calls).await)
            .await?;
        Ok(delay_rows(
            "round trip of an action, us",
            &rounds,
            [Target::AtMost(1.0), Target::None],
        ))
    }

    /// What it costs a client to ask for a format: the one of the upstream should cost nothing.
    pub(crate) async fn formats(&self) -> Result<Vec<Row>> {
        let Subject::Node(by_default) = &self.sides[1] else {
            return Ok(Vec::new());
        };
        let asked = [("array", Target::AtMost(1.1)), ("string", Target::None)];
        let mut rows = Vec::new();
        for (format, target) in asked {
            let asking = Subject::Node(Node {
                format: Some(format),
                ..by_default.clone()
            });
            let sides = [self.sides[1].clone(), asking];
            let rounds = self
                .rounds_of(&sides, async |sides| {
                    measures::fan_out(sides, FORMAT_CLIENTS, self.effort.turns).await
                })
                .await?;
            rows.push(Row::ratio(
                format!("{format}, processor us/delivery"),
                &pick(&rounds, |run| run.processor_us),
                target,
            ));
        }
        Ok(rows)
    }

    pub(crate) async fn idle_memory(&self) -> Result<Vec<Row>> {
        let resident: Vec<f64> = measures::idle_memory(&self.sides[1])
            .await?
            .into_iter()
            .collect();
        Ok(vec![Row::absolute(
            "MB resident, idle",
            &resident,
            Target::Below(15.0),
        )])
    }

    pub(crate) async fn start(&self) -> Result<Vec<Row>> {
        let times = measures::starts(&self.sides[1], self.effort.starts).await?;
        let (first, later) = times.split_at(1);
        Ok(vec![
            Row::absolute(
                "ms until ready, empty data folder",
                first,
                Target::AtMost(200.0),
            ),
            Row::absolute("ms until ready, later", later, Target::AtMost(200.0)),
        ])
    }

    async fn rounds<T>(
        &self,
        run: impl AsyncFn(&[Subject; 2]) -> Result<[T; 2]>,
    ) -> Result<Vec<[T; 2]>> {
        self.rounds_of(&self.sides, run).await
    }

    /// Starts both anew for each round: processes differ by luck.
    async fn rounds_of<T>(
        &self,
        sides: &[Subject; 2],
        run: impl AsyncFn(&[Subject; 2]) -> Result<[T; 2]>,
    ) -> Result<Vec<[T; 2]>> {
        let mut rounds = Vec::new();
        for _ in 0..self.effort.rounds {
            rounds.push(run(sides).await?);
        }
        Ok(rounds)
    }
}

fn pick<T>(rounds: &[[T; 2]], figure: impl Fn(&T) -> Option<f64>) -> Vec<[Option<f64>; 2]> {
    rounds
        .iter()
        .map(|round| round.each_ref().map(&figure))
        .collect()
}

fn delay_rows(what: &str, rounds: &[[Delays; 2]], [median, p99]: [Target; 2]) -> Vec<Row> {
    vec![
        Row::ratio(
            format!("{what}, median"),
            &pick(rounds, |delays| Some(delays.median_us)),
            median,
        ),
        Row::ratio(
            format!("{what}, p99"),
            &pick(rounds, |delays| Some(delays.p99_us)),
            p99,
        ),
    ]
}

fn warn_of_busy_driver(clients: u32, rounds: &[[FanOut; 2]]) {
    let loads = rounds.iter().flatten().filter_map(|run| run.driver_load);
    let most = loads.fold(0.0, f64::max);
    if most > BUSY_DRIVER {
        eprintln!(
            "the driver was busy for {:.0} % of a core with {clients} clients: the programs could be faster than shown",
            most * 100.0
        );
    }
}
