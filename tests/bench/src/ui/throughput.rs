//! What the node behind the window delivers while the window is open, and without one.

use std::fs;

use anyhow::Result;
use perpetua_desktop_tests::{Desktop, Tray};

use super::desktop;
use crate::{
    contest::{Effort, MOST_CLIENTS},
    measures::{self, FanOut},
    report::{Row, Target},
    stage::Stage,
    subject::{Running, free_address, settings},
    upstream::Door,
};

/// A window may cost the bots next to nothing.
const GOAL: f64 = 0.97;

/// Two programs, the one without a window and the one with it, take turns.
pub(super) async fn rows(effort: Effort) -> Result<Vec<Row>> {
    let mut rounds: Vec<[FanOut; 2]> = Vec::new();
    for _ in 0..effort.rounds {
        let (hidden, _nobody) = play(true).await?;
        let (open, _somebody) = play(false).await?;
        let mut stages = [hidden, open];
        let measured = measures::measure_fan_out(&mut stages, MOST_CLIENTS, effort.turns).await;
        rounds.push(Stage::clear(stages, measured).await?);
    }
    let figures = |figure: fn(&FanOut) -> Option<f64>| -> Vec<_> {
        let rounds = rounds.iter();
        rounds.map(|round| round.each_ref().map(figure)).collect()
    };
    Ok(vec![
        Row::ratio(
            format!("{MOST_CLIENTS} clients, deliveries/s"),
            &figures(|run| Some(run.deliveries_per_second)),
            Target::AtLeast(GOAL),
        ),
        Row::ratio(
            format!("{MOST_CLIENTS} clients, processor us/delivery"),
            &figures(|run| run.processor_us),
            Target::None,
        ),
    ])
}

/// Starts the program in a folder of its own, as its session does or as a person does; the desktop
/// on which it runs lasts as long as what comes with it.
async fn play(minimised: bool) -> Result<(Stage, (Desktop, Tray))> {
    let (desktop, tray) = desktop().await?;
    let folder = tempfile::tempdir()?;
    let (door, clients) = (Door::open().await?, free_address()?);
    let url = format!("ws://{}/", door.address()?);
    fs::write(folder.path().join("perpetua.toml"), settings(&url, clients))?;
    let mut command = desktop.command(Desktop::program()?);
    command.arg("--data-dir").arg(folder.path());
    if minimised {
        command.arg("--minimised");
    }
    let running = Running::spawn(command, folder.path(), clients)?;
    let stage = Stage::with(running, folder, door).await?;
    desktop.shows_windows(usize::from(!minimised)).await?;
    Ok((stage, (desktop, tray)))
}
