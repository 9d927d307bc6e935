//! `kind = "forward"`.

use std::net::SocketAddr;

use crate::ListenerToken;

/// A client that connects to a port of ours, as a WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardClient {
    /// The address we listen on; port 0 is chosen once and then kept.
    pub listen: SocketAddr,
    /// What the framework has to show.
    pub token: ListenerToken,
}
