//! The node under attack: what an honest client waits for a handshake and `/healthz` meanwhile, and what the
//! node's memory comes to, at its peak and when it was left alone.
//!
//! The attacker is a process of its own. Its load alone is measured by the same attack on a plain accept loop
//! while the node is left in peace: what that costs the honest client is the machine's, not the node's.

mod attack;
mod honest;
mod nothing;
mod player;

use std::{
    cell::Cell,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    time::{sleep, timeout},
};

pub(crate) use attack::{Attack, Events};
pub(crate) use nothing::accept_all;
pub(crate) use player::{Targets, play};

use crate::{
    process::megabytes,
    report::{Row, Target},
    subject::{Running, free_address},
    upstream::{Door, Upstream},
};
use honest::Waits;

/// What an honest client may wait longer than under the attacker's load alone, in milliseconds.
const WAIT_TARGET: f64 = 100.0;
/// What the node may hold at most: 256 MB of messages unless the settings say otherwise, of which four frames of
/// 64 MiB always fit, and what it needs besides.
const MEMORY_TARGET: f64 = 268.5 + 48.0;
/// What memory may come to when the attacker has been gone for a while, beyond what it was before.
const LEFT_TARGET: f64 = 20.0;
/// How long a program may take until it dials its upstream.
const DIALLED_WITHIN: Duration = Duration::from_mins(1);
/// Between the start of an attack and the first measure.
const COMES_UP: Duration = Duration::from_secs(1);

/// Between two looks at the node's memory.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How long is measured, and how long the node is left alone then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    measured: Duration,
    left_alone: Duration,
}

impl Times {
    pub(crate) const FULL: Self = Self {
        measured: Duration::from_secs(20),
        left_alone: Duration::from_mins(1),
    };
    pub(crate) const QUICK: Self = Self {
        measured: Duration::from_secs(5),
        left_alone: Duration::from_secs(10),
    };
}

/// The node, and how long it is attacked.
#[derive(Debug)]
pub(crate) struct Hostile {
    pub(crate) node: PathBuf,
    pub(crate) times: Times,
}

/// What one attack came to.
struct Outcome {
    waits: Waits,
    before: Option<f64>,
    peak: Option<f64>,
    after: Option<f64>,
}

impl Hostile {
    /// One attack after the other, or those that were chosen.
    pub(crate) async fn rows(&self, chosen: &[Attack]) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for attack in Attack::all() {
            if !chosen.is_empty() && !chosen.contains(&attack) {
                continue;
            }
            eprintln!("attacking: {attack} ...");
            let alone = self.attacked(attack, true).await?;
            let node = self.attacked(attack, false).await?;
            rows.extend(compared(attack, &alone, &node));
        }
        Ok(rows)
    }

    /// The node under an attack, or in peace beside an attack `on_nothing`.
    async fn attacked(&self, attack: Attack, on_nothing: bool) -> Result<Outcome> {
        let stage = Stage::set(&self.node).await?;
        let outcome = stage.play(attack, on_nothing, self.times).await;
        let outcome = outcome.with_context(|| stage.running.last_words());
        stage.running.end().await?;
        outcome.with_context(|| format!("under the attack: {attack}"))
    }
}

fn compared(attack: Attack, alone: &Outcome, node: &Outcome) -> Vec<Row> {
    let wait = |what: &str, of: fn(&Waits) -> f64| {
        let rounds = [[Some(of(&alone.waits)), Some(of(&node.waits))]];
        Row::added(
            format!("{attack}: {what}"),
            &rounds,
            Target::AtMost(WAIT_TARGET),
        )
    };
    let mut rows = vec![
        wait("handshake p99, ms", |waits| waits.handshake),
        wait("/healthz p99, ms", |waits| waits.healthz),
    ];
    let peak: Vec<f64> = node.peak.into_iter().collect();
    rows.push(Row::absolute(
        format!("{attack}: memory, MB"),
        &peak,
        Target::AtMost(MEMORY_TARGET),
    ));
    rows.push(Row::added(
        format!("{attack}: memory before, after, MB"),
        &[[node.before, node.after]],
        Target::AtMost(LEFT_TARGET),
    ));
    rows
}

