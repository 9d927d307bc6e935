//! One running node: settings and ports come in, accounts run, everything drains at the end.
//!
//! The composition root: this crate knows all the others and is known only by the programs
//! (`perpetuad`, later the desktop shell).
//!
//! ```text
//!  perpetua.toml ──► steward ──► Accounts ──► AccountRuntime ──► upstream task, ports of clients
//!   (file, RPC)      (one task owns them)          │
//!                                                  ▼
//!  /healthz, /metrics, RPC ◄── Backend ◄── View (published in a `watch`)
//! ```

mod account;
mod accounts;

mod backend;
mod backend_core;
mod client;
mod desired;
mod error;
mod first_start;
mod installed_cores;
mod kept_ports;
mod live;
mod managed;
mod node;
mod notify;
mod offline;
mod plan;
mod presence;
mod signer_test;
mod simulator;
mod slot;
mod status;
mod steward;
mod supplies;
mod tokens;
mod translate;
mod upstream;
mod view;
mod wire;

pub use error::{ExitCode, StartError};
pub use first_start::{Settings, load_settings};
pub use node::{Node, NodeOptions};
pub use offline::Offline;
pub use tokens::{TokenProblem, Tokens, client_secret_name, named_secret_name};
