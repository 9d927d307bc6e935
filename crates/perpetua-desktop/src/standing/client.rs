//! Whether a client needs somebody. The rules of the pages' `ui/src/state/client.ts`, without their words.

use perpetua_schema::{ClientStatus, NoticeStatus, TargetState, TargetStatus};

use super::Tone;

/// A refused attempt is worth a word for this long, in milliseconds.
const REFUSED_MS: i64 = 300_000;

/// Whether nothing comes before somebody acts, or it works less; `None` while nobody is needed.
pub(super) fn need(client: &ClientStatus, is_online: bool, now_ms: i64) -> Option<Tone> {
    if !client.enabled {
        return None;
    }
    let is_refused = |target: &TargetStatus| target.state == TargetState::Refused;
    if client.problem.is_some() || client.targets.iter().any(is_refused) {
        return Some(Tone::Bad);
    }
    if let Some(paused) = client.targets.iter().find(|target| is_paused(target)) {
        return (!is_unstarted(paused)).then_some(Tone::You);
    }
    if !client.connections.is_empty() && !is_online {
        return None;
    }
    let was_refused = client
        .notices
        .iter()
        .any(|notice| is_recent_refusal(notice, now_ms));
    (is_slow(client) || was_refused).then_some(Tone::You)
}

/// A framework that was posted to in vain again and again.
fn is_paused(target: &TargetStatus) -> bool {
    target.posts.is_some_and(|posts| posts.paused)
}

/// One that nobody has started is nothing to act on.
fn is_unstarted(target: &TargetStatus) -> bool {
    let problem = target.problem.as_ref();
    problem.is_some_and(|problem| problem.code == "post.nobody_here")
}

/// A queue that is more than half full says that the framework does not keep up.
fn is_slow(client: &ClientStatus) -> bool {
    let is_full = client.connections.iter().any(|connection| {
        connection.queued.saturating_mul(2) > client.queue_events
            || connection.queued_bytes.saturating_mul(2) > client.queue_bytes
    });
    is_full || client.dropped_last_minute > 0
}

fn is_recent_refusal(notice: &NoticeStatus, now_ms: i64) -> bool {
    let last_ms = notice.last_unix_s.saturating_mul(1000);
    notice.message.code.starts_with("refused.") && now_ms.saturating_sub(last_ms) < REFUSED_MS
}
