//! `cargo xtask check-macos`: the program type-checked for macOS.

use anyhow::Result;

use crate::cross::Compiler;
use crate::process;
use crate::workspace::Workspace;
use crate::zig::Zig;

const TARGET: &str = "aarch64-apple-darwin";

/// Checks the whole program with its tests; nothing is linked, so no Apple SDK is needed.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let compiler = Compiler::for_target(TARGET)?;
    let mut check = compiler.cargo(workspace, "check");
    if !cfg!(target_os = "macos") {
        Zig::prepare(workspace)?.announce_to(&mut check);
    }
    process::run(
        check
            .args(workspace.program_arguments())
            .arg("--all-targets"),
    )
}
