//! `cargo xtask release`: what makes a release, in steps that are run one by one, here as on the hosted runners.
//!
//! ```text
//! build ─┬─ licences ─┬─ deb, rpm, tarball ── image
//!        │            └─ desktop ── glibc-check, appimage-check
//!        └─ sbom                       notes ── sign ── latest-json ── checksums
//! ```
//!
//! Each step leaves its files in `target/dist`, from where they are published as they are.

mod appimage;
mod archive;
mod build;
mod checksums;
mod debian;
mod desktop;
mod dist;
mod glibc;
mod image;
mod latest;
mod licences;
mod notes;
mod npm_licences;
mod program;
mod root;
mod rpm;
mod sbom;
mod sign;
mod tarball;
mod trial;

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;

use crate::workspace::Workspace;
use crate::{desktop as window, packages, perpetuad};
use dist::Dist;
use program::Program;
use sign::Key;

#[derive(Subcommand)]
pub(crate) enum Step {
    /// Build what is released, with the commit in it: `perpetuad`, or the desktop program
    Build {
        /// The system to build for; this one if none is named
        #[arg(long)]
        target: Option<String>,
        /// Build the desktop program instead
        #[arg(long)]
        desktop: bool,
    },
    /// Gather the licences of what the programs are made of, which every package carries
    Licences,
    /// Write down what the programs are made of, in the format of `CycloneDX`
    Sbom,
    /// Pack `perpetuad` for Debian and its family
    Deb(Program),
    /// Pack `perpetuad` for Fedora and its family
    Rpm(Program),
    /// Pack `perpetuad` into an archive for any of the six systems
    Tarball(Program),
    /// Pack the desktop program as this system has it: `.deb`, `.rpm`, `.AppImage`, installer or `.dmg`
    Desktop {
        #[command(flatten)]
        program: Program,
        /// What to make, with commas between; everything that Tauri makes on this system if nothing is named
        #[arg(long, value_delimiter = ',')]
        bundles: Vec<String>,
    },
    /// Build the container's image from the archives for Linux
    Image {
        /// What it is called
        #[arg(long, default_value = "perpetuad")]
        tag: String,
        /// Only make the folder that it is built of, `target/release-work/image`
        #[arg(long)]
        context_only: bool,
    },
    /// Refuse a program, or a folder of programs and libraries, that needs a newer glibc than is promised
    GlibcCheck { path: PathBuf },
    /// List what an `AppImage` holds, and refuse one that would not start, or not behave, elsewhere
    AppimageCheck { image: PathBuf },
    /// Print what CHANGELOG.md says about this version
    Notes {
        /// Take the section of what is not released yet
        #[arg(long)]
        unreleased: bool,
        /// Refuse to, if this is not the tag of this version
        #[arg(long)]
        tag: Option<String>,
    },
    /// Sign what the desktop program updates itself with
    Sign {
        /// Sign the checksums instead, by which everything else is vouched for
        #[arg(long)]
        checksums: bool,
    },
    /// Describe the signed packages for the updater of the desktop program, once each signature was checked
    LatestJson {
        /// Where the packages will be, without their names
        #[arg(long)]
        address: String,
        /// The file, so that a mirror can have one with its own addresses
        #[arg(long, default_value = "latest.json")]
        name: String,
        /// The public key; that of `tauri.conf.json` if none is named
        #[arg(long)]
        public_key: Option<PathBuf>,
        /// Take the notes of what is not released yet
        #[arg(long)]
        unreleased: bool,
    },
    /// Write the SHA-256 of everything that is published
    Checksums,
    /// Build and pack what this system can, one step after the other
    All,
    /// Try what was packed, as root on Debian: install, start, update and remove it in clean roots, and run the image
    Try {
        /// The program of the node to try; the release build if none is named
        #[arg(long)]
        node: Option<PathBuf>,
        /// The desktop program to try; that part is left out if none is named
        #[arg(long)]
        desktop: Option<PathBuf>,
        /// Try what lies packed in this folder instead
        #[arg(long, conflicts_with_all = ["node", "desktop"])]
        packed: Option<PathBuf>,
    },
}

/// Carries one step out.
pub(crate) fn run(workspace: &Workspace, step: Step) -> Result<()> {
    let dist = Dist::new(workspace)?;
    match step {
        Step::Build {
            target,
            desktop: false,
        } => build::node(workspace, target.as_deref()),
        Step::Build {
            target,
            desktop: true,
        } => build::desktop(workspace, target.as_deref()),
        Step::Licences => licences::gather(workspace, &dist),
        Step::Sbom => sbom::write(workspace, &dist),
        Step::Deb(program) => debian::pack(workspace, &dist, &program),
        Step::Rpm(program) => rpm::pack(workspace, &dist, &program),
        Step::Tarball(program) => tarball::pack(workspace, &dist, &program),
        Step::Desktop { program, bundles } => desktop::pack(workspace, &dist, &program, &bundles),
        Step::Image {
            context_only: true, ..
        } => image::context(workspace, &dist).map(drop),
        Step::Image { tag, .. } => image::build(workspace, &dist, &tag),
        Step::GlibcCheck { path } => glibc::check(&path),
        Step::AppimageCheck { image } => appimage::check(&dist, &image),
        Step::Notes { unreleased, tag } => {
            notes::check_tag(tag.as_deref())?;
            notes::print(workspace, unreleased)
        }
        Step::Sign { checksums: false } => {
            sign::packages(workspace, &dist, &Key::of_environment()?)
        }
        Step::Sign { checksums: true } => {
            sign::checksums(workspace, &dist, &Key::of_environment()?)
        }
        Step::LatestJson {
            address,
            name,
            public_key,
            unreleased,
        } => {
            let key = latest::public_key(workspace, public_key.as_deref())?;
            let notes = notes::of(workspace, unreleased)?;
            latest::write(workspace, &dist, &address, &name, &key, &notes)
        }
        Step::Checksums => checksums::write(&dist),
        Step::All => all(workspace, &dist),
        Step::Try {
            packed: Some(packed),
            ..
        } => trial::of_packed(workspace, &dist, &packed),
        Step::Try { node, desktop, .. } => trial::of_programs(workspace, &dist, node, desktop),
    }
}

/// Packs the programs that the tests were run with, and tries the packages where this machine lets one.
pub(crate) fn try_tested(workspace: &Workspace) -> Result<()> {
    if !packages::may_install() {
        eprintln!("xtask: packages are not tried here: only root on Debian can");
        return Ok(());
    }
    let dist = Dist::new(workspace)?;
    licences::gather(workspace, &dist)?;
    let (node, window) = (perpetuad::place(workspace), window::place(workspace));
    trial::of_programs(workspace, &dist, Some(node), Some(window))
}

fn all(workspace: &Workspace, dist: &Dist) -> Result<()> {
    let program = Program::default();
    build::node(workspace, None)?;
    licences::gather(workspace, dist)?;
    sbom::write(workspace, dist)?;
    if cfg!(target_os = "linux") {
        debian::pack(workspace, dist, &program)?;
        rpm::pack(workspace, dist, &program)?;
    }
    tarball::pack(workspace, dist, &program)?;
    build::desktop(workspace, None)?;
    desktop::pack(workspace, dist, &program, &[])?;
    checksums::write(dist)
}
