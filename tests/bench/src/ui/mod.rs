//! The window in figures: how soon it can be used, what it costs in memory, what its pages cost in processor
//! time, and what it takes from the node behind it. Each run has a screen, a bus and a home of its own.

mod frames;
mod memory;
mod start;
mod throughput;

use std::path::PathBuf;

use anyhow::Result;
use perpetua_desktop_tests::Desktop;
use perpetua_e2e::Settings;

use crate::{contest::Effort, report};

/// What is measured with, beside the window's program that [`Desktop::program`] names.
pub(crate) struct Ui {
    /// A window of Tauri with nothing in it, of the same build.
    pub(crate) empty: PathBuf,
    /// The folder of the pages, from which they are built.
    pub(crate) pages: PathBuf,
    pub(crate) effort: Effort,
}

impl Ui {
    /// Measures everything; gives the tables, one below the other.
    pub(crate) async fn tables(&self) -> Result<String> {
        eprintln!("measuring the start ...");
        let mut window = start::rows(self.effort.starts).await?;
        eprintln!("measuring the pages ...");
        window.extend(frames::rows(&self.pages, self.effort.watched).await?);
        eprintln!("measuring memory ...");
        let memory = memory::rows(&self.empty, self.effort.rounds).await?;
        eprintln!("measuring the node behind the window ...");
        let node = throughput::rows(self.effort).await?;
        Ok([
            report::table(["-", "window", "figure"], &window),
            report::table(["empty", "window", "added"], &memory),
            report::table(["hidden", "window", "figure"], &node),
        ]
        .concat())
    }
}

/// A desktop with a tray on it, whose program has one account to show.
async fn desktop() -> Result<(Desktop, perpetua_desktop_tests::Tray)> {
    let desktop = Desktop::new().await?;
    desktop.write_settings(&Settings::simulator().to_string())?;
    let tray = desktop.tray().await?;
    Ok((desktop, tray))
}
