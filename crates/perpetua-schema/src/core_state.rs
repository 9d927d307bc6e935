//! Where a managed core stands, with the data of each state.

use std::fmt;

use perpetua_words::Message;
use serde::{Deserialize, Serialize};

use crate::CoreProgress;

/// Where a managed core stands. Times are in whole seconds from the moment of the reply.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CoreState {
    /// Nobody wants it to run.
    Stopped,
    /// It is wanted, and no core is installed.
    Absent {
        /// When an installation is tried again; absent when a person has to see to it.
        retry_in_s: Option<u64>,
        /// Why there is none.
        why: CoreAbsence,
    },
    /// A core is being installed.
    Installing {
        /// How far.
        progress: CoreProgress,
    },
    /// The login is not even tried: no signer would sign it.
    SignerProblem {
        /// The settings have no signer at all, as opposed to none that works.
        none_configured: bool,
        /// When the signers are asked again.
        retry_in_s: u64,
    },
    /// It is being started.
    Starting {
        /// How far it is.
        phase: CorePhase,
    },
    /// A phone has to scan the QR code.
    WaitingForScan {
        /// The QR code.
        qr: QrCode,
    },
    /// It was scanned; the phone has to confirm.
    WaitingForConfirm {
        /// Who scanned it, once known.
        who: Option<u64>,
        /// The account of the settings, when another one scanned.
        expected: Option<u64>,
        /// How long the QR code is still good.
        expires_in_s: u64,
    },
    /// QQ does not let the account in; a person leads out of here.
    Refused {
        /// Why.
        refusal: CoreRefusal,
    },
    /// Logged in, linked, and answering.
    Online {
        /// The account.
        who: u64,
        /// For how long.
        for_s: u64,
        /// Why messages are received and cannot be sent, while signing fails.
        signer_problem: Option<Message>,
    },
    /// QQ ended the session; the core is started anew.
    KickedOffline {
        /// In QQ's words.
        reason: String,
    },
    /// The core has lost QQ, or we the core; it may come back by itself.
    Reconnecting {
        /// The account.
        who: u64,
        /// For how long.
        for_s: u64,
        /// Why, for people, once known.
        reason: Option<Message>,
    },
    /// It is being ended.
    Stopping,
    /// It failed; the next start comes later.
    Backoff {
        /// When.
        retry_in_s: u64,
        /// How often it failed in a row.
        failures: u32,
        /// Why it failed last, for people.
        reason: Option<Message>,
    },
    /// It failed too often; a person leads out of here.
    Braked {
        /// Why.
        reason: CoreBrake,
        /// What led to it, for people: how it failed, or what QQ said.
        cause: Option<Message>,
        /// The last lines that it wrote, oldest first.
        last_lines: Vec<String>,
    },
}

/// Why no core is installed.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoreAbsence {
    /// The last installation failed.
    Failed,
    /// One was downloaded, and a person has to confirm it.
    Unconfirmed,
    /// The settings do not let one be downloaded.
    NotAllowed,
}

/// How far the start of a core is, in this order; with a good session nothing is connected to anew.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CorePhase {
    /// The signer is asked and the settings are written; there is no process yet.
    Preparing,
    /// The process runs.
    Launched,
    /// It logs in with the session it has.
    Session,
    /// It asks for a QR code.
    Connecting,
    /// The phone has confirmed; the login is being finished.
    LoggingIn,
    /// It is logged in; the link to it comes next.
    OpeningLink,
}

/// What a phone has to scan. Whoever has it may log in with it: it is as good as a password.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QrCode {
    /// What the picture says, for drawing it sharply; absent when it could not be read.
    pub url: Option<String>,
    /// The picture as the core made it: a PNG file in base64.
    pub png_base64: String,
    /// How long it is still good, in seconds.
    pub expires_in_s: u64,
    /// How long it was good when it came, in seconds.
    pub good_for_s: u64,
    /// Which one it is since a person last looked, from 1.
    pub code: u32,
    /// How many are shown before it counts as nobody being there.
    pub codes_max: u32,
}

impl fmt::Debug for QrCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("QrCode")
            .field("expires_in_s", &self.expires_in_s)
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

/// Why QQ does not let an account in.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CoreRefusal {
    /// QQ said no.
    Server {
        /// Its code, such as 45.
        code: i64,
        /// A short name of it, in QQ's words.
        tag: String,
        /// What to do, in QQ's words.
        message: String,
    },
    /// Someone logged in with another account than the one of the settings.
    WrongAccount {
        /// The account of the settings.
        expected: u64,
        /// Who it was.
        scanned: u64,
    },
    /// The saved session is another account's than that of the settings. It was not tried, and is still there.
    WrongSession {
        /// The account of the settings.
        expected: u64,
        /// Whose session it is.
        found: u64,
    },
}

/// Why starting was given up.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoreBrake {
    /// It failed too often in too short a time.
    Failing,
    /// Nobody scanned any of the QR codes.
    NobodyScanned,
    /// QQ ends each new session soon, as when another program uses the same account.
    KickedAgain,
    /// It cannot run on this machine as things are.
    CannotRun,
}
