//! From sources to a file that may be installed: every address of every source before the first wait.

pub(crate) mod gather;
mod place;

use std::path::PathBuf;

use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::listing::Group;
use crate::trust::{Voucher, judge};
use crate::unpack::Packing;
use crate::waiting::Waiting;
use crate::{
    AddressProblem, FetchError, Fetcher, InstallError, InstallPhase, InstallProgress, Installed,
    Offer, Sha256, SourceFailure, Versions,
};
use gather::Gathered;

/// What there is to install.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) tag: String,
    pub(crate) name: String,
    pub(crate) origin: String,
    pub(crate) sha256: Sha256,
    pub(crate) voucher: Voucher,
    pub(crate) content: Content,
}

/// Where it is.
#[derive(Debug)]
pub(crate) enum Content {
    /// An archive in the folder of versions.
    Archive(PathBuf, Packing),
    /// The copy of one that stands elsewhere.
    Copied(Gathered, Packing),
    /// The copy of a program of this machine, with the libraries beside it.
    Program(Gathered),
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
    pub(crate) progress: &'a watch::Sender<InstallProgress>,
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
                return Err(self.fetcher.all_failed(failures).into());
            }
            self.phase(InstallPhase::WaitingToRetry);
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
            voucher: Voucher::Person,
        }))
    }

    /// Tries everything once. The outer error ends the search, the inner one is a list of what failed.
    async fn round(&self) -> Result<Result<Obtained, Vec<SourceFailure>>, InstallError> {
        let mut failures = Vec::new();
        for group in self.fetcher.groups()? {
            // One that was uploaded is there already; what it is stays told.
            if !matches!(group, Group::Upload { .. }) {
                self.phase(InstallPhase::LookingForRelease);
            }
            let offer = self.fetcher.offer(&group, self.versions);
            let offer = match self.unless_canceled(offer).await? {
                Ok(offer) => offer,
                Err(problems) => {
                    failures.extend(problems);
                    continue;
                }
            };
            self.progress
                .send_modify(|told| told.tag = Some(offer.label().into()));
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
    fn not_accepted(&self, offer: &Offer) -> Option<SourceFailure> {
        let published = offer.sha256?;
        (self.accept? != published).then(|| SourceFailure {
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
            Some(Waiting { name, sha256, .. }) => Err(InstallError::unconfirmed(name, sha256)),
            None => Ok(()),
        }
    }

    fn phase(&self, phase: InstallPhase) {
        InstallProgress::begin(self.progress, phase);
    }

    async fn unless_canceled<T>(&self, work: impl Future<Output = T>) -> Result<T, FetchError> {
        let done = self.cancel.run_until_cancelled(work).await;
        done.ok_or(FetchError::Canceled)
    }
}

/// A thread for blocking work broke: a fault of ours.
#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
pub(crate) fn broken(error: tokio::task::JoinError) -> InstallError {
    InstallError::Broken(error.to_string())
}
