//! `cargo xtask run`: the node, built from here, and what to paste into a framework.

use std::env;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::perpetuad::{self, READY};
use crate::process;
use crate::workspace::Workspace;

/// Builds `perpetuad` and becomes it, so that Ctrl+C and the exit code are the node's own.
///
/// Its standard output goes through a second process of ours, which adds the guide.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
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

/// Passes on what the node prints on its standard output, and once it is ready asks it for each
/// client's address and token, and the lines to paste.
pub(crate) fn guide(program: &Path, arguments: &[String]) -> Result<()> {
    for line in io::stdin().lines() {
        let line = line.context("the node's output cannot be read")?;
        println!("{line}");
        if line.starts_with(READY) {
            process::run(Command::new(program).args(arguments).arg("guide"))?;
        }
    }
    Ok(())
}
