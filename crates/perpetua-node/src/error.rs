//! Why a node does not start, and what its program exits with.

use std::{fmt, path::PathBuf};

use perpetua_accounts::PortOwner;
use perpetua_config::Problems;
use perpetua_fetch::ClientError;
use perpetua_fs::{FileError, LockError};
use perpetua_proxy::BindError;
use perpetua_secrets::SecretError;
use perpetua_supervisor::installer::InstallerError;
use perpetua_words::{Message, file, node, start};

/// The exit codes that scripts rely on (`sysexits.h` where it has one).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum ExitCode {
    /// Wrong settings or arguments.
    Usage = 64,
    /// A resource is unavailable: an address in use, a full disk, a locked keyring, no running node, a failed
    /// download.
    Unavailable = 69,
    /// An internal error of the program.
    Internal = 70,
    /// Another node uses the data folder.
    FolderInUse = 75,
}

/// Why a node does not start; the text tells a person what to do.
#[derive(Debug)]
pub enum StartError {
    /// `perpetua.toml` is wrong.
    Settings {
        /// The settings file.
        path: PathBuf,
        /// Its problems.
        problems: Problems,
    },
    /// The settings file is there and cannot be read.
    UnreadableSettings {
        /// The settings file.
        path: PathBuf,
        /// What is wrong with it.
        cause: Message,
    },
    /// The settings file is being written by somebody else, or is blank: no change can be made of it.
    SettingsBeingEdited {
        /// The settings file.
        path: PathBuf,
    },
    /// `--config` names a file that does not exist.
    NoSettings {
        /// What was named.
        path: PathBuf,
    },
    /// Another node, or a folder that cannot be used.
    Lock(LockError),
    /// A folder or file of the node's own.
    File(FileError),
    /// A port.
    Bind {
        /// Whose port it is; absent for the interface's own.
        owner: Option<PortOwner>,
        /// What is wrong with it.
        cause: BindError,
    },
    /// The port at which cores ask for signatures.
    Signing(std::io::Error),
    /// The installed cores.
    Cores(InstallerError),
    /// No HTTP client.
    Client(ClientError),
    /// The system gave no randomness for the session token.
    Secret(SecretError),
}

impl StartError {
    /// What the program exits with.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Lock(error) => ExitCode::of_lock(error),
            Self::Bind {
                cause: BindError::InUse { .. },
                ..
            }
            | Self::Signing(_)
            | Self::File(_) => ExitCode::Unavailable,
            Self::Settings { .. }
            | Self::UnreadableSettings { .. }
            | Self::SettingsBeingEdited { .. }
            | Self::NoSettings { .. }
            | Self::Bind { .. } => ExitCode::Usage,
            Self::Secret(error) => ExitCode::of_secret(error),
            Self::Cores(error) => ExitCode::of_cores(error),
            Self::Client(_) => ExitCode::Internal,
        }
    }
}

impl From<&StartError> for Message {
    fn from(error: &StartError) -> Self {
        match error {
            StartError::Settings { path, problems } => start::SettingsInvalid {
                path,
                problems: problems
                    .as_slice()
                    .iter()
                    .map(Self::from)
                    .collect::<Vec<_>>(),
            }
            .into(),
            StartError::UnreadableSettings { path, cause } => {
                let cause = cause.clone();
                file::CannotRead { path, cause }.into()
            }
            StartError::SettingsBeingEdited { path } => node::SettingsBeingEdited { path }.into(),
            StartError::NoSettings { path } => start::NoSettings { path }.into(),
            StartError::Lock(error) => error.into(),
            StartError::File(error) => error.into(),
            StartError::Bind { owner, cause } => start::PortFailed {
                port: match owner {
                    Some(owner) => Self::from(owner),
                    None => start::PortOfApi.into(),
                },
                cause: Self::from(cause),
            }
            .into(),
            StartError::Signing(error) => start::PortFailed {
                port: Self::from(start::PortOfSigning),
                cause: Self::from(error),
            }
            .into(),
            StartError::Cores(error) => start::Cores {
                cause: Self::from(error),
            }
            .into(),
            StartError::Client(error) => error.into(),
            StartError::Secret(error) => error.into(),
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Message::from(self).fmt(formatter)
    }
}

impl std::error::Error for StartError {}

macro_rules! from {
    ($($variant:ident($error:ty))*) => {$(
        impl From<$error> for StartError {
            fn from(error: $error) -> Self {
                Self::$variant(error)
            }
        }
    )*};
}
from!(Lock(LockError) File(FileError) Client(ClientError) Secret(SecretError));
