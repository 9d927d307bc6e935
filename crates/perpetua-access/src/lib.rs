//! `perpetua-access`: who may come in at a port of ours.
//!
//! Pure: it looks at the address and the headers of a request, and reads no socket. The ports of clients
//! and upstreams (`perpetua-proxy`) ask it, and the API (`perpetua-http`).

mod origins;
mod policy;

pub use origins::{Origins, host_is_local};
pub use policy::{AccessDenied, AccessPolicy, Auth};
