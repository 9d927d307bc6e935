//! The sockets of clients and upstreams around the hub.
//!
//! `perpetua-hub` decides; this crate reads, writes, dials and listens. One [`AccountHandle`] holds one hub
//! behind a lock that is never held across an await: every task locks it for one verb, and does
//! its I/O with what it got.
//!
//! ```text
//!  upstream task ──► AccountHandle { Mutex<Hub> } ──► wake ──► client task: take a batch, write, flush
//!       ▲                     │  ▲
//!       └── wake ◄── actions ─┘  └── client task: read, peek
//! ```

mod account;
mod activity;
mod budget;
mod callers;
mod client;
mod clock;
mod connection;
mod dialling;
mod framework;
mod gate;
mod lease;
mod listener;
mod opening;
mod peer;
mod post;
mod presence;
mod reach;
mod redirection;
mod refused;
mod socket;
mod state;
mod ticker;
mod upgrade;
mod upstream;

pub use account::{AccountHandle, AccountTasks};
pub use budget::FrameBudget;
pub use callers::serve_callers;
pub use client::{ClientListener, serve_clients};
pub use clock::Clock;
pub use framework::{
    DialTrial, FrameworkWay, TRIAL_LIMIT, Tried, TriedDial, dial_framework,
    dial_framework_in_halves, dial_trial,
};
pub use lease::{LeaseCounts, LeaseError, LeaseSettings, Leases};
pub use listener::{BindError, PortHolder, bind, is_for_many};
pub use post::{PostSettings, post_events, reach_target};
pub use presence::Presence;
pub use upstream::{
    DialSettings, Embedded, EmbeddedLink, EmbeddedSettings, ProbedUpstream, ReverseAccess,
    core_answers, probe_upstream, run_dial, run_dial_core, run_reverse,
};
