//! `perpetua-access`: who may come in at a port of ours.
//!
//! Pure: it looks at the address and the headers of a request, and reads no socket. The ports of clients
//! and upstreams (`perpetua-proxy`) ask it, and the API (`perpetua-http`), where browsers sign in.

mod normal_path;
mod origins;
mod policy;
mod sender;
mod shown_tokens;
mod sign_in;

pub use normal_path::NormalPath;
pub use origins::{ForeignRequest, Origins, host_is_local, hosts_are_local};
pub use policy::{AccessDenied, AccessPolicy, Auth};
pub use sender::Sender;
pub use shown_tokens::ShownTokens;
pub use sign_in::{
    CODE_LIFE, GuessStanding, Guesses, KeptSession, OneTimeCodes, Redeemed, SESSION_KNOWN,
    SESSION_LIFE, Sessions,
};
