//! The HTTP side over real sockets, in front of a node that only answers.

mod api;
mod beyond_loopback;
mod core_upload;
mod events;
mod guard;
mod harness;
mod health;
mod metrics;
mod page;
mod proxies;
mod room;
mod rpc;
mod shutdown;
mod sign_in;
