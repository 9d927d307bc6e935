//! A client that events are posted to, as the schema tells it.

use perpetua_accounts::ClientView;
use perpetua_hub::{ClientSnapshot, PostCounts, PostFailure, PostState};
use perpetua_schema::{PostStatus, TargetState, TargetStatus};
use perpetua_words::{Message, dial as dial_words};

use super::Moment;

/// Where it is posted to, and how that stands.
pub(super) fn target(
    address: &str,
    view: &ClientView,
    client: Option<&ClientSnapshot>,
    at: Moment,
) -> TargetStatus {
    let post = client.and_then(|client| client.post.as_ref());
    let counts = client.map_or_else(PostCounts::default, |client| client.posts);
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
        posts: Some(PostStatus {
            paused: post.is_some_and(|post| post.state.is_paused()),
            again: post.is_some_and(|post| post.state.is_repeating()),
            delivered: counts.delivered,
            repeated: counts.repeated,
            unsure: counts.unsure,
            refused: counts.refused,
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
