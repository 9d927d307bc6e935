//! The node against a plain relay, and with a managed core against the same core run by hand; the node under
//! attack; the window.
//!
//! The node and the relay run as processes of their own between one scripted upstream and the same clients,
//! which live in this process, on one thread. What they have to reach is in `contest`, and in `managed` what a
//! managed core may cost; a miss is shown, not an error.

mod clients;
mod contest;
mod event;
mod frame;
mod hostile;
mod managed;
mod measures;
mod process;
mod report;
mod socket;
mod stage;
mod statistics;
mod subject;
#[cfg(target_os = "linux")]
mod ui;
mod upstream;

use std::{io::Write as _, net::SocketAddr, path::PathBuf};

use anyhow::{Context as _, Result, ensure};
use clap::{Parser, ValueEnum};

use crate::{
    contest::{Contest, Effort, MOST_CLIENTS},
    hostile::{Attack, Hostile, Targets, Times},
    managed::Managed,
    report::Row,
    subject::{Node, Subject},
};

/// Measures the node against a plain relay; `cargo xtask bench` builds and runs it.
#[derive(Parser)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
struct Arguments {
    /// Fewer rounds and shorter ones.
    #[arg(long)]
    quick: bool,
    /// Another number of rounds.
    #[arg(long)]
    rounds: Option<usize>,
    /// Measure the window instead: its start, its memory, its pages, and what it costs the node.
    #[arg(long, conflicts_with_all = ["only", "node", "relay_twice"])]
    ui: bool,
    /// Measure the node under attack instead: what an honest client waits, and what the node's memory comes to.
    #[arg(long, conflicts_with_all = ["ui", "only", "relay_twice"])]
    hostile: bool,
    /// Only this attack; may be given several times.
    #[arg(long, value_name = "ATTACK", requires = "hostile")]
    attack: Vec<Attack>,
    /// Be the attacker, at the addresses `--at`: the API, an honest client's port, a port of the attacker's own.
    #[arg(long, value_name = "ATTACK", hide = true, requires = "at")]
    play: Option<Attack>,
    #[arg(long, hide = true)]
    at: Vec<SocketAddr>,
    /// Be what is attacked when the load alone is measured.
    #[arg(long, hide = true)]
    nothing: bool,
    /// Measure only this; may be given several times.
    #[arg(long, value_name = "MEASURE")]
    only: Vec<Measure>,
    /// Another `perpetuad` than the one that was built beside this program.
    #[arg(long, value_name = "FILE")]
    node: Option<PathBuf>,
    /// Measure the relay against itself, and nothing of a managed core: how far this machine's figures can be
    /// trusted.
    #[arg(long, conflicts_with = "node")]
    relay_twice: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Measure {
    FanOut,
    Delay,
    RoundTrip,
    Formats,
    Memory,
    Start,
    Login,
    Recovery,
    Supervision,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(attack) = arguments.play {
        return hostile::play(attack, Targets::parse(&arguments.at)?).await;
    }
    if arguments.nothing {
        return hostile::accept_all().await;
    }
    if arguments.hostile {
        return measure_attacks(&arguments).await;
    }
    let effort = effort(&arguments);
    if arguments.ui {
        return measure_window(effort).await;
    }
    let contest = contest(&arguments, effort)?;
    let managed = managed(&arguments, effort)?;
    let mut against_relay: Vec<Row> = Vec::new();
    let mut against_default: Vec<Row> = Vec::new();
    let mut against_by_hand: Vec<Row> = Vec::new();
    for measure in Measure::value_variants() {
        if !arguments.only.is_empty() && !arguments.only.contains(measure) {
            continue;
        }
        if let Some(name) = measure.to_possible_value() {
            eprintln!("measuring {} ...", name.get_name());
        }
        against_relay.extend(measure.against_relay(&contest).await?);
        against_default.extend(measure.against_default(&contest).await?);
        if let Some(managed) = &managed {
            against_by_hand.extend(measure.against_by_hand(managed).await?);
        }
    }
    print(["relay", "node", "figure"], &against_relay)?;
    print(["as sent", "asked for", "ratio"], &against_default)?;
    print(["by hand", "managed", "added"], &against_by_hand)
}

async fn measure_attacks(arguments: &Arguments) -> Result<()> {
    let hostile = Hostile {
        node: node(arguments)?,
        times: if arguments.quick {
            Times::QUICK
        } else {
            Times::FULL
        },
    };
    let rows = hostile.rows(&arguments.attack).await?;
    print(["load alone", "attacked", "added"], &rows)
}

/// The pages are built from their sources, which `cargo xtask bench` makes the folder of the run.
#[cfg(target_os = "linux")]
async fn measure_window(effort: Effort) -> Result<()> {
    let us = std::env::current_exe().context("cannot find this program's own file")?;
    let ui = ui::Ui {
        empty: us.with_file_name("examples").join("empty-window"),
        pages: PathBuf::from("ui"),
        effort,
    };
    let tables = ui.tables().await?;
    Ok(std::io::stdout().write_all(tables.as_bytes())?)
}

/// A screen, a bus and a keyring that are nobody's can be had on Linux only.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unused_async, reason = "it measures on Linux")]
async fn measure_window(_: Effort) -> Result<()> {
    anyhow::bail!("the window is measured on Linux only, on a screen that nobody sees")
}

fn print(names: [&str; 3], rows: &[Row]) -> Result<()> {
    if !rows.is_empty() {
        std::io::stdout().write_all(report::table(names, rows).as_bytes())?;
    }
    Ok(())
}

impl Measure {
    async fn against_relay(self, contest: &Contest) -> Result<Vec<Row>> {
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
            Self::Formats | Self::Login | Self::Recovery | Self::Supervision => Ok(Vec::new()),
        }
    }

