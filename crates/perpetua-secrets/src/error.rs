//! What can go wrong with secrets. No error holds one, nor the bytes of a store that may be one.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use perpetua_fs::FileError;
use perpetua_words::{Message, Param, file, secret, unit};

/// Why a secret could not be read, kept or made.
#[derive(Debug)]
#[non_exhaustive]
pub enum SecretError {
    /// There is no keyring, as on most servers.
    KeyringAbsent {
        /// The system's own words.
        reason: String,
    },
    /// The keyring is there but does not open for us.
    KeyringLocked {
        /// The system's own words.
        reason: String,
    },
    /// The keyring did not answer, most likely because it waits for a person.
    KeyringTimeout {
        /// How long we waited.
        limit: Duration,
    },
    /// The keyring refused for another reason.
    Keyring {
        /// The system's own words.
        reason: String,
    },
    /// What the store has under the name is no secret of ours.
    DamagedSecret {
        /// The secret's name.
        name: String,
    },
    /// The secrets file is not what we wrote.
    DamagedFile {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
    },
    /// Others than its owner may read the secrets file.
    ExposedFile {
        /// The file.
        path: PathBuf,
    },
    /// The secrets file cannot be read.
    UnreadableFile {
        /// The file.
        path: PathBuf,
        /// The system's own words.
        cause: io::Error,
    },
    /// The secrets file cannot be written.
    File(FileError),
    /// A secret is longer than the keyring of every system takes.
    TooLong {
        /// How many characters it may have.
        limit: usize,
    },
    /// The operating system gives no random bytes.
    Random {
        /// The system's own words.
        reason: String,
    },
}

impl From<FileError> for SecretError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<&SecretError> for Message {
    fn from(error: &SecretError) -> Self {
        match error {
            SecretError::KeyringAbsent { reason } => secret::KeyringAbsent { reason }.into(),
            SecretError::KeyringLocked { reason } => secret::KeyringLocked { reason }.into(),
            SecretError::KeyringTimeout { limit } => {
                let limit = Self::from(unit::Seconds {
                    count: limit.as_secs(),
                });
                secret::KeyringTimeout { limit }.into()
            }
            SecretError::Keyring { reason } => secret::KeyringFailed { reason }.into(),
            SecretError::DamagedSecret { name } => secret::Damaged { name }.into(),
            SecretError::DamagedFile { path, line, column } => secret::FileDamaged {
                path,
                line: *line,
                column: *column,
            }
            .into(),
            SecretError::ExposedFile { path } => secret::FileExposed { path }.into(),
            SecretError::UnreadableFile { path, cause } => file::CannotRead { path, cause }.into(),
            SecretError::File(error) => error.into(),
            SecretError::TooLong { limit } => secret::TooLong { limit: *limit }.into(),
            SecretError::Random { reason } => secret::NoRandomness { reason }.into(),
        }
    }
}

impl From<&SecretError> for Param {
    fn from(error: &SecretError) -> Self {
        Message::from(error).into()
    }
}

impl fmt::Display for SecretError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Message::from(self).fmt(formatter)
    }
}

impl std::error::Error for SecretError {}

/// Why a text cannot be a secret. The text itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidSecret {
    /// There is nothing in it.
    Empty,
    /// It cannot travel in an HTTP header.
    Unprintable,
}

impl From<InvalidSecret> for Message {
    fn from(error: InvalidSecret) -> Self {
        match error {
            InvalidSecret::Empty => secret::Empty.into(),
            InvalidSecret::Unprintable => secret::Unprintable.into(),
        }
    }
}

impl fmt::Display for InvalidSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Message::from(*self).fmt(formatter)
    }
}

impl std::error::Error for InvalidSecret {}
