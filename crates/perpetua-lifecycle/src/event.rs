//! What the machine is told.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

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
    /// out of every wait. Whoever passes on a client's wish decides whether that client may. A start that has begun
    /// within `LifecyclePolicy::restart_pause` is what is wanted; what came online within it is started anew once
    /// that is over, so that wishes which fall together are one.
    RestartWanted,
    /// What it was started with does not count any more, its settings or its login: the same, at once, whatever
    /// has just begun.
    RestartNeeded,
    /// A person looks at the login: the count of QR codes that nobody scanned begins anew.
    PersonLooked,
    /// There is a core, or another one than before.
    CoreChanged(CoreChange),
    /// `LifecycleEffect::RollBack`: what came of it.
    RolledBack(RollBackEnd),
    /// There is no core, and this is why.
    InstallFailed(InstallProblem),
    /// The signers of the settings have changed: worth asking them at once.
    SignersChanged,
    /// The saved session is to be another one: that the former one needed a signature says nothing of it.
    SessionReplaced,
    /// Names are found that were not found a while ago: the network is back, most likely.
    NetworkBack,
    /// This process, and most likely the whole machine with the core, stood still until now: what was not heard
    /// meanwhile is nobody's silence.
    Woke,
    /// The process runs.
    Launched {
        /// Which start.
        generation: Generation,
        /// The installed version that it is.
        version: String,
        /// It has yet to keep this account online, and there is a version to go back to should it not.
        is_on_trial: bool,
        /// Whether it asks a signer by itself, so that nobody knows when it waits for one.
        asks_signer: bool,
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
    /// It uses more memory than the settings allow.
    MemoryExceeded {
        /// Which start.
        generation: Generation,
        /// What it uses; bytes.
        used: u64,
        /// What it may use; bytes.
        limit: u64,
    },
    /// `LifecycleEffect::FindSigner`: a signer works that the core can only use once it was started anew.
    SignerFound(Generation),
    /// The signers of the settings have changed under a core that asks them through the node: whether they sign for
    /// what it was told is to be looked at.
    SignersDoubted(Generation),
    /// A signer works that the core can use as it runs, or has just signed.
    SignerBack(Generation),
    /// There is none that signs for it: a request has failed, or it was started all the same, because its saved
    /// session needs no signature to come online.
    SignerLacking(Generation, SignerProblem),
    /// `LifecycleEffect::FindSigner`: no signer works.
    SignerMissing(Generation, SignerProblem),
    /// Since when the core has waited for a signature; `None` once it does not any more.
    SignatureAwaited(Generation, Option<Instant>),
}

impl LifecycleEvent {
    /// Which start it belongs to, where it belongs to one.
    pub fn generation(&self) -> Option<Generation> {
        match self {
            Self::StartWanted
            | Self::StopWanted
            | Self::RestartWanted
            | Self::RestartNeeded
            | Self::PersonLooked
            | Self::CoreChanged(_)
            | Self::RolledBack(_)
            | Self::InstallFailed(_)
            | Self::SignersChanged
            | Self::SessionReplaced
            | Self::NetworkBack
            | Self::Woke => None,
            Self::Launched { generation, .. }
            | Self::LaunchFailed(generation, _)
            | Self::Read(generation, _)
            | Self::QrShown(generation, _)
            | Self::Exited { generation, .. }
            | Self::LinkOpened(generation)
            | Self::LinkLost(generation)
            | Self::AnswersStopped(generation)
            | Self::SendUnsigned(generation)
            | Self::MemoryExceeded { generation, .. }
            | Self::SignerFound(generation)
            | Self::SignersDoubted(generation)
            | Self::SignerBack(generation)
            | Self::SignerLacking(generation, _)
            | Self::SignerMissing(generation, _)
            | Self::SignatureAwaited(generation, _) => Some(*generation),
        }
    }
}

impl CoreChange {
    /// The version that is the current one now, where it is known.
    pub fn version(&self) -> Option<&str> {
        match self {
            Self::Installed { version }
            | Self::Chosen { version }
            | Self::RolledBack { version } => Some(version),
            Self::Unknown => None,
        }
    }
}

/// What came of giving a version up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RollBackEnd {
    /// Another one is the current one now.
    Done,
    /// It stays: there is none to go back to, or it keeps another account online.
    Stays,
    /// It could not be done now, because a file could not be read or written.
    Failed,
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
    Chosen {
        /// Its name.
        version: String,
    },
    /// The one after it was rolled back.
    RolledBack {
        /// Its name.
        version: String,
    },
    /// There is one, and nobody here has seen which: another process has installed it.
    Unknown,
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
