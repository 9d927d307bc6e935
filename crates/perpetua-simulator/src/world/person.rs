//! People.

use serde::Serialize;

/// Somebody with an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Person {
    /// The account's number.
    pub user_id: i64,
    /// What they call themselves.
    pub nickname: String,
    /// As their profile says.
    pub sex: Sex,
    /// In years, as their profile says.
    pub age: u8,
    /// What the bot account calls this friend, often nothing (`""`); `None` for who is no friend of it.
    pub remark: Option<String>,
}

impl Person {
    /// Whether this is a friend of the bot account.
    pub fn is_friend(&self) -> bool {
        self.remark.is_some()
    }
}

/// A profile's sex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    /// Male.
    Male,
    /// Female.
    Female,
    /// Not told.
    Unknown,
}
