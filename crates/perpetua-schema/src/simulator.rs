//! The people of a simulator, and what was said there.

use serde::{Deserialize, Serialize};

use crate::{ChatId, ChatLine};

/// See [`crate::Call::SimulatorWorld`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimulatorWorld {
    /// The account whose simulator it is.
    pub account: String,
}

/// Who lives in a simulator.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct World {
    /// The bot account's id.
    pub self_id: i64,
    /// The bot account's nickname.
    pub self_name: String,
    /// The groups that it is in.
    pub groups: Vec<WorldGroup>,
    /// The groups that it is not in, and can be invited to.
    pub other_groups: Vec<WorldGroup>,
    /// Its friends.
    pub friends: Vec<WorldPerson>,
    /// Those who are no friends.
    pub strangers: Vec<WorldPerson>,
}

/// A group of a simulator.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldGroup {
    /// Its id.
    pub group_id: i64,
    /// Its name.
    pub name: String,
    /// Whether nobody below admins may speak.
    pub whole_ban: bool,
    /// Who is in it, the bot account too where it is.
    pub members: Vec<WorldMember>,
}

/// A person of a simulator.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldPerson {
    /// Their id.
    pub user_id: i64,
    /// Their nickname.
    pub name: String,
}

/// A member of a group.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldMember {
    /// Their id.
    pub user_id: i64,
    /// Their card in the group, or their nickname.
    pub name: String,
    /// `owner`, `admin` or `member`.
    pub role: String,
    /// Until when they may not speak, in milliseconds since 1970. It may be over.
    pub banned_until_ms: Option<i64>,
}

/// See [`crate::Call::ChatHistory`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatHistory {
    /// The account whose simulator it is.
    pub account: String,
    /// Which chat.
    pub chat: ChatId,
    /// Only lines before the one of this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub before: Option<u64>,
    /// How many of the latest; more than 500 are not kept.
    pub limit: usize,
}

/// The reply to [`crate::Call::ChatHistory`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatPage {
    /// The lines, oldest first.
    pub lines: Vec<ChatLine>,
    /// Whether there are older ones.
    pub more: bool,
}

/// See [`crate::Call::ChatPicture`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatPicture {
    /// The account whose simulator it is.
    pub account: String,
    /// The `picture` of a segment of a message.
    pub picture: u64,
}

/// The reply to [`crate::Call::ChatPicture`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureContent {
    /// The picture as `data:image/<kind>;base64,<content>`: PNG, JPEG, GIF, WebP or BMP, at most 2 MiB.
    pub data_url: String,
}

/// See [`crate::Call::ChatFrames`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatFrames {
    /// The account whose simulator it is.
    pub account: String,
    /// The id of a line.
    pub line: u64,
}

/// A frame that belongs to a line of a chat. To what people did belong the events that it became, and what
/// clients asked for since then on account of it; to what a client did belong its action, the response, and
/// the events that it made. Of each line the first 64 frames are kept.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatFrame {
    /// When, in milliseconds since 1970.
    pub time_ms: i64,
    /// What it is.
    pub kind: ChatFrameKind,
    /// The client that sent it or got it; absent for an event, which goes to all.
    pub client: Option<String>,
    /// The frame as the client sent or got it, with its own echo; strings of more than 16 KiB in it are cut,
    /// and a frame of more than 64 KiB is.
    pub text: String,
}

/// What a frame of a chat is.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatFrameKind {
    /// What the clients got.
    Event,
    /// What a client asked for.
    Action,
    /// What it was answered.
    Response,
}
