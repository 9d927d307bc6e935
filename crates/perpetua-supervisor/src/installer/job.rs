//! What the installer is asked for, and what it tells.

use std::time::SystemTime;

use perpetua_fetch::{
    FetchError, InstallError, InstallOutcome, InstallProgress, Installed, Offer, ReleaseSource,
    Sha256,
};
use perpetua_lifecycle::InstallProblem;

use perpetua_words::Message;

/// An installation that a person wants.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InstallRequest {
    /// Where from, instead of the sources of the settings.
    pub source: Option<ReleaseSource>,
    /// The SHA-256 that the person has confirmed; nothing else is installed then.
    pub accept: Option<String>,
}

/// Where the installer stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum InstallJob {
    /// Nothing was wanted, or it was called off.
    #[default]
    Idle,
    /// It is under way.
    Running(InstallProgress),
    /// A file is there, and a person has to confirm it.
    Unconfirmed {
        /// The file's name.
        name: String,
        /// Its SHA-256 in lower-case hex.
        sha256: String,
        /// It was given up before, whoever vouches for it; when and why, for people.
        rolled_back: Option<Message>,
    },
    /// It failed; for people.
    Failed(Message),
    /// The version that is the current one now.
    Done {
        /// Its name.
        id: String,
    },
}

/// A release that is not the current version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AvailableRelease {
    /// Its tag.
    pub tag: String,
    /// Its digest, where the release tells it.
    pub sha256: Option<Sha256>,
    /// The size of its file, where the release tells it; bytes.
    pub size: Option<u64>,
    /// When it was published, where the release tells it.
    pub published: Option<SystemTime>,
    /// It was given up before, when and why, for people: it is not offered, and taken only by somebody who says so.
    pub rolled_back: Option<Message>,
}

impl AvailableRelease {
    /// What is offered, unless it is installed. Without a digest the size has to tell.
    pub(super) fn of(
        offer: Offer,
        current: Option<&Installed>,
        all: &[Installed],
        rolled_back: Option<Message>,
    ) -> Option<Self> {
        let is_known = match (offer.sha256, current, offer.size) {
            // That it was given up has to be known, though it is still there.
            _ if rolled_back.is_some() => false,
            (Some(sha256), ..) => all.iter().any(|installed| installed.sha256 == sha256),
            (None, Some(current), Some(size)) => current.size == size,
            (None, Some(_), None) => true,
            (None, None, _) => false,
        };
        (!is_known).then_some(Self {
            tag: offer.tag,
            sha256: offer.sha256,
            size: offer.size,
            published: offer.published,
            rolled_back,
        })
    }
}

/// Where the installer stands after a job.
pub(super) fn after(ended: &Result<InstallOutcome, InstallError>) -> InstallJob {
    match ended {
        Ok(outcome) => InstallJob::Done {
            id: outcome.version().id.clone(),
        },
        Err(InstallError::Unconfirmed {
            name,
            sha256,
            rolled_back,
        }) => InstallJob::Unconfirmed {
            name: name.clone(),
            sha256: sha256.to_string(),
            rolled_back: rolled_back.clone(),
        },
        Err(InstallError::Canceled | InstallError::Fetch(FetchError::Canceled)) => InstallJob::Idle,
        Err(error) => InstallJob::Failed(Message::from(error)),
    }
}

/// Why there is no core, for the machine.
pub(super) fn problem(error: InstallError) -> InstallProblem {
    match error {
        InstallError::Unconfirmed {
            name,
            sha256,
            rolled_back,
        } => InstallProblem::Unconfirmed {
            name,
            sha256: sha256.to_string(),
            rolled_back,
        },
        error => InstallProblem::Failed(Message::from(&error)),
    }
}
