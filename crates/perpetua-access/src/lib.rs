//! `perpetua-access`: who may come in at a port of ours.
//!
//! Pure: it looks at the address and the headers of a request, and reads no socket. The ports of clients
//! and upstreams (`perpetua-proxy`) ask it, and the API (`perpetua-http`).

mod normal_path;
mod origins;
mod policy;
mod shown_tokens;

pub use normal_path::NormalPath;
pub use origins::{ForeignRequest, Origins, host_is_local};
pub use policy::{AccessDenied, AccessPolicy, Auth};
pub use shown_tokens::ShownTokens;
