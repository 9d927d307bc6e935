//! `perpetua-supervisor`: the managed core of one account, from installation to its end.
//!
//! The decisions are those of the pure machine in `perpetua-lifecycle`. Here is its driver: one
//! task for each account with one loop, which tells the machine what happened and does what it
//! wants. The world outside comes in as ports ([`CorePorts`]).
//!
//! ```text
//! commands, process lines, exit, timers, results of steps
//!        |
//!        v
//!     driver -- LifecycleEvent --> Lifecycle -- LifecycleEffect --> driver --> process, steps (launch, install, …)
//!        |
//!        +--> CoreView (watch), CoreNews and CoreLogLine (broadcast), log files
//! ```
//!
//! The account's link to the core is another task's: it dials [`CoreView::endpoint`] and reports
//! what becomes of it with the verbs of [`CoreHandle`].

mod cores;
mod driver;
mod fold;
mod handle;
pub mod installer;
mod launch;
mod launcher;
mod lines;
mod names;
mod news;
mod options;
mod orphan;
mod picture;
mod signing;
mod steps;
mod view;
mod workdir;

pub use cores::{Cores, RollBackOutcome, VerifiedCore};
pub use handle::{CoreHandle, LoginError};
pub use launcher::{Launcher, LineSource, RunningProcess, StartedProcess, SystemLauncher};
pub use lines::{CoreLines, CoreLogLine};
pub use names::{Names, SystemNames};
pub use news::CoreNews;
pub use options::{CoreOptions, CorePorts, CoreSettings};
pub use signing::SignerChoice;
pub use view::{CoreView, Endpoint, SetAsideLogin};
