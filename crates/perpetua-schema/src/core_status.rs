//! A managed core: how the one of an account stands, and the calls that lead it.

use perpetua_words::Message;
use serde::{Deserialize, Serialize};

use crate::{CorePhase, CoreState, SignerReport, SignerTimes};

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
    /// QQ cannot be reached, whatever the state is: the account comes online by itself once it can.
    pub away: Option<CoreAway>,
    /// What is worth knowing beside it, for people; for example that a new core was rolled back.
    pub notice: Option<Message>,
    /// For how many seconds it has answered nothing over its link though it answers elsewhere: it waits for
    /// something, most likely its signer. Absent while it answers.
    pub blocked_for_s: Option<u64>,
    /// The files of its login that could not be used and were renamed, not deleted, since the last login; and the saved
    /// session, when it is gone although a login was kept.
    pub set_aside: Vec<SetAsideFile>,
    /// The id of the installed version that it runs, or ran last.
    pub version: Option<String>,
    /// The QQ protocol that it uses, such as `3.2.15-30366`, once it has said so.
    pub protocol: Option<String>,
    /// Its process, while there is one.
    pub process: Option<CoreProcess>,
    /// The signer in use, or the last one that was asked.
    pub signer: Option<SignerReport>,
    /// What was measured of all that may sign for it, the preferred ones first; empty where the core asks its signer by
    /// itself.
    pub signers: Vec<SignerTimes>,
    /// Which signer is slow, for people: one that took more than 10 s when it was last asked, in the last ten minutes.
    pub slow_signer: Option<Message>,
    /// Which start this is, counted from 1 since the node runs; 0 before the first.
    pub generation: u64,
    /// How often it was started anew by itself since the node runs.
    pub restarts: u64,
    /// How often a login was turned away on the phone since the node runs.
    #[serde(default, skip_serializing_if = "is_never")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<u64>", optional))]
    pub canceled: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
fn is_never(count: &u64) -> bool {
    *count == 0
}

/// A file of a core's login that was set aside, or is gone: [`crate::Call::LoginRestore`] may bring back what it was.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAsideFile {
    /// Its name while it was in use: `keystore.json` or `device.json`.
    pub file: String,
    /// What became of it; absent: it is gone, and nobody knows since when.
    pub aside: Option<AsideFile>,
    /// When the kept copy of the login was made that can be restored, in milliseconds since 1970; absent when there
    /// is none.
    pub copy_ms: Option<i64>,
}

/// What became of a file that was set aside.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsideFile {
    /// What it is called now, in the account's folder.
    pub name: String,
    /// When it was set aside, in milliseconds since 1970.
    pub time_ms: i64,
    /// Why, for people.
    pub why: Message,
}

/// That QQ cannot be reached, from the first sign of it to QQ's first word.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoreAway {
    /// What is away.
    pub kind: CoreAwayKind,
    /// Since when, in milliseconds since 1970.
    pub since_ms: i64,
    /// How it showed last, for people.
    pub reason: Message,
}

/// What is between an account and QQ.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoreAwayKind {
    /// Names of the internet are not found: this machine has no network, most likely.
    NoNetwork,
    /// The network works, and QQ's servers refuse, break off or say nothing.
    QqUnreachable,
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
