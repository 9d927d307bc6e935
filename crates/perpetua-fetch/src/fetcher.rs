//! The sources of the settings, asked in order.

use std::path::PathBuf;
use std::sync::Arc;

use reqwest::Client;
use url::Url;

use crate::client::{ClientError, Proxy, Purpose, http_client};
use crate::exchange::{address, shown};
use crate::listing::{Group, Listings, Offer, Release, behind, look_locally};
use crate::source::ASSET;
use crate::{
    AddressProblem, FetchError, Patience, Pinned, Platform, ReleaseSource, SourceFailure,
    UnpackLimits, Versions,
};

/// What a fetcher is made of.
#[derive(Clone, Debug)]
pub struct FetcherOptions {
    /// Where releases are, in order.
    pub sources: Vec<ReleaseSource>,
    /// Which way requests take.
    pub proxy: Proxy,
    /// The system to find files for.
    pub platform: Platform,
    /// Digests that are known to be good.
    pub pinned: Pinned,
    /// How long and how often.
    pub patience: Patience,
    /// How much an archive may hold.
    pub limits: UnpackLimits,
}

impl Default for FetcherOptions {
    /// The core's own releases for this machine, with no pinned digest.
    fn default() -> Self {
        Self {
            sources: vec![ReleaseSource::official()],
            proxy: Proxy::default(),
            platform: Platform::detect(),
            pinned: Pinned::default(),
            patience: Patience::default(),
            limits: UnpackLimits::default(),
        }
    }
}

/// Finds and downloads releases. A cheap clone; new settings make a new one.
#[derive(Clone, Debug)]
pub struct Fetcher {
    options: Arc<FetcherOptions>,
    client: Client,
}

/// One way to a listing.
struct Way {
    url: Result<Url, AddressProblem>,
    /// What is in the settings, for people, should it be no address.
    text: String,
    is_first_hand: bool,
}

impl Fetcher {
    /// A fetcher with these settings; makes no request yet.
    pub fn new(options: FetcherOptions) -> Result<Self, ClientError> {
        let client = http_client(Purpose::Downloads, &options.proxy)?;
        Ok(Self {
            options: Arc::new(options),
            client,
        })
    }

    /// What the first source that has something has for this system. Only listings are asked for; when
    /// nobody answers, the one of another day is taken and its age told.
    pub async fn latest(&self, versions: &Versions) -> Result<Offer, FetchError> {
        let mut failures = Vec::new();
        for group in self.groups()? {
            match self.offer(&group, versions).await {
                Ok(offer) => return Ok(offer),
                Err(problems) => failures.extend(problems),
            }
        }
        Err(self.all_failed(failures))
    }

    /// What is told of sources that all failed: the proxy of the settings is not their fault.
    pub(crate) fn all_failed(&self, mut failures: Vec<SourceFailure>) -> FetchError {
        if let Proxy::Address(proxy) = &self.options.proxy
            && let Ok(proxy) = Url::parse(proxy)
        {
            let proxy = shown(&proxy);
            let proxy = proxy.trim_end_matches('/');
            for failure in &mut failures {
                let problem = std::mem::replace(&mut failure.problem, AddressProblem::NoAddress);
                failure.problem = problem.through(proxy);
            }
        }
        FetchError::AllFailed { failures }
    }

    /// The same with one source in place of the list.
    #[must_use]
    pub fn only(&self, source: ReleaseSource) -> Self {
        let options = FetcherOptions {
            sources: vec![source],
            ..FetcherOptions::clone(&self.options)
        };
        Self {
            options: Arc::new(options),
            client: self.client.clone(),
        }
    }

    pub(crate) fn options(&self) -> &FetcherOptions {
        &self.options
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The sources as questions.
    pub(crate) fn groups(&self) -> Result<Vec<Group<'_>>, FetchError> {
        let groups = Group::of(&self.options.sources);
        if groups.is_empty() {
            return Err(FetchError::NoSource);
        }
        Ok(groups)
    }

