//! `perpetuad` for Debian and its family, by cargo-deb: it finds the libraries that a program needs, and writes the
//! scripts that a service and its user need as Debian's own tools do.

use anyhow::{Result, ensure};

use crate::release::dist::Dist;
use crate::release::program::{Program, System, packer};
use crate::workspace::Workspace;
use crate::{process, tools};

/// What is packed is said in `crates/perpetuad/Cargo.toml`.
pub(crate) fn pack(workspace: &Workspace, dist: &Dist, program: &Program) -> Result<()> {
    tools::require("deb")?;
    let (builds, target) = program.stage(workspace, dist, "perpetuad")?;
    ensure!(target.system == System::Linux, "a `.deb` is for Linux");
    let mut deb = packer(workspace, &builds)?;
    deb.args(["deb", "--no-build", "--no-strip", "--package", "perpetuad"])
        .args(["--target", &target.triple, "--output"]);
    process::run(deb.arg(dist.folder.join("")))
}
