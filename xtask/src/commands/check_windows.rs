//! `cargo xtask check-windows`: the program built for Windows, and run.

use anyhow::Result;

use crate::cross::Compiler;
use crate::wine::{MINGW, WINE, Wine};
use crate::workspace::{PROGRAM_AND_TESTS, Workspace};
use crate::{desktop, packages, process};

const TARGET: &str = "x86_64-pc-windows-gnu";

/// What is built for Windows: both programs, and the packages whose tests run under Wine, because what
/// they do is another thing on each system. All are selected together, or crates would be built twice.
const BUILT: [&str; 8] = [
    "--package",
    "perpetua",
    "--package",
    "perpetuad",
    "--package",
    "perpetua-process",
    "--package",
    "perpetua-desktop",
];

/// What the node has to do under Wine: tests of `perpetua-e2e`, which run here and start it there.
const NODE_TRIALS: [&str; 2] = [
    "cli::a_ready_node_serves_at_every_address",
    "cli::a_node_ends_in_order_when_ctrl_c_is_pressed",
];

/// Checks the whole program with its tests, then builds the node and the window and tries them under
/// Wine, then runs the tests there that are about Windows itself.
///
/// On Windows itself the check is enough: `cargo xtask test` runs the program there.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    if cfg!(windows) {
        let mut check = workspace.cargo();
        check.arg("check").args(workspace.program_arguments());
        return process::run(check.arg("--all-targets"));
    }
    packages::require(&[&MINGW, &WINE])?;
    desktop::require_to_try()?;
    let compiler = Compiler::for_target(TARGET)?;
    let mut check = compiler.cargo(workspace, "check");
    check.args(workspace.program_arguments());
    process::run(check.arg("--all-targets"))?;
    let mut build = compiler.cargo(workspace, "build");
    process::run(build.args(BUILT).args(["--bins", "--tests"]))?;
    let wine = Wine::fresh(workspace.target.join("wine"))?;
    try_node(workspace, &compiler, &wine)?;
    run_tests(workspace, &compiler, &wine)?;
    wine.end();
    try_window(workspace, &compiler, &wine)
}

/// Runs the [`NODE_TRIALS`] with the program for Windows in place of this system's own.
fn try_node(workspace: &Workspace, compiler: &Compiler, wine: &Wine) -> Result<()> {
    let program = compiler.built("perpetuad.exe", workspace);
    Wine::add_missing_dll(workspace, &program)?;
    let mut trials = workspace.cargo();
    wine.stand_in(workspace, &program, &mut trials);
    trials.arg("test").args(PROGRAM_AND_TESTS);
    trials.args(["--test", "operator", "--", "--exact", "--test-threads=1"]);
    process::run(trials.args(NODE_TRIALS))
}

/// Starts the window's program, which finds no web view under Wine: the trials of `tests/desktop` that
/// nothing else can run. They need a screen, for there is a message to be read.
fn try_window(workspace: &Workspace, compiler: &Compiler, wine: &Wine) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let mut trials = workspace.cargo();
    let node = compiler.built("perpetuad.exe", workspace);
    wine.stand_in(workspace, &node, &mut trials);
    let window = compiler.built("perpetua.exe", workspace);
    trials.env("PERPETUA_TEST_WINDOW", window);
    trials.arg("test").args(PROGRAM_AND_TESTS);
    process::run(trials.args(["--test", "wine", "--", "--ignored"]))
}

/// Runs the tests of the packages [`BUILT`] under Wine.
fn run_tests(workspace: &Workspace, compiler: &Compiler, wine: &Wine) -> Result<()> {
    let tests = compiler.built("deps", workspace).join("tests.exe");
    Wine::add_missing_dll(workspace, &tests)?;
    let mut cargo = compiler.cargo(workspace, "test");
    wine.run_tests_of(TARGET, &mut cargo);
    process::run(cargo.args(BUILT).arg("--tests"))
}
