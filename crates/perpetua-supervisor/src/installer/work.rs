//! What a job does, in a task of its own.

use perpetua_fetch::{
    Fetcher, Install, InstallError, InstallOutcome, InstallProgress, ReleaseSource, Sha256,
    Uploaded, Versions,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{incoming::Arriving, trial::Trial};

/// Where a job has its file from.
#[derive(Debug)]
pub(super) enum Whence {
    /// The sources of the settings.
    Settings,
    /// A place that a person named.
    Named(ReleaseSource),
    /// A person's browser; the file goes with this.
    Uploaded(Uploaded),
}

/// A job's means.
pub(super) struct Work {
    pub(super) fetcher: Fetcher,
    pub(super) versions: Versions,
    pub(super) trial: Trial,
    pub(super) accept: Option<Sha256>,
    pub(super) told: watch::Sender<InstallProgress>,
    pub(super) cancel: CancellationToken,
}

/// What a job came to, and where it had the file from.
pub(super) type Outcome = (Result<InstallOutcome, InstallError>, Whence);

impl Work {
    /// Installs what comes from there.
    pub(super) async fn run(self, whence: Whence) -> Outcome {
        let fetcher = match &whence {
            Whence::Settings => self.fetcher,
            Whence::Named(source) => self.fetcher.only(source.clone()),
            Whence::Uploaded(uploaded) => self.fetcher.only(uploaded.source()),
        };
        let install = Install {
            fetcher: &fetcher,
            versions: &self.versions,
            accept: self.accept,
            progress: &self.told,
            cancel: &self.cancel,
            observe: &|step| tracing::debug!(?step, "an installation goes on"),
        };
        let trial = |program| async move { self.trial.run(program).await };
        (install.run(trial).await, whence)
    }

    /// Waits for a file that is being uploaded, and installs it.
    pub(super) async fn receive(self, arriving: Arriving) -> Outcome {
        match arriving.uploaded().await {
            Ok(uploaded) => self.run(Whence::Uploaded(uploaded)).await,
            Err(error) => (Err(error), Whence::Settings),
        }
    }
}
