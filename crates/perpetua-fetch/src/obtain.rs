//! From sources to a file that may be installed: every address of every source before the first wait.

use std::path::PathBuf;

use perpetua_lifecycle::Progress;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::disk::DiskError;
use crate::download::{Download, DownloadError, forget};
use crate::exchange::shown;
use crate::listing::Place;
use crate::trust::{Distrust, judge};
use crate::unpack::Packing;
use crate::waiting::Waiting;
use crate::{
    AddressProblem, Failure, FetchError, Fetcher, InstallError, Installed, Offer, Sha256, Versions,
};

/// What there is to install.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) tag: String,
    pub(crate) name: String,
    pub(crate) origin: String,
    pub(crate) sha256: Sha256,
    pub(crate) content: Content,
}

/// Where it is.
#[derive(Debug)]
pub(crate) enum Content {
    Archive(PathBuf, Packing),
    Program(PathBuf),
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Obtained {
    Package(Package),
    /// It is installed already.
    Installed(Installed),
}

/// One search for a file.
pub(crate) struct Obtain<'a> {
    pub(crate) fetcher: &'a Fetcher,
    pub(crate) versions: &'a Versions,
    pub(crate) accept: Option<Sha256>,
    pub(crate) progress: &'a watch::Sender<Progress>,
    pub(crate) cancel: &'a CancellationToken,
}

