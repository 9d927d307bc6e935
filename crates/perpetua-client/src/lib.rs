//! A program's way to the node that runs on a data folder: calls and events over HTTP.
//!
//! [`NodeClient`] is one of two implementations of [`perpetua_schema::Rpc`]; the other one is in the
//! node itself. Nothing but this machine is spoken to, so there is no TLS and no proxy.

mod client;
mod events;
mod exchange;

pub use client::{FindError, NodeClient};
pub use events::EventLines;
