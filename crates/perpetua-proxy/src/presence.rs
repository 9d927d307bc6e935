//! Whether an account can be talked to, as it is published.

use std::time::Instant;

use perpetua_hub::Hub;
use perpetua_words::Message;

/// Whether an account can be talked to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Presence {
    /// The link to the upstream is open and has shown which account it leads to.
    pub linked: bool,
    /// From all that is known.
    pub online: bool,
    /// Why not, where somebody has said so: a kick, a heartbeat, or that it does not answer. A link
    /// that is merely gone has no words here.
    pub reason: Option<Message>,
    /// Since when its core answers nothing over the link though it answers elsewhere.
    pub blocked_since: Option<Instant>,
}

impl Presence {
    pub(crate) fn of(hub: &Hub) -> Self {
        Self {
            linked: hub.linked(),
            online: hub.online(),
            reason: hub.offline_reason(),
            blocked_since: hub.blocked_since(),
        }
    }
}
