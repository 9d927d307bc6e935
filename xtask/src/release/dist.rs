//! What a release is of, and where its files go.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;
use crate::workspace::Workspace;

/// The version of everything in the repository.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The folders of a release.
pub(crate) struct Dist {
    /// What is published, file by file.
    pub(crate) folder: PathBuf,
    /// What is needed on the way there.
    pub(crate) work: PathBuf,
}

impl Dist {
    /// Makes them, and removes nothing: steps are run one by one.
    pub(crate) fn new(workspace: &Workspace) -> Result<Self> {
        let dist = Self {
            folder: workspace.target.join("dist"),
            work: workspace.target.join("release-work"),
        };
        make_folder(&dist.folder)?;
        make_folder(&dist.work)?;
        Ok(dist)
    }

    /// The names of what is published so far, in order.
    pub(crate) fn names(&self) -> Result<Vec<String>> {
        let unread = || format!("`{}` cannot be read", self.folder.display());
        let entries: std::io::Result<Vec<_>> =
            fs::read_dir(&self.folder).with_context(unread)?.collect();
        let entries = entries.with_context(unread)?;
        let files = entries.iter().filter(|entry| entry.path().is_file());
        let mut names: Vec<_> = files
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        Ok(names)
    }

    /// Takes a file among what is published.
    pub(crate) fn publish(&self, file: &Path, name: &str) -> Result<()> {
        copy(file, &self.folder.join(name))?;
        eprintln!("xtask: made {name}");
        Ok(())
    }
}

/// The commit that is released, in short; with a `+` where something was changed since.
pub(crate) fn commit(workspace: &Workspace) -> Result<String> {
    let mut git = Command::new("git");
    let line = "describe --always --abbrev=12 --exclude=* --dirty=+";
    git.current_dir(&workspace.root).args(line.split(' '));
    Ok(process::output(&mut git)?.trim().to_owned())
}

/// When that commit was made, in seconds since 1970: what is packed gets this time, so that the same commit gives the
/// same bytes.
pub(crate) fn committed_at(workspace: &Workspace) -> Result<u64> {
    let seconds = log(workspace, "%ct")?;
    seconds.parse().context("git tells no time")
}

/// The same as RFC 3339 has it.
pub(crate) fn committed_on(workspace: &Workspace) -> Result<String> {
    log(workspace, "%cI")
}

fn log(workspace: &Workspace, format: &str) -> Result<String> {
    let mut git = Command::new("git");
    git.current_dir(&workspace.root)
        .args(["log", "--max-count=1"])
        .arg(format!("--format={format}"));
    Ok(process::output(&mut git)?.trim().to_owned())
}

/// Makes a folder with those above it.
pub(crate) fn make_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("`{}` cannot be made", folder.display()))
}

/// Copies a file over what is there; its rights come along.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        make_folder(folder)?;
    }
    fs::copy(from, to).with_context(|| {
        format!(
            "`{}` cannot be copied to `{}`",
            from.display(),
            to.display()
        )
    })?;
    Ok(())
}
