//! One running node: settings and ports come in, accounts run, everything drains at the end.
//!
//! The composition root: this crate knows all the others and is known only by the programs
//! (`perpetuad`, later the desktop shell).
//!
//! ```text
//!  perpetua.toml ──► SettingsFile ──► Controller: Desired ──► plan ──► steps ──► AccountRuntime
//!   (file, RPC)      (reads, writes)              Actual ──┘              (upstream, clients, leases)
//!                                          │
//!  /healthz, /metrics, RPC ◄── Backend ◄── View (published in a `watch`)
//! ```

mod account;
mod backend;
mod changes;
mod client;
mod context;
mod controller;
mod desired;
mod error;
mod events;
mod first_start;
mod installed_cores;
mod managed;
mod node;
mod offline;
mod panics;
mod plan;
mod ports;
mod presence;
mod rpc;
mod settings_file;
mod signer_test;
mod simulator;
mod slot;
mod snapshots;
mod status;
mod stop;
mod tokens;
mod translate;
mod upstream;
mod view;
mod webhooks;
mod wire;

pub use error::{ExitCode, StartError};
pub use first_start::{Settings, load_settings, read_settings};
pub use node::{Node, NodeOptions};
pub use offline::Offline;
pub use rpc::{NodeRpc, Subscription};
pub use tokens::{TokenProblem, Tokens, client_secret_name, named_secret_name};
