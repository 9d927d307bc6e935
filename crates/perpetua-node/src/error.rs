//! Why a node does not start, and what its program exits with.

use std::{io, path::PathBuf};

use perpetua_config::Problems;
use perpetua_fetch::ClientError;
use perpetua_fs::{FileError, LockError};
use perpetua_proxy::BindError;
use perpetua_secrets::SecretError;
use perpetua_supervisor::installer::InstallerError;
use thiserror::Error;

pub(crate) use perpetua_telemetry::in_words;

/// A sentence that has no code of its own yet.
pub(crate) fn other(text: impl Into<String>) -> perpetua_words::Message {
    perpetua_words::io::Other { text: text.into() }.into()
}

/// The exit codes that scripts rely on (`sysexits.h` where it has one).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum ExitCode {
    /// Wrong settings or arguments.
    Usage = 64,
    /// Something that is needed is not to be had: an address in use, a node, a download.
    Unavailable = 69,
    /// A fault of ours, or of the machine.
    Internal = 70,
    /// Another node uses the data folder.
    FolderInUse = 75,
}

/// Why a node does not start; the text tells a person what to do.
#[derive(Debug, Error)]
pub enum StartError {
    /// `perpetua.toml` is wrong; every problem stands on its own line.
    #[error("`{path}` has mistakes:\n{problems}", path = .path.display())]
    Settings {
        /// The settings file.
        path: PathBuf,
        /// Its problems.
        problems: Problems,
    },
    /// The settings file is there and cannot be read.
    #[error("cannot read the settings `{path}`; make it readable for this user", path = .path.display())]
    UnreadableSettings {
        /// The settings file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// `--config` names a file that does not exist.
    #[error("there is no settings file `{path}`; check `--config`, or start `perpetuad` once without it: it writes one into its data folder", path = .path.display())]
    NoSettings {
        /// What was named.
        path: PathBuf,
    },
    /// Another node, or a folder that cannot be used.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A folder or file of the node's own.
    #[error(transparent)]
    File(#[from] FileError),
    /// A port.
    #[error("{what} cannot be opened")]
    Bind {
        /// Whose port it is.
        what: String,
        /// What is wrong with it.
        source: BindError,
    },
    /// The installed cores.
    #[error("the installed cores cannot be used")]
    Cores(#[source] InstallerError),
    /// No HTTP client.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The system gave no randomness for the session token.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

impl StartError {
    /// What the program exits with.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Settings { .. } | Self::UnreadableSettings { .. } | Self::NoSettings { .. } => {
                ExitCode::Usage
            }
            Self::Lock(LockError::Held { .. }) => ExitCode::FolderInUse,
            Self::Bind {
                source: BindError::InUse { .. },
                ..
            } => ExitCode::Unavailable,
            Self::Bind { .. } => ExitCode::Usage,
            Self::Lock(_) | Self::File(_) | Self::Secret(_) | Self::Cores(_) | Self::Client(_) => {
                ExitCode::Internal
            }
        }
    }
}
