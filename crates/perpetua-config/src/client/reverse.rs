//! `kind = "reverse"`.

use crate::{TokenSource, WebSocketUrl};

/// A client that we dial: its framework waits for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReverseClient {
    /// The address we dial.
    pub url: WebSocketUrl,
    /// The token that is sent there; `None` sends none.
    pub token: Option<TokenSource>,
}
