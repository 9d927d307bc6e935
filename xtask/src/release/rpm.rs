//! `perpetuad` for Fedora and its family, by cargo-generate-rpm: it needs no `rpmbuild`, and asks for libraries by the
//! names that every distribution has for them.

use anyhow::{Result, ensure};

use crate::release::dist::Dist;
use crate::release::program::{Program, System, packer};
use crate::workspace::Workspace;
use crate::{process, tools};

/// What is packed is said in `crates/perpetuad/Cargo.toml`.
pub(crate) fn pack(workspace: &Workspace, dist: &Dist, program: &Program) -> Result<()> {
    tools::require("generate-rpm")?;
    let (builds, target) = program.stage(workspace, dist, "perpetuad")?;
    ensure!(target.system == System::Linux, "an `.rpm` is for Linux");
    let mut rpm = packer(workspace, &builds)?;
    rpm.args(["generate-rpm", "--package", "crates/perpetuad"])
        .args(["--target", &target.triple, "--output"]);
    process::run(rpm.arg(dist.folder.join("")))
}