    /// What one source has for this system.
    pub(crate) async fn offer(
        &self,
        group: &Group<'_>,
        versions: &Versions,
    ) -> Result<Offer, Vec<SourceFailure>> {
        match group {
            Group::Local { path } => self.local((*path).to_owned()).await,
            Group::Upload { path, name } => Ok(Offer::of_upload(path, name)),
            Group::File { url } => Offer::of_file(url).map_err(|problem| {
                let place = group.name();
                vec![SourceFailure { place, problem }]
            }),
            Group::Index { url } => {
                let base = address(url);
                let read = |body: &[u8]| Release::index(body, base.as_ref().map_err(Clone::clone)?);
                let way = Way::new("", url);
                self.listed(group, &[way], ASSET, &read, versions).await
            }
            Group::Github {
                api,
                repository,
                tag,
                asset,
                prefixes,
            } => {
                let url = format!("{api}/repos/{repository}/releases/tags/{tag}");
                let ways: Vec<Way> = prefixes
                    .iter()
                    .map(|prefix| Way::new(prefix, &url))
                    .collect();
                self.listed(group, &ways, asset, &Release::github, versions)
                    .await
            }
        }
    }

    async fn local(&self, path: PathBuf) -> Result<Offer, Vec<SourceFailure>> {
        let (place, platform) = (path.display().to_string(), self.options.platform.clone());
        let looked = tokio::task::spawn_blocking(move || look_locally(&path, &platform)).await;
        let looked = looked.unwrap_or_else(|error| {
            Err(AddressProblem::Local(
                perpetua_words::io::Other {
                    text: error.to_string(),
                }
                .into(),
            ))
        });
        looked.map_err(|problem| vec![SourceFailure { place, problem }])
    }

    /// Asks each way until one answers; then looks for what one of them answered another day.
    async fn listed(
        &self,
        group: &Group<'_>,
        ways: &[Way],
        asset: &str,
        read: &(dyn Fn(&[u8]) -> Result<Release, AddressProblem> + Sync),
        versions: &Versions,
    ) -> Result<Offer, Vec<SourceFailure>> {
        let listings = Listings {
            client: &self.client,
            folder: &versions.cache(),
            stall: self.options.patience.stall,
            limit: self.options.patience.listing,
        };
        let mut failures = Vec::new();
        for way in ways {
            let asked = match &way.url {
                Ok(url) => listings.ask(url, read).await,
                Err(problem) => Err(problem.clone()),
            };
            match asked.and_then(|release| self.suiting(group, &release, asset, way)) {
                Ok(offer) => return Ok(offer),
                Err(problem) => failures.push(way.failure(problem)),
            }
        }
        for (way, failure) in ways.iter().zip(&failures) {
            let Ok(url) = way.url.as_ref().map_err(|_| ()) else {
                continue;
            };
            if failure.problem.says_gone() {
                continue;
            }
            if let Some((release, age)) = listings.remembered(url, read).await
                && let Ok(offer) = self.suiting(group, &release, asset, way)
            {
                let age = Some(age);
                return Ok(Offer { age, ..offer });
            }
        }
        Err(failures)
    }

    /// The file of a release for this system.
    fn suiting(
        &self,
        group: &Group<'_>,
        release: &Release,
        asset: &str,
        way: &Way,
    ) -> Result<Offer, AddressProblem> {
        let asset = release.choose(asset, &self.options.platform)?;
        Ok(Offer {
            tag: release.tag.clone(),
            name: asset.name.clone(),
            size: asset.size,
            sha256: asset.sha256,
            origin: group.name(),
            published: asset.published,
            age: None,
            is_first_hand: way.is_first_hand,
            places: group.places(asset)?,
        })
    }
}

impl Way {
    fn new(prefix: &str, url: &str) -> Self {
        Self {
            url: behind(prefix, url),
            text: format!("{prefix}{url}"),
            is_first_hand: prefix.is_empty(),
        }
    }

    fn failure(&self, problem: AddressProblem) -> SourceFailure {
        let place = self.url.as_ref().map_or_else(|_| self.text.clone(), shown);
        SourceFailure { place, problem }
    }
}
