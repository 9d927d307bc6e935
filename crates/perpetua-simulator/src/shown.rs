//! What people who watch the simulator see.

mod piece;
mod weight;

use std::borrow::Cow;

use perpetua_onebot::segment::{self, Segment};
use serde_json::Value;

pub use self::piece::{Piece, Quote};

pub(crate) use self::piece::pieces;

use crate::chat::Chat;

/// How much of a message is shown, in characters: what a screen can hold.
const TEXT_SHOWN: usize = 4_000;

/// How much of an argument of a CQ code is shown, in characters: a link fits, a picture's base64 does not.
const ARGUMENT_SHOWN: usize = 200;

/// Something that somebody said or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// When, in milliseconds since 1970.
    pub time_ms: i64,
    /// Where it was, or, for what concerns no group, with whom.
    pub place: ShownPlace,
    /// Who did it.
    pub by: Who,
    /// Whether that was a bot, through the bot account.
    pub by_bot: bool,
    /// What it was.
    pub deed: Deed,
}

/// A chat and its name at that time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownPlace {
    /// Which one.
    pub chat: Chat,
    /// The group's name, or the other person's.
    pub name: String,
}

/// A person and their name at that time and place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// Which one.
    pub user_id: i64,
    /// Their card in the group, or their nickname.
    pub name: String,
}

/// What somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the fields are those that OneBot v11 has for the same event"
)]
pub enum Deed {
    /// Said something; `text` has CQ codes for what is no text, very long ones cut. `pieces` say the same.
    Message {
        message_id: i32,
        text: String,
        pieces: Vec<Piece>,
    },
    /// Took a message back, their own or another's.
    Recalled { message_id: i32 },
    /// Poked somebody.
    Poked { target: Who },
    /// Came into the group.
    Joined,
    /// Left the group.
    Left,
    /// Ended the group.
    Dismissed,
    /// Put somebody out of the group.
    Kicked { target: Who },
    /// Forbade somebody, or everybody below admins, to speak.
    Banned {
        target: Option<Who>,
        seconds: Option<i64>,
    },
    /// Let somebody, or everybody, speak again.
    Unbanned { target: Option<Who> },
    /// Made somebody an admin, or no admin.
    AdminSet { target: Who, enable: bool },
    /// Gave the group a name.
    GroupNamed { name: String },
    /// Gave somebody a name in the group.
    CardSet { target: Who, card: String },
    /// Gave somebody a badge.
    TitleSet { target: Who, title: String },
    /// Put a file into the chat.
    Uploaded { name: String },
    /// Became a friend.
    Befriended,
    /// Liked somebody's profile.
    Liked { target: Who, times: i64 },
    /// Asks to become a friend.
    FriendRequested { flag: String, comment: String },
    /// Asks to come into the group.
    GroupRequested { flag: String, comment: String },
    /// Asks the bot to come into the group.
    GroupInvited { flag: String, comment: String },
    /// Answered somebody's request.
    RequestAnswered { target: Who, approve: bool },
}

/// A message as people read it: its text, CQ codes for the rest, and nothing endless.
pub(crate) fn readable(segments: &[Segment]) -> String {
    let mut text = String::new();
    for segment in segments {
        match plain(segment) {
            Some(plain) => text.push_str(plain),
            None => text.push_str(&code(segment)),
        }
    }
    cut(&text, TEXT_SHOWN).unwrap_or(text)
}

/// The text of a segment that is text.
fn plain(segment: &Segment) -> Option<&str> {
    match segment.data.get("text") {
        Some(Value::String(plain)) if segment.kind == "text" => Some(plain),
        _ => None,
    }
}

/// The CQ code of a segment, long arguments cut.
fn code(segment: &Segment) -> String {
    let arguments = segment.data.iter().filter(|(_, value)| !value.is_null());
    let data = arguments.map(|(name, value)| {
        let text = spelled(value);
        let short = cut(&text, ARGUMENT_SHOWN).unwrap_or_else(|| text.into_owned());
        (name.clone(), Value::String(short))
    });
    segment::to_cq(&[Segment {
        kind: segment.kind.clone(),
        data: data.collect(),
    }])
}

/// An argument as a CQ code has it.
fn spelled(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

/// The beginning of a text of more than `characters`, and how long it was.
fn cut(text: &str, characters: usize) -> Option<String> {
    let (end, _) = text.char_indices().nth(characters)?;
    Some(format!("{}… ({} bytes)", &text[..end], text.len()))
}
