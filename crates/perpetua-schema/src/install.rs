//! The installed cores, which all accounts share, and the calls that install, choose and remove them.

use std::fmt;

use perpetua_words::Message;
use serde::{Deserialize, Serialize};

/// See [`crate::Call::ListCores`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct ListCores {}

/// See [`crate::Call::CoreCheck`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct CoreCheck {}

/// The cores of a node.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoreList {
    /// The installed ones, newest first.
    pub installed: Vec<CoreVersion>,
    /// A newer one that can be installed, if the last look found one.
    pub available: Option<CoreAvailable>,
    /// The installation under way, or how the last one ended.
    pub job: CoreJob,
    /// Whether one is installed by itself when an account needs it.
    pub auto_install: bool,
    /// Where it may come from, in the order in which they are asked.
    pub sources: Vec<CoreSourceShown>,
    /// They are the ones that count when the settings name none.
    pub default_sources: bool,
    /// When they were last asked for a newer one, in milliseconds since 1970; absent: not since the node runs.
    pub checked_ms: Option<i64>,
    /// The largest archive that is taken, in bytes.
    pub upload_limit: u64,
}

/// A place that cores come from.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoreSourceShown {
    /// What kind of place it is.
    pub kind: CoreSourceKind,
    /// Which one: a repository with its release, an address without secrets, or a path of the node's machine.
    pub place: String,
}

/// A kind of places that cores come from.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoreSourceKind {
    /// A release of a repository on GitHub, or on a server with the same API.
    Github,
    /// A list of releases on a web server.
    Index,
    /// A proxy for the addresses of the GitHub sources.
    Mirror,
    /// A file or a folder of the node's machine.
    Local,
}

/// See [`crate::Call::CoreSourcesEdit`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CoreSourcesEdit {
    /// All that there are to be, in the order in which they are asked; none: no core is downloaded.
    pub sources: Vec<CoreSourceWanted>,
    /// The sources that this was made of; when they are others by now, the change is refused.
    pub instead_of: Vec<CoreSourceShown>,
}

/// A source of a changed list.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CoreSourceWanted {
    /// One that is there.
    Kept {
        /// Its place in the list that is changed, from 0.
        place: usize,
    },
    /// A release of a repository on GitHub.
    Github {
        /// `owner/name`.
        repository: String,
        /// The release's tag; absent: that of the core's own release.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        tag: Option<String>,
    },
    /// A list of releases on a web server.
    Index {
        /// Its address.
        url: String,
    },
    /// A proxy for the addresses of the GitHub sources.
    Mirror {
        /// What stands before theirs.
        prefix: String,
    },
    /// A file or a folder of the node's machine.
    Local {
        /// A relative path starts at the folder of the settings file.
        path: String,
    },
}

/// An installed core.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoreVersion {
    /// What it is called in other calls, such as `nightly-3fa9c1d2`.
    pub id: String,
    /// The commit it was built from, in hex, once it has run and said so.
    pub commit: Option<String>,
    /// The SHA-256 of the archive it came in, in lower-case hex.
    pub sha256: String,
    /// Where it came from, for people; without secrets.
    pub origin: String,
    /// Who vouched for the archive; absent: it was installed by a version that did not record it.
    pub voucher: Option<CoreVoucher>,
    /// Its size on disk, in bytes.
    pub size: u64,
    /// When it was installed, as RFC 3339.
    pub installed_at: String,
    /// Starts use this one.
    pub current: bool,
    /// The last one beside it that kept an account online, for a step back; while there is none, the one that was current
    /// before it.
    pub previous: bool,
    /// The accounts whose cores run it now.
    pub in_use_by: Vec<String>,
}

/// Who said that an archive is the right one.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoreVoucher {
    /// Its publisher, by a SHA-256 that did not come through a mirror.
    Release,
    /// perpetua, which knows its SHA-256.
    Pinned,
    /// A person, who confirmed its SHA-256.
    Person,
}

