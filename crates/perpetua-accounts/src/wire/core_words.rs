//! One sentence for each state of a managed core: what it is doing, and what a person has to do.

use std::time::Instant;

use perpetua_fetch::InstallProgress;
use perpetua_lifecycle::{
    GiveUpReason, LaunchFailure, LifecycleState, LoginRefusal, OfflineReason, StartPhase,
};

use super::core_state::whole_seconds;

/// Where the core stands at `now`.
pub(crate) fn state_words(
    state: &LifecycleState,
    install: Option<InstallProgress>,
    account: &str,
    now: Instant,
) -> String {
    match state {
        LifecycleState::Stopped => format!("stopped; `perpetuad start {account}` starts it"),
        LifecycleState::Absent { problem, .. } => problem.as_ref().map_or_else(
            || "no core is installed yet".into(),
            |problem| format!("no core is installed: {problem}"),
        ),
        LifecycleState::Installing => installing(install.unwrap_or_default()),
        LifecycleState::SignerProblem { problem, .. } => problem.to_string(),
        LifecycleState::Starting { phase, .. } => starting(*phase).into(),
        LifecycleState::WaitingForScan { .. } => format!(
            "a QR code waits to be scanned with the phone; `perpetuad login {account}` shows it"
        ),
        LifecycleState::WaitingForConfirm { who, wrong, .. } => confirm(*who, *wrong),
        LifecycleState::Refused { refusal } => refused(refusal, account),
        LifecycleState::Online { who, signer, .. } => signer.as_ref().map_or_else(
            || format!("online as {who}"),
            |problem| format!("online as {who}, but {problem}"),
        ),
        LifecycleState::KickedOffline { reason, .. } => {
            format!("QQ ended the session ({reason}); logging in again")
        }
        LifecycleState::Reconnecting { reason, .. } => {
            format!(
                "offline: {}; waiting for it to come back",
                offline_reason(reason)
            )
        }
        LifecycleState::Stopping { .. } => "stopping".into(),
        LifecycleState::Backoff { until, failure, .. } => format!(
            "{}; the next start comes in {} s",
            failed(failure),
            whole_seconds(until.saturating_duration_since(now))
        ),
        LifecycleState::GivenUp { reason, .. } => format!(
            "given up: {}; `perpetuad start {account}` tries again",
            given_up(reason)
        ),
    }
}

/// Why the last start came to nothing, or the last run to its end.
fn failed(failure: &LaunchFailure) -> String {
    match failure {
        LaunchFailure::WentOffline(reason) => offline_reason(reason),
        failure => failure.to_string(),
    }
}

/// Why an account is not online any more.
pub(crate) fn offline_reason(reason: &OfflineReason) -> String {
    match reason {
        OfflineReason::Kicked(words) => format!("QQ ended the session: {words}"),
        OfflineReason::ConnectionLost => "the core lost its connection to QQ".into(),
        OfflineReason::Exited(exit) => format!("the core ended: {exit}"),
        OfflineReason::Hung => "the core does not answer any more; it is started anew".into(),
        OfflineReason::TooMuchMemory(bytes) => format!(
            "the core used {} MB, more than `memory-limit` allows; it is started anew",
            bytes / 1_000_000
        ),
        OfflineReason::LinkLost => "the connection to the core broke".into(),
        OfflineReason::Asked => "it was asked to stop or to restart".into(),
    }
}

fn installing(progress: InstallProgress) -> String {
    let megabytes = |bytes: u64| bytes / 1_000_000;
    match progress.total {
        Some(total) => format!(
            "installing the core: {} ({} of {} MB)",
            "in progress",
            megabytes(progress.received),
            megabytes(total)
        ),
        None => format!("installing the core: {}", "in progress"),
    }
}

fn starting(phase: StartPhase) -> &'static str {
    match phase {
        StartPhase::Preparing => "starting: asking the signer",
        StartPhase::Launched => "starting",
        StartPhase::Session => "logging in with the saved session",
        StartPhase::Connecting => "asking QQ for a QR code",
        StartPhase::LoggingIn => "confirmed on the phone; logging in",
        StartPhase::OpeningLink => "logged in; connecting to the core",
    }
}

fn confirm(who: Option<u64>, wrong: Option<u64>) -> String {
    match (who, wrong) {
        (Some(who), Some(wanted)) => format!(
            "the QR code was scanned by {who}, but the settings want {wanted}; cancel on the phone and scan with the right account"
        ),
        (Some(who), None) => format!("scanned by {who}; confirm the login on the phone"),
        (None, _) => "scanned; confirm the login on the phone".into(),
    }
}

fn refused(refusal: &LoginRefusal, account: &str) -> String {
    match refusal {
        LoginRefusal::Server { code, tag, message } => {
            let hint = if *code == SIGN_REFUSED {
                "; most often the signer does not fit the core: check it with `perpetuad signer test`"
            } else {
                ""
            };
            format!(
                "QQ refuses the login (code {code}, {tag}): {message}{hint}; `perpetuad start {account}` tries again"
            )
        }
        LoginRefusal::WrongAccount { expected, scanned } => format!(
            "{scanned} logged in, but the settings want {expected}; scan with that account after `perpetuad login {account}`, or change `uin`"
        ),
    }
}

/// 禁止登录: what a wrong or unfit signature comes back as.
const SIGN_REFUSED: i64 = 45;

fn given_up(reason: &GiveUpReason) -> String {
    match reason {
        GiveUpReason::Failing { failures, last } => {
            format!("it failed {failures} times in a row, last: {last}")
        }
        GiveUpReason::NobodyScanned { codes } => format!("nobody scanned any of {codes} QR codes"),
        GiveUpReason::KickedAgain { kicks, reason } => format!(
            "QQ ended the session {kicks} times ({reason}); another program probably uses the same account"
        ),
        GiveUpReason::CannotRun(failure) => failure.to_string(),
    }
}
