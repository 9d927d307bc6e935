//! An installer, its folder, and a release server with the fake core.

use std::sync::Arc;
use std::time::Duration;

use fake_core::{Archives, Build, PATIENCE, Packed, Release, ReleaseServer};
use perpetua_backoff::Backoff;
use perpetua_fetch::{FetcherOptions, Installed, Patience, Proxy, ReleaseSource};
use perpetua_lifecycle::InstallProblem;
use perpetua_supervisor::SystemLauncher;
use perpetua_supervisor::installer::{
    IncomingCore, InstallJob, InstallRequest, Installer, InstallerOptions, InstallerSettings,
};
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

    /// Packs a version of the fake core that nobody publishes.
    pub(crate) fn pack(&self, build: &Build) -> Packed {
        self.archives.pack_here(build).expect("an archive")
    }

    pub(crate) fn archives(&self) -> &Archives {
        &self.archives
    }

    /// Begins to upload it.
    pub(crate) async fn begin(&self, name: &str, packed: &Packed) -> IncomingCore {
        let size = packed.bytes.len() as u64;
        let incoming = self.installer.receive(name, Some(size)).await;
        incoming.expect("it may come")
    }

    /// A person has compared the digest.
    pub(crate) async fn accept(&self, sha256: &str) -> Result<Installed, InstallProblem> {
        let accepted = InstallRequest {
            accept: Some(sha256.to_owned()),
            ..InstallRequest::default()
        };
        self.installer.install(accepted).await
    }

    /// Waits until the job has failed with these words.
    pub(crate) async fn failed(&self, wanted: &str) {
        self.until(
            |job| matches!(job, InstallJob::Failed(words) if words.to_string().starts_with(wanted)),
        )
        .await;
    }

    /// What unfinished work has left.
    pub(crate) fn left(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path().join("core")).expect("a folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        let names = names.map(|name| name.to_string_lossy().into_owned());
        names.filter(|name| name.starts_with(".new-")).collect()
    }

    pub(crate) fn nothing_left(&self) {
        assert_eq!(self.left(), Vec::<String>::new());
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
