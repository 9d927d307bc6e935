//! A local server in GitHub's shape: listings, downloads, and whatever can go wrong with them. It serves
//! a static index too, and every address of its own behind a mirror's prefix.

mod answer;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::{Fault, Release};

/// What was asked of the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Listings, those that had not changed included.
    pub listings: u32,
    /// Listings that were answered with 304.
    pub not_modified: u32,
    /// Downloads, each redirect and each further piece included.
    pub downloads: u32,
    /// Downloads that went on where another had ended.
    pub resumed: u32,
}

/// The faults of one kind of requests.
#[derive(Default)]
struct Faults {
    next: VecDeque<Fault>,
    always: Option<Fault>,
}

impl Faults {
    fn take(&mut self) -> Option<Fault> {
        self.next.pop_front().or(self.always)
    }
}

#[derive(Default)]
struct Shelf {
    release: Option<Release>,
    listing_faults: Faults,
    download_faults: Faults,
    no_ranges: bool,
    counts: Counts,
}

type SharedShelf = Arc<Mutex<Shelf>>;

/// A running server.
pub struct ReleaseServer {
    address: SocketAddr,
    shelf: SharedShelf,
    task: JoinHandle<()>,
}

impl ReleaseServer {
    /// Serves on a free port of the loopback address; there is no release yet.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .context("cannot listen on a free port")?;
        let address = listener.local_addr()?;
        let shelf = SharedShelf::default();
        let router = Router::new()
            .fallback(answer::answer)
            .with_state((shelf.clone(), address));
        let task = tokio::spawn(async move {
            // It ends with the server's value, which aborts it.
            let _never = axum::serve(listener, router).await;
        });
        Ok(Self {
            address,
            shelf,
            task,
        })
    }

    /// The address for `api` of a GitHub source, and for `prefix` of a mirror.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address of the static index.
    pub fn index_url(&self) -> String {
        format!("{}/index.json", self.url())
    }

    /// Replaces the release.
    pub fn publish(&self, release: Release) {
        self.lock().release = Some(release);
    }

    /// The next listing has this fault; several are kept in their order.
    pub fn next_listing(&self, fault: Fault) {
        self.lock().listing_faults.next.push_back(fault);
    }

    /// The next download has this fault; several are kept in their order.
    pub fn next_download(&self, fault: Fault) {
        self.lock().download_faults.next.push_back(fault);
    }

    /// All further listings have this fault, or none.
    pub fn every_listing(&self, fault: Option<Fault>) {
        self.lock().listing_faults.always = fault;
    }

    /// All further downloads have this fault, or none.
    pub fn every_download(&self, fault: Option<Fault>) {
        self.lock().download_faults.always = fault;
    }

    /// Whether a download may begin in the middle; it may, until this says otherwise.
    pub fn ranges(&self, allowed: bool) {
        self.lock().no_ranges = !allowed;
    }

    /// What was asked so far.
    pub fn counts(&self) -> Counts {
        self.lock().counts
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        lock(&self.shelf)
    }
}

impl Drop for ReleaseServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(shelf: &SharedShelf) -> MutexGuard<'_, Shelf> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}
