//! What must not hurt: upstreams that die, clients that vanish or stop reading, bad links, crowds.
//!
//! Every test ends by looking at what the node's process holds: nothing may stay behind.

mod crowd;
// Limits of other processes are set, and seen, only there.
#[cfg(target_os = "linux")]
mod descriptors;
mod garbled;
mod growth;
mod kicked;
mod links;
#[cfg(target_os = "linux")]
mod machine;
mod pair;
mod silent_clients;
mod stuck_client;
mod too_large;
mod two_accounts;
mod upstream_dies;
mod vanishing_clients;
