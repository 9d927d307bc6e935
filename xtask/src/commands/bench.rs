//! `cargo xtask bench`: the node against a plain relay, and a managed core against one run by hand; with `--ui` the window, and with
//! `--hostile` the node under attack.

use std::env::consts::EXE_SUFFIX;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::browser::Browser;
use crate::ui::Ui;
use crate::workspace::Workspace;
use crate::{desktop, process};

/// What figures of the node need, as they are released.
const NODE: [&str; 6] = [
    "--package",
    "perpetua-bench",
    "--package",
    "perpetuad",
    "--package",
    "fake-core",
];

/// Builds the benchmark, the node and the stand-in of a core as they are released, and runs the first.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    build(workspace, &NODE)?;
    process::become_command(bench(workspace).args(arguments))
}

/// The same with the window's program, an empty window to compare it with, and the pages.
pub(crate) fn run_ui(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    ensure!(
        cfg!(target_os = "linux"),
        "the window is measured on Linux only, on a screen that nobody sees"
    );
    desktop::require_to_build()?;
    desktop::require_to_try()?;
    let browser = Browser::prepare()?;
    Ui::prepare(workspace)?.build()?;
    let window = ["--package", "perpetua", "--bins", "--examples"];
    build(workspace, &[&NODE[..], &window].concat())?;
    let mut bench = bench(workspace);
    browser.announce_to(&mut bench);
    bench.env("PERPETUA_TEST_WINDOW", released(workspace, "perpetua"));
    process::become_command(bench.arg("--ui").args(arguments))
}

fn build(workspace: &Workspace, what: &[&str]) -> Result<()> {
    process::run(workspace.cargo().args(["build", "--release"]).args(what))
}

fn bench(workspace: &Workspace) -> Command {
    let mut bench = Command::new(released(workspace, "perpetua-bench"));
    bench.current_dir(&workspace.root);
    bench
}

fn released(workspace: &Workspace, program: &str) -> PathBuf {
    let folder = workspace.target.join("release");
    folder.join(format!("{program}{EXE_SUFFIX}"))
}
