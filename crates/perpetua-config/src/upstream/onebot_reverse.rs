//! `kind = "onebot-reverse"`.

use std::net::SocketAddr;

use crate::ListenerToken;

/// A OneBot v11 implementation that dials us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnebotReverseUpstream {
    /// The address we listen on; port 0 is chosen once and then kept.
    pub listen: SocketAddr,
    /// What the implementation has to show.
    pub token: ListenerToken,
    /// The only path that is answered, with its `/`, however it is escaped; `None` answers every path.
    pub path: Option<String>,
    /// The only account whose frames count; `None` takes the one that the upstream says it is.
    pub uin: Option<u64>,
}
