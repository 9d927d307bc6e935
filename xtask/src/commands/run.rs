//! `cargo xtask run`: the node, built from here.

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// Builds `perpetuad` and becomes it.
///
/// The development build: on a fresh machine it is ready in a fraction of the time that the release
/// build takes, and is fast enough to talk to. The node prints its address, its clients' ports and
/// tokens, and what to paste where.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let mut node = process::cargo();
    node.args(["run", "--manifest-path"])
        .arg(workspace.root.join("Cargo.toml"))
        .args(["--package", "perpetuad", "--"])
        .args(arguments);
    process::become_command(&mut node)
}
