//! One running node: settings and ports come in, accounts run, everything drains at the end.
//!
//! The composition root: this crate knows all the others and is known only by the programs
//! (`perpetuad`, `perpetua-desktop`).
//!
//! ```text
//!  perpetua.toml ──► SettingsFile ──► Controller: Desired ──► plan ──► steps ──► AccountRuntime
//!   (file, RPC)      (reads, writes)              Actual ──┘              (upstream, clients, leases)
//!                                          │
//!  /healthz, /metrics, RPC ◄── Backend ◄── View (published in a `watch`)
//! ```

#[cfg(target_os = "linux")]
mod allocator;
mod backend;
mod browsers;
mod changes;
mod controller;
mod data;
mod edits;
mod error;
mod first_start;
mod frameworks;
mod guide;
mod history;
mod import;
mod installed_cores;
mod made_secrets;
mod node;
mod offline;
mod place;
mod port_check;
mod refusal;
mod renames;
mod rpc;
mod settings_file;
mod signer_test;
mod snapshots;
mod status;
mod updates;
mod wire;

#[cfg(target_os = "linux")]
pub use allocator::give_memory_back;
pub use edits::ports::next_free;
pub use edits::{named_secrets, only_signs, remove_named_secret};
pub use error::{ExitCode, StartError};
pub use first_start::{FirstSettings, Settings, load_settings, read_settings};
pub use made_secrets::MadeSecrets;
pub use node::{Node, NodeOptions};
pub use offline::Offline;
pub use perpetua_accounts::{
    PortOwner, TokenProblem, Tokens, client_secret_name, named_secret_name, upstream_secret_name,
};
pub use perpetua_http::{PageFile, Pages};
pub use place::NodePlace;
pub use rpc::{NodeRpc, Subscription};
pub use settings_file::{replace_settings, settled_settings};
pub use updates::update_wishes;
