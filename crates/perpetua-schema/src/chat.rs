//! What people do in a simulator, and what those who watch it see.

use serde::{Deserialize, Serialize};

/// Something that people do. JSON: `{"event":"poke","group_id":20001,"user_id":10001}`.
///
/// Where an operator is left out, the group's owner acts (or, where the bot owns the group, the highest after it).
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "the fields are those that OneBot v11 has for the same event"
)]
pub enum ChatEvent {
    /// Pokes somebody, the bot account if no `target_id` is given; in private without a `group_id`.
    Poke {
        group_id: Option<i64>,
        user_id: i64,
        target_id: Option<i64>,
    },
    /// Takes a message back, its sender's own without an `operator_id`.
    Recall {
        message_id: i32,
        operator_id: Option<i64>,
    },
    /// Comes into a group, approved or invited by the operator.
    Join {
        group_id: i64,
        user_id: i64,
        operator_id: Option<i64>,
        #[serde(default)]
        invited: bool,
    },
    /// Leaves a group.
    Leave { group_id: i64, user_id: i64 },
    /// Is put out of a group; the bot account can be, too.
    Kick {
        group_id: i64,
        user_id: i64,
        operator_id: Option<i64>,
    },
    /// May not speak for `duration` seconds; 0 lifts the ban. The bot account can be banned, too.
    Ban {
        group_id: i64,
        user_id: i64,
        operator_id: Option<i64>,
        duration: u32,
    },
    /// Nobody below admins may speak, or everybody again.
    WholeBan {
        group_id: i64,
        operator_id: Option<i64>,
        enable: bool,
    },
    /// Becomes an admin, or no admin, by the owner's will; the bot account can, too.
    Admin {
        group_id: i64,
        user_id: i64,
        enable: bool,
    },
    /// Puts a file of `size` bytes into a group.
    Upload {
        group_id: i64,
        user_id: i64,
        name: String,
        size: u64,
    },
    /// Becomes a friend of the bot account.
    FriendAdd { user_id: i64 },
    /// Asks to become a friend of the bot account.
    FriendRequest {
        user_id: i64,
        #[serde(default)]
        comment: String,
    },
    /// Asks to come into a group that the bot administers.
    GroupRequest {
        group_id: i64,
        user_id: i64,
        #[serde(default)]
        comment: String,
    },
    /// Asks the bot account to come into a group.
    GroupInvite {
        group_id: i64,
        user_id: i64,
        #[serde(default)]
        comment: String,
    },
}

/// Something that somebody in a simulator said or did.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatLine {
    /// Counts the lines of one simulator; later ones have greater numbers.
    pub id: u64,
    /// When, in milliseconds since 1970.
    pub time_ms: i64,
    /// Where it was, or, for what concerns no group, with whom.
    pub place: ChatPlace,
    /// Who did it.
    pub by: ChatPerson,
    /// Whether that was a bot, through the bot account.
    pub by_bot: bool,
    /// The client that did it, if a bot did.
    pub client: Option<String>,
    /// How long the client took since the last thing that people said or did there, in milliseconds.
    pub took_ms: Option<u64>,
    /// The clients that were connected and got it, if people did it.
    pub delivered_to: Vec<String>,
    /// What it was.
    #[serde(flatten)]
    pub deed: ChatDeed,
}

/// A chat and its name at that time.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatPlace {
    /// Which one.
    pub chat: ChatId,
    /// The group's name, or the other person's.
    pub name: String,
}

/// A person and their name at that time and place.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatPerson {
    /// Which one.
    pub user_id: i64,
    /// Their card in the group, or their nickname.
    pub name: String,
}

/// What somebody did. JSON: a member `deed` names it, its fields stand beside.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "the fields are those that OneBot v11 has for the same event"
)]
pub enum ChatDeed {
    /// Said something; `text` has CQ codes for what is no text, very long ones cut. `segments` say the same
    /// piece by piece.
    Message {
        message_id: i32,
        text: String,
        segments: Vec<ChatSegment>,
    },
    /// Took a message back, their own or another's.
    Recalled { message_id: i32 },
    /// Poked somebody.
    Poked { target: ChatPerson },
    /// Came into the group.
    Joined,
    /// Left the group.
    Left,
    /// Ended the group.
    Dismissed,
    /// Put somebody out of the group.
    Kicked { target: ChatPerson },
    /// Forbade somebody, or everybody below admins, to speak.
    Banned {
        target: Option<ChatPerson>,
        seconds: Option<i64>,
    },
    /// Let somebody, or everybody, speak again.
    Unbanned { target: Option<ChatPerson> },
    /// Made somebody an admin, or no admin.
    AdminSet { target: ChatPerson, enable: bool },
    /// Gave the group a name.
    GroupNamed { name: String },
    /// Gave somebody a name in the group.
    CardSet { target: ChatPerson, card: String },
    /// Gave somebody a badge.
    TitleSet { target: ChatPerson, title: String },
    /// Put a file into the chat.
    Uploaded { name: String },
    /// Became a friend.
    Befriended,
    /// Liked somebody's profile.
    Liked { target: ChatPerson, times: i64 },
    /// Asks to become a friend.
    FriendRequested { flag: String, comment: String },
    /// Asks to come into the group.
    GroupRequested { flag: String, comment: String },
    /// Asks the bot to come into the group.
    GroupInvited { flag: String, comment: String },
    /// Answered somebody's request.
    RequestAnswered { target: ChatPerson, approve: bool },
}

/// A piece of a message. JSON: `{"type":"text","text":"hello"}`.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ChatSegment {
    /// A run of text, a very long one cut.
    Text {
        /// What it says.
        text: String,
    },
    /// Mentions somebody.
    At {
        /// Whom; everybody if absent.
        target: Option<ChatPerson>,
    },
    /// Answers a message.
    Reply {
        /// Which one.
        message_id: i32,
        /// What it said; absent when it was recalled or is too old to be kept.
        quoted: Option<ChatQuote>,
    },
    /// Shows a picture. Without `picture` and `link` it cannot be shown: it is a file elsewhere, is no picture,
    /// or has more than 2 MiB.
    Image {
        /// The number that [`crate::Call::ChatPicture`] gives its content for, so that lines stay small. The
        /// newest 16 MiB are kept.
        picture: Option<u64>,
        /// Its address on the web, where it has one.
        link: Option<String>,
    },
    /// Shows one of QQ's own faces.
    Face {
        /// Its number.
        id: String,
    },
    /// Anything else.
    Other {
        /// What OneBot calls it: `record`, `video`, `json`, `forward` …
        kind: String,
        /// Its CQ code, very long arguments cut.
        code: String,
    },
}

/// What a message said that another one answers.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatQuote {
    /// Who said it.
    pub by: ChatPerson,
    /// Its beginning, CQ codes for what is no text.
    pub text: String,
}

/// A place to talk, as the bot account sees it. JSON: `{"group":20001}` or `{"user":10001}`.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatId {
    /// A group, by its id.
    Group(i64),
    /// The private chat with a person, by the person's id.
    User(i64),
}
