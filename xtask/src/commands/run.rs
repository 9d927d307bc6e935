//! `cargo xtask run`: the program, built from here: its window, or without a screen the node with a link to its
//! pages and what to paste into a framework.

use std::env;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::perpetuad::{self, READY};
use crate::ui::Ui;
use crate::workspace::Workspace;
use crate::{desktop, npm, process};

/// Builds the program and becomes it, so that Ctrl+C and the exit code are its own.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    if desktop::has_screen() {
        show_window(workspace, arguments)
    } else {
        run_node(workspace, arguments)
    }
}

/// The window, with the page as its sources are now.
fn show_window(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    desktop::require_to_build()?;
    Ui::prepare(workspace)?.build()?;
    let program = desktop::build(workspace)?;
    process::become_command(Command::new(program).args(arguments))
}

/// The node. Its standard output goes through a second process of ours, which adds the guide.
fn run_node(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    if (npm::NODE.is_here)() {
        Ui::prepare(workspace)?.build()?;
    } else {
        eprintln!(
            "xtask: {} is missing, so the node has no web pages",
            npm::NODE.name
        );
    }
    let program = perpetuad::build(workspace)?;
    let mut guide = Command::new(env::current_exe().context("this program's own file is gone")?)
        .arg("guide")
        .arg(&program)
        .args(arguments)
        .stdin(Stdio::piped())
        .spawn()
        .context("the guide could not be started")?;
    let output = guide.stdin.take().context("the guide's input is piped")?;
    process::become_command(Command::new(&program).args(arguments).stdout(output))
}

/// Passes on what the node prints on its standard output, and once it is ready asks it for a link to its pages,
/// each client's address and token, and the lines to paste.
pub(crate) fn guide(program: &Path, arguments: &[String]) -> Result<()> {
    for line in io::stdin().lines() {
        let line = line.context("the node's output cannot be read")?;
        println!("{line}");
        if line.starts_with(READY) {
            for command in ["ui", "guide"] {
                process::run(Command::new(program).args(arguments).arg(command))?;
            }
        }
    }
    Ok(())
}
