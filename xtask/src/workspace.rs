//! Where the repository is, and what is in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use cargo_metadata::MetadataCommand;

use crate::process;

/// All packages but this one: the program and its tests, as Cargo selects them.
///
/// Whoever builds some of it selects all of it: with fewer packages, crates would have other features
/// and be built again.
pub(crate) const PROGRAM_AND_TESTS: [&str; 3] = ["--workspace", "--exclude", "xtask"];

/// The repository, as Cargo sees it.
pub(crate) struct Workspace {
    /// The folder of the root `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where builds go; `CARGO_TARGET_DIR` moves it.
    pub(crate) target: PathBuf,
    /// The package at the root and those under `crates/`: the program, without its tests and tools.
    pub(crate) program: Vec<String>,
    /// The folders of all packages.
    pub(crate) members: Vec<PathBuf>,
}

impl Workspace {
    /// Asks Cargo, wherever in the repository the command was typed.
    pub(crate) fn find() -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let metadata = MetadataCommand::new()
            .current_dir(here)
            .no_deps()
            .exec()
            .context("`cargo metadata` failed; see its message for the faulty `Cargo.toml`")?;
        let root = metadata.workspace_root.join("Cargo.toml");
        let crates = metadata.workspace_root.join("crates");
        let program = metadata
            .workspace_packages()
            .into_iter()
            .filter(|package| {
                package.manifest_path == root || package.manifest_path.starts_with(&crates)
            })
            .map(|package| package.name.to_string())
            .collect();
        let members = metadata.workspace_packages().into_iter();
        let members = members.filter_map(|package| package.manifest_path.parent());
        let members = members
            .map(|folder| folder.as_std_path().to_owned())
            .collect();
        Ok(Self {
            members,
            root: metadata.workspace_root.into_std_path_buf(),
            target: metadata.target_directory.into_std_path_buf(),
            program,
        })
    }

    /// Cargo, at the root.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = process::cargo();
        command.current_dir(&self.root);
        command
    }

    /// The arguments by which Cargo selects the program.
    pub(crate) fn program_arguments(&self) -> impl Iterator<Item = &str> {
        self.program
            .iter()
            .flat_map(|package| ["--package", package.as_str()])
    }
}
