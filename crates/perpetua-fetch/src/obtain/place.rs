//! One offer from one place: downloaded or found, and judged.

use std::path::PathBuf;

use perpetua_words::{Message, install as words};
use tokio::task::spawn_blocking;
use url::Url;

use super::{Content, Obtain, Package, broken};
use crate::download::{Download, DownloadError, forget};
use crate::exchange::shown;
use crate::listing::AssetLocation;
use crate::trust::{Distrust, Voucher, judge};
use crate::unpack::Packing;
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
                self.local(offer, Content::Archive(path.clone(), packing))
                    .await
            }
            AssetLocation::Program(path) => self.local(offer, Content::Program(path.clone())).await,
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
        Ok(InstallError::Unconfirmed { name, sha256 })
    }

    async fn local(
        &self,
        offer: &Offer,
        content: Content,
    ) -> Result<Result<Package, SourceFailure>, InstallError> {
        let (Content::Archive(path, _) | Content::Program(path)) = &content;
        let failure = |problem| SourceFailure {
            place: offer.origin.clone(),
            problem,
        };
        let read = path.clone();
        let digest = spawn_blocking(move || Sha256::of_file(&read))
            .await
            .map_err(broken)?;
        let sha256 = match digest {
            Ok(sha256) => sha256,
            Err(error) => {
                let cause = Message::from(&error);
                let problem = AddressProblem::Local(words::CannotRead { cause }.into());
                return Ok(Err(failure(problem)));
            }
        };
        match judge(sha256, offer, &self.fetcher.options().pinned, self.accept) {
            Ok(voucher) => Ok(Ok(package(offer, sha256, voucher, content))),
            Err(Distrust::Mismatch { expected }) => {
                let actual = sha256;
                Ok(Err(failure(AddressProblem::Mismatch { expected, actual })))
            }
            Err(Distrust::Unknown) => {
                let name = offer.name.clone();
                Err(InstallError::Unconfirmed { name, sha256 })
            }
        }
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
