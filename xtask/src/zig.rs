//! A C compiler for macOS: Zig's, from its Python package.
//!
//! A few crates compile C even where Rust is only checked; ring is one.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::packages;
use crate::python::{self, PYTHON};
use crate::workspace::Workspace;

/// Zig, and the two scripts through which build scripts call it.
pub(crate) struct Zig {
    python: PathBuf,
    scripts: PathBuf,
}

impl Zig {
    /// Installs it into the target folder, once for each version.
    pub(crate) fn prepare(workspace: &Workspace) -> Result<Self> {
        packages::require(&[&PYTHON])?;
        let scripts = workspace.root.join("xtask").join("macos");
        let folder = workspace.target.join("zig");
        let python = python::environment(&folder, &scripts.join("requirements.txt"))?;
        Ok(Self { python, scripts })
    }

    /// Lets a build for `aarch64-apple-darwin` compile its C with it.
    pub(crate) fn announce_to(&self, build: &mut Command) {
        build
            .env("CC_aarch64_apple_darwin", self.scripts.join("cc"))
            .env("AR_aarch64_apple_darwin", self.scripts.join("ar"))
            .env("PERPETUA_ZIG_PYTHON", &self.python);
    }
}
