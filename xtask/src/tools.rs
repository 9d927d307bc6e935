//! Tools of Cargo that come from crates.

use anyhow::{Result, bail};

use crate::{packages, process};

/// Whether `cargo NAME` is there; for tools that a command can do without.
pub(crate) fn has(name: &str) -> bool {
    process::find_program(&format!("cargo-{name}")).is_some()
}

/// Makes sure of `cargo NAME`, building it where things may be installed.
pub(crate) fn require(name: &str) -> Result<()> {
    require_with(name, &[])
}

/// The same for a tool that is built with more than its name.
pub(crate) fn require_with(name: &str, arguments: &[&str]) -> Result<()> {
    let tool = format!("cargo-{name}");
    if has(name) {
        return Ok(());
    }
    if !packages::may_install() {
        let line = [&["cargo", "install", "--locked", &tool], arguments].concat();
        bail!("`{tool}` is missing; type `{}`", line.join(" "));
    }
    let install = ["install", "--locked", &tool];
    process::run(process::cargo().args(install).args(arguments))
}
