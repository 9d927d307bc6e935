//! One offer from one place: downloaded or found, and judged.

use std::path::{Path, PathBuf};

use perpetua_words::{Message, install as words};
use tokio::task::spawn_blocking;
use url::Url;

use super::gather::{Gathered, Room};
use super::{Content, Obtain, Package, broken};
use crate::download::{Download, DownloadError, forget};
use crate::exchange::shown;
use crate::listing::AssetLocation;
use crate::trust::{Distrust, Voucher, judge};
use crate::unpack::{Packing, UnpackError};
use crate::waiting::Waiting;
use crate::{AddressProblem, FetchError, InstallError, Offer, Sha256, SourceFailure};
use perpetua_fs::{FileAction, FileError};

impl Obtain<'_> {
    /// A file from one place. The outer error ends the search, the inner one is why this place has none.
    pub(super) async fn from(
        &self,
        offer: &Offer,
        place: &AssetLocation,
    ) -> Result<Result<Package, SourceFailure>, InstallError> {
        match place {
            AssetLocation::Remote(url) => self.remote(offer, url).await,
            AssetLocation::Archive(path) => {
                let packing = Packing::of(&path.to_string_lossy());
                self.archive(offer, path, packing).await
            }
            AssetLocation::Program(path) => {
                let (path, program) = (path.clone(), self.fetcher.options().platform.program());
                let gathered = self
                    .gather(move |room| room.program(&path, program))
                    .await?;
                self.gathered(offer, gathered, Content::Program)
            }
        }
    }

    async fn remote(
        &self,
        offer: &Offer,
        url: &Url,
    ) -> Result<Result<Package, SourceFailure>, InstallError> {
        let failure = |problem| SourceFailure {
            place: shown(url),
            problem,
        };
        let path = self
            .versions
            .downloads()
            .join(format!("{}.part", offer.name));
        let packing = Packing::of(&offer.name);
        let download = Download {
            client: self.fetcher.client(),
            url,
            path: path.clone(),
            packing,
            expected: offer.sha256.or(self.accept),
            size: offer.size,
            patience: self.fetcher.options().patience,
            progress: self.progress,
            cancel: self.cancel,
        };
        let sha256 = match download.run().await {
            Ok(sha256) => sha256,
            Err(DownloadError::Address(problem)) => {
                tracing::info!(place = shown(url), %problem, "no core from here");
                return Ok(Err(failure(problem)));
            }
            Err(DownloadError::Disk(error)) => return Err(FetchError::Disk(error).into()),
            Err(DownloadError::Canceled) => return Err(FetchError::Canceled.into()),
        };
        match judge(sha256, offer, &self.fetcher.options().pinned, self.accept) {
            Ok(voucher) => {
                tracing::info!(%sha256, ?voucher, "a core was downloaded");
                let content = Content::Archive(path, packing);
                Ok(Ok(package(offer, sha256, voucher, content)))
            }
            Err(Distrust::Mismatch { expected }) => {
                forget(&path).await;
                let actual = sha256;
                Ok(Err(failure(AddressProblem::Mismatch { expected, actual })))
            }
            Err(Distrust::Unknown) => Err(self.put_aside(offer, sha256, path).await?),
        }
    }

    /// Keeps a file for a person's word; gives the question.
    async fn put_aside(
        &self,
        offer: &Offer,
        sha256: Sha256,
        path: PathBuf,
    ) -> Result<InstallError, InstallError> {
        let downloads = self.versions.downloads();
        let mut waiting = Waiting {
            name: offer.name.clone(),
            tag: offer.tag.clone(),
            origin: offer.origin.clone(),
            sha256,
            size: 0,
        };
        let put = move || -> Result<(), FileError> {
            let metadata = std::fs::metadata(&path);
            waiting.size = metadata
                .map_err(|error| FileError::new(FileAction::Read, &path, error))?
                .len();
            waiting.put(&downloads, &path)
        };
        spawn_blocking(put)
            .await
            .map_err(broken)?
            .map_err(FetchError::Disk)?;
        let name = offer.name.clone();
        Ok(InstallError::unconfirmed(name, sha256))
    }

    /// An archive of this machine. One in the folder of versions came by an upload, and nobody else writes there.
    async fn archive(
        &self,
        offer: &Offer,
        path: &Path,
        packing: Packing,
    ) -> Result<Result<Package, SourceFailure>, InstallError> {
        let path = path.to_owned();
        if !path.starts_with(self.versions.folder()) {
            let gathered = self.gather(move |room| room.archive(&path)).await?;
            return self.gathered(offer, gathered, |copy| Content::Copied(copy, packing));
        }
        let read = path.clone();
        let digest = spawn_blocking(move || Sha256::of_file(&read)).await;
        match digest.map_err(broken)? {
            Ok(sha256) => self.judged(offer, sha256, None, Content::Archive(path, packing)),
            Err(error) => {
                let cause = Message::from(&error);
                let problem = AddressProblem::Local(words::CannotRead { cause }.into());
                Ok(Err(failure(offer, problem)))
            }
        }
    }

    /// Copies something of this machine into the folder of versions.
    async fn gather(
        &self,
        copy: impl FnOnce(&Room<'_>) -> Result<Gathered, UnpackError> + Send + 'static,
    ) -> Result<Result<Gathered, UnpackError>, InstallError> {
        let (within, cancel) = (self.versions.folder().to_owned(), self.cancel.clone());
        let limits = self.fetcher.options().limits;
        let gathered = spawn_blocking(move || {
            copy(&Room {
                within: &within,
                limits,
                cancel: &cancel,
            })
        });
        gathered.await.map_err(broken)
    }

    fn gathered(
        &self,
        offer: &Offer,
        gathered: Result<Gathered, UnpackError>,
        content: impl FnOnce(Gathered) -> Content,
    ) -> Result<Result<Package, SourceFailure>, InstallError> {
        let gathered = match gathered {
            Ok(gathered) => gathered,
            Err(UnpackError::Canceled) => return Err(FetchError::Canceled.into()),
            Err(UnpackError::Source(error)) => {
                let cause = Message::from(&error.into_cause());
                let problem = AddressProblem::Local(words::CannotRead { cause }.into());
                return Ok(Err(failure(offer, problem)));
            }
            Err(cause) => {
                let name = offer.name.clone();
                return Err(InstallError::Refused { name, cause });
            }
        };
        let together = gathered.together.clone();
        self.judged(offer, gathered.sha256, together, content(gathered))
    }

    /// Judges what is on this machine. `together` says what the digest is of, where that is several files.
    fn judged(
        &self,
        offer: &Offer,
        sha256: Sha256,
        together: Option<String>,
        content: Content,
    ) -> Result<Result<Package, SourceFailure>, InstallError> {
        match judge(sha256, offer, &self.fetcher.options().pinned, self.accept) {
            Ok(voucher) => Ok(Ok(package(offer, sha256, voucher, content))),
            Err(Distrust::Mismatch { expected }) => {
                let actual = sha256;
                let problem = match together {
                    Some(files) => AddressProblem::OtherFiles {
                        files,
                        expected,
                        actual,
                    },
                    None => AddressProblem::OtherFile { expected, actual },
                };
                Ok(Err(failure(offer, problem)))
            }
            Err(Distrust::Unknown) => {
                let name = together.unwrap_or_else(|| offer.name.clone());
                Err(InstallError::unconfirmed(name, sha256))
            }
        }
    }
}

fn failure(offer: &Offer, problem: AddressProblem) -> SourceFailure {
    SourceFailure {
        place: offer.origin.clone(),
        problem,
    }
}

fn package(offer: &Offer, sha256: Sha256, voucher: Voucher, content: Content) -> Package {
    Package {
        tag: offer.tag.clone(),
        name: offer.name.clone(),
        origin: offer.origin.clone(),
        sha256,
        voucher,
        content,
    }
}
