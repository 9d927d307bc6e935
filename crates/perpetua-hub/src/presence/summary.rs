//! What others see of the machine.

use super::{
    Presence,
    offline::{Offline, OfflineKind},
};

/// What is made of a silence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Silence {
    /// Nothing: there is none, or it does not last for long.
    None,
    /// The core answers elsewhere.
    Blocked,
    /// It hangs.
    Hung,
}

/// What others see of the machine, as far as it is quickly compared: words change only with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct StatusSummary {
    pub(crate) online: bool,
    pub(crate) proven: bool,
    silence: Silence,
    refused: Option<i64>,
    offline: Option<OfflineKind>,
    self_id: Option<i64>,
}

impl Presence {
    pub(crate) fn summary(&self) -> StatusSummary {
        StatusSummary {
            online: self.online(),
            proven: self.is_proven(),
            silence: self.silence(),
            refused: self.line().and_then(|line| line.inquiry.refused),
            offline: self.offline.as_ref().map(Offline::kind),
            self_id: self.self_id(),
        }
    }

    /// Whether the next word that comes changes what others see.
    pub(crate) fn silence_is_seen(&self) -> bool {
        self.silence() != Silence::None
    }

    fn silence(&self) -> Silence {
        if self.hung() {
            Silence::Hung
        } else if self.blocked_since().is_some() {
            Silence::Blocked
        } else {
            Silence::None
        }
    }
}
