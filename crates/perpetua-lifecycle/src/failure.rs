//! What keeps a core from running; each text is for people and says what to do next.

use thiserror::Error;

use crate::{Exit, ExitCause, OfflineReason};

/// Why no core could be installed.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum InstallProblem {
    /// Something failed; tried again later. The words come from the installer.
    #[error("{0}")]
    Failed(String),
    /// Nobody vouches for the download: a person has to confirm its SHA-256.
    #[error(
        "nobody vouches for the downloaded core `{name}`; compare its SHA-256 `{sha256}` with one that you trust, \
         then run `perpetuad core install --accept {sha256}`"
    )]
    Unconfirmed {
        /// The file's name.
        name: String,
        /// Its SHA-256 in lower-case hex.
        sha256: String,
    },
    /// The settings forbid installing by itself.
    #[error(
        "no core is installed, and `auto-install` is off in `[core]`; run `perpetuad core install`"
    )]
    NotAllowed,
}

/// Why no signer can be used.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum SignerProblem {
    /// None is in the settings.
    #[error(
        "no signer is set, and without one QQ refuses every login; add a `[[signers]]` with a `url` that you trust to `perpetua.toml`"
    )]
    NoneConfigured,
    /// None of those in the settings works; one sentence for each.
    #[error("no signer works, so the login is not tried: {}", .0.join("; "))]
    NoneWorks(Vec<String>),
    /// The one in use stopped signing while the account was online.
    #[error("the signer has stopped signing, so messages are received and cannot be sent: {0}")]
    Lost(String),
}

/// Why a start came to nothing, or a run to an end.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum LaunchFailure {
    /// No signer: the login is not tried.
    #[error(transparent)]
    Signer(#[from] SignerProblem),
    /// There is no core (any more).
    #[error("no core is installed; run `perpetuad core install`")]
    NoCore,
    /// The installed core is not what was installed.
    #[error(
        "the installed core was changed since it was installed ({0}); install it again with `perpetuad core install`"
    )]
    Damaged(String),
    /// Something on this machine stood in the way: a folder, the disk, the keyring.
    #[error("{0}")]
    Machine(String),
    /// The system did not start the process.
    #[error("the core could not be started: {0}")]
    NotStarted(String),
    /// It would end at once, so it is not started; trying again would not help.
    #[error("the core is not started: {0}")]
    CannotRun(ExitCause),
    /// The process ended by itself.
    #[error("the core ended: {0}")]
    Exited(Exit),
    /// It made no progress for longer than the watchdog allows; seconds.
    #[error("the core made no progress for {0} s while starting, and was ended")]
    NoProgress(u64),
    /// It was online and is not any more.
    #[error("the account went offline")]
    WentOffline(OfflineReason),
    /// The stop was asked for before the process ran.
    #[error("the start was called off")]
    CalledOff,
    /// Its port was taken; another is chosen.
    #[error("the core's port was taken by another program; another one is tried")]
    PortInUse,
    /// The person cancelled the login on the phone.
    #[error("the login was cancelled on the phone; start it again to get a fresh QR code")]
    CodeCanceled,
    /// It runs, and its WebSocket server does not.
    #[error("the core could not open its WebSocket server: {0}")]
    NoServer(String),
}
