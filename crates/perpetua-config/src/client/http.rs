//! `kind = "http"`.

use std::net::SocketAddr;

use crate::ListenerToken;

/// A client that calls a port of ours over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpClient {
    /// The address we listen on; port 0 is chosen once and then kept.
    pub listen: SocketAddr,
    /// What a program has to show.
    pub token: ListenerToken,
}
