//! `cargo xtask bench`: the node against a plain relay.

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// Builds the benchmark and the node as they are released, and runs it.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let packages = ["--package", "perpetua-bench", "--package", "perpetuad"];
    process::run(
        workspace
            .cargo()
            .args(["build", "--release"])
            .args(packages),
    )?;
    let program = format!("perpetua-bench{}", std::env::consts::EXE_SUFFIX);
    let mut bench = std::process::Command::new(workspace.target.join("release").join(program));
    process::become_command(bench.current_dir(&workspace.root).args(arguments))
}
