//! One installation, from the lock to the record.
//!
//! ```text
//! Locked ─► Downloaded ─► Unpacked ─► Placed ─► Tried ─► Recorded ─► Cleaned
//!              │             │           │         │
//!   killed: the partial    `.new-…`   a folder that no record names: swept
//!   download is kept       is swept   when the folder is opened next
//! ```
//!
//! Up to `Tried` the old version is the current one, from `Recorded` on the new one.

mod stage;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use perpetua_words::Message;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::obtain::{Obtain, Obtained, Package, broken};
use crate::versions::discard;
use crate::{Fetcher, InstallError, InstallPhase, InstallProgress, Installed, Sha256, Versions};
use stage::{Placed, empty, settle, stage};

/// How often the lock of another installation is looked at; it is held for minutes.
const LOCK_LOOK: Duration = Duration::from_millis(200);

/// What an installation has just done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InstallStep {
    /// It is the only one on this folder.
    Locked,
    /// The file is there and vouched for.
    Downloaded,
    /// It is unpacked in a folder of its own.
    Unpacked,
    /// The folder has its name.
    Placed,
    /// The program has passed its trial start.
    Tried,
    /// The new version is the current one.
    Recorded,
    /// What is not kept is removed.
    Cleaned,
}

/// One installation.
pub struct Install<'a> {
    /// Where from.
    pub fetcher: &'a Fetcher,
    /// Where to.
    pub versions: &'a Versions,
    /// The digest that a person has accepted: nothing else is installed then.
    pub accept: Option<Sha256>,
    /// How far it is.
    pub progress: &'a watch::Sender<InstallProgress>,
    /// Calls it off.
    pub cancel: &'a CancellationToken,
    /// Told each step once it is done; tests end the process here.
    pub observe: &'a (dyn Fn(InstallStep) + Sync),
}

/// The version that is the current one now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum InstallOutcome {
    /// It was installed just now.
    New(Installed),
    /// It was there already.
    Present(Installed),
}

impl InstallOutcome {
    /// The version.
    pub fn version(&self) -> &Installed {
        match self {
            Self::New(installed) | Self::Present(installed) => installed,
        }
    }

    /// The version.
    pub fn into_version(self) -> Installed {
        match self {
            Self::New(installed) | Self::Present(installed) => installed,
        }
    }
}

impl Install<'_> {
    /// Installs the newest release and makes it the current version. When it is installed already,
    /// only the latter. `trial` starts the program and gives the commit it was built from, or why it does
    /// not run here; it is dropped when the installation is called off.
    pub async fn run<T, F>(&self, trial: T) -> Result<InstallOutcome, InstallError>
    where
        T: FnOnce(PathBuf) -> F,
        F: Future<Output = Result<Option<String>, Message>>,
    {
        let _lock = self.lock().await?;
        (self.observe)(InstallStep::Locked);
        let obtain = Obtain {
            fetcher: self.fetcher,
            versions: self.versions,
            accept: self.accept,
            progress: self.progress,
            cancel: self.cancel,
        };
        let package = match self.unless_given_up(obtain.run().await).await? {
            Obtained::Package(package) => package,
            Obtained::Installed(installed) => {
                let versions = self.versions.clone();
                let used = spawn_blocking(move || versions.use_version(&installed.id));
                return Ok(InstallOutcome::Present(used.await.map_err(broken)??));
            }
        };
        (self.observe)(InstallStep::Downloaded);
        let mut placed = self.place(package).await?;
        self.phase(InstallPhase::TrialStart);
        let trial = trial(placed.program());
        let tried = self.cancel.run_until_cancelled(trial).await;
        let commit = tried.ok_or(InstallError::Canceled)?;
        placed.entry.commit = commit.map_err(InstallError::Trial)?;
        (self.observe)(InstallStep::Tried);
        self.admit(placed).await.map(InstallOutcome::New)
    }

    /// What was given up before is not taken again before a person has heard of it.
    async fn unless_given_up(
        &self,
        obtained: Result<Obtained, InstallError>,
    ) -> Result<Obtained, InstallError> {
        let (name, sha256) = match &obtained {
            Ok(Obtained::Package(package)) => (package.name.clone(), package.sha256),
            Ok(Obtained::Installed(installed)) => (installed.id.clone(), installed.sha256),
            Err(InstallError::Unconfirmed { name, sha256, .. }) => (name.clone(), *sha256),
            Err(_) => return obtained,
        };
        let (versions, accept) = (self.versions.clone(), self.accept);
        let objection = spawn_blocking(move || versions.objection(sha256, accept)).await;
        match objection.map_err(broken)?? {
            None => obtained,
            rolled_back => Err(InstallError::Unconfirmed {
                name,
                sha256,
                rolled_back,
            }),
        }
    }

    /// Waits until no other installation is under way, in this process or another.
    async fn lock(&self) -> Result<fs::File, InstallError> {
        let mut told = false;
        loop {
            let versions = self.versions.clone();
            let lock = spawn_blocking(move || versions.try_installing()).await;
            if let Some(lock) = lock.map_err(broken)?? {
                return Ok(lock);
            }
            if !std::mem::replace(&mut told, true) {
                self.phase(InstallPhase::WaitingForOther);
            }
            let waited = self.cancel.run_until_cancelled(sleep(LOCK_LOOK)).await;
            waited.ok_or(InstallError::Canceled)?;
        }
    }

    /// Unpacks it and gives the folder its name.
    async fn place(&self, package: Package) -> Result<Placed, InstallError> {
        self.phase(InstallPhase::Unpacking);
        let options = self.fetcher.options();
        let (platform, limits) = (options.platform.clone(), options.limits);
        let (versions, cancel) = (self.versions.clone(), self.cancel.clone());
        let unpacked = spawn_blocking(move || {
            let staged = stage(&versions, &package, &platform, limits, &cancel)?;
            Ok::<_, InstallError>((package, staged))
        });
        let (package, staged) = unpacked.await.map_err(broken)??;
        (self.observe)(InstallStep::Unpacked);
        let versions = self.versions.clone();
        let placed = spawn_blocking(move || settle(versions, &package, &staged)).await;
        let placed = placed.map_err(broken)??;
        (self.observe)(InstallStep::Placed);
        Ok(placed)
    }

    async fn admit(&self, mut placed: Placed) -> Result<Installed, InstallError> {
        let versions = self.versions.clone();
        let entry = placed.entry.clone();
        let admitted = spawn_blocking(move || versions.admit(entry)).await;
        let (installed, old) = admitted.map_err(broken)??;
        placed.is_recorded = true;
        (self.observe)(InstallStep::Recorded);
        let versions = self.versions.clone();
        let clean = move || {
            for id in old {
                discard(versions.folder(), &versions.folder().join(id));
            }
            empty(&versions.downloads());
        };
        spawn_blocking(clean).await.map_err(broken)?;
        (self.observe)(InstallStep::Cleaned);
        tracing::info!(version = installed.id, "a core was installed");
        Ok(installed)
    }

    fn phase(&self, phase: InstallPhase) {
        InstallProgress::begin(self.progress, phase);
    }
}
