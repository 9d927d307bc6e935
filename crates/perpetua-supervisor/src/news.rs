//! What hooks and people are told, each once.

use perpetua_lifecycle::{LifecycleState, OfflineReason};
use perpetua_words::Message;

/// News that a listener may be behind: they come with login and logout, not with messages.
pub(crate) const NEWS_BEHIND: usize = 32;

/// Something that people want to hear of even when nobody looks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CoreNews {
    /// The account can be talked to.
    Online {
        /// The account.
        who: u64,
    },
    /// The account cannot be talked to any more.
    Offline {
        /// Why.
        reason: OfflineReason,
    },
    /// Nothing goes on without a person; the state says what is needed.
    PersonNeeded(LifecycleState),
    /// Something failed that does not keep the core from running, such as a copy of the login.
    Notice(Message),
}
