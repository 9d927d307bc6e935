//! Tools of Cargo that come from crates.

use anyhow::{Result, bail};

use crate::{packages, process};

/// Whether `cargo NAME` is there; for tools that a command can do without.
pub(crate) fn has(name: &str) -> bool {
    process::find_program(&format!("cargo-{name}")).is_some()
}

/// Makes sure of `cargo NAME`, building it where things may be installed.
pub(crate) fn require(name: &str) -> Result<()> {
    let tool = format!("cargo-{name}");
    if has(name) {
        return Ok(());
    }
    if !packages::may_install() {
        bail!("`{tool}` is missing; type `cargo install --locked {tool}`");
    }
    process::run(process::cargo().args(["install", "--locked", &tool]))
}
