//! What the programs are made of, for other programs to read, in the format of `CycloneDX`: crates by the tool of that project, the packages of
//! the pages by npm itself.

use std::fs;

use anyhow::{Context, Result};

use crate::release::dist::{self, Dist, VERSION};
use crate::release::program::Target;
use crate::workspace::Workspace;
use crate::{npm, packages, process, tools};

/// The programs, and where their manifests are.
const PROGRAMS: [(&str, &str); 2] = [("perpetuad", "crates/perpetuad"), ("perpetua", ".")];
/// What the tool is to call its files: it writes one beside the manifest of each package.
const WRITTEN: &str = "release-sbom";

/// Writes one for each program and one for the pages.
pub(crate) fn write(workspace: &Workspace, dist: &Dist) -> Result<()> {
    tools::require("cyclonedx")?;
    packages::require(&[&npm::NODE])?;
    let mut cyclonedx = workspace.cargo();
    cyclonedx
        .env(
            "SOURCE_DATE_EPOCH",
            dist::committed_at(workspace)?.to_string(),
        )
        .args([
            "cyclonedx",
            "--format",
            "json",
            "--spec-version",
            "1.5",
            "--all",
        ])
        .args(["--no-build-deps", "--target", &Target::host()?.triple])
        .args(["--override-filename", WRITTEN]);
    process::run(&mut cyclonedx)?;
    let written = workspace
        .members
        .iter()
        .map(|folder| folder.join(format!("{WRITTEN}.json")));
    let written: Vec<_> = written.filter(|file| file.exists()).collect();
    for (name, folder) in PROGRAMS {
        let made = workspace.root.join(folder).join(format!("{WRITTEN}.json"));
        dist.publish(&made, &format!("{name}-{VERSION}.cdx.json"))?;
    }
    for file in written {
        fs::remove_file(&file)
            .with_context(|| format!("`{}` cannot be removed", file.display()))?;
    }
    let mut sbom = npm::npm(&workspace.root.join("ui"))?;
    sbom.args([
        "sbom",
        "--sbom-format=cyclonedx",
        "--omit=dev",
        "--package-lock-only",
    ]);
    let pages = process::output(&mut sbom)?;
    let name = format!("perpetua-pages-{VERSION}.cdx.json");
    fs::write(dist.folder.join(&name), pages).context("the pages' list cannot be written")?;
    eprintln!("xtask: made {name}");
    Ok(())
}
