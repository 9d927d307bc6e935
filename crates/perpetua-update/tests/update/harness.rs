//! A project with a key, a server, and a folder for files.

use std::{path::PathBuf, time::Duration};

use perpetua_fetch::{InstallProgress, Proxy};
use perpetua_testkit::{ReleaseSigner, UpdateServer};
use perpetua_update::{
    Found, NewVersion, ObtainError, Obtained, Obtaining, Package, Project, ReleaseKey, UpdatePace,
    Version, Wishes, find, obtain,
};
use perpetua_words::Message;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How long an address may be silent here.
pub(crate) const LIMIT: Duration = Duration::from_millis(400);

pub(crate) struct World {
    pub(crate) server: UpdateServer,
    pub(crate) signer: ReleaseSigner,
    pub(crate) project: Project,
    pub(crate) package: Package,
    pub(crate) folder: TempDir,
    pub(crate) cancel: CancellationToken,
}

impl World {
    /// One in which version 0.1.0 runs as an `AppImage`.
    pub(crate) async fn new() -> Self {
        let signer = ReleaseSigner::new().expect("a key");
        let key = ReleaseKey::new(&signer.key().expect("a text")).expect("a key");
        let built_in = Project::built_in().expect("the project");
        let project = Project {
            version: Version::new(0, 1, 0),
            key: Some(key),
            pace: UpdatePace {
                listing: LIMIT,
                stall: LIMIT,
                ..UpdatePace::default()
            },
            ..built_in
        };
        Self {
            server: UpdateServer::start().await.expect("a port"),
            signer,
            project,
            package: Package::Image(PathBuf::from("perpetua.AppImage")),
            folder: tempfile::tempdir().expect("a folder"),
            cancel: CancellationToken::new(),
        }
    }

    /// Asks these paths, in this order.
    pub(crate) async fn find(&self, paths: &[&str]) -> Result<Found, Message> {
        let wishes = Wishes {
            addresses: paths.iter().map(|path| self.server.url(path)).collect(),
            proxy: Proxy::Direct,
            ..Wishes::default()
        };
        find(&self.project, &wishes, &self.package).await
    }

    /// Obtains what these paths offer.
    pub(crate) async fn obtain(&self, paths: &[&str]) -> Result<Obtained, ObtainError> {
        let found = self.find(paths).await.map_err(ObtainError::Failed)?;
        self.obtain_offered(&found.newer).await
    }

    pub(crate) async fn obtain_offered(
        &self,
        offered: &[NewVersion],
    ) -> Result<Obtained, ObtainError> {
        let (progress, _seen) = watch::channel(InstallProgress::default());
        let obtaining = Obtaining {
            project: &self.project,
            package: &self.package,
            proxy: &Proxy::Direct,
            folder: self.folder.path(),
            progress: &progress,
            cancel: &self.cancel,
        };
        obtain(&obtaining, offered, |_| {}).await
    }

    /// Offers this file at a path as this version, signed under this name.
    pub(crate) fn offer(&self, path: &str, version: &str, file: &[u8], signed_as: &str) {
        let signature = self.signer.sign(file, signed_as).expect("signed");
        let url = self.server.url(&format!("/files{path}.AppImage"));
        self.server.offer(path, version, &url, &signature);
        self.server.put(
            &format!("/files{path}.AppImage"),
            perpetua_testkit::UpdateAnswer::Whole(file.to_vec()),
        );
    }

    /// The names of the files that are kept.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path())
            .expect("a folder")
            .flatten();
        let mut names: Vec<_> = entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

/// The codes of everything that is said of the addresses, in their order.
pub(crate) fn codes(found: &Found) -> Vec<String> {
    found
        .refused
        .iter()
        .map(|refused| refused.problem.code.to_string())
        .collect()
}
