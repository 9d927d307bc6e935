//! The desktop program as each system has it, by Tauri's own tool: it knows menus, icons and installers, and marks the program with
//! the kind of its package, which the updater goes by.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::release::archive;
use crate::release::dist::{Dist, VERSION};
use crate::release::licences;
use crate::release::program::{Program, Target};
use crate::workspace::Workspace;
use crate::{folder, npm, packages, process};

/// How files end that are published as they were made.
const PUBLISHED: [&str; 6] = ["deb", "rpm", "AppImage", "exe", "msi", "dmg"];

/// Packs a program that is built; `bundles` in the words of the tool.
pub(crate) fn pack(
    workspace: &Workspace,
    dist: &Dist,
    program: &Program,
    bundles: &[String],
) -> Result<()> {
    let (builds, target) = program.stage(workspace, dist, "perpetua")?;
    let release = builds.join(&target.triple).join("release");
    let made = release.join("bundle");
    folder::clear(&made)?;
    let settings = json!({ "bundle": { "resources": {
        release.join(licences::NOTICES).display().to_string(): licences::NOTICES,
    } } });
    let mut bundle = tauri(workspace)?;
    bundle
        .env("CARGO_TARGET_DIR", &builds)
        .env("CI", "true")
        .args(["bundle", "--target", &target.triple, "--config"])
        .arg(workspace.root.join("packaging/desktop/bundle.json"))
        .args(["--config", &settings.to_string()]);
    if !bundles.is_empty() {
        bundle.args(["--bundles", &bundles.join(",")]);
    }
    process::run(&mut bundle)?;
    publish(dist, &made, &target)
}

/// Tauri's tool, at the root, where it finds the program's settings.
pub(crate) fn tauri(workspace: &Workspace) -> Result<Command> {
    packages::require(&[&npm::NODE])?;
    let home = workspace.root.join("packaging").join("desktop");
    npm::install(&home)?;
    let mut command = Command::new("node");
    command
        .current_dir(&workspace.root)
        .arg(home.join("node_modules/@tauri-apps/cli/tauri.js"));
    Ok(command)
}

fn publish(dist: &Dist, made: &Path, target: &Target) -> Result<()> {
    let mut is_empty = true;
    let kinds: Result<Vec<_>> = inside(made)?.iter().map(|kind| inside(kind)).collect();
    for file in kinds?.concat() {
        let ending = file.extension().and_then(OsStr::to_str).unwrap_or_default();
        let name = file
            .file_name()
            .and_then(OsStr::to_str)
            .context("a name in Unicode")?;
        if ending == "app" {
            let machine = match target.triple.split_once('-') {
                Some(("x86_64", _)) => "x64",
                _ => "aarch64",
            };
            let name = format!("perpetua_{VERSION}_{machine}.app.tar.gz");
            archive::tar_gz_of_folder(&dist.folder.join(&name), &file)?;
            eprintln!("xtask: made {name}");
        } else if PUBLISHED.contains(&ending) {
            dist.publish(&file, name)?;
        } else {
            continue;
        }
        is_empty = false;
    }
    if is_empty {
        bail!("Tauri's tool has made nothing in `{}`", made.display());
    }
    Ok(())
}

fn inside(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries: std::io::Result<Vec<_>> = fs::read_dir(folder)?.collect();
    let mut paths: Vec<_> = entries?.iter().map(fs::DirEntry::path).collect();
    paths.sort();
    Ok(paths)
}
