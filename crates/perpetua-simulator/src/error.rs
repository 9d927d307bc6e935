//! Why something cannot happen in the simulated world.

use thiserror::Error;

use crate::world::GroupRole;

/// Why something cannot happen; the text may be shown to people and goes to bots as a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SimulatorError {
    /// No chat has this name or id.
    #[error("unknown group or person `{word}`; there are: {known}")]
    UnknownChat {
        /// What was looked for.
        word: String,
        /// Everything that could have been meant.
        known: String,
    },
    /// No person has this name or id.
    #[error("unknown person `{word}`; there are: {known}")]
    UnknownPerson {
        /// What was looked for.
        word: String,
        /// Everybody.
        known: String,
    },
    /// No group has this id.
    #[error("unknown group `{group_id}`; there are: {known}")]
    UnknownGroup {
        /// What was looked for.
        group_id: i64,
        /// Every group.
        known: String,
    },
    /// The bot sees nothing of this group.
    #[error("the bot account is not in group `{group_id}`; invite it and let it accept first")]
    BotNotInGroup {
        /// The group.
        group_id: i64,
    },
    /// The bot is in the group already.
    #[error("the bot account is in group `{group_id}` already")]
    BotInGroup {
        /// The group.
        group_id: i64,
    },
    /// Someone who would have to be in the group is not.
    #[error("`{user_id}` is not in group `{group_id}`; its members are: {known}")]
    NotMember {
        /// The group.
        group_id: i64,
        /// Who is not in it.
        user_id: i64,
        /// Who is.
        known: String,
    },
    /// Someone who would come into the group is in it.
    #[error("`{user_id}` is in group `{group_id}` already")]
    AlreadyMember {
        /// The group.
        group_id: i64,
        /// Who is in it.
        user_id: i64,
    },
    /// The group has shut this person out.
    #[error("group `{group_id}` takes no more requests of `{user_id}`, who was kicked for good")]
    ShutOut {
        /// The group.
        group_id: i64,
        /// Who was kicked.
        user_id: i64,
    },
    /// The rank does not suffice.
    #[error(
        "`{operator_id}` may not do this in group `{group_id}`: it needs the role `{needed}` and a role \
         above that of whom it concerns"
    )]
    NotAllowed {
        /// The group.
        group_id: i64,
        /// Who tried.
        operator_id: i64,
        /// The lowest role that may.
        needed: GroupRole,
    },
    /// An owner stays, or the group ends.
    #[error(
        "`{user_id}` owns group `{group_id}` and cannot leave it; \
         a bot may end its own group by `set_group_leave` with `is_dismiss`"
    )]
    OwnerStays {
        /// The group.
        group_id: i64,
        /// Its owner.
        user_id: i64,
    },
    /// This person may not speak in the group now.
    #[error("`{user_id}` may not speak in group `{group_id}` now; lift the ban first")]
    Silenced {
        /// The group.
        group_id: i64,
        /// Who is banned.
        user_id: i64,
    },
    /// Only bots act as the bot account.
    #[error("`{user_id}` is the bot account: it acts through a connected bot only; name a person")]
    ActsForBot {
        /// The bot account.
        user_id: i64,
    },
    /// Another person than the one of a private chat.
    #[error("`{speaker}` does not take part in the private chat with `{user_id}`")]
    NotInChat {
        /// Who would have spoken.
        speaker: i64,
        /// Whose chat it is.
        user_id: i64,
    },
    /// A private chat between strangers.
    #[error(
        "`{user_id}` is no friend of the bot account and shares no group with it; make them friends first"
    )]
    Stranger {
        /// The stranger.
        user_id: i64,
    },
    /// The two are friends.
    #[error("`{user_id}` is a friend of the bot account already")]
    AlreadyFriend {
        /// The friend.
        user_id: i64,
    },
    /// Nothing to say.
    #[error("the message is empty; give it some text or a CQ code")]
    EmptyMessage,
    /// The message is not, or no longer, known.
    #[error("no message `{message_id}`; it never was, was recalled, or is too old to be kept")]
    UnknownMessage {
        /// What was looked for.
        message_id: i64,
    },
    /// Somebody else's message in a private chat.
    #[error("message `{message_id}` can be recalled by its sender only")]
    NotYourMessage {
        /// The message.
        message_id: i32,
    },
    /// The forwarded messages are not, or no longer, known.
    #[error("no forwarded messages `{id}`; they never were, or are too old to be kept")]
    UnknownForward {
        /// What was looked for.
        id: String,
    },
    /// The request is answered, or never was.
    #[error("no request with the flag `{flag}` is waiting; it was answered before, or never was")]
    UnknownRequest {
        /// What was looked for.
        flag: String,
    },
}
