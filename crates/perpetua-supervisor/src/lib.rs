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
//!     driver -- Event --> Lifecycle -- Effect --> driver --> process, steps (launch, install, …)
//!        |
//!        +--> CoreView (watch), CoreNews and CoreLine (broadcast), log files
//! ```
//!
//! The account's link to the core is another task's: it dials [`CoreView::endpoint`] and reports
//! what becomes of it with the verbs of [`Core`].

mod cores;
mod driver;
mod furnish;
mod handle;
pub mod installer;
mod launcher;
mod leftover;
mod lines;
mod news;
mod options;
mod picture;
mod prepare;
mod signing;
mod steps;
mod view;

use perpetua_words::with_causes as in_words;

pub use cores::{Cores, VerifiedCore};
pub use handle::{Core, RestoreError};
pub use launcher::{Launcher, LineSource, RunningProcess, Started, SystemLauncher};
pub use lines::{CoreLine, CoreLines};
pub use news::CoreNews;
pub use options::{CoreOptions, CorePorts, CoreSettings};
pub use signing::SignerChoice;
pub use view::{CoreView, Endpoint};
