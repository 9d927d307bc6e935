//! What can go wrong with secrets. No error holds one, nor the bytes of a store that may be one.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use perpetua_fs::FileError;

/// Why a secret could not be read, kept or made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// There is no keyring, as on most servers.
    #[error(
        "no system keyring can be reached; \
         on a server without one, write `secrets = \"file\"` at the top of `perpetua.toml`"
    )]
    KeyringAbsent {
        /// The system's own words.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The keyring is there but does not open for us.
    #[error(
        "the system keyring is locked; unlock it and try again, \
         or write `secrets = \"file\"` at the top of `perpetua.toml`"
    )]
    KeyringLocked {
        /// The system's own words.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The keyring did not answer, most likely because it waits for a person.
    #[error(
        "the system keyring did not answer within {} s; it may be asking for its password: \
         unlock it and try again, or write `secrets = \"file\"` at the top of `perpetua.toml`",
        .limit.as_secs_f32()
    )]
    KeyringTimeout {
        /// How long we waited.
        limit: Duration,
    },
    /// The keyring refused for another reason.
    #[error("the system keyring failed: {reason}")]
    Keyring {
        /// The system's own words.
        reason: String,
    },
    /// What the store has under the name is no secret of ours.
    #[error(
        "the secret `{name}` in the store is damaged; delete it and start again to have a new one made"
    )]
    DamagedSecret {
        /// The secret's name.
        name: String,
    },
    /// The secrets file is not what we wrote.
    #[error(
        "the secrets file `{path}` is damaged at line {line}, column {column}; \
         repair it, or delete it to have new tokens made"
    )]
    DamagedFile {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
    },
    /// Others than its owner may read the secrets file.
    #[error(
        "other users can read the secrets file `{path}`; run `chmod 600 {path}` and change its tokens if others use this machine"
    )]
    ExposedFile {
        /// The file.
        path: PathBuf,
    },
    /// The secrets file cannot be read.
    #[error("cannot read the secrets file `{path}`")]
    UnreadableFile {
        /// The file.
        path: PathBuf,
        /// The system's own words.
        source: io::Error,
    },
    /// The secrets file cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes to make a token of: {reason}")]
    Random {
        /// The system's own words.
        reason: String,
    },
}

/// Why a text cannot be a secret. The text itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSecret {
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// It cannot travel in an HTTP header.
    #[error("it has white space, control or non-ASCII characters, which no HTTP header can carry")]
    Unprintable,
}
