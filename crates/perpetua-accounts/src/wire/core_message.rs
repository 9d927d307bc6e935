//! One message for each state of a managed core: what it is doing, or what a person has to do.

use std::time::{Duration, Instant};

use perpetua_fetch::InstallProgress;
use perpetua_lifecycle::{InstallProblem, LifecycleState, StartPhase};
use perpetua_schema::CoreStep;
use perpetua_words::{Message, Param, core as words};

use super::core_state::{step, whole_seconds};

/// Where the core stands at `now`.
pub(crate) fn state_message(
    state: &LifecycleState,
    install: Option<InstallProgress>,
    now: Instant,
) -> Message {
    let until = |moment: Instant| whole_seconds(moment.saturating_duration_since(now));
    match state {
        LifecycleState::Stopped => words::Stopped.into(),
        LifecycleState::Absent { problem, retry } if install.is_none() => {
            absent(problem.as_ref(), retry.map(until))
        }
        LifecycleState::Absent { .. } | LifecycleState::Installing => {
            installing(&install.unwrap_or_default())
        }
        LifecycleState::SignerProblem { problem, retry } => words::SignerProblem {
            cause: Message::from(problem),
            seconds: until(*retry),
        }
        .into(),
        LifecycleState::Starting { phase, .. } => starting(*phase),
        LifecycleState::WaitingForScan { expires, code, .. } => words::WaitingForScan {
            code: *code,
            seconds: until(*expires),
        }
        .into(),
        LifecycleState::WaitingForConfirm { who, wrong, .. } => confirm(*who, *wrong),
        LifecycleState::Refused { refusal } => refusal.into(),
        LifecycleState::Online { who, signer, .. } => match signer {
            None => words::Online { who: account(*who) }.into(),
            Some(problem) => words::OnlineCannotSend {
                cause: problem.while_online(),
                who: account(*who),
            }
            .into(),
        },
        LifecycleState::KickedOffline { reason, .. } => words::Kicked { text: reason }.into(),
        LifecycleState::Reconnecting { reason, since, .. } => words::Reconnecting {
            cause: Message::from(reason),
            seconds: seconds(now.saturating_duration_since(*since)),
        }
        .into(),
        LifecycleState::Stopping { .. } => words::Stopping.into(),
        LifecycleState::Backoff {
            until: next,
            failure,
            ..
        } => words::Backoff {
            cause: Message::from(failure),
            seconds: until(*next),
        }
        .into(),
        LifecycleState::GivenUp { reason, .. } => {
            let cause = Message::from(reason);
            words::GivenUp { cause }.into()
        }
    }
}

/// Where it stands while it answers nothing over its link though it is there, for so many seconds; `None` where it
/// is not online anyway.
pub(crate) fn blocked_message(state: &LifecycleState, seconds: u64) -> Option<Message> {
    let LifecycleState::Online { who, .. } = state else {
        return None;
    };
    let who = account(*who);
    Some(words::OnlineBlocked { who, seconds }.into())
}

fn absent(problem: Option<&InstallProblem>, retry_in_s: Option<u64>) -> Message {
    match (problem.map(Message::from), retry_in_s) {
        (None, _) => words::Absent.into(),
        (Some(cause), None) => words::AbsentBecause { cause }.into(),
        (Some(cause), Some(seconds)) => words::AbsentRetry { cause, seconds }.into(),
    }
}

fn installing(progress: &InstallProgress) -> Message {
    let megabytes = |bytes: u64| bytes / 1_000_000;
    let doing = Message::from(step(progress.phase));
    match progress.total {
        Some(total) if loads(step(progress.phase)) => words::InstallingPart {
            received: megabytes(progress.received),
            step: doing,
            total: megabytes(total),
        }
        .into(),
        _ => words::Installing { step: doing }.into(),
    }
}

/// Whether a part of the file is there.
fn loads(step: CoreStep) -> bool {
    matches!(step, CoreStep::Uploading | CoreStep::Downloading)
}

fn starting(phase: StartPhase) -> Message {
    match phase {
        StartPhase::Preparing => words::Preparing.into(),
        StartPhase::Launched => words::Launched.into(),
        StartPhase::Session => words::Session.into(),
        StartPhase::Connecting => words::Connecting.into(),
        StartPhase::LoggingIn => words::LoggingIn.into(),
        StartPhase::OpeningLink => words::OpeningLink.into(),
    }
}

fn confirm(who: Option<u64>, wanted: Option<u64>) -> Message {
    match (who.map(account), wanted.map(account)) {
        (Some(who), Some(expected)) => words::WrongAccountScanned { expected, who }.into(),
        (Some(who), None) => words::WaitingForConfirmOf { who }.into(),
        (None, _) => words::WaitingForConfirm.into(),
    }
}

/// An account's number is a name: nobody counts with it.
fn account(number: u64) -> Param {
    Param::Text(number.to_string())
}

fn seconds(duration: Duration) -> u64 {
    duration.as_secs()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use perpetua_lifecycle::{Generation, LaunchFailure, LifecycleState};
    use perpetua_words::Language;

    use super::state_message;

    fn said(state: &LifecycleState, now: Instant) -> [String; 2] {
        let message = state_message(state, None, now);
        [Language::English, Language::Chinese].map(|language| message.in_language(language))
    }

    #[test]
    fn a_wait_is_told_in_seconds_and_with_its_cause() {
        let now = Instant::now();
        let state = LifecycleState::Backoff {
            until: now + Duration::from_millis(7_200),
            failures: 2,
            failure: LaunchFailure::NoProgress(60),
        };
        let [english, chinese] = said(&state, now);
        assert_eq!(
            english,
            "the core made no progress for 60 s while starting and was ended. The core starts again in 8 s"
        );
        assert!(chinese.ends_with("8 秒后重新启动核心"), "{chinese}");
    }

    #[test]
    fn the_account_that_was_scanned_is_named_beside_the_one_that_is_wanted() {
        let now = Instant::now();
        let state = LifecycleState::WaitingForConfirm {
            generation: Generation(1),
            who: Some(99),
            wrong: Some(10_001),
            expires: now,
        };
        for sentence in said(&state, now) {
            assert!(
                sentence.contains("99") && sentence.contains("10001"),
                "{sentence}"
            );
        }
    }
}
