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

mod backend;
mod changes;
mod controller;
mod error;
mod first_start;
mod import;
mod installed_cores;
mod node;
mod offline;
mod rpc;
mod settings_file;
mod signer_test;
mod snapshots;
mod status;
mod wire;

pub use error::{ExitCode, StartError};
pub use first_start::{Settings, load_settings, read_settings};
pub use node::{Node, NodeOptions};
pub use offline::Offline;
pub use perpetua_accounts::{
    TokenProblem, Tokens, client_secret_name, named_secret_name, upstream_secret_name,
};
pub use rpc::{NodeRpc, Subscription};
