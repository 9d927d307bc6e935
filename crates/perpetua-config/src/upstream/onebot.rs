//! `kind = "onebot"`.

use crate::{TokenSource, WebSocketUrl};

/// A OneBot v11 implementation that we dial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnebotUpstream {
    /// The address we dial.
    pub url: WebSocketUrl,
    /// The token that is sent there; `None` sends none.
    pub token: Option<TokenSource>,
    /// The only account whose frames count; `None` takes the one that the upstream says it is.
    pub uin: Option<u64>,
}
