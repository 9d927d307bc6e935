//! Listings by `ETag`: asked for cheaply, and kept for the days when nothing answers.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::BytesMut;
use perpetua_fs::{Access, read_small, write_atomic};
use perpetua_task::blocking;
use perpetua_words::{install as words, io};
use reqwest::header::{ACCEPT, ETAG, IF_NONE_MATCH};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use url::Url;

use super::Release;
use crate::exchange::{chunk, send};
use crate::{AddressProblem, Sha256};

/// GitHub's listing of a release with a hundred files is below 200 KB.
const LISTING_BYTES: usize = 8_000_000;

/// Asks for listings.
pub(crate) struct Listings<'a> {
    pub(crate) client: &'a Client,
    pub(crate) folder: &'a Path,
    pub(crate) stall: Duration,
    /// How long one may take in all.
    pub(crate) limit: Duration,
}

/// How a listing of some form is read.
pub(crate) type Read<'a> = &'a (dyn Fn(&[u8]) -> Result<Release, AddressProblem> + Sync);

/// A listing as it was kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    url: String,
    etag: Option<String>,
    /// Seconds since 1970.
    asked_at: u64,
    body: String,
}

impl Listings<'_> {
    /// The listing as it is now. An answer of "unchanged" gives the one that is kept.
    /// Only what can be read is kept: a web page does not replace the listing of yesterday.
    pub(crate) async fn ask(&self, url: &Url, read: Read<'_>) -> Result<Release, AddressProblem> {
        let kept = self.kept(url).await;
        let mut request = self.client.get(url.clone());
        request = request.header(ACCEPT, "application/vnd.github+json, application/json");
        if let Some(etag) = kept.as_ref().and_then(|kept| kept.etag.as_deref()) {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let answered = timeout(self.limit, self.answer(request, kept)).await;
        let overdue = |_| AddressProblem::Overdue(self.limit.as_secs());
        let (etag, body) = answered.map_err(overdue)??;
        let release = read(body.as_bytes())?;
        self.keep(url, etag, body).await;
        Ok(release)
    }

    /// Its `ETag` and its text, of the answer or as they are kept.
    async fn answer(
        &self,
        request: RequestBuilder,
        kept: Option<Kept>,
    ) -> Result<(Option<String>, String), AddressProblem> {
        let mut response = send(request, self.stall).await?;
        match (response.status(), kept) {
            (StatusCode::NOT_MODIFIED, Some(kept)) => Ok((kept.etag, kept.body)),
            (StatusCode::OK, _) => Ok((etag(&response), self.body(&mut response).await?)),
            (status, _) => Err(AddressProblem::Status(status.as_u16())),
        }
    }

    /// The listing of another day and its age.
    pub(crate) async fn remembered(
        &self,
        url: &Url,
        read: Read<'_>,
    ) -> Option<(Release, Duration)> {
        let kept = self.kept(url).await?;
        let asked_at = UNIX_EPOCH + Duration::from_secs(kept.asked_at);
        let age = SystemTime::now().duration_since(asked_at);
        Some((read(kept.body.as_bytes()).ok()?, age.unwrap_or_default()))
    }

    async fn body(&self, response: &mut Response) -> Result<String, AddressProblem> {
        let mut body = BytesMut::new();
        while let Some(bytes) = chunk(response, self.stall, body.len() as u64).await? {
            if body.len() + bytes.len() > LISTING_BYTES {
                return Err(AddressProblem::NotAListing(words::TooLong.into()));
            }
            body.extend_from_slice(&bytes);
        }
        let text = String::from_utf8(body.to_vec());
        text.map_err(|error| {
            AddressProblem::NotAListing(
                io::Other {
                    text: error.to_string(),
                }
                .into(),
            )
        })
    }

    async fn kept(&self, url: &Url) -> Option<Kept> {
        let file = self.file(url);
        let text = blocking(move || read_small(&file)).await.ok()??;
        let kept: Kept = serde_json::from_slice(&text).ok()?;
        (kept.url == url.as_str()).then_some(kept)
    }

    /// A listing that cannot be kept is one that is not there when offline; no reason to fail.
    async fn keep(&self, url: &Url, etag: Option<String>, body: String) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let kept = Kept {
            url: url.to_string(),
            etag,
            asked_at: now.unwrap_or_default().as_secs(),
            body,
        };
        let file = self.file(url);
        let written = tokio::task::spawn_blocking(move || {
            let text = serde_json::to_vec(&kept).map_err(|error| error.to_string())?;
            write_atomic(&file, &text, Access::Usual).map_err(|error| error.to_string())
        });
        if let Ok(Err(error)) = written.await {
            tracing::info!(error, "a listing of releases could not be kept");
        }
    }

    /// Addresses are too long and too strange for names.
    fn file(&self, url: &Url) -> PathBuf {
        let name = Sha256::of(url.as_str().as_bytes()).short();
        self.folder.join(format!("{name}.json"))
    }
}

fn etag(response: &Response) -> Option<String> {
    let etag = response.headers().get(ETAG)?;
    Some(etag.to_str().ok()?.to_owned())
}
