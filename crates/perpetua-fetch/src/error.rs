//! What can go wrong between a source and an installed core; the sentences are in `words.rs`.

use perpetua_words::{Message, io};
use thiserror::Error;

use crate::{Sha256, UnpackError, VersionsError};
use perpetua_fs::FileError;

/// Why one address gave no file or no listing.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{}", Message::from(self))]
pub enum AddressProblem {
    /// It ends in no file's name.
    NoFileName,
    /// Nothing answered, or the connection broke before an answer; why.
    Unreachable(Message),
    /// The proxy of the settings let nobody through; the source was not asked.
    Proxy {
        /// Its address without its secrets.
        proxy: String,
        /// Why.
        cause: Message,
    },
    /// It answered with an HTTP status that is no success.
    Status(u16),
    /// Too many redirects, or one to an insecure address.
    Redirect(Message),
    /// It answered with a page for browsers or with JSON where a file was asked for.
    WebPage,
    /// The file does not begin as an archive does.
    NotAnArchive,
    /// It sends more than is allowed; bytes.
    TooLarge(u64),
    /// The connection ended before the file did; bytes that are there.
    Cut(u64),
    /// No byte came for so long; seconds.
    Stalled(u64),
    /// A listing did not come in full within this time; seconds.
    Overdue(u64),
    /// Less came than this; kilobytes a second.
    TooSlow(u64),
    /// The file is not the one that was published. It was deleted.
    Mismatch {
        /// What was published, or accepted by a person.
        expected: Sha256,
        /// What came.
        actual: Sha256,
    },
    /// A file of this machine is not the one that was accepted. It stays as it is.
    OtherFile {
        /// What was accepted.
        expected: Sha256,
        /// What it is.
        actual: Sha256,
    },
    /// A program of this machine and the libraries beside it are together not what was accepted. They stay as they are.
    OtherFiles {
        /// Their names, for people.
        files: String,
        /// What was accepted.
        expected: Sha256,
        /// What they are.
        actual: Sha256,
    },
    /// A person accepted another file than the one that is published now.
    NotAccepted(Sha256),
    /// What should be a listing is none.
    NotAListing(Message),
    /// The listing has no file for this system.
    NoneForSystem {
        /// This system.
        system: String,
        /// The files that exist.
        exists: Vec<String>,
        /// What may be tried.
        advice: Option<Message>,
    },
    /// A file or folder of this machine that cannot be used as a source; why.
    Local(Message),
    /// The address in the settings is none.
    NoAddress,
}

impl AddressProblem {
    /// Whether the same address may do better in a while.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unreachable(_)
            | Self::Proxy { .. }
            | Self::Cut(_)
            | Self::Stalled(_)
            | Self::Overdue(_)
            | Self::TooSlow(_) => true,
            Self::Status(status) => matches!(status, 408 | 425 | 429 | 500..=599),
            _ => false,
        }
    }

    /// What it is of a request that went through this proxy: one that nothing answered did not get beyond it.
    pub(crate) fn through(self, proxy: &str) -> Self {
        let proxy = proxy.to_owned();
        match self {
            Self::Unreachable(cause) if is_of_proxy(&cause) => Self::Proxy { proxy, cause },
            Self::Status(407) => {
                let cause = io::ProxyLogin.into();
                Self::Proxy { proxy, cause }
            }
            other => other,
        }
    }

    /// Whether the server is there and says that there is no such release or file: what it said
    /// another day is of no use then.
    pub(crate) fn says_gone(&self) -> bool {
        matches!(self, Self::Status(404 | 410) | Self::NoneForSystem { .. })
    }
}

/// Names are looked up and connections opened by the proxy alone; TLS is spoken with whoever is behind it.
fn is_of_proxy(cause: &Message) -> bool {
    matches!(
        &*cause.code,
        io::ConnectionRefused::CODE
            | io::UnknownHost::CODE
            | io::Unreachable::CODE
            | io::TimedOut::CODE
            | io::ProxyLogin::CODE
            | io::ProxyRefuses::CODE
    )
}

/// An address and what was wrong with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceFailure {
    /// The address without its secrets, or the path.
    pub place: String,
    /// What.
    pub problem: AddressProblem,
}

/// Why no file could be had.
#[derive(Debug, Error)]
#[error("{}", Message::from(self))]
pub enum FetchError {
    /// The list of sources is empty, or has mirrors only.
    NoSource,
    /// Each address of each source failed.
    AllFailed {
        /// What was wrong with each, in the order of the last round.
        failures: Vec<SourceFailure>,
    },
    /// The disk of this machine refused.
    Disk(FileError),
    /// It was called off.
    Canceled,
}

/// Why nothing was installed. What was installed before is untouched.
#[derive(Debug, Error)]
#[error("{}", Message::from(self))]
pub enum InstallError {
    /// There is no file.
    Fetch(FetchError),
    /// There is a file, and nobody vouches for it, or it was given up before. It is kept until a person accepts its digest.
    Unconfirmed {
        /// The file's name.
        name: String,
        /// Its digest.
        sha256: Sha256,
        /// It was given up before, whoever vouches for it; when and why, for people.
        rolled_back: Option<Message>,
    },
    /// It was to be uploaded, and has not come whole; why, for people.
    Upload(Message),
    /// The archive is broken or hostile.
    Refused {
        /// The file's name.
        name: String,
        /// Why.
        cause: UnpackError,
    },
    /// The new core does not run here; the trial's words.
    Trial(Message),
    /// The folder of installed versions refused.
    Versions(VersionsError),
    /// It was called off.
    Canceled,
    /// A task of this program broke; a fault of ours.
    Broken(String),
}

impl From<FileError> for FetchError {
    fn from(error: FileError) -> Self {
        Self::Disk(error)
    }
}

impl From<FetchError> for InstallError {
    fn from(error: FetchError) -> Self {
        Self::Fetch(error)
    }
}

impl From<VersionsError> for InstallError {
    fn from(error: VersionsError) -> Self {
        Self::Versions(error)
    }
}

impl InstallError {
    /// Nobody vouches for this file.
    pub(crate) fn unconfirmed(name: String, sha256: Sha256) -> Self {
        Self::Unconfirmed {
            name,
            sha256,
            rolled_back: None,
        }
    }
}
