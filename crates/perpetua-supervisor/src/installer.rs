//! The installer: one job at a time, shared by all accounts.
//!
//! ```text
//!            install, ensure                 the file is known
//!   Idle ───────────────────► Running ──────────────────────────► Done { id }
//!    ▲                           │ │ nobody vouches for the file
//!    │ called off                │ └───────► Unconfirmed { name, sha256 } ── install with `accept` ──► Running
//!    └───────────────────────────┤ it failed
//!                                └───────► Failed
//! ```
//!
//! A file that is uploaded is a job from its first byte on ([`IncomingCore`]). Whoever needs a core joins the job
//! that runs, and waits while a person compares a file that no source would give again. Calling off forgets that
//! file, too. Apart from jobs it looks for newer releases, and tells of them; it never installs one that nobody asked
//! for.

mod actor;
mod cores;
mod handle;
mod incoming;
mod job;
mod options;
mod trial;
mod work;

pub use handle::{Installer, ReceiveError};
pub use incoming::IncomingCore;
pub use job::{AvailableRelease, InstallJob, InstallRequest};
pub use options::{InstallerError, InstallerOptions, InstallerSettings};
