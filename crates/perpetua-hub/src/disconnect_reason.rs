//! Why the node ends a connection, in words and as a WebSocket close code.

use std::fmt;

use perpetua_words::{Message, connection as words, notice};

/// The node's reason for closing a client's connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DisconnectReason {
    /// Its queue was full and its policy is to disconnect, or it was full of responses.
    QueueFull,
    /// One write took longer than the limit.
    WriteTooSlow,
    /// The messages of the node held more than its settings allow, and those of this connection most of it.
    HeldMost,
    /// Others need the leased port at which it is silent.
    LeaseSilent,
    /// It answered no ping, for this many seconds.
    Unanswered(u64),
    /// The client was disabled or taken out of the settings.
    Removed,
    /// The client's listener or token changed.
    SettingsChanged,
    /// Its owner closed it.
    CutByOwner,
    /// The upstream came back as another account.
    AccountChanged,
    /// The connection for actions to the same framework has ended, and this one carries its events.
    ApiHalfEnded,
    /// The account is started anew after a fault of ours.
    AccountRestarted,
    /// The node is shutting down.
    ShuttingDown,
}

impl DisconnectReason {
    /// The close code of RFC 6455, section 7.4.1 (from IANA's registry: 1011 "internal error", with which
    /// libraries end a connection that answers no ping, and 1013 "try again later").
    pub fn close_code(self) -> u16 {
        match self {
            Self::QueueFull | Self::WriteTooSlow | Self::HeldMost | Self::LeaseSilent => 1013,
            Self::Unanswered(_) => 1011,
            Self::Removed => 1008,
            Self::SettingsChanged
            | Self::CutByOwner
            | Self::AccountChanged
            | Self::ApiHalfEnded
            | Self::AccountRestarted => 1012,
            Self::ShuttingDown => 1001,
        }
    }
}

impl DisconnectReason {
    /// What the owner is shown of an end that is the client's own doing.
    pub fn notice(self) -> Option<Message> {
        match self {
            Self::QueueFull => Some(notice::QueueFull.into()),
            Self::WriteTooSlow => Some(notice::WriteTooSlow.into()),
            Self::HeldMost => Some(notice::HeldMost.into()),
            Self::Unanswered(seconds) => Some(notice::Unanswered { seconds }.into()),
            Self::LeaseSilent
            | Self::Removed
            | Self::SettingsChanged
            | Self::CutByOwner
            | Self::AccountChanged
            | Self::ApiHalfEnded
            | Self::AccountRestarted
            | Self::ShuttingDown => None,
        }
    }
}

/// What whoever is disconnected is told.
impl From<DisconnectReason> for Message {
    fn from(reason: DisconnectReason) -> Self {
        match reason {
            DisconnectReason::QueueFull => words::QueueFull.into(),
            DisconnectReason::WriteTooSlow => words::WriteTooSlow.into(),
            DisconnectReason::HeldMost => words::HeldMost.into(),
            DisconnectReason::LeaseSilent => words::LeaseSilent.into(),
            DisconnectReason::Unanswered(seconds) => words::Unanswered { seconds }.into(),
            DisconnectReason::Removed => words::Removed.into(),
            DisconnectReason::SettingsChanged => words::SettingsChanged.into(),
            DisconnectReason::CutByOwner => words::CutByOwner.into(),
            DisconnectReason::AccountChanged => words::AccountChanged.into(),
            DisconnectReason::ApiHalfEnded => words::ApiHalfEnded.into(),
            DisconnectReason::AccountRestarted => words::AccountRestarted.into(),
            DisconnectReason::ShuttingDown => words::ShuttingDown.into(),
        }
    }
}

/// The close frame's reason: at most 123 bytes.
impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Message::from(*self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::DisconnectReason;

    #[test]
    fn the_owner_is_told_what_to_change_and_the_framework_what_to_do() {
        for (cut, part) in [
            (DisconnectReason::QueueFull, "`queue-events`"),
            (DisconnectReason::WriteTooSlow, "hangs"),
            (DisconnectReason::HeldMost, "`memory`"),
            (DisconnectReason::Unanswered(120), "120 s"),
        ] {
            let notice = cut.notice().expect("a notice").to_string();
            assert!(notice.contains(part), "{notice}");
            assert!(notice.contains("framework"), "{notice}");
            assert!(!notice.contains("your"), "{notice}");
        }
        assert_eq!(DisconnectReason::CutByOwner.notice(), None);
    }

    #[test]
    fn every_reason_fits_a_close_frame() {
        for cut in [
            DisconnectReason::QueueFull,
            DisconnectReason::WriteTooSlow,
            DisconnectReason::HeldMost,
            DisconnectReason::LeaseSilent,
            DisconnectReason::Unanswered(1000),
            DisconnectReason::Removed,
            DisconnectReason::SettingsChanged,
            DisconnectReason::CutByOwner,
            DisconnectReason::AccountChanged,
            DisconnectReason::ApiHalfEnded,
            DisconnectReason::AccountRestarted,
            DisconnectReason::ShuttingDown,
        ] {
            assert!(cut.to_string().len() <= 123, "{cut:?}");
        }
    }
}
