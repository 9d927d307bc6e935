//! What the program holds with its window open and hidden, beside an empty window of Tauri.

use std::{path::Path, time::Duration};

use anyhow::Result;
use perpetua_desktop_tests::{Desktop, Keyring, Process};
use perpetua_e2e::Program;
use perpetua_words::Language;
use tokio::time::sleep;

use super::desktop;
use crate::{
    process::{megabytes, proportional_bytes},
    report::{Row, Target},
};

/// What the program may hold beyond what a window alone does.
const GOAL_MB: f64 = 30.0;
/// Until what a start needed is given back.
const AT_REST_AFTER: Duration = Duration::from_secs(8);

/// In megabytes, what is shared counted in parts: of the program itself, and of the processes of its page.
#[derive(Clone, Copy)]
struct Held {
    program: f64,
    page: f64,
}

/// The program and its page, each with the window open and hidden.
pub(super) async fn rows(empty: &Path, rounds: usize) -> Result<Vec<Row>> {
    let (mut open, mut hidden) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let nothing = of_empty(empty).await?;
        let [shown, closed] = of_program().await?;
        open.push([nothing, shown]);
        hidden.push([nothing, closed]);
    }
    let row = |what: &str, rounds: &[[Held; 2]], figure: fn(&Held) -> f64, target| {
        let figures: Vec<_> = rounds
            .iter()
            .map(|round| round.each_ref().map(|held| Some(figure(held))))
            .collect();
        Row::added(what, &figures, target)
    };
    let goal = Target::AtMost(GOAL_MB);
    let program: fn(&Held) -> f64 = |held| held.program;
    let page: fn(&Held) -> f64 = |held| held.page;
    Ok(vec![
        row("MB of the program, window open", &open, program, goal),
        row("MB of the program, window hidden", &hidden, program, goal),
        row("MB of WebKit beside it, open", &open, page, Target::None),
        row(
            "MB of WebKit beside it, hidden",
            &hidden,
            page,
            Target::None,
        ),
    ])
}

async fn of_empty(program: &Path) -> Result<Held> {
    let desktop = Desktop::with(Language::English, Keyring::Absent).await?;
    let _running = Program::start("an empty window", desktop.command(program))?;
    desktop.shows_windows(1).await?;
    sleep(AT_REST_AFTER).await;
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    held(&desktop.processes_of(&name), &name)
}

async fn of_program() -> Result<[Held; 2]> {
    let (desktop, _tray) = desktop().await?;
    let window = desktop.open().await?;
    window.sees("overview.awaits_bot").await?;
    sleep(AT_REST_AFTER).await;
    let open = held(&desktop.processes(), "perpetua")?;
    window.close().await?;
    desktop.shows_windows(0).await?;
    sleep(AT_REST_AFTER).await;
    Ok([open, held(&desktop.processes(), "perpetua")?])
}

fn held(processes: &[Process], program: &str) -> Result<Held> {
    let mut held = Held {
        program: 0.0,
        page: 0.0,
    };
    for process in processes {
        let bytes = megabytes(proportional_bytes(process.id)?);
        if process.name == program {
            held.program += bytes;
        } else {
            held.page += bytes;
        }
    }
    anyhow::ensure!(held.program > 0.0, "`{program}` has ended");
    Ok(held)
}
