//! Where messages are exchanged.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A place to talk, as the bot account sees it. JSON: `{"group":20001}` or `{"user":10001}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chat {
    /// A group, by its id.
    Group(i64),
    /// The private chat with a person, by the person's id.
    User(i64),
}

impl fmt::Display for Chat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Chat::Group(group_id) => write!(formatter, "group `{group_id}`"),
            Chat::User(user_id) => write!(formatter, "person `{user_id}`"),
        }
    }
}
