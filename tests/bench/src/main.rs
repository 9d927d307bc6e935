//! The node against a plain relay.
//!
//! Both run as processes of their own between one scripted upstream and the same clients, which live in this
//! process, on one thread. What they have to reach is in `contest`; a miss is shown, not an error.

mod clients;
mod contest;
mod event;
mod frame;
mod measures;
mod process;
mod report;
mod socket;
mod stage;
mod statistics;
mod subject;
mod upstream;

use std::{io::Write as _, path::PathBuf};

use anyhow::{Context as _, Result, ensure};
use clap::{Parser, ValueEnum};

use crate::{
    contest::{Contest, Effort, MOST_CLIENTS},
    report::Row,
    subject::Subject,
};

/// Measures the node against a plain relay; `cargo xtask bench` builds and runs it.
#[derive(Parser)]
struct Arguments {
    /// Fewer rounds and shorter ones.
    #[arg(long)]
    quick: bool,
    /// Another number of rounds.
    #[arg(long)]
    rounds: Option<usize>,
    /// Measure only this; may be given several times.
    #[arg(long, value_name = "MEASURE")]
    only: Vec<Measure>,
    /// Another `perpetuad` than the one that was built beside this program.
    #[arg(long, value_name = "FILE")]
    node: Option<PathBuf>,
    /// Measure the relay against itself: how far this machine's figures can be trusted.
    #[arg(long, conflicts_with = "node")]
    relay_twice: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Measure {
    FanOut,
    Delay,
    RoundTrip,
    Memory,
    Start,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let contest = contest(&arguments)?;
    let mut rows: Vec<Row> = Vec::new();
    for measure in Measure::value_variants() {
        if arguments.only.is_empty() || arguments.only.contains(measure) {
            rows.extend(measure.run(&contest).await?);
        }
    }
    std::io::stdout().write_all(report::table(&rows).as_bytes())?;
    Ok(())
}

impl Measure {
    async fn run(self, contest: &Contest) -> Result<Vec<Row>> {
        if let Some(name) = self.to_possible_value() {
            eprintln!("measuring {} ...", name.get_name());
        }
        match self {
            Self::FanOut => {
                let mut rows = contest.fan_out(4).await?;
                rows.extend(contest.fan_out(MOST_CLIENTS).await?);
                Ok(rows)
            }
            Self::Delay => contest.steady().await,
            Self::RoundTrip => contest.round_trip().await,
            Self::Memory => contest.idle_memory().await,
            Self::Start => contest.start().await,
        }
    }
}

fn contest(arguments: &Arguments) -> Result<Contest> {
    let relay = Subject::Relay(beside_us("plain-relay")?);
    let node = match &arguments.node {
        _ if arguments.relay_twice => relay.clone(),
        Some(program) => Subject::Node(program.clone()),
        None => Subject::Node(beside_us("perpetuad")?),
    };
    let mut effort = if arguments.quick {
        Effort::QUICK
    } else {
        Effort::FULL
    };
    effort.rounds = arguments.rounds.unwrap_or(effort.rounds);
    let sides = [relay, node];
    Ok(Contest { sides, effort })
}

/// A program that was built into the same folder as this one.
fn beside_us(name: &str) -> Result<PathBuf> {
    let us = std::env::current_exe().context("cannot find this program's own file")?;
    let program = us.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    ensure!(
        program.exists(),
        "`{}` does not exist; build both with `cargo xtask bench`",
        program.display()
    );
    Ok(program)
}
