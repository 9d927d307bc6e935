//! The program as it was built, and the one line that it promises to print.

use std::env::consts::EXE_SUFFIX;
use std::path::PathBuf;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// How the line begins that the node prints once every listener is bound.
pub(crate) const READY: &str = "ready api=";

/// Builds the development build, and tells where it is.
///
/// On a fresh machine that takes a fraction of what the release build does, and it is fast enough to
/// talk to.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    process::run(workspace.cargo().args(["build", "--package", "perpetuad"]))?;
    Ok(place(workspace))
}

/// Where the development build is.
pub(crate) fn place(workspace: &Workspace) -> PathBuf {
    let program = format!("perpetuad{EXE_SUFFIX}");
    workspace.target.join("debug").join(program)
}
