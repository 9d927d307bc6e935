//! What the folder of installed versions refuses.

use std::path::PathBuf;

use perpetua_fs::FileError;
use thiserror::Error;

/// Nothing was changed, and this is why.
#[derive(Debug, Error)]
pub enum VersionsError {
    /// There is no such version.
    #[error("no version `{id}` is installed; {}", told(.installed))]
    NotInstalled {
        /// What was asked for.
        id: String,
        /// What there is.
        installed: Vec<String>,
    },
    /// The current version is not removed.
    #[error(
        "`{id}` is the version in use; choose another one first with `perpetuad core use VERSION`"
    )]
    IsCurrent {
        /// The version.
        id: String,
    },
    /// A version that runs is not removed.
    #[error("`{id}` is in use by a running account; stop the account first")]
    InUse {
        /// The version.
        id: String,
    },
    /// There is nothing to go back to.
    #[error("there is no version before the one in use to go back to")]
    NothingBefore,
    /// A version is not what was installed.
    #[error(
        "the version `{id}` was changed since it was installed: {what}; install it again with `perpetuad core install`"
    )]
    Damaged {
        /// The version.
        id: String,
        /// What was found.
        what: String,
    },
    /// The record is no record.
    #[error(
        "`{path}` cannot be read ({reason}); move it away and install again with `perpetuad core install`"
    )]
    Unreadable {
        /// The record.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A file or folder could not be made, read, written or moved.
    #[error(transparent)]
    File(#[from] FileError),
}

fn told(ids: &[String]) -> String {
    if ids.is_empty() {
        return "none is".to_owned();
    }
    let quoted: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
    format!("installed are {}", quoted.join(", "))
}
