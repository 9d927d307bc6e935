//! `cargo xtask bench`: the node against a plain relay, and a managed core against one run by hand.

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// Builds the benchmark, the node and the stand-in of a core as they are released, and runs the first.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let packages = ["perpetua-bench", "perpetuad", "fake-core"];
    process::run(
        workspace
            .cargo()
            .args(["build", "--release"])
            .args(packages.iter().flat_map(|name| ["--package", name])),
    )?;
    let program = format!("perpetua-bench{}", std::env::consts::EXE_SUFFIX);
    let mut bench = std::process::Command::new(workspace.target.join("release").join(program));
    process::become_command(bench.current_dir(&workspace.root).args(arguments))
}
