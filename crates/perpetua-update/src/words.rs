//! What people are told of addresses, signatures and versions.

use perpetua_fetch::{AddressProblem, DownloadError};
use perpetua_words::{Message, install, update as words};

use crate::SignatureProblem;

/// Why a listing is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ListingProblem {
    /// It cannot be read; what the JSON library says.
    Unread(String),
    /// It names no version.
    NoVersion(String),
}

impl From<&ListingProblem> for Message {
    fn from(problem: &ListingProblem) -> Self {
        match problem {
            ListingProblem::Unread(text) => {
                let cause = Message::from(perpetua_words::io::Other { text });
                install::NotAListing { cause }.into()
            }
            ListingProblem::NoVersion(text) => words::NoVersion { text }.into(),
        }
    }
}

impl From<&SignatureProblem> for Message {
    fn from(problem: &SignatureProblem) -> Self {
        match problem {
            SignatureProblem::Unreadable => words::SignatureUnreadable.into(),
            SignatureProblem::Wrong => words::SignatureWrong.into(),
            SignatureProblem::OfOther(version) => {
                let version = version.to_string();
                words::SignatureVersion { version }.into()
            }
            SignatureProblem::Disk(error) => error.into(),
        }
    }
}

/// What an attempt to download comes to; `None` where it was called off.
pub(crate) fn of_download(error: &DownloadError) -> Option<Message> {
    match error {
        DownloadError::Address(problem) => Some(problem.into()),
        DownloadError::Disk(error) => Some(error.into()),
        DownloadError::Canceled => None,
    }
}

/// What is wrong at an address, with the address.
pub(crate) fn at(place: &str, problem: impl Into<Message>) -> Message {
    let problem = problem.into();
    words::At { place, problem }.into()
}

/// What is wrong with an address.
pub(crate) fn of_address(problem: &AddressProblem) -> Message {
    problem.into()
}
