//! A managed core: how the one of an account stands, and the calls that lead it.

use perpetua_words::Message;
use serde::{Deserialize, Serialize};

use crate::{CorePhase, CoreState, SignerReport};

/// How the core of one account stands.
///
/// In JSON the fields of [`CoreState`] stand beside the others: `{"state": "online", "who": …, "message": …}`.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoreStatus {
    /// Where it stands, with the data of that state.
    #[serde(flatten)]
    pub state: CoreState,
    /// Since when it stands there, in milliseconds since 1970.
    pub since_ms: i64,
    /// The phases of this start that are over, in their order.
    pub phases: Vec<CorePhaseTime>,
    /// The same for people, with what to do where something is to be done.
    pub message: Message,
    /// What is worth knowing beside it, for people; for example that a new core was rolled back.
    pub notice: Option<Message>,
    /// The id of the installed version that it runs, or ran last.
    pub version: Option<String>,
    /// The QQ protocol that it uses, such as `3.2.15-30366`, once it has said so.
    pub protocol: Option<String>,
    /// Its process, while there is one.
    pub process: Option<CoreProcess>,
    /// The signer in use, or the last one that was asked.
    pub signer: Option<SignerReport>,
    /// Which start this is, counted from 1 since the node runs; 0 before the first.
    pub generation: u64,
    /// How often it was started anew by itself since the node runs.
    pub restarts: u64,
}

/// How long a phase of a start took.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Copy)]
pub struct CorePhaseTime {
    /// Which one.
    pub phase: CorePhase,
    /// How long, in milliseconds.
    pub took_ms: u64,
}

/// The process of a core, its children counted in.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoreProcess {
    /// Its process id.
    pub pid: u32,
    /// Memory in use, in bytes; absent until it was measured.
    pub memory_bytes: Option<u64>,
    /// Processor time lately, in percent of one processor; absent until it was measured.
    pub cpu_percent: Option<f32>,
}

/// One line that a core wrote.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoreLine {
    /// When, in milliseconds since 1970.
    pub time_ms: i64,
    /// The line, without colours; texts of messages are left out unless the settings keep them.
    pub text: String,
}

/// See [`crate::Call::Start`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Start {
    /// The account's name.
    pub account: String,
}

/// See [`crate::Call::Stop`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stop {
    /// The account's name.
    pub account: String,
}

/// See [`crate::Call::Restart`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Restart {
    /// The account's name.
    pub account: String,
}

/// See [`crate::Call::Login`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Login {
    /// The account's name.
    pub account: String,
}

/// See [`crate::Call::LoginRestore`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoginRestore {
    /// The account's name.
    pub account: String,
}

/// See [`crate::Call::ReadCoreLog`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReadCoreLog {
    /// The account's name.
    pub account: String,
    /// How many of the latest lines; absent: all that the node has in memory.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub lines: Option<usize>,
}

/// The reply to [`crate::Call::ReadCoreLog`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoreLog {
    /// The lines, oldest first.
    pub lines: Vec<CoreLine>,
}
