//! What the machine is told.

use std::{sync::Arc, time::Duration};

use crate::{Exit, Generation, InstallProblem, LaunchFailure, QrImage, SignerProblem};

/// Something happened. What names a generation is ignored when another one runs by now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LifecycleEvent {
    /// The settings or a person want it to run; leads out of `GivenUp` and `Refused`, and ends the wait
    /// of `Absent`, `SignerProblem` and `Backoff`. Nothing new where it runs already.
    StartWanted,
    /// The settings or a person want it to stop.
    StopWanted,
    /// A person or a client wants it to stop and to start again; starts what is stopped, too, and leads
    /// out of every wait. Whoever passes on a client's wish decides whether that client may.
    RestartWanted,
    /// A person looks at the login: the count of QR codes that nobody scanned begins anew.
    PersonLooked,
    /// There is a core, or another one than before.
    CoreChanged(CoreChange),
    /// `LifecycleEffect::RollBack`: whether the version before the one on trial is the current one now.
    RolledBack {
        /// Whether it is.
        succeeded: bool,
    },
    /// There is no core, and this is why.
    InstallFailed(InstallProblem),
    /// The signers of the settings have changed: worth asking them at once.
    SignersChanged,
    /// The process runs.
    Launched {
        /// Which start.
        generation: Generation,
        /// The installed version that it is.
        version: String,
    },
    /// The start came to nothing before there was a process.
    LaunchFailed(Generation, LaunchFailure),
    /// The core wrote something that means this.
    Read(Generation, Reading),
    /// The picture of the QR code is there.
    QrShown(Generation, QrImage),
    /// The process has ended, whoever wanted it.
    Exited {
        /// Which start.
        generation: Generation,
        /// How.
        exit: Exit,
        /// The last lines that it wrote, oldest first, at most 50.
        last_lines: Arc<[String]>,
    },
    /// The hub's link to the core is open and the account answers.
    LinkOpened(Generation),
    /// The hub's link to the core is broken.
    LinkLost(Generation),
    /// The account did not answer for so long that it counts as hung.
    AnswersStopped(Generation),
    /// An action came back with the code of a failed signature (9057).
    SendUnsigned(Generation),
    /// It uses more memory than the settings allow; bytes.
    MemoryExceeded(Generation, u64),
    /// `LifecycleEffect::FindSigner`: another signer works.
    SignerFound(Generation),
    /// `LifecycleEffect::FindSigner`: the one in use works again.
    SignerBack(Generation),
    /// `LifecycleEffect::FindSigner`: no signer works.
    SignerMissing(Generation, SignerProblem),
}

impl LifecycleEvent {
    /// Which start it belongs to, where it belongs to one.
    pub fn generation(&self) -> Option<Generation> {
        match self {
            Self::StartWanted
            | Self::StopWanted
            | Self::RestartWanted
            | Self::PersonLooked
            | Self::CoreChanged(_)
            | Self::RolledBack { .. }
            | Self::InstallFailed(_)
            | Self::SignersChanged => None,
            Self::Launched { generation, .. }
            | Self::LaunchFailed(generation, _)
            | Self::Read(generation, _)
            | Self::QrShown(generation, _)
            | Self::Exited { generation, .. }
            | Self::LinkOpened(generation)
            | Self::LinkLost(generation)
            | Self::AnswersStopped(generation)
            | Self::SendUnsigned(generation)
            | Self::MemoryExceeded(generation, _)
            | Self::SignerFound(generation)
            | Self::SignerBack(generation)
            | Self::SignerMissing(generation, _) => Some(*generation),
        }
    }
}

/// Why another version is the current one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CoreChange {
    /// It was installed just now, and has yet to prove itself.
    Installed {
        /// Its name.
        version: String,
    },
    /// It was there, and somebody chose it.
    Chosen,
    /// The one after it was rolled back.
    RolledBack,
}

/// What a line of the core's log means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reading {
    /// The commit it was built from, 40 hex digits.
    Version(String),
    /// The protocol that it uses, such as `3.2.15-30366`.
    Protocol(String),
    /// It logs in with the session it has.
    SessionTried,
    /// The session is not accepted; other ways follow.
    SessionRejected,
    /// It asks QQ for a QR code.
    Connecting,
    /// Anything else that shows that the login goes on.
    Progress,
    /// There is a QR code, good for this long.
    QrFetched(Duration),
    /// What the QR code's server says, every two seconds, and who scanned it.
    QrPolled(QrState, Option<u64>),
    /// The QR code has expired.
    QrExpired,
    /// The person cancelled on the phone.
    QrCanceled,
    /// QQ refuses the login.
    LoginRefused {
        /// The code, such as 45.
        code: i64,
        /// A short name of it.
        tag: String,
        /// What to do, in the server's words.
        message: String,
    },
    /// Logged in; the session is saved.
    LoggedIn(u64),
    /// The WebSocket server listens on this port.
    Serving(u16),
    /// The WebSocket server could not start because the port is taken.
    PortInUse,
    /// The WebSocket server could not start, for another reason.
    ServerFailed(String),
    /// A signature failed; its words.
    SignFailed(String),
    /// QQ ended the session, in its words.
    Kicked(String),
    /// The connection to QQ broke, with the system's words where there are any. The core dials again by
    /// itself, every ten seconds for ever.
    ConnectionLost(String),
    /// The connection to QQ is back.
    ConnectionBack,
    /// A database of an older version blocks it; the file.
    LegacyDatabase(String),
    /// It ends in order.
    ShuttingDown,
}

/// What the QR code's server says (`TransEmp12.cs` of Lagrange).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum QrState {
    /// Nobody has scanned it.
    WaitingForScan,
    /// Scanned; the phone has to confirm.
    WaitingForConfirm,
    /// Confirmed.
    Confirmed,
    /// Expired.
    Expired,
    /// Cancelled on the phone.
    Canceled,
    /// A state that has no name.
    Other(i64),
}
