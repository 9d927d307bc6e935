//! What has happened to a managed core, found by comparing how it stood with how it stands. Pure.

use perpetua_schema::{CoreState, CoreStatus, HappeningTone};
use perpetua_words::{Message, happened as words};

/// What a person may want to know. `failure` is why it did not run on, remembered until it is started anew.
pub(super) fn compare(
    before: &CoreStatus,
    after: &CoreStatus,
    failure: &mut Option<Message>,
) -> Vec<(HappeningTone, Message)> {
    let mut found = Vec::new();
    if let Some(reason) = reason(&after.state) {
        *failure = Some(reason);
    }
    let is_outage = before.away.is_some() || after.away.is_some();
    // Starts come and go during an outage, which is told as one.
    if after.restarts > before.restarts && !is_outage {
        let what = match failure.take() {
            Some(cause) => words::CoreRestarted { cause }.into(),
            None => words::CoreRestartedUnexplained.into(),
        };
        found.push((HappeningTone::Busy, what));
    }
    if std::mem::discriminant(&before.state) != std::mem::discriminant(&after.state) {
        found.extend(entered(&before.state, after));
    }
    if matches!(after.state, CoreState::Online { .. }) {
        *failure = None;
    }
    found.extend(signing(&before.state, &after.state));
    if let Some(notice) = after
        .notice
        .clone()
        .filter(|_| before.notice != after.notice)
    {
        found.push((HappeningTone::You, words::Noticed { what: notice }.into()));
    }
    found
}

/// Why it does not run on.
fn reason(state: &CoreState) -> Option<Message> {
    match state {
        CoreState::Reconnecting { reason, .. } | CoreState::Backoff { reason, .. } => {
            reason.clone()
        }
        CoreState::KickedOffline { reason } => {
            Some(perpetua_words::core::OfflineKicked { text: reason }.into())
        }
        _ => None,
    }
}

/// What it means that a core stands there now.
fn entered(before: &CoreState, after: &CoreStatus) -> Option<(HappeningTone, Message)> {
    use HappeningTone::{Bad, Busy, Idle, You};
    let cause = after.message.clone();
    let found = match &after.state {
        CoreState::Stopped => (Idle, words::CoreStopped.into()),
        CoreState::Absent { .. } => (You, words::CoreMissing { cause }.into()),
        CoreState::SignerProblem { .. } => (You, words::SignerMissing { cause }.into()),
        CoreState::WaitingForScan { .. }
            if !matches!(before, CoreState::WaitingForConfirm { .. }) =>
        {
            (You, words::ScanNeeded.into())
        }
        CoreState::Refused { .. } => (Bad, words::LoginRefused { cause }.into()),
        CoreState::KickedOffline { reason } => (Busy, words::Kicked { text: reason }.into()),
        CoreState::Braked { cause, .. } => {
            let cause = cause.clone().unwrap_or_else(|| after.message.clone());
            (Bad, words::GivenUp { cause }.into())
        }
        CoreState::Installing { .. }
        | CoreState::Starting { .. }
        | CoreState::WaitingForScan { .. }
        | CoreState::WaitingForConfirm { .. }
        | CoreState::Online { .. }
        | CoreState::Reconnecting { .. }
        | CoreState::Stopping
        | CoreState::Backoff { .. } => return None,
    };
    Some(found)
}

/// Whether messages can be sent, while the account is online.
fn signing(before: &CoreState, after: &CoreState) -> Option<(HappeningTone, Message)> {
    let problem = |state: &CoreState| match state {
        CoreState::Online { signer_problem, .. } => Some(signer_problem.clone()),
        _ => None,
    };
    match (problem(before)?, problem(after)?) {
        (None, Some(cause)) => Some((HappeningTone::You, words::CannotSend { cause }.into())),
        (Some(_), None) => Some((HappeningTone::Ok, words::CanSend.into())),
        _ => None,
    }
}
