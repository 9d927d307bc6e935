//! A client that events are posted to, as the schema tells it.

use perpetua_accounts::ClientView;
use perpetua_hub::{PostFailure, PostSnapshot, PostState};
use perpetua_schema::{PostStatus, TargetState, TargetStatus};
use perpetua_words::{Message, dial as dial_words};

use super::Moment;

/// Where it is posted to, and how that stands.
pub(super) fn target(
    address: &str,
    view: &ClientView,
    post: Option<&PostSnapshot>,
    at: Moment,
) -> TargetStatus {
    let since = post.map_or(view.rests_since, |post| post.since);
    TargetStatus {
        address: address.to_owned(),
        state: post.map_or(TargetState::Closed, |post| state(&post.state)),
        since_ms: at.milliseconds(since),
        retry_in_s: post.and_then(|post| match &post.state {
            PostState::Paused { until, .. } => {
                Some(until.saturating_duration_since(at.now.instant).as_secs())
            }
            // The next attempt comes in a few seconds, or with the next event.
            _ => None,
        }),
        failures: post.map_or(0, |post| post.failures),
        problem: post.and_then(|post| match &post.state {
            PostState::Unnamed => Some(dial_words::Unnamed.into()),
            state => state.failure().map(Message::from),
        }),
        posts: post.map(|post| PostStatus {
            paused: post.state.is_paused(),
            delivered: post.counts.delivered,
            repeated: post.counts.repeated,
            unsure: post.counts.unsure,
            refused: post.counts.refused,
        }),
    }
}

/// A framework that refuses stands so until it takes something.
fn state(state: &PostState) -> TargetState {
    match state {
        PostState::Unnamed => TargetState::Unnamed,
        PostState::Untried => TargetState::Dialling,
        PostState::Taking => TargetState::Open,
        state if state.failure().is_some_and(PostFailure::is_refusal) => TargetState::Refused,
        PostState::Failing { .. } | PostState::Paused { .. } | PostState::Probing { .. } => {
            TargetState::Waiting
        }
    }
}