/// A core that could be installed.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoreAvailable {
    /// The name of its release.
    pub tag: String,
    /// The SHA-256 that its source names, in lower-case hex; absent when nobody vouches for it.
    pub sha256: Option<String>,
    /// Its size in bytes, if the source names it.
    pub size: Option<u64>,
    /// When it was published, in milliseconds since 1970, if the source names it.
    pub published_ms: Option<i64>,
    /// It was installed before and rolled back, when and why, for people: it is offered to nobody.
    pub rolled_back: Option<Message>,
}

/// An installation: there is one at a time.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CoreJob {
    /// None was asked for, or it was called off.
    Idle,
    /// It goes on.
    Running(CoreProgress),
    /// Nobody vouches for the download, or it was rolled back before: a person has to compare its SHA-256 and give it as
    /// [`CoreInstall::accept`].
    Unconfirmed {
        /// The file's name.
        name: String,
        /// Its SHA-256 in lower-case hex.
        sha256: String,
        /// It was installed before and rolled back, whoever vouches for it: when and why, for people.
        rolled_back: Option<Message>,
    },
    /// It came to nothing; what was installed before is as it was.
    Failed {
        /// What failed and what to do, for people.
        problem: Message,
    },
    /// It is installed and current.
    Done {
        /// Its id.
        version: String,
    },
}

/// What an installation is doing, in the usual order.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoreStep {
    /// It has just begun.
    #[default]
    Preparing,
    /// It waits until another program has installed something in the same folder.
    WaitingForAnother,
    /// The sources are asked for a release.
    LookingForRelease,
    /// A person's browser sends the archive.
    Uploading,
    /// The archive is downloaded.
    Downloading,
    /// The source failed and is asked again soon.
    WaitingToRetry,
    /// The archive is unpacked.
    Unpacking,
    /// The new core is started once, to see whether it can.
    Trial,
}

impl From<CoreStep> for Message {
    fn from(step: CoreStep) -> Self {
        use perpetua_words::step as words;
        match step {
            CoreStep::Preparing => words::Preparing.into(),
            CoreStep::WaitingForAnother => words::WaitingForAnother.into(),
            CoreStep::LookingForRelease => words::LookingForRelease.into(),
            CoreStep::Uploading => words::Uploading.into(),
            CoreStep::Downloading => words::Downloading.into(),
            CoreStep::WaitingToRetry => words::WaitingToRetry.into(),
            CoreStep::Unpacking => words::Unpacking.into(),
            CoreStep::Trial => words::Trial.into(),
        }
    }
}

/// How far an installation is.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoreProgress {
    /// What is being done.
    pub step: CoreStep,
    /// What is being installed, once that is known: the tag of a release, or the name of a file.
    pub tag: Option<String>,
    /// Bytes that are there.
    pub received: u64,
    /// Bytes in all, if they are known.
    pub total: Option<u64>,
    /// Bytes a second, lately.
    pub rate_per_s: u64,
    /// How long it will still take at that rate, in seconds, if that can be told.
    pub remaining_s: Option<u64>,
}

/// See [`crate::Call::CoreInstall`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoreInstall {
    /// An archive or an installation on the node's machine, or an address; absent: the sources of the settings.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub from: Option<String>,
    /// The SHA-256 that a person has confirmed, in hex.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub accept: Option<String>,
}

impl fmt::Debug for CoreInstall {
    /// An address may hold a password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CoreInstall")
            .field("from", &self.from.as_ref().map(|_| "[redacted]"))
            .field("accept", &self.accept)
            .finish()
    }
}

/// See [`crate::Call::CoreCancel`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct CoreCancel {}

/// See [`crate::Call::CoreUse`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CoreUse {
    /// The id of an installed version, or `previous`.
    pub version: String,
}

/// See [`crate::Call::CoreRemove`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CoreRemove {
    /// The id of an installed version.
    pub version: String,
}

/// See [`crate::Call::CoreVerify`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CoreVerify {
    /// The id of an installed version; absent: all of them.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub version: Option<String>,
}

/// What [`crate::Call::CoreVerify`] found for one version.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoreVerified {
    /// Its id.
    pub id: String,
    /// How it differs from what was installed, for people; absent when it does not.
    pub problem: Option<Message>,
}
