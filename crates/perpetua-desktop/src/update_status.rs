//! How the program stands towards newer versions of itself, for the page.

use perpetua_schema::NewerVersion;
use perpetua_words::Message;
use serde::{Deserialize, Serialize};

/// How the program stands towards newer versions of itself.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateStatus {
    /// Why it does not install a newer version by itself, and what a person does instead; absent: it does.
    pub by_hand: Option<Message>,
    /// What it is doing, or knows.
    pub stage: UpdateStage,
    /// When it last asked, in milliseconds since 1970.
    pub asked_ms: Option<i64>,
    /// What went wrong the last time: nobody answered, or no file was good.
    pub problem: Option<Message>,
    /// A newer version that did not start, so that the one before it was put back.
    pub undone: Option<Message>,
    /// The installer of a former version, which is kept.
    pub kept: Option<String>,
}

/// What the program is doing about newer versions, or knows of them.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum UpdateStage {
    /// Nobody was asked yet, or nobody answered.
    #[default]
    Unknown,
    /// The addresses are being asked.
    Asking,
    /// There is none.
    Newest,
    /// There is one.
    Out {
        /// Which.
        newer: NewerVersion,
    },
    /// It is being downloaded.
    Downloading {
        /// Which.
        newer: NewerVersion,
        /// Bytes that are there.
        received: u64,
        /// Bytes in all, where the server has said so.
        total: Option<u64>,
        /// Bytes a second, lately.
        rate: u64,
    },
    /// It is here, and proven; it is installed when the program ends.
    Ready {
        /// Which.
        newer: NewerVersion,
    },
}
