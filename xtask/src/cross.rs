//! Compiling for another system than this one.
//!
//! Two compilers can: that of `rustup`, once it has the target's standard library, and Debian's
//! `rustc-web`, which builds the standard library from source. The first is faster and the one in
//! use anyway; the second needs nothing but Debian's archive.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::packages::{self, Need};
use crate::process;
use crate::workspace::Workspace;

const DEBIAN_COMPILER: Need = Need {
    name: "Debian's Rust with the source of its standard library",
    is_here: || Path::new(DEBIAN_RUSTC).exists() && Path::new(DEBIAN_STD_SOURCE).exists(),
    debian: &["rustc-web", "cargo-web", "rust-web-src"],
    macos: "rustup target add TARGET",
    windows: "rustup target add TARGET",
};
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_STD_SOURCE: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";

/// A compiler for one target.
pub(crate) struct Compiler {
    target: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Own,
    Debian,
}

impl Compiler {
    /// Takes what is installed, then what `rustup` can add, then what Debian can.
    pub(crate) fn for_target(target: &'static str) -> Result<Self> {
        if has_standard_library(target) || add_standard_library(target) {
            return Ok(Self {
                target,
                kind: Kind::Own,
            });
        }
        if packages::may_install() {
            packages::require(&[&DEBIAN_COMPILER])?;
            return Ok(Self {
                target,
                kind: Kind::Debian,
            });
        }
        bail!("the standard library of `{target}` is missing; type `rustup target add {target}`");
    }

    /// `cargo SUBCOMMAND` for the target.
    ///
    /// All targets share one folder of builds beside the ordinary one: macros and build scripts are
    /// built once for all of them, and nothing waits for the lock of a build for this machine.
    pub(crate) fn cargo(&self, workspace: &Workspace, subcommand: &str) -> Command {
        let mut command = match self.kind {
            Kind::Own => process::cargo(),
            Kind::Debian => debian_cargo(),
        };
        command
            .current_dir(&workspace.root)
            .env("CARGO_TARGET_DIR", builds(workspace))
            // Nobody debugs what is built here, and it is run for seconds.
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .args([
                "--config",
                "profile.dev.package.'*'.opt-level=0",
                subcommand,
                "--target",
                self.target,
            ]);
        if self.kind == Kind::Debian {
            command.arg("-Zbuild-std=std,panic_abort");
        }
        command
    }

    /// Where a build of the development profile puts a program.
    pub(crate) fn built(&self, program: &str, workspace: &Workspace) -> PathBuf {
        builds(workspace)
            .join(self.target)
            .join("debug")
            .join(program)
    }
}

fn builds(workspace: &Workspace) -> PathBuf {
    workspace.target.join("cross")
}

/// Debian's Cargo and compiler, kept apart from the ones that `rustup` put on the path.
fn debian_cargo() -> Command {
    let mut path = OsString::from("/usr/bin:");
    path.push(env::var_os("PATH").unwrap_or_default());
    let mut command = process::cargo_at(DEBIAN_CARGO);
    command
        .env("PATH", path)
        .env("RUSTC", DEBIAN_RUSTC)
        // `-Zbuild-std` is for nightly compilers, unless one insists.
        .env("RUSTC_BOOTSTRAP", "1")
        .env_remove("CARGO")
        .env_remove("LD_LIBRARY_PATH")
        .env_remove("RUSTUP_TOOLCHAIN");
    command
}

fn has_standard_library(target: &str) -> bool {
    let mut ask = Command::new("rustc");
    process::output(ask.args(["--print", "target-libdir", "--target", target]))
        .is_ok_and(|folder| Path::new(folder.trim()).is_dir())
}

fn add_standard_library(target: &str) -> bool {
    process::find_program("rustup").is_some()
        && process::run(Command::new("rustup").args(["target", "add", target])).is_ok()
}
