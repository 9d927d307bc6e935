//! The sockets of clients and upstreams around the hub.
//!
//! `perpetua-hub` decides; this crate reads, writes, dials and listens. One [`Account`] holds one hub
//! behind a lock that is never held across an await: every task locks it for one verb, and does
//! its I/O with what it got.
//!
//! ```text
//!  upstream task ──► Account { Mutex<Hub> } ──► wake ──► client task: take a batch, write, flush
//!       ▲                     │  ▲
//!       └── wake ◄── actions ─┘  └── client task: read, peek
//! ```

mod account;
mod client;
mod clock;
mod door;
mod lease;
mod listener;
mod origin;
mod presence;
mod socket;
mod state;
mod ticker;
mod upgrade;
mod upstream;

pub use account::{Account, AccountTasks};
pub use client::{ClientPort, Manners, serve_clients};
pub use clock::Clock;
pub use door::{Denied, Door, Gate};
pub use lease::{LeaseError, LeaseSettings, Leases};
pub use listener::{BindError, bind};
pub use origin::{Origins, host_is_local};
pub use presence::Presence;
pub use upstream::{Dial, Embedded, ReverseDoor, run_dial, run_dial_core, run_reverse};
