//! From the start of the process until the snapshot stands on the screen.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use perpetua_desktop_tests::{Desktop, Window};
use perpetua_e2e::until;
use serde_json::json;

use super::desktop;
use crate::{
    process,
    report::{Row, Target},
};

/// What a person waits for without wondering.
const GOAL_MS: f64 = 2000.0;

/// When the page noted that it has drawn the snapshot, in milliseconds since 1970; `null` before that.
const DRAWN: &str = "const [drawn] = performance.getEntriesByName('drawn');
    return drawn ? performance.timeOrigin + drawn.startTime : null;";

/// The first start has a home with nothing in it but settings; the others have what it left there.
pub(super) async fn rows(count: usize) -> Result<Vec<Row>> {
    let (desktop, _tray) = desktop().await?;
    let mut times = Vec::new();
    for _ in 0..count {
        let window = desktop.open().await?;
        times.push(drawn_after(&desktop, &window).await?);
        end(&desktop).await?;
    }
    let (first, later) = times.split_at(1);
    Ok(vec![
        Row::absolute(
            "ms until the window can be used, first",
            first,
            Target::Below(GOAL_MS),
        ),
        Row::absolute(
            "ms until the window can be used, later",
            later,
            Target::Below(GOAL_MS),
        ),
    ])
}

/// Both clocks are the system's; that of the process counts in hundredths of a second.
async fn drawn_after(desktop: &Desktop, window: &Window) -> Result<f64> {
    let drawn = until("the snapshot on the screen", async || {
        Ok(window.driver().run(DRAWN, json!([])).await?.as_f64())
    })
    .await?;
    let drawn = Duration::from_secs_f64(drawn / 1e3);
    let age = process::age(program(desktop)?)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let begun = now.saturating_sub(age);
    Ok(drawn.saturating_sub(begun).as_secs_f64() * 1e3)
}

/// The process of the program itself.
pub(super) fn program(desktop: &Desktop) -> Result<u32> {
    let mut processes = desktop.processes().into_iter();
    let program = processes.find(|process| process.name == "perpetua");
    Ok(program.context("`perpetua` has ended")?.id)
}

async fn end(desktop: &Desktop) -> Result<()> {
    for process in desktop.processes() {
        if process.name == "perpetua" {
            process.terminate();
        }
    }
    desktop.is_empty().await
}
