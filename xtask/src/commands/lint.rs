//! `cargo xtask lint`: what can be judged without running the program.

use anyhow::Result;

use crate::ui::Ui;
use crate::workspace::Workspace;
use crate::{desktop, process, tools};

/// Formatting, lints, types of the page, documentation, the rules of ARCHITECTURE.md, and the licenses of what we use.
///
/// Known vulnerabilities are looked up in hosted CI only: their database is on the network, and a
/// new entry there must not stop who works here.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let cargo = |line: &str| {
        let mut command = workspace.cargo();
        command.args(line.split(' '));
        command
    };
    process::run(&mut cargo("fmt --all --check"))?;
    Ui::prepare(workspace)?.check()?;
    clippy(workspace)?;
    // Private pages too, so that a link to what is gone is found wherever it is.
    let mut documentation = cargo("doc --workspace --no-deps --document-private-items");
    let flags = "-D warnings -A rustdoc::private_intra_doc_links";
    process::run(documentation.env("RUSTDOCFLAGS", flags))?;
    process::run(&mut cargo(
        "test --quiet --package xtask --test structure --test docs",
    ))?;
    tools::require("deny")?;
    process::run(&mut cargo("deny check bans licenses sources"))
}

/// The compiler's lints and Clippy's, of what is compiled on this system.
pub(crate) fn clippy(workspace: &Workspace) -> Result<()> {
    desktop::require_to_build()?;
    let arguments = "clippy --workspace --all-targets -- -D warnings";
    process::run(workspace.cargo().args(arguments.split(' ')))
}
