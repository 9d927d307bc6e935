//! A folder of versions, a fetcher with short patience, and installations in one call.

use std::path::{Path, PathBuf};
use std::time::Duration;

use perpetua_backoff::Backoff;
use perpetua_fetch::{
    Fetcher, FetcherOptions, Install, InstallError, InstallOutcome, InstallProgress, InstallStep,
    Installed, Libc, Patience, Pinned, Platform, Proxy, ReleaseSource, Sha256, Versions,
};
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::archives::{NAME, core};
use crate::server::{Reply, Server};

/// They stay, because deleting one would let two processes each lock a file of its name.
const LOCKS: [&str; 2] = [".install.lock", ".record.lock"];

/// What the trial says when nothing else is wanted.
pub(crate) const COMMIT: &str = "625e9b29268c94feddaa64d57287b622b5bb2293";

pub(crate) struct Bench {
    pub(crate) folder: TempDir,
    pub(crate) versions: Versions,
    pub(crate) options: FetcherOptions,
    pub(crate) accept: Option<Sha256>,
    pub(crate) progress: watch::Sender<InstallProgress>,
    pub(crate) cancel: CancellationToken,
}

impl Bench {
    pub(crate) fn new(sources: Vec<ReleaseSource>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self {
            versions: Versions::open(&folder.path().join("core")).expect("versions"),
            options: options(sources),
            accept: None,
            progress: watch::Sender::default(),
            cancel: CancellationToken::new(),
            folder,
        }
    }

    pub(crate) fn fetcher(&self) -> Fetcher {
        Fetcher::new(self.options.clone()).expect("a fetcher")
    }

    pub(crate) async fn install(&self) -> Result<Installed, InstallError> {
        self.install_with(&|_| {}, |_| async { Ok(Some(COMMIT.to_owned())) })
            .await
    }

    pub(crate) async fn install_with<F>(
        &self,
        observe: &(dyn Fn(InstallStep) + Sync),
        trial: impl FnOnce(PathBuf) -> F,
    ) -> Result<Installed, InstallError>
    where
        F: Future<Output = Result<Option<String>, perpetua_words::Message>>,
    {
        let install = Install {
            fetcher: &self.fetcher(),
            versions: &self.versions,
            accept: self.accept,
            progress: &self.progress,
            cancel: &self.cancel,
            observe,
        };
        install.run(trial).await.map(InstallOutcome::into_version)
    }

    /// Installs an archive of this machine, whoever made it.
    pub(crate) async fn install_archive(
        &self,
        name: &str,
        bytes: &[u8],
    ) -> Result<Installed, InstallError> {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).expect("an archive");
        let bench = Self {
            folder: tempfile::tempdir().expect("a folder"),
            versions: self.versions.clone(),
            options: FetcherOptions {
                sources: vec![ReleaseSource::Local { path }],
                ..self.options.clone()
            },
            accept: Some(Sha256::of(bytes)),
            progress: self.progress.clone(),
            cancel: self.cancel.clone(),
        };
        bench.install().await
    }

    /// Installs a program of this machine.
    pub(crate) async fn install_program(&self, program: &[u8]) -> Installed {
        let installed = self.install_archive("core.tar.gz", &core(program)).await;
        installed.expect("installed")
    }

    /// The current version's program, once it was verified.
    pub(crate) fn current_program(&self) -> Vec<u8> {
        let current = self
            .versions
            .current()
            .expect("a record")
            .expect("a version");
        self.versions
            .verify(&current.id)
            .expect("an undamaged version");
        std::fs::read(current.program).expect("its program")
    }

    /// The names in the folder of versions, without locks.
    pub(crate) fn names(&self) -> Vec<String> {
        let names = names(self.versions.folder());
        names
            .into_iter()
            .filter(|name| !LOCKS.contains(&name.as_str()))
            .collect()
    }

    pub(crate) fn downloads(&self) -> Vec<String> {
        names(&self.versions.folder().join(".downloads"))
    }
}

/// A bench whose source is an index with this archive, and the server of both.
pub(crate) async fn offered(archive: &[u8]) -> (Bench, Server) {
    let (archive, digest) = (archive.to_vec(), Sha256::of(archive));
    let server = Server::start(move |request| match request.target.as_str() {
        "/index.json" => Reply::new(200, index("/file", Some(digest))),
        _ => Reply::file(request, &archive, "a"),
    })
    .await;
    let url = server.url("/index.json");
    (Bench::new(vec![ReleaseSource::Index { url }]), server)
}

pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().expect("a folder");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

pub(crate) fn options(sources: Vec<ReleaseSource>) -> FetcherOptions {
    FetcherOptions {
        sources,
        proxy: Proxy::Direct,
        platform: Platform {
            os: "linux".to_owned(),
            arch: "x86_64".to_owned(),
            libc: Some(Libc::Gnu),
        },
        pinned: Pinned::default(),
        patience: Patience {
            stall: Duration::from_millis(500),
            rounds: 3,
            backoff: Backoff {
                first: Duration::from_millis(1),
                longest: Duration::from_millis(2),
                jitter: 0.0,
            },
            ..Patience::default()
        },
        ..FetcherOptions::default()
    }
}

/// A GitHub source at this address.
pub(crate) fn github(api: String) -> ReleaseSource {
    let ReleaseSource::Github {
        repository,
        tag,
        asset,
        ..
    } = ReleaseSource::official()
    else {
        unreachable!("the official source is GitHub");
    };
    ReleaseSource::Github {
        api,
        repository,
        tag,
        asset,
    }
}

/// Where a GitHub source asks.
pub(crate) const RELEASE: &str = "/repos/LagrangeDev/Lagrange.Core/releases/tags/nightly";

/// GitHub's answer about a release with one file.
pub(crate) fn release(url: &str, sha256: Option<Sha256>, size: usize) -> String {
    let digest = sha256.map(|sha256| format!("sha256:{sha256}"));
    json!({
        "tag_name": "nightly",
        "assets": [{ "name": NAME, "size": size, "digest": digest, "browser_download_url": url }],
    })
    .to_string()
}

/// An index with one file.
pub(crate) fn index(url: &str, sha256: Option<Sha256>) -> String {
    json!({ "tag": "nightly", "assets": [{ "name": NAME, "url": url, "sha256": sha256 }] })
        .to_string()
}
