//! `cargo xtask pictures`: what every page looks like, and with `--tray` the tray.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::browser::Browser;
use crate::ui::Ui;
use crate::workspace::Workspace;
use crate::{desktop, process};

/// What it is drawn by: a panel, clicks and pictures are programs, which a shell starts.
const TRAY: &str = include_str!("../tray.sh");

/// Draws every scenario of the pages, in both languages, by day and by night, on three screens.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let browser = Browser::prepare()?;
    desktop::require_letters()?;
    Ui::prepare(workspace)?.draw(&browser)
}

/// Draws the tray's icon and menu on the panel of a real desktop into `docs/pictures/tray.webp`.
pub(crate) fn draw_tray(workspace: &Workspace) -> Result<()> {
    ensure!(
        cfg!(target_os = "linux"),
        "the tray is drawn on Linux only, where a panel can be had that is nobody's"
    );
    desktop::require_to_build()?;
    desktop::require_panel()?;
    let program = desktop::build(workspace)?;
    let picture = workspace.root.join("docs/pictures/tray.webp");
    let mut shell = Command::new("sh");
    shell.args(["-c", TRAY, "tray"]).arg(program).arg(picture);
    process::run(&mut shell)
}
