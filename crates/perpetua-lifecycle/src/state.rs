//! Where a managed core stands.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{Exit, InstallProblem, LaunchFailure, SignerProblem};

/// Which start of the core something belongs to: what is late and belongs to a former start is
/// told apart by it, never by a process id alone. Counted from 1 in each run of the node.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Generation(pub u64);

/// The picture that a phone has to scan.
#[derive(Clone, PartialEq, Eq)]
pub struct QrImage {
    /// The PNG file as the core wrote it.
    pub png: Arc<[u8]>,
    /// What the picture says, for drawing it sharply; absent when it could not be read.
    pub url: Option<Arc<str>>,
}

impl fmt::Debug for QrImage {
    /// Whoever has the address may log in with it, so it is not shown.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "QrImage({} bytes)", self.png.len())
    }
}

/// How far a start is; a later phase is greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum StartPhase {
    /// The signer is asked and the settings are written; there is no process yet.
    Preparing,
    /// The process runs and has said nothing of a login yet.
    Launched,
    /// It logs in with the session it has.
    Session,
    /// It asks for a QR code.
    Connecting,
    /// The phone has confirmed; the login is being finished.
    LoggingIn,
    /// It is logged in; its WebSocket server and our link to it come next.
    OpeningLink,
}

/// Why QQ does not let the account in; each needs a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LoginRefusal {
    /// The server's own words, `Tag` and `State` of the core's log.
    Server {
        /// The code, such as 45.
        code: i64,
        /// A short name of it.
        tag: String,
        /// What to do, in the server's words.
        message: String,
    },
    /// Someone logged in with another account than the one in the settings.
    WrongAccount {
        /// The account of the settings.
        expected: u64,
        /// Who it was.
        scanned: u64,
    },
    /// The saved session is another account's than that of the settings. It was not tried, and stays as it is.
    WrongSession {
        /// The account of the settings.
        expected: u64,
        /// Whose session it is.
        found: u64,
    },
}

/// Why an account that was online is not any more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OfflineReason {
    /// QQ ended the session, in its own words.
    Kicked(String),
    /// The core lost its connection to QQ.
    ConnectionLost,
    /// The core ended.
    Exited(Exit),
    /// The core lives and answers nothing.
    Hung,
    /// It uses more memory than the settings allow.
    TooMuchMemory {
        /// What it used; bytes.
        used: u64,
        /// What it may use; bytes.
        limit: u64,
    },
    /// Our link to the core broke and did not come back.
    LinkLost,
    /// It was asked to stop or to restart.
    Asked,
}

/// Why the machine has given up until a person looks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GiveUpReason {
    /// It failed too often in too short a time.
    Failing {
        /// How often.
        failures: u32,
        /// The last failure.
        last: LaunchFailure,
    },
    /// Nobody scanned any of the QR codes.
    NobodyScanned {
        /// How many there were.
        codes: u32,
    },
    /// QQ ends each new session soon: it is likely that another program uses the same account.
    KickedAgain {
        /// How often.
        kicks: u32,
        /// The last words.
        reason: String,
    },
    /// It cannot run on this machine as things are; trying again would not help.
    CannotRun(LaunchFailure),
}

/// Where a managed core stands. The picture is drawn at the top of `lifecycle.rs`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LifecycleState {
    /// Nobody wants it to run.
    Stopped,
    /// It is wanted, and no core is installed.
    Absent {
        /// What stands in the way; absent until an installation was tried.
        problem: Option<InstallProblem>,
        /// When it is tried again by itself.
        retry: Option<Instant>,
    },
    /// A core is being installed.
    Installing,
    /// The login is not even tried: no signer would sign it.
    SignerProblem {
        /// Which.
        problem: SignerProblem,
        /// When the signers are asked again.
        retry: Instant,
    },
    /// It is being started, up to the link.
    Starting {
        /// Which start.
        generation: Generation,
        /// How far it is.
        phase: StartPhase,
        /// Since when it is in this phase; the watchdog looks at it.
        since: Instant,
    },
    /// A phone has to scan the picture.
    WaitingForScan {
        /// Which start.
        generation: Generation,
        /// The picture.
        image: QrImage,
        /// When it stops being good.
        expires: Instant,
        /// How long it was good when it came.
        good_for: Duration,
        /// Which QR code since a person last looked, from 1.
        code: u32,
    },
    /// It was scanned; the phone has to confirm.
    WaitingForConfirm {
        /// Which start.
        generation: Generation,
        /// Who scanned it, once known.
        who: Option<u64>,
        /// The account of the settings, when it is another one.
        wrong: Option<u64>,
        /// When the code stops being good.
        expires: Instant,
    },
    /// QQ does not let the account in. A person leads out of here.
    Refused {
        /// Why.
        refusal: LoginRefusal,
    },
    /// Logged in, linked, and answering.
    Online {
        /// Which start.
        generation: Generation,
        /// The account.
        who: u64,
        /// Since when.
        since: Instant,
        /// Messages cannot be sent at the moment, only received, because signing fails.
        signer: Option<SignerProblem>,
    },
    /// QQ ended the session; the core is being ended and will be started anew.
    KickedOffline {
        /// Which start.
        generation: Generation,
        /// In QQ's words.
        reason: String,
        /// Since when.
        since: Instant,
    },
    /// The core has lost QQ, or we the core; it may come back by itself.
    Reconnecting {
        /// Which start.
        generation: Generation,
        /// The account.
        who: u64,
        /// Why.
        reason: OfflineReason,
        /// Since when.
        since: Instant,
    },
    /// It is being ended: asked first, killed when it does not listen.
    Stopping {
        /// Which start.
        generation: Generation,
        /// Since when.
        since: Instant,
    },
    /// It failed; the next start comes later.
    Backoff {
        /// When.
        until: Instant,
        /// How often in a row.
        failures: u32,
        /// What went wrong.
        failure: LaunchFailure,
    },
    /// It failed too often. A person leads out of here.
    GivenUp {
        /// Why.
        reason: GiveUpReason,
        /// The last lines that it wrote, oldest first, at most 50.
        last_lines: Arc<[String]>,
    },
}

impl LifecycleState {
    /// Whether a core that is chosen now takes the place of this one at once: nobody has logged in yet, and no phone is
    /// about to. An account that is online or nearly so takes it from its next start.
    pub fn yields_to_chosen_core(&self) -> bool {
        match self {
            Self::Starting { phase, .. } => *phase < StartPhase::LoggingIn,
            Self::WaitingForScan { .. } | Self::Backoff { .. } => true,
            Self::GivenUp { reason, .. } => {
                matches!(
                    reason,
                    GiveUpReason::Failing { .. } | GiveUpReason::CannotRun(_)
                )
            }
            _ => false,
        }
    }

    /// Whether the account can be talked to.
    pub fn is_online(&self) -> bool {
        matches!(self, Self::Online { .. })
    }
}