/// A node with an honest client's port and one that attackers have.
struct Stage {
    running: Running,
    upstream: Upstream,
    targets: Targets,
    _folder: TempDir,
}

impl Stage {
    async fn set(program: &Path) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let door = Door::open().await?;
        let targets = Targets {
            api: free_address()?,
            honest: free_address()?,
            own: free_address()?,
        };
        let settings = settings(door.address()?, &targets);
        fs::write(folder.path().join("perpetua.toml"), settings)?;
        let mut command = Command::new(program);
        command.arg("--data-dir").arg(folder.path());
        let running = Running::start(command, folder.path(), targets.honest).await?;
        let clock = std::time::Instant::now();
        let upstream = timeout(DIALLED_WITHIN, door.accept(clock)).await;
        let upstream = upstream.map_err(Into::into).flatten();
        let upstream = upstream.with_context(|| running.last_words())?;
        sleep(COMES_UP).await;
        Ok(Self {
            running,
            upstream,
            targets,
            _folder: folder,
        })
    }

    async fn play(&self, attack: Attack, on_nothing: bool, times: Times) -> Result<Outcome> {
        let before = self.memory()?;
        let nothing = if on_nothing {
            Some(nothing::start().await?)
        } else {
            None
        };
        let targets = match &nothing {
            Some((_running, address)) => Targets::all_at(*address),
            None => self.targets,
        };
        let mut attacker = start(attack, targets)?;
        if attack.wants_silence() {
            self.upstream.fall_silent();
        }
        let events = async {
            match attack.events() {
                Some(events) => self.upstream.send_events(events).await,
                None => std::future::pending().await,
            }
        };
        let peak = Cell::new(before);
        let watching = async {
            loop {
                sleep(LOOK_EVERY).await;
                let now = self.memory()?;
                peak.set(peak.get().zip(now).map(|(peak, now)| peak.max(now)));
            }
        };
        let measured = async {
            sleep(COMES_UP).await;
            honest::measure(&self.targets, times.measured).await
        };
        let waits = tokio::select! {
            waits = measured => waits?,
            failed = events => return failed,
            failed = watching => return failed,
        };
        attacker
            .kill()
            .await
            .context("the attacker has ended by itself")?;
        drop(nothing);
        sleep(times.left_alone).await;
        Ok(Outcome {
            waits,
            before,
            peak: peak.get(),
            after: self.memory()?,
        })
    }

    /// The node's resident memory in megabytes; `None` where it is not measured.
    fn memory(&self) -> Result<Option<f64>> {
        Ok(self
            .running
            .usage()?
            .map(|usage| megabytes(usage.resident_bytes)))
    }
}

/// This program again, as the attacker.
fn start(attack: Attack, targets: Targets) -> Result<Child> {
    ourselves()?
        .args(["--play", &attack.to_string()])
        .args(targets.arguments())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("the attacker cannot be started")
}

/// This program again.
fn ourselves() -> Result<Command> {
    let us = std::env::current_exe().context("cannot find this program's own file")?;
    Ok(Command::new(us))
}

fn settings(upstream: SocketAddr, targets: &Targets) -> String {
    let Targets { api, honest, own } = targets;
    format!(
        r#"secrets = "file"

[api]
listen = "{api}"

[[accounts]]
name = "main"
[accounts.upstream]
kind = "onebot"
url = "ws://{upstream}/"

[[accounts.clients]]
name = "honest"
kind = "forward"
listen = "{honest}"
token = "off"
max-connections = 64

[[accounts.clients]]
name = "hostile"
kind = "forward"
listen = "{own}"
token = "off"
max-connections = 1000
"#
    )
}
