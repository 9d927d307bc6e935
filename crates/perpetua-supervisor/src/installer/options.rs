//! What an installer is made from.

use std::{path::PathBuf, sync::Arc, time::Duration};

use perpetua_fetch::{ClientError, FetcherOptions, Proxy, ReleaseSource, VersionsError};
use perpetua_words::Message;
use thiserror::Error;

use crate::Launcher;

/// What an installer is made from.
#[derive(Clone, Debug)]
pub struct InstallerOptions {
    /// The folder of installed versions, `<data>/core`.
    pub folder: PathBuf,
    /// What may change while it runs.
    pub settings: InstallerSettings,
    /// The system, the pinned digests and the limits; sources and proxy are those of the settings.
    pub fetch: FetcherOptions,
    /// Starts the trials.
    pub launcher: Arc<dyn Launcher>,
    /// How long a new core may take to say its version.
    pub trial_limit: Duration,
}

impl InstallerOptions {
    /// How long a new core may take to say its version. Its first start unpacks libraries,
    /// with a virus scanner looking on.
    pub const TRIAL_LIMIT: Duration = Duration::from_secs(30);
}

/// The settings of the installer: `[core]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InstallerSettings {
    /// Where releases are, in order.
    pub sources: Vec<ReleaseSource>,
    /// Which way downloads take.
    pub proxy: Proxy,
    /// Whether a core is downloaded when an account needs one.
    pub auto_install: bool,
    /// How often a newer one is looked for; `None` never.
    pub check_every: Option<Duration>,
}

impl InstallerSettings {
    /// The options of a fetcher with these settings.
    pub(super) fn fetch(&self, base: &FetcherOptions) -> FetcherOptions {
        FetcherOptions {
            sources: self.sources.clone(),
            proxy: self.proxy.clone(),
            ..base.clone()
        }
    }
}

/// There is no installer.
#[derive(Debug, Error)]
#[error("{}", Message::from(self))]
pub enum InstallerError {
    /// The folder of installed versions cannot be used.
    Versions(VersionsError),
    /// The settings make no HTTP client.
    Client(ClientError),
}

impl From<VersionsError> for InstallerError {
    fn from(error: VersionsError) -> Self {
        Self::Versions(error)
    }
}

impl From<ClientError> for InstallerError {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}

impl From<&InstallerError> for Message {
    fn from(error: &InstallerError) -> Self {
        match error {
            InstallerError::Versions(error) => error.into(),
            InstallerError::Client(error) => error.into(),
        }
    }
}
