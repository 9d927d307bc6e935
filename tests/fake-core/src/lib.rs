//! A stand-in for Lagrange.OneBot, and what stands around it in a test: the place it is downloaded
//! from, the signer it asks, and QQ, which makes it suffer.
//!
//! The stand-in is a program of its own, `fake-lagrange`; [`Archives`] packs it under the names and in
//! the layouts of the real releases. How it behaves was read in Lagrange's source and in logs of it, and seen on the
//! program itself.
//! Only ever a dev-dependency.

mod archives;
mod build;
mod control;
mod fault;
mod kill;
mod network;
mod order;
mod release;
mod release_server;
mod scenario;
mod signer_fault;
mod signer_server;

use std::time::Duration;

pub use archives::{Archives, Packed, Rid};
pub use build::{Build, Fate};
pub use control::{QqControl, RunningCore};
pub use fault::Fault;
pub use kill::kill;
pub use network::{Network, Phase};
pub use order::{Order, Phone, Process, Qq, Report};
pub use release::{Asset, Release};
pub use release_server::{Counts, ReleaseServer};
pub use scenario::{SCENARIO_FILE, Scenario, SessionFate};
pub use signer_fault::SignerFault;
pub use signer_server::SignerServer;

/// How long a test waits for what a core owes it. Generous, because a machine that builds and tests at
/// once is slow.
pub const PATIENCE: Duration = Duration::from_secs(20);
