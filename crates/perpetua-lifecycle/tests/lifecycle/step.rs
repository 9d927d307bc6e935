//! What can happen, and how often.

use std::time::Duration;

use perpetua_lifecycle::{
    CoreChange, ExitCause, Generation, InstallProblem, LaunchFailure, LifecycleEvent,
    MissingLibrary, QrState, Reading, RollBackEnd, SettingsFault, SignerProblem,
};
use proptest::prelude::*;

use crate::bench::{BOT, CODE_TIME, crash, kick, refusal};

/// The only version that is ever installed.
const VERSION: &str = "new";

/// Something happens.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Said of the process, truly or not; `0` is the latest generation, `-1` the one before.
    Say(Said, i8),
    Wish(LifecycleEvent),
    Launch,
    FailLaunch(LaunchFailure),
    Die(ExitCause, usize),
    /// The world does what it was asked to.
    Obey,
    EndInstallation(Option<InstallProblem>),
    EndSearch(bool),
    Pass(Duration),
    /// Up to the next deadline.
    PassToDeadline,
}

#[derive(Clone, Debug)]
pub(crate) enum Said {
    Read(Reading),
    QrShown,
    LinkOpened,
    LinkLost,
    AnswersStopped,
    SendUnsigned,
    MemoryExceeded,
    SignerFound,
    SignerBack,
    SignerMissing,
    SignatureAwaited,
    SignatureDone,
    /// Only ever of another generation: of its own process the driver knows.
    Launched,
    LaunchFailed,
    Exited,
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (said(), offset()).prop_map(|(said, offset)| Step::Say(said, offset)),
        2 => wish().prop_map(Step::Wish),
        3 => Just(Step::Launch),
        1 => failure().prop_map(Step::FailLaunch),
        2 => (cause(), 0..80_usize).prop_map(|(cause, lines)| Step::Die(cause, lines)),
        3 => Just(Step::Obey),
        2 => prop_oneof![Just(None), problem().prop_map(Some)].prop_map(Step::EndInstallation),
        2 => any::<bool>().prop_map(Step::EndSearch),
        3 => (0..400_000_u64).prop_map(|time| Step::Pass(Duration::from_millis(time))),
        3 => (0..5_000_u64).prop_map(|time| Step::Pass(Duration::from_millis(time))),
        3 => Just(Step::PassToDeadline),
    ]
}

/// Most of what is said belongs to the latest start.
fn offset() -> impl Strategy<Value = i8> {
    prop_oneof![6 => Just(0), 1 => Just(-1), 1 => Just(1)]
}

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        9 => reading().prop_map(Said::Read),
        3 => Just(Said::LinkOpened),
        9 => prop::sample::select(vec![
            Said::QrShown,
            Said::LinkLost,
            Said::AnswersStopped,
            Said::SendUnsigned,
            Said::MemoryExceeded,
            Said::SignerFound,
            Said::SignerBack,
            Said::SignerMissing,
            Said::SignatureAwaited,
            Said::SignatureDone,
            Said::Launched,
            Said::LaunchFailed,
            Said::Exited,
        ]),
    ]
}

fn reading() -> impl Strategy<Value = Reading> {
    let polled = |state| Reading::QrPolled(state, Some(BOT));
    prop_oneof![
        3 => Just(Reading::LoggedIn(BOT)),
        9 => prop::sample::select(vec![
            Reading::SessionTried,
            Reading::SessionRejected,
            Reading::Connecting,
            Reading::Progress,
            Reading::QrFetched(CODE_TIME),
            polled(QrState::WaitingForScan),
            polled(QrState::WaitingForConfirm),
            polled(QrState::Confirmed),
            polled(QrState::Expired),
            polled(QrState::Canceled),
            polled(QrState::Other(3)),
            Reading::QrExpired,
            Reading::QrCanceled,
            refusal(),
            Reading::LoggedIn(99),
            Reading::Serving(1),
            Reading::PortInUse,
            Reading::ServerFailed("access denied".into()),
            Reading::SignFailed("521".into()),
            kick(),
            Reading::ConnectionLost(String::new()),
            Reading::ConnectionBack,
            Reading::LegacyDatabase("lagrange-1.db".into()),
            Reading::ShuttingDown,
        ]),
    ]
}

fn wish() -> impl Strategy<Value = LifecycleEvent> {
    prop_oneof![
        3 => Just(LifecycleEvent::StartWanted),
        6 => prop::sample::select(vec![
            LifecycleEvent::StopWanted,
            LifecycleEvent::RestartWanted,
            LifecycleEvent::RestartNeeded,
            LifecycleEvent::PersonLooked,
            installed(),
            LifecycleEvent::CoreChanged(CoreChange::Chosen {
                version: VERSION.into()
            }),
            LifecycleEvent::CoreChanged(CoreChange::RolledBack {
                version: VERSION.into()
            }),
            LifecycleEvent::RolledBack(RollBackEnd::Done),
            LifecycleEvent::RolledBack(RollBackEnd::Stays),
            LifecycleEvent::RolledBack(RollBackEnd::Failed),
            LifecycleEvent::CoreChanged(CoreChange::Unknown),
            LifecycleEvent::InstallFailed(InstallProblem::NotAllowed),
            LifecycleEvent::SignersChanged,
            LifecycleEvent::SessionReplaced,
            LifecycleEvent::Woke,
        ]),
    ]
}

/// A new version, always of one name: that of each process.
pub(crate) fn installed() -> LifecycleEvent {
    LifecycleEvent::CoreChanged(CoreChange::Installed {
        version: VERSION.into(),
    })
}

pub(crate) fn launched(generation: Generation) -> LifecycleEvent {
    LifecycleEvent::Launched {
        generation,
        version: VERSION.into(),
        is_on_trial: false,
        asks_signer: false,
    }
}

fn problem() -> impl Strategy<Value = InstallProblem> {
    prop::sample::select(vec![
        InstallProblem::NotAllowed,
        InstallProblem::Failed(crate::bench::words("no network")),
    ])
}

fn failure() -> impl Strategy<Value = LaunchFailure> {
    prop::sample::select(vec![
        LaunchFailure::NoCore,
        LaunchFailure::Signer(SignerProblem::NoneConfigured),
        LaunchFailure::NoNetwork(SignerProblem::NoneReached(Vec::new())),
        LaunchFailure::Damaged(crate::bench::words("size")),
        LaunchFailure::Machine(crate::bench::words("the disk is full")),
        LaunchFailure::NotStarted(crate::bench::words("permission denied")),
        LaunchFailure::CalledOff,
    ])
}

fn cause() -> impl Strategy<Value = ExitCause> {
    prop::sample::select(vec![
        ExitCause::Ended,
        ExitCause::LoginFailed,
        ExitCause::NoNetwork("dns".into()),
        ExitCause::KeystoreUnreadable,
        ExitCause::SettingsUnreadable(SettingsFault::Missing),
        ExitCause::LegacyDatabase("lagrange-1.db".into()),
        ExitCause::LibraryMissing(MissingLibrary::Icu),
        ExitCause::NoConsole,
        ExitCause::Killed,
        ExitCause::DiskFull("no space".into()),
        ExitCause::NoAccess("denied".into()),
        crash(),
        ExitCause::Unknown,
    ])
}
