//! What a client may do at a node, what it gets, and what it is refused.

mod access;
mod away;
mod extensions;
mod frames;
mod frameworks;
mod http;
mod leases;
mod perpetua_sdk;
mod post;
mod reverse;
mod viogo;
mod violations;
