//! `cargo xtask check-windows`: the program built for Windows, and run.

use anyhow::{Result, ensure};

use crate::cross::Compiler;
use crate::tally::Tally;
use crate::wine::{self, MINGW, WINE, Wine};
use crate::workspace::Workspace;
use crate::{packages, process, trial};

const TARGET: &str = "x86_64-pc-windows-gnu";

/// The packages whose tests run under Wine: what they do is another thing on each system.
const TESTED: [&str; 1] = ["perpetua-process"];

/// Checks everything under `crates/` with its tests, then builds the node and tries it under Wine,
/// then runs the tests there that are about Windows itself.
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
    let wine = Wine::fresh(workspace.target.join("wine").join("prefix"))?;
    trial::run(
        workspace,
        &wine,
        &compiler.built("perpetuad.exe", workspace),
    )?;
    run_tests(workspace, &compiler, &wine)
}

/// Runs the tests of [`TESTED`] under Wine.
fn run_tests(workspace: &Workspace, compiler: &Compiler, wine: &Wine) -> Result<()> {
    let tests = compiler.built("deps", workspace).join("tests.exe");
    wine::add_missing_dll(workspace, &tests)?;
    let mut cargo = compiler.cargo(workspace, "test");
    wine.announce_to(&mut cargo, TARGET);
    cargo.arg("--tests");
    for package in TESTED {
        cargo.args(["--package", package]);
    }
    // Its output is piped through, because what Wine leaves running for a while would keep ours open.
    let tally = Tally::of(&mut cargo)?;
    println!("under Wine, {tally}");
    ensure!(
        tally.failed == 0,
        "some tests failed under Wine; their output is above"
    );
    Ok(())
}
