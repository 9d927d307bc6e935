//! Why something cannot happen in the simulated world.

use perpetua_words::{Message, simulator as words};
use thiserror::Error;

use crate::world::GroupRole;

/// Why something cannot happen. People see the message, and bots get it as a refusal, in English.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", Message::from(self))]
#[non_exhaustive]
pub enum SimulatorError {
    /// No chat has this name or id.
    UnknownChat {
        /// What was looked for.
        word: String,
        /// Everything that could have been meant.
        known: String,
    },
    /// No person has this name or id.
    UnknownPerson {
        /// What was looked for.
        word: String,
        /// Everybody.
        known: String,
    },
    /// No group has this id.
    UnknownGroup {
        /// What was looked for.
        group_id: i64,
        /// Every group.
        known: String,
    },
    /// The bot sees nothing of this group.
    BotNotInGroup {
        /// The group.
        group_id: i64,
    },
    /// The bot is in the group already.
    BotInGroup {
        /// The group.
        group_id: i64,
    },
    /// Someone who would have to be in the group is not.
    NotMember {
        /// The group.
        group_id: i64,
        /// Who is not in it.
        user_id: i64,
        /// Who is.
        known: String,
    },
    /// Someone who would come into the group is in it.
    AlreadyMember {
        /// The group.
        group_id: i64,
        /// Who is in it.
        user_id: i64,
    },
    /// The group has shut this person out.
    ShutOut {
        /// The group.
        group_id: i64,
        /// Who was kicked.
        user_id: i64,
    },
    /// The rank does not suffice.
    NotAllowed {
        /// The group.
        group_id: i64,
        /// Who tried.
        operator_id: i64,
        /// The lowest role that may.
        needed: GroupRole,
    },
    /// An owner stays, or the group ends.
    OwnerStays {
        /// The group.
        group_id: i64,
        /// Its owner.
        user_id: i64,
    },
    /// This person may not speak in the group now.
    Silenced {
        /// The group.
        group_id: i64,
        /// Who is banned.
        user_id: i64,
    },
    /// Only bots act as the bot account.
    ActsForBot {
        /// The bot account.
        user_id: i64,
    },
    /// Another person than the one of a private chat.
    NotInChat {
        /// Who would have spoken.
        speaker: i64,
        /// Whose chat it is.
        user_id: i64,
    },
    /// A private chat between strangers.
    Stranger {
        /// The stranger.
        user_id: i64,
    },
    /// The two are friends.
    AlreadyFriend {
        /// The friend.
        user_id: i64,
    },
    /// Nothing to say.
    EmptyMessage,
    /// The message is not, or no longer, known.
    UnknownMessage {
        /// What was looked for.
        message_id: i64,
    },
    /// Somebody else's message in a private chat.
    NotYourMessage {
        /// The message.
        message_id: i32,
    },
    /// The forwarded messages are not, or no longer, known.
    UnknownForward {
        /// What was looked for.
        id: String,
    },
    /// The picture is not, or no longer, known.
    UnknownPicture {
        /// What was looked for.
        number: u64,
    },
    /// The line is not, or no longer, known.
    UnknownLine {
        /// What was looked for.
        line: u64,
    },
    /// The request is answered, or never was.
    UnknownRequest {
        /// What was looked for.
        flag: String,
    },
}

impl From<&SimulatorError> for Message {
    fn from(error: &SimulatorError) -> Self {
        match error {
            SimulatorError::UnknownChat { word, known } => {
                words::UnknownChat { word, known }.into()
            }
            SimulatorError::UnknownPerson { word, known } => {
                words::UnknownPerson { word, known }.into()
            }
            SimulatorError::UnknownGroup { group_id, known } => words::UnknownGroup {
                group_id: *group_id,
                known,
            }
            .into(),
            SimulatorError::BotNotInGroup { group_id } => words::BotNotInGroup {
                group_id: *group_id,
            }
            .into(),
            SimulatorError::BotInGroup { group_id } => words::BotInGroup {
                group_id: *group_id,
            }
            .into(),
            SimulatorError::NotMember {
                group_id,
                user_id,
                known,
            } => words::NotMember {
                group_id: *group_id,
                user_id: *user_id,
                known,
            }
            .into(),
            SimulatorError::AlreadyMember { group_id, user_id } => words::AlreadyMember {
                group_id: *group_id,
                user_id: *user_id,
            }
            .into(),
            SimulatorError::ShutOut { group_id, user_id } => words::ShutOut {
                group_id: *group_id,
                user_id: *user_id,
            }
            .into(),
            SimulatorError::NotAllowed {
                group_id,
                operator_id,
                needed,
            } => words::NotAllowed {
                group_id: *group_id,
                operator_id: *operator_id,
                needed: needed.name(),
            }
            .into(),
            SimulatorError::OwnerStays { group_id, user_id } => words::OwnerStays {
                group_id: *group_id,
                user_id: *user_id,
            }
            .into(),
            SimulatorError::Silenced { group_id, user_id } => words::Silenced {
                group_id: *group_id,
                user_id: *user_id,
            }
            .into(),
            SimulatorError::ActsForBot { user_id } => {
                words::ActsForBot { user_id: *user_id }.into()
            }
            SimulatorError::NotInChat { speaker, user_id } => words::NotInChat {
                speaker: *speaker,
                user_id: *user_id,
            }
            .into(),
            SimulatorError::Stranger { user_id } => words::Stranger { user_id: *user_id }.into(),
            SimulatorError::AlreadyFriend { user_id } => {
                words::AlreadyFriend { user_id: *user_id }.into()
            }
            SimulatorError::EmptyMessage => words::EmptyMessage.into(),
            SimulatorError::UnknownMessage { message_id } => words::UnknownMessage {
                message_id: *message_id,
            }
            .into(),
            SimulatorError::NotYourMessage { message_id } => words::NotYourMessage {
                message_id: *message_id,
            }
            .into(),
            SimulatorError::UnknownForward { id } => words::UnknownForward { id }.into(),
            SimulatorError::UnknownPicture { number } => {
                words::UnknownPicture { number: *number }.into()
            }
            SimulatorError::UnknownLine { line } => words::UnknownLine { line: *line }.into(),
            SimulatorError::UnknownRequest { flag } => words::UnknownRequest { flag }.into(),
        }
    }
}
