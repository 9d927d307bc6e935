//! `cargo xtask check-windows`: the program built for Windows, and run.

use anyhow::Result;

use crate::cross::Compiler;
use crate::wine::{MINGW, WINE};
use crate::workspace::Workspace;
use crate::{packages, process, trial};

const TARGET: &str = "x86_64-pc-windows-gnu";

/// Checks everything under `crates/` with its tests, then builds the node and tries it under Wine.
///
/// On Windows itself the check is enough: `cargo xtask test` runs the program there.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    if cfg!(windows) {
        let mut check = workspace.cargo();
        check.arg("check").args(workspace.program_arguments());
        return process::run(check.arg("--all-targets"));
    }
    packages::require(&[&MINGW, &WINE])?;
    let compiler = Compiler::for_target(TARGET)?;
    let mut check = compiler.cargo(workspace, "check");
    process::run(
        check
            .args(workspace.program_arguments())
            .arg("--all-targets"),
    )?;
    process::run(
        compiler
            .cargo(workspace, "build")
            .args(["--package", "perpetuad"]),
    )?;
    trial::run(workspace, &compiler.built("perpetuad.exe", workspace))
}
