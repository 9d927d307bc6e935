//! `perpetua-http`: everything a node says over plain HTTP.
//!
//! `/api` leases ports to programs on perpetua's SDKs, `/rpc` is the control RPC of the command line
//! and the web UI, `/session` is where a browser signs in to that, `/healthz` and `/metrics` are for monitoring;
//! everything else are the pages of the UI. The sockets of bot frameworks
//! are not here but in `perpetua-proxy`; what the node does is behind [`Backend`].
//!
//! ```text
//! serve: accept ─► room ─► connection ─► guard: Host, Origin, site ─► admission: who may ─► handler ─► Backend
//! ```

mod admission;
mod api;
mod astray;
mod backend;
mod connection;
mod core_metrics;
mod core_upload;
mod events;
mod guard;
mod health;
mod metrics;
mod notices;
mod page;
mod peer;
mod progress;
mod refusal;
mod room;
mod routes;
mod rpc;
mod server;
mod session;
mod settings;
mod sign_in;
mod site;

pub use backend::{Answer, Backend, Follow, LeaseRefused, NoMore, OnlineClient, Receive};
pub use notices::ApiNotices;
pub use page::{PageFile, Pages};
pub use rpc::{MAX_CALL_BYTES, MAX_SETTINGS_CALL_BYTES};
pub use server::serve;
pub use settings::{Discovery, HttpSettings};
pub use sign_in::SignIn;
pub use site::HttpParts;
