//! A framework that is dialled, as the schema tells it.

use perpetua_accounts::ClientView;
use perpetua_hub::{DialFailure, DialSnapshot, DialState};
use perpetua_schema::{TargetState, TargetStatus};
use perpetua_words::{Message, dial as words};

use super::Moment;

/// Where it is dialled, and how that stands.
pub(super) fn target(
    address: &str,
    view: &ClientView,
    dial: Option<&DialSnapshot>,
    at: Moment,
) -> TargetStatus {
    let since = dial.map_or(view.rests_since, |dial| dial.since);
    TargetStatus {
        address: address.to_owned(),
        state: dial.map_or(TargetState::Closed, |dial| state(&dial.state)),
        since_ms: at.milliseconds(since),
        retry_in_s: dial.and_then(|dial| match &dial.state {
            // It is asked again all the time.
            DialState::Waiting {
                failure: DialFailure::NobodyHere,
                ..
            } => None,
            DialState::Waiting { until, .. } => {
                Some(until.saturating_duration_since(at.now.instant).as_secs())
            }
            _ => None,
        }),
        failures: dial.map_or(0, |dial| dial.failures),
        problem: dial.and_then(|dial| match &dial.state {
            DialState::Unnamed => Some(words::Unnamed.into()),
            DialState::AwaitsApi => Some(words::AwaitsApi.into()),
            state => state.failure().map(Message::from),
        }),
        posts: None,
    }
}

/// A framework that does not want us stands so until it takes us, also while it is asked again.
fn state(state: &DialState) -> TargetState {
    match state {
        DialState::Unnamed => TargetState::Unnamed,
        DialState::Open { .. } => TargetState::Open,
        state if state.failure().is_some_and(DialFailure::is_refusal) => TargetState::Refused,
        DialState::AwaitsApi | DialState::Dialling { .. } => TargetState::Dialling,
        DialState::Waiting { .. } => TargetState::Waiting,
    }
}
