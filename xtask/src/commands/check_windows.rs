//! `cargo xtask check-windows`: the program built for Windows, and run.

use anyhow::Result;

use crate::cross::Compiler;
use crate::wine::{MINGW, WINE, Wine};
use crate::workspace::{PROGRAM_AND_TESTS, Workspace};
use crate::{packages, process};

const TARGET: &str = "x86_64-pc-windows-gnu";

/// The package whose tests run under Wine: what it does is another thing on each system.
const TESTED: [&str; 3] = ["--package", "perpetua-process", "--tests"];

/// What the program has to do under Wine: tests of `perpetua-e2e`, which run here and start it there.
const TRIALS: [&str; 2] = [
    "cli::a_ready_node_serves_at_every_address",
    "cli::a_node_ends_in_order_when_ctrl_c_is_pressed",
];

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
    check.args(workspace.program_arguments());
    process::run(check.arg("--all-targets"))?;
    let mut build = compiler.cargo(workspace, "build");
    process::run(build.args(["--package", "perpetuad"]))?;
    let wine = Wine::fresh(workspace.target.join("wine"))?;
    try_program(workspace, &compiler, &wine)?;
    run_tests(workspace, &compiler, &wine)
}

/// Runs the [`TRIALS`] with the program for Windows in place of this system's own.
fn try_program(workspace: &Workspace, compiler: &Compiler, wine: &Wine) -> Result<()> {
    let program = compiler.built("perpetuad.exe", workspace);
    Wine::add_missing_dll(workspace, &program)?;
    let mut trials = workspace.cargo();
    wine.stand_in(workspace, &program, &mut trials);
    trials.arg("test").args(PROGRAM_AND_TESTS);
    trials.args(["--test", "operator", "--", "--exact", "--test-threads=1"]);
    process::run(trials.args(TRIALS))
}

/// Runs the tests of the package [`TESTED`] under Wine.
fn run_tests(workspace: &Workspace, compiler: &Compiler, wine: &Wine) -> Result<()> {
    let tests = compiler.built("deps", workspace).join("tests.exe");
    Wine::add_missing_dll(workspace, &tests)?;
    let mut cargo = compiler.cargo(workspace, "test");
    wine.run_tests_of(TARGET, &mut cargo);
    process::run(cargo.args(TESTED))
}