impl Obtain<'_> {
    pub(crate) async fn run(&self) -> Result<Obtained, InstallError> {
        if let Some(package) = self.accepted().await? {
            return Ok(Obtained::Package(package));
        }
        let patience = self.fetcher.options().patience;
        let mut round = 1;
        loop {
            let failures = match self.round().await? {
                Ok(obtained) => return Ok(obtained),
                Err(failures) => failures,
            };
            let hopeless = !failures
                .iter()
                .any(|failure| failure.problem.is_retryable());
            if hopeless || round >= patience.rounds {
                return Err(FetchError::AllFailed { failures }.into());
            }
            self.step("waiting to try again");
            let wait = patience.backoff.wait(round, fastrand::f64());
            tracing::info!(round, ?wait, "no source gave a core; trying again");
            self.unless_canceled(sleep(wait)).await?;
            round += 1;
        }
    }

    /// A file that was downloaded before, and that a person has accepted since.
    async fn accepted(&self) -> Result<Option<Package>, InstallError> {
        let Some(accept) = self.accept else {
            return Ok(None);
        };
        let downloads = self.versions.downloads();
        let find = move || {
            let mut all = Waiting::all(&downloads).into_iter();
            let waiting = all.find(|waiting| waiting.sha256 == accept)?;
            let path = waiting.path(&downloads);
            let unchanged = Sha256::of_file(&path).is_ok_and(|actual| actual == accept);
            unchanged.then_some((waiting, path))
        };
        let found = spawn_blocking(find).await.map_err(broken)?;
        Ok(found.map(|(waiting, path)| Package {
            content: Content::Archive(path, Packing::of(&waiting.name)),
            tag: waiting.tag,
            name: waiting.name,
            origin: waiting.origin,
            sha256: accept,
        }))
    }

    /// Tries everything once. The outer error ends the search, the inner one is a list of what failed.
    async fn round(&self) -> Result<Result<Obtained, Vec<Failure>>, InstallError> {
        let mut failures = Vec::new();
        for group in self.fetcher.groups()? {
            self.step("looking for a release");
            let offer = self.fetcher.offer(&group, self.versions);
            let offer = match self.unless_canceled(offer).await? {
                Ok(offer) => offer,
                Err(problems) => {
                    failures.extend(problems);
                    continue;
                }
            };
            if let Some(installed) = self.installed(&offer).await? {
                return Ok(Ok(Obtained::Installed(installed)));
            }
            if let Some(failure) = self.not_accepted(&offer) {
                failures.push(failure);
                continue;
            }
            self.ask_again(&offer).await?;
            for place in &offer.places {
                match self.from(&offer, place).await? {
                    Ok(package) => return Ok(Ok(Obtained::Package(package))),
                    Err(failure) => failures.push(failure),
                }
            }
        }
        Ok(Err(failures))
    }

    async fn installed(&self, offer: &Offer) -> Result<Option<Installed>, InstallError> {
        let Some(sha256) = offer.sha256 else {
            return Ok(None);
        };
        if self.not_accepted(offer).is_some() {
            return Ok(None);
        }
        let versions = self.versions.clone();
        let found = spawn_blocking(move || versions.installed_from(sha256)).await;
        Ok(found.map_err(broken)??)
    }

    /// Refuses without a download what is published to be another file than the accepted one.
    fn not_accepted(&self, offer: &Offer) -> Option<Failure> {
        let published = offer.sha256?;
        (self.accept? != published).then(|| Failure {
            place: offer.origin.clone(),
            problem: AddressProblem::NotAccepted(published),
        })
    }

    /// Refuses at once what was downloaded before and nobody has accepted.
    async fn ask_again(&self, offer: &Offer) -> Result<(), InstallError> {
        if self.accept.is_some() {
            return Ok(());
        }
        let (downloads, offer) = (self.versions.downloads(), offer.clone());
        let pinned = self.fetcher.options().pinned.clone();
        let find = move || {
            let mut all = Waiting::all(&downloads).into_iter();
            all.find(|waiting| {
                waiting.is(&offer) && judge(waiting.sha256, &offer, &pinned, None).is_err()
            })
        };
        match spawn_blocking(find).await.map_err(broken)? {
            Some(Waiting { name, sha256, .. }) => Err(InstallError::Unconfirmed { name, sha256 }),
            None => Ok(()),
        }
    }

    async fn from(
        &self,
        offer: &Offer,
        place: &Place,
    ) -> Result<Result<Package, Failure>, InstallError> {
        match place {
            Place::Remote(url) => self.remote(offer, url).await,
            Place::Archive(path) => {
                let packing = Packing::of(&offer.name);
                self.local(offer, Content::Archive(path.clone(), packing))
                    .await
            }
            Place::Program(path) => self.local(offer, Content::Program(path.clone())).await,
        }
    }

    async fn remote(
        &self,
        offer: &Offer,
        url: &Url,
    ) -> Result<Result<Package, Failure>, InstallError> {
        let failure = |problem| Failure {
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
                Ok(Ok(package(offer, sha256, Content::Archive(path, packing))))
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
        let put = move || -> Result<(), DiskError> {
            let metadata = std::fs::metadata(&path);
            waiting.size = metadata
                .map_err(|error| DiskError::new("read", &path, error))?
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
    ) -> Result<Result<Package, Failure>, InstallError> {
        let (Content::Archive(path, _) | Content::Program(path)) = &content;
        let failure = |problem| Failure {
            place: path.display().to_string(),
            problem,
        };
        let read = path.clone();
        let digest = spawn_blocking(move || Sha256::of_file(&read))
            .await
            .map_err(broken)?;
        let sha256 = match digest {
            Ok(sha256) => sha256,
            Err(error) => {
                let words = format!("it cannot be read ({error})");
                return Ok(Err(failure(AddressProblem::Local(words))));
            }
        };
        match judge(sha256, offer, &self.fetcher.options().pinned, self.accept) {
            Ok(_) => Ok(Ok(package(offer, sha256, content))),
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

    fn step(&self, step: &str) {
        self.progress.send_replace(Progress {
            step: step.to_owned(),
            ..Progress::default()
        });
    }

    async fn unless_canceled<T>(&self, work: impl Future<Output = T>) -> Result<T, FetchError> {
        let done = self.cancel.run_until_cancelled(work).await;
        done.ok_or(FetchError::Canceled)
    }
}

fn package(offer: &Offer, sha256: Sha256, content: Content) -> Package {
    Package {
        tag: offer.tag.clone(),
        name: offer.name.clone(),
        origin: offer.origin.clone(),
        sha256,
        content,
    }
}

/// A thread for blocking work broke: a fault of ours.
#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
pub(crate) fn broken(error: tokio::task::JoinError) -> InstallError {
    InstallError::Broken(error.to_string())
}
