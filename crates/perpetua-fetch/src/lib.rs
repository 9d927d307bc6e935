//! `perpetua-fetch`: from a list of release sources to an installed, verified core.
//!
//! A [`Fetcher`] knows where releases are ([`ReleaseSource`]) and which one suits this [`Platform`].
//! An [`Install`] downloads it, resumes, verifies, unpacks, tries it, and hands it to [`Versions`], the
//! folder of what is installed. Nothing here knows an account or starts a core: the trial is the
//! caller's. [`Versions`] blocks for as long as the disk takes; the rest is async.

mod client;
mod digest;
mod document;
mod download;
mod error;
mod exchange;
mod fetcher;
mod install;
mod listing;
mod meter;
mod obtain;
mod pinned;
mod platform;
mod progress;
mod signing;
mod source;
mod trust;
mod unpack;
mod upload;
mod versions;
mod waiting;
mod words;

pub use client::{ClientError, Proxy, Purpose, http_client, loopback_client};
pub use digest::{Sha256, Sha256Error};
pub use document::{FileDownload, forget_download, read_document, shown_address};
pub use download::{DownloadError, Pace, Patience};
pub use error::{AddressProblem, FetchError, InstallError, SourceFailure};
pub use fetcher::{Fetcher, FetcherOptions};
pub use install::{Install, InstallOutcome, InstallStep};
pub use listing::Offer;
pub use pinned::{Pinned, PinnedError};
pub use platform::{Libc, Platform};
pub use progress::{InstallPhase, InstallProgress};
pub use source::ReleaseSource;
pub use trust::Voucher;
pub use unpack::{PathRefusal, UnpackError, UnpackLimits, inner_path};
pub use upload::{Upload, UploadError, Uploaded};
pub use versions::{Installed, VersionLease, Versions, VersionsError};
