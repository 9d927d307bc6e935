//! What can go wrong between a source and an installed core; each text is for people.

use std::fmt;

use thiserror::Error;

use crate::{Sha256, UnpackError, VersionsError};
use perpetua_fs::FileError;

/// Why one address gave no file or no listing.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum AddressProblem {
    /// It ends in no file's name.
    #[error("it ends in no file name; write the whole address of an archive")]
    NoFileName,
    /// Nothing answered, or the connection broke before an answer; the system's words.
    #[error("it cannot be reached ({0})")]
    Unreachable(String),
    /// It answered with an HTTP status that is no success.
    #[error("it answered with HTTP status {status}{meaning}", status = .0, meaning = status_meaning(*.0))]
    Status(u16),
    /// Too many redirects, or one to an insecure address.
    #[error("its redirects lead nowhere ({0})")]
    Redirect(String),
    /// It answered with a page for browsers or with JSON where a file was asked for.
    #[error("it answered with a web page instead of the file")]
    WebPage,
    /// The file does not begin as an archive does.
    #[error("what it sent is no archive")]
    NotAnArchive,
    /// It sends more than is allowed; bytes.
    #[error("the file is larger than {} MB, which no core is", .0 / 1_000_000)]
    TooLarge(u64),
    /// The connection ended before the file did; bytes that are there.
    #[error("the connection was cut after {0} bytes")]
    Cut(u64),
    /// No byte came for so long; seconds.
    #[error("nothing came for {0} s")]
    Stalled(u64),
    /// The file is not the one that was published. It was deleted.
    #[error(
        "its file has the SHA-256 `{actual}` instead of `{expected}`, so it was damaged or exchanged and was deleted"
    )]
    Mismatch {
        /// What was published, or accepted by a person.
        expected: Sha256,
        /// What came.
        actual: Sha256,
    },
    /// A person accepted another file than the one that is published now.
    #[error("it has a file with the SHA-256 `{0}` by now, which is not the accepted one")]
    NotAccepted(Sha256),
    /// What should be a listing is none.
    #[error("its list of files cannot be read ({0})")]
    NotAListing(String),
    /// The listing has no file for this system.
    #[error(
        "none of its files is for this system, {system}; it has: {}{}",
        listed(.exists), advised(*.advice)
    )]
    NoneForSystem {
        /// This system.
        system: String,
        /// The files that exist.
        exists: Vec<String>,
        /// What may be tried.
        advice: Option<&'static str>,
    },
    /// A file or folder of this machine that cannot be used as a source; why.
    #[error("{0}")]
    Local(String),
    /// The address in the settings is none.
    #[error("it is no address; write it as `https://…`")]
    NoAddress,
}

impl AddressProblem {
    /// Whether the same address may do better in a while.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Cut(_) | Self::Stalled(_) => true,
            Self::Status(status) => matches!(status, 408 | 425 | 429 | 500..=599),
            _ => false,
        }
    }

    /// Whether the server is there and says that there is no such release or file: what it said
    /// another day is of no use then.
    pub(crate) fn says_gone(&self) -> bool {
        matches!(self, Self::Status(404 | 410) | Self::NoneForSystem { .. })
    }
}

fn status_meaning(status: u16) -> &'static str {
    match status {
        403 | 429 => ": it wants fewer requests from this address, or refuses them",
        404 | 410 => ": it does not have the file (any more)",
        407 => ": the proxy wants a user name and password",
        500..=599 => ": it has a fault",
        _ => "",
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

fn advised(advice: Option<&str>) -> String {
    advice.map_or_else(String::new, |advice| format!(". {advice}"))
}

/// An address and what was wrong with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceFailure {
    /// The address without its secrets, or the path.
    pub place: String,
    /// What.
    pub problem: AddressProblem,
}

impl fmt::Display for SourceFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}`: {}", self.place, self.problem)
    }
}

/// Why no file could be had.
#[derive(Debug, Error)]
pub enum FetchError {
    /// The list of sources is empty, or has mirrors only.
    #[error(
        "no release source is set; add one of kind `github`, `index` or `local` to `sources` in `[core]`"
    )]
    NoSource,
    /// Each address of each source failed.
    #[error("no source gave a core: {}{}", sentences(.failures), offline(.failures))]
    AllFailed {
        /// What was wrong with each, in the order of the last round.
        failures: Vec<SourceFailure>,
    },
    /// The disk of this machine refused.
    #[error(transparent)]
    Disk(#[from] FileError),
    /// It was called off.
    #[error("the download was called off; what is there is kept, and the next one goes on from it")]
    Canceled,
}

fn sentences(failures: &[SourceFailure]) -> String {
    let sentences: Vec<String> = failures.iter().map(SourceFailure::to_string).collect();
    sentences.join("; ")
}

/// When nothing answers at all, the fault is likely on this side.
fn offline(failures: &[SourceFailure]) -> &'static str {
    let unreachable =
        |failure: &SourceFailure| matches!(failure.problem, AddressProblem::Unreachable(_));
    if !failures.is_empty() && failures.iter().all(unreachable) {
        ". Check this machine's network connection, or set a `proxy` in `[core]`"
    } else {
        ""
    }
}

/// Why nothing was installed. What was installed before is untouched.
#[derive(Debug, Error)]
pub enum InstallError {
    /// There is no file.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// There is a file, and nobody vouches for it. It is kept until a person accepts its digest.
    #[error(
        "nobody vouches for `{name}`; compare its SHA-256 `{sha256}` with one that you trust, then accept it"
    )]
    Unconfirmed {
        /// The file's name.
        name: String,
        /// Its digest.
        sha256: Sha256,
    },
    /// The archive is broken or hostile.
    #[error("`{name}` was refused: {source}")]
    Refused {
        /// The file's name.
        name: String,
        /// Why.
        source: UnpackError,
    },
    /// The new core does not run here; the trial's words.
    #[error("the new core did not pass its trial start and was removed: {0}")]
    Trial(String),
    /// The folder of installed versions refused.
    #[error(transparent)]
    Versions(#[from] VersionsError),
    /// It was called off.
    #[error("the installation was called off")]
    Canceled,
    /// A task of this program broke; a fault of ours.
    #[error("the installation broke off: {0}")]
    Broken(String),
}
