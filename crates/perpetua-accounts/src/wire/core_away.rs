//! QQ cannot be reached: what of it is away, and the sentence for as long as that lasts.

use std::time::Instant;

use perpetua_lifecycle::{ExitCause, LaunchFailure, LifecycleState, Outage};
use perpetua_schema::CoreAwayKind;
use perpetua_supervisor::CoreView;
use perpetua_words::{Message, core as words, duration};

/// Whether it is the network or QQ: what names said last, or how the core ended where nobody has looked yet.
pub(super) fn away_kind(view: &CoreView, outage: &Outage) -> CoreAwayKind {
    let is_network = match (view.names_found, &outage.failure) {
        // Somebody answered, if only to refuse.
        (_, LaunchFailure::NoConnection(_)) => false,
        (Some(found), _) => !found,
        (None, LaunchFailure::NoNetwork(_)) => true,
        (None, LaunchFailure::Exited(exit)) => matches!(exit.cause, ExitCause::NoNetwork(_)),
        (None, _) => false,
    };
    if is_network {
        CoreAwayKind::NoNetwork
    } else {
        CoreAwayKind::QqUnreachable
    }
}

/// How it stands during an outage; `None` where there is none, or the state says more.
pub(crate) fn away_message(view: &CoreView, now: Instant) -> Option<Message> {
    let outage = view.outage.as_ref()?;
    let tries = matches!(
        view.state,
        LifecycleState::Backoff { .. }
            | LifecycleState::Starting { .. }
            | LifecycleState::Stopping { .. }
    );
    if !tries {
        return None;
    }
    let duration = duration(now.saturating_duration_since(outage.since).as_secs());
    let cause = Message::from(&outage.failure);
    Some(match away_kind(view, outage) {
        CoreAwayKind::NoNetwork => words::AwayNoNetwork { cause, duration }.into(),
        CoreAwayKind::QqUnreachable => words::AwayQq { cause, duration }.into(),
    })
}
