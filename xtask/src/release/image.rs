//! The container's image, by podman or Docker, whichever is here.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::release::dist::{self, Dist};
use crate::workspace::Workspace;
use crate::{folder, process};

/// Builds it of the archives for Linux that are there; each machine takes its own.
pub(crate) fn build(workspace: &Workspace, dist: &Dist, tag: &str) -> Result<()> {
    let found = ["podman", "docker"]
        .iter()
        .find_map(|name| process::find_program(name));
    let engine = Command::new(found.context("neither podman nor Docker is here")?);
    build_with(engine, &[], workspace, dist, tag)
}

/// The same with an engine, and with arguments of a build.
pub(crate) fn build_with(
    mut engine: Command,
    arguments: &[&str],
    workspace: &Workspace,
    dist: &Dist,
    tag: &str,
) -> Result<()> {
    // Docker's own format has a health check, that of the standard has none; Docker itself knows no other.
    engine.env("BUILDAH_FORMAT", "docker");
    engine.args(["build", "--tag", tag]).args(arguments);
    process::run(engine.arg(context(workspace, dist)?))
}

/// A folder with nothing but what the image is made of.
pub(crate) fn context(workspace: &Workspace, dist: &Dist) -> Result<PathBuf> {
    let context = dist.work.join("image");
    folder::clear(&context)?;
    dist::make_folder(&context)?;
    let recipe = workspace.root.join("packaging").join("container");
    for entry in fs::read_dir(&recipe).context("the recipe of the image is not there")? {
        let entry = entry?;
        dist::copy(&entry.path(), &context.join(entry.file_name()))?;
    }
    let names = dist.names()?;
    let archives = names
        .iter()
        .filter(|name| name.ends_with("-linux-gnu.tar.gz"));
    let mut is_empty = true;
    for name in archives {
        dist::copy(&dist.folder.join(name), &context.join(name))?;
        is_empty = false;
    }
    ensure!(
        !is_empty,
        "no archive for Linux is there; type `cargo xtask release tarball`"
    );
    Ok(context)
}
