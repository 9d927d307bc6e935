//! An installer, its folder, and a release server with the fake core.

use std::sync::Arc;
use std::time::Duration;

use fake_core::{Archives, Build, PATIENCE, Packed, Release, ReleaseServer};
use perpetua_backoff::Backoff;
use perpetua_fetch::{FetcherOptions, Patience, Proxy, ReleaseSource};
use perpetua_lifecycle::InstallProblem;
use perpetua_supervisor::SystemLauncher;
use perpetua_supervisor::installer::{InstallJob, Installer, InstallerOptions, InstallerSettings};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::timeout;

pub(crate) struct Bench {
    pub(crate) installer: Installer,
    pub(crate) server: ReleaseServer,
    pub(crate) folder: TempDir,
    archives: Archives,
    task: JoinHandle<()>,
}

impl Bench {
    /// An installer that may install by itself, and a server without a release.
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut InstallerOptions)) -> Self {
        let server = ReleaseServer::start().await.expect("a server");
        let folder = tempfile::tempdir().expect("a folder");
        let mut options = options(&folder, &server);
        change(&mut options);
        let (installer, task) = Installer::new(options).expect("an installer");
        Self {
            installer,
            server,
            folder,
            archives: Archives::new().expect("the fake core"),
            task: tokio::spawn(task),
        }
    }

    /// Publishes a version of the fake core.
    pub(crate) fn publish(&self, build: &Build) -> Packed {
        let packed = self.archives.pack_here(build).expect("an archive");
        self.server.publish(Release::nightly([packed.clone()]));
        packed
    }

    /// The same, without a word about its digest.
    pub(crate) fn publish_unknown(&self, build: &Build) -> Packed {
        let packed = self.archives.pack_here(build).expect("an archive");
        self.server
            .publish(Release::nightly([packed.clone()]).without_digests());
        packed
    }

    /// Waits until the installer stands so.
    pub(crate) async fn until(&self, what: impl Fn(&InstallJob) -> bool) {
        let mut job = self.installer.job();
        let came = timeout(PATIENCE, job.wait_for(|job| what(job))).await;
        assert!(
            came.is_ok(),
            "it never came to that: {:?}",
            self.installer.job().borrow()
        );
    }

    pub(crate) fn job(&self) -> InstallJob {
        self.installer.job().borrow().clone()
    }

    /// The current version's name.
    pub(crate) fn current(&self) -> Option<String> {
        let current = self.installer.versions().current().expect("a record");
        current.map(|installed| installed.id)
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) fn options(folder: &TempDir, server: &ReleaseServer) -> InstallerOptions {
    InstallerOptions {
        folder: folder.path().join("core"),
        settings: settings(server),
        fetch: FetcherOptions {
            patience: Patience {
                backoff: Backoff {
                    first: Duration::from_millis(1),
                    ..Backoff::default()
                },
                rounds: 2,
                ..Patience::default()
            },
            ..FetcherOptions::default()
        },
        launcher: Arc::new(SystemLauncher),
        trial_limit: InstallerOptions::TRIAL_LIMIT,
    }
}

pub(crate) fn settings(server: &ReleaseServer) -> InstallerSettings {
    InstallerSettings {
        sources: vec![github(server.url())],
        proxy: Proxy::Direct,
        auto_install: true,
        check_every: None,
    }
}

fn github(address: String) -> ReleaseSource {
    match ReleaseSource::official() {
        ReleaseSource::Github {
            repository,
            tag,
            asset,
            ..
        } => ReleaseSource::Github {
            api: address,
            repository,
            tag,
            asset,
        },
        other => other,
    }
}

/// The words of a failure.
pub(crate) fn words(problem: InstallProblem) -> String {
    match problem {
        InstallProblem::Failed(words) => words.to_string(),
        other => panic!("another problem: {other:?}"),
    }
}
