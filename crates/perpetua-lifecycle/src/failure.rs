//! What keeps a core from running; the sentences are in `words.rs`.

use perpetua_words::Message;
use thiserror::Error;

use crate::{Exit, ExitCause, OfflineReason};

/// Why no core could be installed.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{}", Message::from(self))]
pub enum InstallProblem {
    /// Something failed; tried again later. The words come from the installer.
    Failed(Message),
    /// Nobody vouches for the download: a person has to confirm its SHA-256.
    Unconfirmed {
        /// The file's name.
        name: String,
        /// Its SHA-256 in lower-case hex.
        sha256: String,
    },
    /// The settings forbid installing by itself.
    NotAllowed,
}

/// Why no signer can be used.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{}", Message::from(self))]
pub enum SignerProblem {
    /// None is in the settings.
    NoneConfigured,
    /// None of those in the settings works; one sentence for each.
    NoneWorks(Vec<Message>),
    /// The one in use stopped signing while the account was online.
    Lost(Message),
}

/// Why a start came to nothing, or a run to an end.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{}", Message::from(self))]
pub enum LaunchFailure {
    /// No signer: the login is not tried.
    Signer(SignerProblem),
    /// There is no core (any more).
    NoCore,
    /// The installed core is not what was installed.
    Damaged(Message),
    /// Something on this machine stood in the way: a folder, the disk, the keyring.
    Machine(Message),
    /// The system did not start the process.
    NotStarted(Message),
    /// It would end at once, so it is not started; trying again would not help.
    CannotRun(ExitCause),
    /// The process ended by itself.
    Exited(Exit),
    /// It made no progress for longer than the watchdog allows; seconds.
    NoProgress(u64),
    /// QQ, or the signer for what is asked of QQ, said nothing during the login for longer than the
    /// watchdog allows; seconds.
    QqSilent(u64),
    /// The connection to QQ could not be made or broke before the login was done; the system's words,
    /// empty where there are none.
    NoConnection(String),
    /// It was online and is not any more.
    WentOffline(OfflineReason),
    /// The stop was asked for before the process ran.
    CalledOff,
    /// Its port was taken; another is chosen.
    PortInUse,
    /// The person cancelled the login on the phone.
    CodeCanceled,
    /// It runs, and its WebSocket server does not.
    NoServer(String),
}

impl From<SignerProblem> for LaunchFailure {
    fn from(problem: SignerProblem) -> Self {
        Self::Signer(problem)
    }
}
