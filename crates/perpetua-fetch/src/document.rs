//! What is not a core: a small document, or one file whose worth the caller judges.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Response, StatusCode};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::download::{Download, DownloadError, forget};
use crate::exchange::{address, chunk, send, shown};
use crate::unpack::Packing;
use crate::{AddressProblem, InstallProgress, Patience};
use perpetua_words::install as words;

/// A small document of the web, such as a listing: all of it within `limit`, and of `largest` bytes at most.
pub async fn read_document(
    client: &Client,
    url: &str,
    limit: Duration,
    largest: usize,
) -> Result<Vec<u8>, AddressProblem> {
    let url = address(url)?;
    let reading = async {
        let mut response = send(client.get(url), limit).await?;
        if response.status() != StatusCode::OK {
            return Err(AddressProblem::Status(response.status().as_u16()));
        }
        if is_for_browsers(&response) {
            return Err(AddressProblem::WebPage);
        }
        let mut body = Vec::new();
        while let Some(bytes) = chunk(&mut response, limit, body.len() as u64).await? {
            if body.len() + bytes.len() > largest {
                return Err(AddressProblem::NotAListing(words::TooLong.into()));
            }
            body.extend_from_slice(&bytes);
        }
        Ok(body)
    };
    let overdue = |_| AddressProblem::Overdue(limit.as_secs());
    timeout(limit, reading).await.map_err(overdue)?
}

fn is_for_browsers(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("text/html") || kind.starts_with("application/xhtml")
}

/// An address of settings or a listing for people: without what may be a password or a signature.
pub fn shown_address(url: &str) -> String {
    address(url).map_or_else(|_| url.to_owned(), |url| shown(&url))
}

/// One file at one address. Nobody has said what it has to be: the caller judges it, and forgets what is wrong.
#[derive(Debug)]
pub struct FileDownload<'a> {
    /// Asks for it.
    pub client: &'a Client,
    /// Where it is.
    pub url: &'a str,
    /// Where it grows, and where it is in the end. A part of the same file goes on there.
    pub path: PathBuf,
    /// How long and how fast.
    pub patience: Patience,
    /// How far it is.
    pub progress: &'a watch::Sender<InstallProgress>,
    /// Calls it off.
    pub cancel: &'a CancellationToken,
}

impl FileDownload<'_> {
    /// Downloads it.
    pub async fn run(self) -> Result<(), DownloadError> {
        let url = address(self.url)?;
        let download = Download {
            client: self.client,
            url: &url,
            path: self.path,
            packing: Packing::Bare,
            expected: None,
            size: None,
            patience: self.patience,
            progress: self.progress,
            cancel: self.cancel,
        };
        download.run().await.map(drop)
    }
}

/// Deletes a file that [`FileDownload`] has made, and what tells of it.
pub async fn forget_download(path: PathBuf) {
    forget(&path).await;
}
