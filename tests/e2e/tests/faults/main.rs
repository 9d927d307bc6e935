//! What must not hurt: upstreams that die, clients that vanish or stop reading, bad links, crowds.
//!
//! Every test ends by looking at what the node's process holds: nothing may stay behind.

mod crowd;
mod growth;
mod links;
mod stuck_client;
mod upstream_dies;
mod vanishing_clients;
