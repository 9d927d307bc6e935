//! One file from one address: streamed to a partial file that the next attempt goes on from.
//!
//! ```text
//!              206 from where we are          the body ends
//!  ask ──────► receive ───────────────────────► compare the digest ──► done
//!   │ 200, 416, another file: start over          │ other, and made of two addresses' pieces:
//!   ▼                                             ▼ start over once; otherwise refuse
//!  receive from the first byte
//! ```

mod answer;
mod part;

use std::path::PathBuf;
use std::time::Duration;

use perpetua_backoff::Backoff;
use reqwest::header::{IF_RANGE, RANGE};
use reqwest::{Client, Response, StatusCode};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::exchange::{chunk, is_page, send};
use crate::meter::Meter;
use crate::unpack::{HEAD_BYTES, Packing};
use crate::{AddressProblem, InstallPhase, InstallProgress, Sha256};
use answer::{goes_on, validator};
pub(crate) use part::forget;
use part::{Part, Stamp};
use perpetua_fs::FileError;

/// So many bytes in each such time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pace {
    /// How many.
    pub bytes: u64,
    /// In how long.
    pub within: Duration,
}

impl Pace {
    /// In kilobytes a second, for people.
    fn kilobytes(self) -> u64 {
        self.bytes / self.within.as_secs().max(1) / 1000
    }
}

/// How long and how often.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Patience {
    /// How long a server may be silent.
    pub stall: Duration,
    /// How long a listing may take in all.
    pub listing: Duration,
    /// What a file has to come with at least, however seldom the server is silent: a mirror that drips holds up
    /// those behind it.
    pub slowest: Pace,
    /// How often all addresses are tried before it is given up.
    pub rounds: u32,
    /// The waits between these rounds.
    pub backoff: Backoff,
    /// No file may be larger; bytes.
    pub largest: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            stall: Duration::from_secs(30),
            listing: Duration::from_mins(1),
            slowest: Pace {
                bytes: 960_000,
                within: Duration::from_mins(2),
            },
            rounds: 4,
            backoff: Backoff::default(),
            largest: 500_000_000,
        }
    }
}

/// Why a download ended without a file.
#[derive(Debug)]
pub enum DownloadError {
    /// Another address may do better.
    Address(AddressProblem),
    /// None will.
    Disk(FileError),
    /// It was called off.
    Canceled,
}

impl From<AddressProblem> for DownloadError {
    fn from(problem: AddressProblem) -> Self {
        Self::Address(problem)
    }
}

impl From<FileError> for DownloadError {
    fn from(error: FileError) -> Self {
        Self::Disk(error)
    }
}

/// What to download.
pub(crate) struct Download<'a> {
    pub(crate) client: &'a Client,
    pub(crate) url: &'a Url,
    /// The partial file.
    pub(crate) path: PathBuf,
    pub(crate) packing: Packing,
    /// What it has to be, where that is known.
    pub(crate) expected: Option<Sha256>,
    /// What the listing says of its size.
    pub(crate) size: Option<u64>,
    pub(crate) patience: Patience,
    pub(crate) progress: &'a watch::Sender<InstallProgress>,
    pub(crate) cancel: &'a CancellationToken,
}

