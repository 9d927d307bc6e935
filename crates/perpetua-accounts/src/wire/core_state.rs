//! A core's state in the schema's types: moments become seconds from now.

use std::time::{Duration, Instant};

use data_encoding::BASE64;
use perpetua_fetch::{InstallPhase, InstallProgress};
use perpetua_lifecycle::{
    GiveUpReason, InstallProblem, LifecycleState, LoginRefusal, SignerProblem, StartPhase,
};
use perpetua_schema::{
    CoreAbsence, CoreBrake, CorePhase, CoreProgress, CoreRefusal, CoreState, CoreStep, QrCode,
};
use perpetua_supervisor::CoreView;

/// Where the core stands at `now`.
pub(super) fn core_state(view: &CoreView, now: Instant) -> CoreState {
    let until = |moment: Instant| whole_seconds(moment.saturating_duration_since(now));
    let since = |moment: Instant| now.saturating_duration_since(moment).as_secs();
    match &view.state {
        LifecycleState::Stopped => CoreState::Stopped,
        LifecycleState::Absent { problem, retry } if view.install.is_none() => CoreState::Absent {
            retry_in_s: retry.map(until),
            why: absence(problem.as_ref()),
        },
        // What one is waited for is being installed.
        LifecycleState::Absent { .. } | LifecycleState::Installing => CoreState::Installing {
            progress: install_progress(view.install.clone().unwrap_or_default()),
        },
        LifecycleState::SignerProblem { problem, retry } => CoreState::SignerProblem {
            none_configured: *problem == SignerProblem::NoneConfigured,
            retry_in_s: until(*retry),
        },
        LifecycleState::Starting { phase: at, .. } => CoreState::Starting { phase: phase(*at) },
        LifecycleState::WaitingForScan {
            image,
            expires,
            good_for,
            code,
            ..
        } => CoreState::WaitingForScan {
            qr: QrCode {
                url: image.url.as_deref().map(str::to_owned),
                png_base64: BASE64.encode(&image.png),
                expires_in_s: until(*expires),
                good_for_s: whole_seconds(*good_for),
                code: *code,
                codes_max: view.qr_codes,
            },
        },
        LifecycleState::WaitingForConfirm {
            who,
            wrong,
            expires,
            ..
        } => CoreState::WaitingForConfirm {
            who: *who,
            expected: *wrong,
            expires_in_s: until(*expires),
        },
        LifecycleState::Refused { refusal: why } => CoreState::Refused {
            refusal: refusal(why),
        },
        LifecycleState::Online {
            who,
            since: from,
            signer,
            ..
        } => CoreState::Online {
            who: *who,
            for_s: since(*from),
            signer_problem: signer.as_ref().map(SignerProblem::while_online),
        },
        LifecycleState::KickedOffline { reason, .. } => CoreState::KickedOffline {
            reason: reason.clone(),
        },
        LifecycleState::Reconnecting {
            who,
            reason,
            since: from,
            ..
        } => CoreState::Reconnecting {
            who: *who,
            for_s: since(*from),
            reason: Some(reason.into()),
        },
        LifecycleState::Stopping { .. } => CoreState::Stopping,
        LifecycleState::Backoff {
            until: next,
            failures,
            failure,
        } => CoreState::Backoff {
            retry_in_s: until(*next),
            failures: *failures,
            reason: Some(failure.into()),
        },
        LifecycleState::GivenUp { reason, last_lines } => CoreState::Braked {
            reason: given_up(reason),
            cause: Some(reason.into()),
            last_lines: last_lines.to_vec(),
        },
    }
}

/// How far an installation is, and how long it will take at its rate.
pub fn install_progress(progress: InstallProgress) -> CoreProgress {
    let left = progress
        .total
        .map(|total| total.saturating_sub(progress.received));
    CoreProgress {
        step: step(progress.phase),
        tag: progress.tag.map(|tag| tag.to_string()),
        received: progress.received,
        total: progress.total,
        rate_per_s: progress.rate,
        remaining_s: left.and_then(|left| left.checked_div(progress.rate)),
    }
}

/// What an installation is doing.
pub(super) fn step(phase: InstallPhase) -> CoreStep {
    match phase {
        InstallPhase::Beginning => CoreStep::Preparing,
        InstallPhase::WaitingForOther => CoreStep::WaitingForAnother,
        InstallPhase::LookingForRelease => CoreStep::LookingForRelease,
        InstallPhase::Uploading => CoreStep::Uploading,
        InstallPhase::Downloading => CoreStep::Downloading,
        InstallPhase::WaitingToRetry => CoreStep::WaitingToRetry,
        InstallPhase::Unpacking => CoreStep::Unpacking,
        InstallPhase::TrialStart => CoreStep::Trial,
    }
}

fn absence(problem: Option<&InstallProblem>) -> CoreAbsence {
    match problem {
        Some(InstallProblem::Unconfirmed { .. }) => CoreAbsence::Unconfirmed,
        Some(InstallProblem::NotAllowed) => CoreAbsence::NotAllowed,
        Some(InstallProblem::Failed(_)) | None => CoreAbsence::Failed,
    }
}

pub(super) fn phase(phase: StartPhase) -> CorePhase {
    match phase {
        StartPhase::Preparing => CorePhase::Preparing,
        StartPhase::Launched => CorePhase::Launched,
        StartPhase::Session => CorePhase::Session,
        StartPhase::Connecting => CorePhase::Connecting,
        StartPhase::LoggingIn => CorePhase::LoggingIn,
        StartPhase::OpeningLink => CorePhase::OpeningLink,
    }
}

fn refusal(refusal: &LoginRefusal) -> CoreRefusal {
    match refusal {
        LoginRefusal::Server { code, tag, message } => CoreRefusal::Server {
            code: *code,
            tag: tag.clone(),
            message: message.clone(),
        },
        LoginRefusal::WrongAccount { expected, scanned } => CoreRefusal::WrongAccount {
            expected: *expected,
            scanned: *scanned,
        },
        LoginRefusal::WrongSession { expected, found } => CoreRefusal::WrongSession {
            expected: *expected,
            found: *found,
        },
    }
}

fn given_up(reason: &GiveUpReason) -> CoreBrake {
    match reason {
        GiveUpReason::Failing { .. } => CoreBrake::Failing,
        GiveUpReason::NobodyScanned { .. } => CoreBrake::NobodyScanned,
        GiveUpReason::KickedAgain { .. } => CoreBrake::KickedAgain,
        GiveUpReason::CannotRun(_) => CoreBrake::CannotRun,
    }
}

/// Rounded up: "in 0 s" would be now.
pub(super) fn whole_seconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis().div_ceil(1000)).unwrap_or(u64::MAX)
}