    async fn against_default(self, contest: &Contest) -> Result<Vec<Row>> {
        match self {
            Self::Formats => contest.formats().await,
            _ => Ok(Vec::new()),
        }
    }

    async fn against_by_hand(self, managed: &Managed) -> Result<Vec<Row>> {
        match self {
            Self::FanOut
            | Self::Delay
            | Self::RoundTrip
            | Self::Formats
            | Self::Memory
            | Self::Start => Ok(Vec::new()),
            Self::Login => managed.login().await,
            Self::Recovery => managed.recovery().await,
            Self::Supervision => managed.cost().await,
        }
    }
}

fn effort(arguments: &Arguments) -> Effort {
    let mut effort = if arguments.quick {
        Effort::QUICK
    } else {
        Effort::FULL
    };
    effort.rounds = arguments.rounds.unwrap_or(effort.rounds);
    effort
}

fn contest(arguments: &Arguments, effort: Effort) -> Result<Contest> {
    let relay = Subject::Relay(beside_us("plain-relay")?);
    let node = if arguments.relay_twice {
        relay.clone()
    } else {
        Subject::Node(Node::by_default(node(arguments)?))
    };
    let sides = [relay, node];
    Ok(Contest { sides, effort })
}

/// `None` when there is no node in the comparison.
fn managed(arguments: &Arguments, effort: Effort) -> Result<Option<Managed>> {
    if arguments.relay_twice {
        return Ok(None);
    }
    Ok(Some(Managed {
        node: node(arguments)?,
        core: beside_us("fake-lagrange")?,
        effort,
    }))
}

fn node(arguments: &Arguments) -> Result<PathBuf> {
    match &arguments.node {
        Some(program) => Ok(program.clone()),
        None => beside_us("perpetuad"),
    }
}

/// A program that was built into the same folder as this one.
fn beside_us(name: &str) -> Result<PathBuf> {
    let us = std::env::current_exe().context("cannot find this program's own file")?;
    let program = us.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    ensure!(
        program.exists(),
        "`{}` does not exist; build it with `cargo xtask bench`",
        program.display()
    );
    Ok(program)
}