impl Download<'_> {
    /// Downloads; the whole file is at `path` then.
    pub(crate) async fn run(&self) -> Result<Sha256, DownloadError> {
        loop {
            let mut part = Part::open(&self.path).await?;
            if let Some(done) = self.finished(&part) {
                return Ok(done);
            }
            let done = tokio::select! {
                biased;
                () = self.cancel.cancelled() => Err(DownloadError::Canceled),
                done = self.attempt(&mut part) => done,
            };
            let actual = match done {
                Ok(()) => part.finish().await?,
                // The disk is needed more by those who run than by half a file.
                Err(DownloadError::Disk(error)) if error.is_full() => {
                    part.remove().await;
                    return Err(DownloadError::Disk(error));
                }
                // Nothing of it is of use: it was refused, or never began.
                Err(error) if part.len() == 0 => {
                    part.remove().await;
                    return Err(error);
                }
                Err(error) => {
                    part.keep().await;
                    return Err(error);
                }
            };
            match self.expected {
                Some(expected) if expected != actual => {
                    let was_spliced = part.is_spliced();
                    part.remove().await;
                    if !was_spliced {
                        return Err(AddressProblem::Mismatch { expected, actual }.into());
                    }
                    tracing::info!("the pieces of two addresses do not fit; downloading anew");
                }
                _ => return Ok(actual),
            }
        }
    }

    /// A former run had all of it and was ended before it could use it.
    fn finished(&self, part: &Part) -> Option<Sha256> {
        let is_it = |digest: &Sha256| Some(*digest) == self.expected;
        Some(part.digest()).filter(is_it)
    }

    async fn attempt(&self, part: &mut Part) -> Result<(), DownloadError> {
        let mut response = self.ask(part).await?;
        self.receive(&mut response, part).await
    }

    /// Asks for what is missing, or for all of it; the part is cut to what the answer goes on from.
    async fn ask(&self, part: &mut Part) -> Result<Response, DownloadError> {
        if part.len() > 0 && self.may_resume(part) {
            let mut request = self.client.get(self.url.clone());
            request = request.header(RANGE, format!("bytes={}-", part.len()));
            if let Some(stamp) = part.stamp_of(self.url) {
                request = request.header(IF_RANGE, stamp);
            }
            let response = send(request, self.patience.stall).await?;
            if goes_on(&response, part, self.url) {
                return Ok(response);
            }
            if response.status() == StatusCode::OK {
                return self.begin(response, part).await;
            }
        }
        let response = send(self.client.get(self.url.clone()), self.patience.stall).await?;
        self.begin(response, part).await
    }

    /// Whether what is there may belong to what this address has.
    fn may_resume(&self, part: &Part) -> bool {
        let same_file = self.expected.is_some() && part.expected() == self.expected;
        same_file || part.stamp_of(self.url).is_some()
    }

    /// An answer with the whole file: what was there is thrown away.
    async fn begin(&self, response: Response, part: &mut Part) -> Result<Response, DownloadError> {
        if response.status() != StatusCode::OK {
            return Err(AddressProblem::Status(response.status().as_u16()).into());
        }
        if is_page(&response) {
            return Err(AddressProblem::WebPage.into());
        }
        let total = response.content_length().or(self.size);
        if total.is_some_and(|total| total > self.patience.largest) {
            return Err(AddressProblem::TooLarge(self.patience.largest).into());
        }
        part.begin(Stamp {
            url: self.url.to_string(),
            validator: validator(response.headers()),
            total,
            expected: self.expected,
        })
        .await?;
        Ok(response)
    }

    async fn receive(&self, response: &mut Response, part: &mut Part) -> Result<(), DownloadError> {
        let mut meter = Meter::new(Instant::now(), part.len());
        let mut pace = (Instant::now(), part.len());
        while let Some(bytes) = chunk(response, self.patience.stall, part.len()).await? {
            if part.len() + bytes.len() as u64 > self.patience.largest {
                part.clear().await?;
                return Err(AddressProblem::TooLarge(self.patience.largest).into());
            }
            part.write(&bytes).await?;
            if part.head().len() >= HEAD_BYTES {
                self.look_at_head(part).await?;
            }
            let now = Instant::now();
            self.keep_pace(&mut pace, now, part.len())?;
            meter.record(now, part.len());
            if meter.is_due(now) {
                self.tell(part, meter.rate(now));
            }
        }
        self.tell(part, meter.rate(Instant::now()));
        self.look_at_head(part).await?;
        match part.total() {
            Some(total) if part.len() < total => Err(AddressProblem::Cut(part.len()).into()),
            _ => Ok(()),
        }
    }

    /// A server that is never silent and never done is given up; `since` is when and with how much the time began.
    fn keep_pace(
        &self,
        since: &mut (Instant, u64),
        now: Instant,
        len: u64,
    ) -> Result<(), AddressProblem> {
        let slowest = self.patience.slowest;
        if now.duration_since(since.0) < slowest.within {
            return Ok(());
        }
        let came = len - since.1;
        *since = (now, len);
        if came < slowest.bytes {
            return Err(AddressProblem::TooSlow(slowest.kilobytes()));
        }
        Ok(())
    }

    /// What is no archive is given up after its first bytes.
    async fn look_at_head(&self, part: &mut Part) -> Result<(), DownloadError> {
        if self.packing.begins(part.head()) {
            return Ok(());
        }
        let is_text =
            part.head().trim_ascii_start().starts_with(b"<") || part.head().starts_with(b"{");
        part.clear().await?;
        Err(if is_text {
            AddressProblem::WebPage.into()
        } else {
            AddressProblem::NotAnArchive.into()
        })
    }

    fn tell(&self, part: &Part, rate: u64) {
        self.progress.send_modify(|told| {
            told.phase = InstallPhase::Downloading;
            told.received = part.len();
            told.total = part.total();
            told.rate = rate;
        });
    }
}
