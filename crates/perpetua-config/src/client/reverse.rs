//! `kind = "reverse"`.

use crate::{TokenSource, Trust, WebSocketUrl};

/// A client that we dial: its framework waits for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReverseClient {
    /// The address we dial.
    pub url: WebSocketUrl,
    /// The token that is sent there; `None` sends none.
    pub token: Option<TokenSource>,
    /// Whom it has to be over `wss://`; `None`: one whom the system trusts.
    pub trust: Option<Trust>,
}
