//! The data folder and what lies in it.

use std::fs::{self, DirBuilder};
use std::path::{Path, PathBuf, absolute};

use directories::ProjectDirs;

use crate::open_to_others::refuse_open_to_others;
use crate::{FileAction, FileError, permit, write::remove_left_behind};

/// The paths of one node's files. Knowing a path does not mean that something is there.
///
/// ```text
/// <data>/perpetua.toml      the settings
///        state.json         what the node chose and keeps, such as ports
///        secrets.json       the secrets, with `secrets = "file"`
///        made-secrets.json  the names of those that the node has stored by itself
///        accounts.json      the accounts that ran last, to know one again that gets another name
///        logs/              log files
///        core/              the installed versions of the managed core
///        accounts/<name>/   where the core of an account works
///        run/session.json   how programs of this machine reach the running node
///        run/lock, run/pid  who uses the folder
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    data: PathBuf,
}

impl Folders {
    /// The folder that someone named with `--data-dir`, or the platform's own for this user:
    /// `~/.local/share/perpetua`, `~/Library/Application Support/perpetua` or
    /// `%LOCALAPPDATA%\perpetua\data`.
    pub fn locate(explicit: Option<&Path>) -> Result<Self, FileError> {
        if let Some(folder) = explicit {
            return Self::at(folder);
        }
        let platform = ProjectDirs::from("", "", "perpetua").ok_or(FileError::NoHomeFolder)?;
        Self::at(platform.data_local_dir())
    }

    /// A folder of one's own choice; a relative path starts at the working folder of this moment.
    pub fn at(folder: &Path) -> Result<Self, FileError> {
        let data =
            absolute(folder).map_err(|error| FileError::new(FileAction::Locate, folder, error))?;
        Ok(Self { data })
    }

    /// Makes the folders that do not exist yet, for nobody but the owner.
    ///
    /// On Unix new folders get the rights 0700. A data folder that exists keeps its rights: it may
    /// be shared with a group on purpose, and what must stay private is private by the rights of its
    /// own file. One that every user may write to is refused, and so is a folder in it. On Windows folders inherit their rights; those of the user's profile, where the usual data
    /// folder lies, let in nobody but the user and the administrators.
    pub fn create(&self) -> Result<(), FileError> {
        for folder in [&self.data, &self.logs(), &self.run()] {
            create_private_folder(folder)?;
            refuse_open_to_others(folder)?;
        }
        for folder in [&self.accounts(), &self.core()] {
            refuse_open_to_others(folder)?;
        }
        Ok(())
    }

    /// The data folder itself.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The settings, `perpetua.toml`.
    pub fn settings(&self) -> PathBuf {
        self.data.join("perpetua.toml")
    }

    /// What the node chose and keeps, such as a port for each listener with port 0.
    pub fn state(&self) -> PathBuf {
        self.data.join("state.json")
    }

    /// The secrets of a node that keeps them in a file.
    pub fn secrets(&self) -> PathBuf {
        self.data.join("secrets.json")
    }

    /// The names of the secrets that the node has stored by itself, wherever it keeps them.
    pub fn made_secrets(&self) -> PathBuf {
        self.data.join("made-secrets.json")
    }

    /// By what the accounts of the settings are known again when one of them gets another name.
    pub fn known_accounts(&self) -> PathBuf {
        self.data.join("accounts.json")
    }

    /// Which browsers are signed in, as digests of their sessions.
    pub fn sessions(&self) -> PathBuf {
        self.data.join("sessions.json")
    }

    /// The folder of the log files.
    pub fn logs(&self) -> PathBuf {
        self.data.join("logs")
    }

    /// The folder of the installed versions of the managed core.
    pub fn core(&self) -> PathBuf {
        self.data.join("core")
    }

    /// The working folder of an account's core: its session, its settings, its database.
    pub fn account(&self, name: &str) -> PathBuf {
        self.accounts().join(name)
    }

    /// The working folders of all accounts' cores.
    pub fn accounts(&self) -> PathBuf {
        self.data.join("accounts")
    }

    /// The folder of what only a running node has.
    pub fn run(&self) -> PathBuf {
        self.data.join("run")
    }

    /// The address and the session token of the running node.
    pub fn session(&self) -> PathBuf {
        self.run().join("session.json")
    }

    /// Removes what killed processes have left half written, in every folder that files are written to.
    /// Blocks.
    pub(crate) fn remove_left_behind(&self) {
        let own = [self.data.clone(), self.run(), self.core()];
        let accounts = subfolders(&self.accounts());
        let above = accounts.iter().chain(own.last());
        let below: Vec<_> = above.flat_map(|folder| subfolders(folder)).collect();
        for folder in own.iter().chain(&accounts).chain(&below) {
            remove_left_behind(folder);
        }
    }
}

/// The folders in a folder; a link to one is none, for where it leads is not ours.
fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    folders.map(|entry| entry.path()).collect()
}

/// Makes a folder and those above it that do not exist, for nobody but the owner; see
/// [`Folders::create`] for what that means on each system. One that exists keeps its rights. Blocks.
pub fn create_private_folder(folder: &Path) -> Result<(), FileError> {
    if folder.is_dir() {
        return Ok(());
    }
    let created =
        permit(FileAction::CreateFolder, folder).and_then(|()| owner_only_builder().create(folder));
    created.map_err(|error| FileError::new(FileAction::CreateFolder, folder, error))
}

#[cfg(unix)]
pub(crate) fn owner_only_builder() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt;
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder
}

#[cfg(windows)]
pub(crate) fn owner_only_builder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    builder
}
