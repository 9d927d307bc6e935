//! `perpetua-access`: who may come in at a port of ours.
//!
//! It looks at the address and the headers of a request, and reads no socket. The ports of clients
//! and upstreams (`perpetua-proxy`) ask it, the API (`perpetua-http`), where browsers sign in, and the address of
//! signatures (`perpetua-signing`). All of them share one room for those who have not shown anything yet.

mod normal_path;
mod origins;
mod policy;
mod sender;
mod shown_tokens;
mod sign_in;
mod single_lines;
mod waiting_room;

pub use normal_path::NormalPath;
pub use origins::{ForeignRequest, Origins, host_is_local, hosts_are_local};
pub use policy::{AccessDenied, AccessPolicy, Auth};
pub use sender::Sender;
pub use shown_tokens::ShownTokens;
pub use sign_in::{
    CODE_LIFE, GuessStanding, Guesses, KeptSession, OneTimeCodes, Redeemed, SESSION_KNOWN,
    SESSION_LIFE, Sessions,
};
pub use single_lines::{SINGLE_LINES, doubled_line};
pub use waiting_room::{Door, GaveWay, WaitingPlace, WaitingRoom, share_of};
