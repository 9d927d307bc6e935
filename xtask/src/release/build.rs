//! The programs as they are released.

use std::process::Command;

use anyhow::Result;

use crate::release::dist;
use crate::ui::Ui;
use crate::workspace::Workspace;
use crate::{desktop as window, process};

/// Tells the programs which commit they are of. Who sets nothing builds nothing anew when a commit is made.
const BUILD: &str = "PERPETUA_BUILD";

/// `perpetuad`, with its pages.
pub(crate) fn node(workspace: &Workspace, target: Option<&str>) -> Result<()> {
    Ui::prepare(workspace)?.build()?;
    let mut cargo = release(workspace, target)?;
    process::run(cargo.args(["--package", "perpetuad"]))
}

/// The desktop program, as Tauri's own tool builds it: what it shows is in it.
pub(crate) fn desktop(workspace: &Workspace, target: Option<&str>) -> Result<()> {
    window::require_to_build()?;
    Ui::prepare(workspace)?.build()?;
    let mut cargo = release(workspace, target)?;
    let features = [
        "--package",
        "perpetua",
        "--features",
        "tauri/custom-protocol",
    ];
    process::run(cargo.args(features))
}

fn release(workspace: &Workspace, target: Option<&str>) -> Result<Command> {
    let mut cargo = workspace.cargo();
    cargo
        .env(BUILD, dist::commit(workspace)?)
        .args(["build", "--release", "--locked", "--bins"]);
    if let Some(target) = target {
        cargo.args(["--target", target]);
    }
    Ok(cargo)
}
