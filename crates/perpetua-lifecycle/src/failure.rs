//! What keeps a core from running; the sentences are in `words.rs`.

use std::time::Instant;

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
        /// It was given up before, whoever vouches for it; when and why, for people.
        rolled_back: Option<Message>,
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
    /// None of those in the settings has answered, and not all of them are on this machine; one sentence for each.
    NoneReached(Vec<Message>),
    /// The one in use stopped signing while the account was online.
    Lost(Message),
}

/// Why a start came to nothing, or a run to an end.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{}", Message::from(self))]
pub enum LaunchFailure {
    /// No signer: the login is not tried.
    Signer(SignerProblem),
    /// No signer can be reached, and no name of QQ is found either: it is the network that is away.
    NoNetwork(SignerProblem),
    /// There is no core (any more).
    NoCore,
    /// The installed core is not what was installed.
    Damaged(Message),
    /// The saved session is another account's than that of the settings. It stays as it is.
    WrongSession {
        /// The account of the settings.
        expected: u64,
        /// Whose session it is.
        found: u64,
    },
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
    /// QQ said nothing during the login for longer than the watchdog allows; seconds.
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

/// QQ cannot be reached, or says nothing. It lasts from the first sign of that to QQ's first word.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outage {
    /// Since when.
    pub since: Instant,
    /// How it showed last.
    pub failure: LaunchFailure,
}

impl SignerProblem {
    /// Whether names have to be looked up before a signer is blamed.
    pub fn may_be_the_network(&self) -> bool {
        matches!(self, Self::NoneReached(_))
    }
}

impl LaunchFailure {
    /// What keeps a login from being tried for which there is no signer, where names of QQ are found or not at the
    /// moment: no signer is to blame for a network that is away. A signer that has answered was reached.
    pub fn without_signer(problem: SignerProblem, names_found: bool) -> Self {
        if problem.may_be_the_network() && !names_found {
            Self::NoNetwork(problem)
        } else {
            Self::Signer(problem)
        }
    }
}

impl From<SignerProblem> for LaunchFailure {
    fn from(problem: SignerProblem) -> Self {
        Self::Signer(problem)
    }
}

#[cfg(test)]
mod tests {
    use perpetua_words::signer as words;

    use super::*;

    #[test]
    fn the_network_is_blamed_where_nobody_was_reached_and_no_name_is_found() {
        let silent = || vec![Message::from(words::Silent { seconds: 10_u64 })];
        for (problem, names_found, is_the_network) in [
            (SignerProblem::NoneReached(silent()), false, true),
            (SignerProblem::NoneReached(silent()), true, false),
            (SignerProblem::NoneWorks(silent()), false, false),
            (SignerProblem::NoneWorks(silent()), true, false),
            (SignerProblem::NoneConfigured, false, false),
            (SignerProblem::Lost(words::Gone.into()), false, false),
        ] {
            let wanted = if is_the_network {
                LaunchFailure::NoNetwork(problem.clone())
            } else {
                LaunchFailure::Signer(problem.clone())
            };
            assert_eq!(LaunchFailure::without_signer(problem, names_found), wanted);
        }
    }
}
