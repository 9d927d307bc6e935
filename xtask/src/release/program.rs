//! Which program is packed, and for which system.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use crate::process;
use crate::release::dist::{self, Dist};
use crate::release::licences;
use crate::workspace::Workspace;

/// A program that is packed.
#[derive(Args, Default)]
pub(crate) struct Program {
    /// The program to pack; the release build if none is named
    #[arg(long)]
    pub(crate) program: Option<PathBuf>,
    /// The system that it is for, as Rust calls it; this one if none is named
    #[arg(long)]
    pub(crate) target: Option<String>,
}

/// A system, as Rust calls it, such as `aarch64-unknown-linux-gnu`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Target {
    pub(crate) triple: String,
    pub(crate) system: System,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum System {
    Linux,
    Windows,
    Macos,
}

impl Target {
    /// One of the six that are released, or built for otherwise than they are released, such as with MinGW.
    pub(crate) fn of(triple: &str) -> Result<Self> {
        let is_known = ["x86_64-", "aarch64-"]
            .iter()
            .any(|machine| triple.starts_with(machine));
        let system = match triple {
            triple if triple.contains("-linux-") => System::Linux,
            triple if triple.contains("-windows-") => System::Windows,
            triple if triple.ends_with("-apple-darwin") => System::Macos,
            _ => bail!("perpetua is not released for `{triple}`"),
        };
        ensure!(is_known, "perpetua is not released for `{triple}`");
        let triple = triple.to_owned();
        Ok(Self { triple, system })
    }

    /// This one.
    pub(crate) fn host() -> Result<Self> {
        let told = process::output(Command::new("rustc").arg("-vV"))?;
        let mut lines = told.lines();
        let triple = lines.find_map(|line| line.strip_prefix("host: "));
        Self::of(triple.context("`rustc` does not say which system this is")?)
    }

    /// What a program is called there.
    pub(crate) fn program_name(&self, name: &str) -> String {
        match self.system {
            System::Windows => format!("{name}.exe"),
            System::Linux | System::Macos => name.to_owned(),
        }
    }
}

impl Program {
    pub(crate) fn target(&self) -> Result<Target> {
        self.target.as_deref().map_or_else(Target::host, Target::of)
    }

    /// The named program, or where a release build puts it.
    pub(crate) fn place(&self, workspace: &Workspace, name: &str) -> Result<PathBuf> {
        let name = self.target()?.program_name(name);
        let builds = match &self.target {
            Some(triple) => workspace.target.join(triple),
            None => workspace.target.clone(),
        };
        let built = builds.join("release").join(name);
        let place = self.program.clone().unwrap_or(built);
        ensure!(
            place.is_file(),
            "`{}` is not there; type `cargo xtask release build`",
            place.display()
        );
        Ok(place)
    }

    /// Lays a program and its notices out as Cargo would have after a build for its target, so that tools which pack
    /// Cargo's builds take any program; gives that folder of builds.
    pub(crate) fn stage(
        &self,
        workspace: &Workspace,
        dist: &Dist,
        name: &str,
    ) -> Result<(PathBuf, Target)> {
        let target = self.target()?;
        let builds = dist.work.join(name);
        let release = builds.join(&target.triple).join("release");
        let program = release.join(target.program_name(name));
        dist::copy(&self.place(workspace, name)?, &program)?;
        let notices = licences::notices(dist, name)?;
        dist::copy(&notices, &release.join(licences::NOTICES))?;
        Ok((builds, target))
    }
}

/// A tool that packs what was staged, with everything that it goes by.
pub(crate) fn packer(workspace: &Workspace, builds: &Path) -> Result<Command> {
    let mut command = workspace.cargo();
    command.env("CARGO_TARGET_DIR", builds).env(
        "SOURCE_DATE_EPOCH",
        dist::committed_at(workspace)?.to_string(),
    );
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::{System, Target};

    #[test]
    fn the_six_systems_are_known_and_no_others() {
        for (triple, system) in [
            ("x86_64-unknown-linux-gnu", System::Linux),
            ("aarch64-unknown-linux-gnu", System::Linux),
            ("x86_64-pc-windows-msvc", System::Windows),
            ("aarch64-pc-windows-msvc", System::Windows),
            ("x86_64-apple-darwin", System::Macos),
            ("aarch64-apple-darwin", System::Macos),
        ] {
            let known = Target::of(triple).expect(triple);
            assert_eq!(known.system, system, "{triple}");
        }
        for triple in ["i686-pc-windows-msvc", "x86_64-unknown-freebsd", ""] {
            assert!(Target::of(triple).is_err(), "{triple}");
        }
    }

    #[test]
    fn programs_have_an_ending_on_windows_only() {
        let name = |triple| Target::of(triple).expect(triple).program_name("perpetuad");
        assert_eq!(name("aarch64-pc-windows-msvc"), "perpetuad.exe");
        assert_eq!(name("aarch64-apple-darwin"), "perpetuad");
    }
}
