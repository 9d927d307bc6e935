//! `cargo xtask lint`: what can be judged without running the program.

use std::process::Command;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{process, tools};

/// Formatting, lints, documentation, the rules of ARCHITECTURE.md, and the licenses of what we use.
///
/// Known vulnerabilities are looked up in hosted CI only: their database is on the network, and a
/// new entry there must not stop who works here.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let cargo = || {
        let mut command = process::cargo();
        command.current_dir(&workspace.root);
        command
    };
    process::run(cargo().args(["fmt", "--all", "--check"]))?;
    process::run(cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))?;
    process::run(documentation(&mut cargo()))?;
    process::run(cargo().args([
        "test",
        "--quiet",
        "--package",
        "xtask",
        "--test",
        "structure",
    ]))?;
    tools::require("deny")?;
    process::run(cargo().args(["deny", "check", "bans", "licenses", "sources"]))
}

/// Every page, private ones too, so that a link to what is gone is found wherever it is.
fn documentation(cargo: &mut Command) -> &mut Command {
    cargo.env("RUSTDOCFLAGS", "-D warnings").args([
        "doc",
        "--workspace",
        "--no-deps",
        "--document-private-items",
    ])
}
