//! The licences of what the programs are made of, with the words that each asks to be shown: crates by cargo-about, the
//! packages of the pages by their lock file.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::release::dist::{self, Dist};
use crate::release::npm_licences;
use crate::workspace::Workspace;
use crate::{folder, npm, packages, process, tools};

/// What the file is called in every package.
pub(crate) const NOTICES: &str = "THIRD-PARTY.txt";

/// The programs, and where their manifests are.
const PROGRAMS: [(&str, &str); 2] = [("perpetuad", "crates/perpetuad"), ("perpetua", ".")];

/// Gathers those of both programs.
pub(crate) fn gather(workspace: &Workspace, dist: &Dist) -> Result<()> {
    tools::require_with("about", &["--features", "cli"])?;
    packages::require(&[&npm::NODE])?;
    let ui = workspace.root.join("ui");
    npm::install(&ui)?;
    let words = workspace.root.join("packaging").join("licences");
    // Every file of every crate is looked at, which takes minutes: once for each state of what they are.
    let made = dist.work.join("licences");
    let source = state(workspace)?;
    if folder::is_fresh(&made, &source) {
        return Ok(());
    }
    dist::make_folder(&made)?;
    let pages = npm_licences::of(&ui)?;
    for (name, folder) in PROGRAMS {
        let mut about = workspace.cargo();
        about.args(["about", "generate", "--fail", "--frozen", "--config"]);
        about.arg(words.join("about.toml")).arg("--manifest-path");
        about.arg(workspace.root.join(folder).join("Cargo.toml"));
        let crates = process::output(about.arg(words.join("about.hbs")))?;
        fs::write(place(dist, name), crates + &pages)
            .with_context(|| format!("the licences of `{name}` cannot be written"))?;
    }
    folder::mark(&made, &source)
}

/// What the licences follow from.
fn state(workspace: &Workspace) -> Result<String> {
    let read = |name: &str| {
        let path = workspace.root.join(name);
        fs::read_to_string(&path).with_context(|| format!("`{}` cannot be read", path.display()))
    };
    Ok([
        read("Cargo.lock")?,
        read("ui/package-lock.json")?,
        read("packaging/licences/about.toml")?,
        read("packaging/licences/about.hbs")?,
    ]
    .concat())
}

/// Those that were gathered for a program.
pub(crate) fn notices(dist: &Dist, name: &str) -> Result<PathBuf> {
    let place = place(dist, name);
    ensure!(
        place.exists(),
        "the licences are not gathered yet; type `cargo xtask release licences`"
    );
    Ok(place)
}

fn place(dist: &Dist, name: &str) -> PathBuf {
    dist.work.join("licences").join(format!("{name}-{NOTICES}"))
}
