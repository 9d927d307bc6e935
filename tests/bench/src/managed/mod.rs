//! A managed core against the same core run by hand: what the node adds to a login, how long an account is
//! away when its core was killed or restarted, and what looking after a core costs.
//!
//! The core is `fake-lagrange`, which needs next to no time of its own, so that the node's shows.

mod account;
mod by_hand;
mod cost;
mod events;
mod login;
mod outside;
mod recovery;

use std::{path::PathBuf, time::Duration};

use anyhow::Result;

use crate::{
    contest::Effort,
    report::{Row, Target},
};

use self::{cost::Cost, login::Login, recovery::Recovery};

/// What a login may take on top of the core's own time, in milliseconds.
const LOGIN_MS: f64 = 1000.0;
/// What a core that has nothing to say may cost, in percent of one processor.
const PROCESSOR_PERCENT: f64 = 1.0;
/// What looking after a core may take, in megabytes.
const MEMORY_MB: f64 = 5.0;

/// The programs, and how thoroughly they are measured.
#[derive(Clone, Debug)]
pub(crate) struct Managed {
    /// `perpetuad`.
    pub(crate) node: PathBuf,
    /// `fake-lagrange`.
    pub(crate) core: PathBuf,
    pub(crate) effort: Effort,
}

impl Managed {
    /// From `perpetuad login` to online.
    pub(crate) async fn login(&self) -> Result<Vec<Row>> {
        let rounds = self.rounds(login::round).await?;
        let sessions: Vec<_> = rounds.iter().map(|[session, _]| *session).collect();
        let qr_codes: Vec<_> = rounds.iter().map(|[_, qr_code]| *qr_code).collect();
        let mut rows = login_rows("session", &sessions);
        rows.extend(login_rows("QR code", &qr_codes));
        Ok(rows)
    }

    /// From the end of a core until the account is online with the next one.
    pub(crate) async fn recovery(&self) -> Result<Vec<Row>> {
        let rounds = self.rounds(recovery::round).await?;
        let row = |what: &str, figure: fn(&Recovery) -> Duration| {
            let pairs = pairs(&rounds, |round| {
                milliseconds([round.by_hand, figure(round)])
            });
            Row::added(format!("{what}, ms until online"), &pairs, Target::None)
        };
        Ok(vec![
            row("`set_restart`", |round| round.restart),
            row("`kill -9` of the core", |round| round.kill),
        ])
    }

    /// A node with a managed core beside one that dials the same core run by hand.
    pub(crate) async fn cost(&self) -> Result<Vec<Row>> {
        let rounds = self.rounds(cost::round).await?;
        let row = |what: &str, figure: fn(&Cost) -> [Option<f64>; 2], target| {
            Row::added(what, &pairs(&rounds, figure), target)
        };
        let watchers: Vec<f64> = rounds.iter().filter_map(|cost| cost.watcher_mb).collect();
        let busy = format!("% of a core, {} messages/s", cost::MESSAGES_PER_SECOND);
        Ok(vec![
            row(
                "% of a core, quiet",
                |cost| cost.quiet.percent,
                Target::Below(PROCESSOR_PERCENT),
            ),
            row(&busy, |cost| cost.busy.percent, Target::None),
            row(
                "MB resident with watcher, quiet",
                |cost| cost.quiet.resident_mb,
                Target::Below(MEMORY_MB),
            ),
            row(
                "MB resident with watcher, after messages",
                |cost| cost.busy.resident_mb,
                Target::Below(MEMORY_MB),
            ),
            Row::absolute("of it the watcher, MB (PSS)", &watchers, Target::None),
        ])
    }

    /// With programs and folders of their own for each round.
    async fn rounds<T>(&self, round: impl AsyncFn(&Self) -> Result<T>) -> Result<Vec<T>> {
        let mut rounds = Vec::new();
        for _ in 0..self.effort.rounds {
            rounds.push(round(self).await?);
        }
        Ok(rounds)
    }
}

fn login_rows(way: &str, rounds: &[Login]) -> Vec<Row> {
    let row = |what: &str, figure: fn(&Login) -> Duration| {
        let pairs = pairs(rounds, |login| milliseconds([login.by_hand, figure(login)]));
        Row::added(
            format!("login by {way}, ms until {what}"),
            &pairs,
            Target::Below(LOGIN_MS),
        )
    };
    vec![
        row("online", |login| login.online),
        row("it returns", |login| login.returned),
    ]
}

/// For each round the figure of the core by hand and that of the managed one.
fn pairs<T>(rounds: &[T], figures: impl Fn(&T) -> [Option<f64>; 2]) -> Vec<[Option<f64>; 2]> {
    rounds.iter().map(figures).collect()
}

fn milliseconds(times: [Duration; 2]) -> [Option<f64>; 2] {
    times.map(|time| Some(time.as_secs_f64() * 1e3))
}
