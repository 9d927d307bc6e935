//! What the pages cost: their weight, and the processor time of each frame while events come in.

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use tokio::process::Command;

use crate::report::{Row, Target};

/// With a first page of this size somebody far away does not wait either.
const GOAL_KB: f64 = 400.0;
/// Half of a frame's time at 60 frames a second; the other half is for painting.
const GOAL_MS: f64 = 8.0;

/// What `ui/scripts/measure.mjs` tells.
#[derive(Deserialize)]
struct Measured {
    first_page_bytes: u32,
    frames: Vec<Page>,
}

/// One page that was watched.
#[derive(Deserialize)]
struct Page {
    #[serde(rename = "page")]
    name: String,
    /// Of each frame, second by second.
    milliseconds: Vec<f64>,
    /// How many frames there were in all.
    frames: u32,
    /// How many events had come in.
    events: u32,
}

/// Has Node.js measure them in Chromium, each page for so long.
pub(super) async fn rows(pages: &Path, watched: Duration) -> Result<Vec<Row>> {
    let mut node = Command::new("node");
    node.current_dir(pages)
        .arg("scripts/measure.mjs")
        .arg(watched.as_secs().to_string())
        .stderr(Stdio::inherit())
        .kill_on_drop(true);
    let output = node.output().await.context("cannot run `node`")?;
    ensure!(
        output.status.success(),
        "`node scripts/measure.mjs` failed: {}",
        output.status
    );
    let said = String::from_utf8(output.stdout)?;
    let measured: Measured = serde_json::from_str(said.lines().last().unwrap_or_default())
        .with_context(|| format!("`measure.mjs` wrote: {said}"))?;
    let mut rows = vec![Row::absolute(
        "kB of the first page, compressed",
        &[f64::from(measured.first_page_bytes) / 1e3],
        Target::Below(GOAL_KB),
    )];
    for page in measured.frames {
        eprintln!(
            "{}: {} events in {} frames",
            page.name, page.events, page.frames
        );
        rows.push(Row::absolute(
            format!("ms of script and layout a frame, {}", page.name),
            &page.milliseconds,
            Target::Below(GOAL_MS),
        ));
    }
    Ok(rows)
}
