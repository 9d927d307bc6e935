//! What has changed between two snapshots. Counters, and what time alone changes, count as nothing; nor do
//! moments, which all move when somebody sets the clock: what began or ended shows in what it is.

#[cfg(test)]
mod tests;

use perpetua_schema::{
    AccountStatus, ClientStatus, ConnectionStatus, CoreState, CoreStatus, Event, NodeStatus,
    NoticeStatus, PostStatus, Snapshot, TargetStatus, UpstreamStatus,
};
use perpetua_words::{Message, Param};

/// How far the rounding of two moments to whole seconds may put them apart.
const ROUNDING: u64 = 2;

/// How often a notice that comes again and again is told, in seconds.
const NOTICE_EVERY_S: i64 = 60;

/// Whether anything has changed.
pub(crate) fn differ(before: &NodeStatus, after: &NodeStatus) -> bool {
    !events(before, after, 0).is_empty()
}

/// What those who know `before` have to be told.
pub(crate) fn diff(before: &Snapshot, after: &Snapshot) -> Vec<Event> {
    events(&before.status, &after.status, after.generation)
}

fn events(before: &NodeStatus, after: &NodeStatus, generation: u64) -> Vec<Event> {
    let names = |status: &NodeStatus| -> Vec<String> {
        let accounts = status.accounts.iter();
        accounts.map(|account| account.name.clone()).collect()
    };
    let is_other_node = before.pid != after.pid || before.api != after.api;
    if names(before) != names(after) || is_other_node || before.update != after.update {
        let status = Box::new(after.clone());
        return vec![Event::Snapshot { generation, status }];
    }
    let mut events = Vec::new();
    if before.problems != after.problems
        || still_notices(&before.notices) != still_notices(&after.notices)
    {
        events.push(Event::NodeChanged {
            generation,
            problems: after.problems.clone(),
            notices: after.notices.clone(),
        });
    }
    let seconds = after.uptime_s.saturating_sub(before.uptime_s);
    for (before, after) in before.accounts.iter().zip(&after.accounts) {
        push_account(&mut events, before, after, seconds, generation);
    }
    events
}

fn push_account(
    events: &mut Vec<Event>,
    before: &AccountStatus,
    after: &AccountStatus,
    seconds: u64,
    generation: u64,
) {
    if !same_frame(before, after) {
        let account = Box::new(after.clone());
        events.push(Event::AccountChanged {
            generation,
            account,
        });
        return;
    }
    let account = &after.name;
    if !same_upstream(&before.upstream, &after.upstream, seconds) {
        events.push(Event::UpstreamChanged {
            generation,
            account: account.clone(),
            upstream: after.upstream.clone(),
        });
    }
    if let (Some(before), Some(after)) = (&before.core, &after.core)
        && !same_core(before, after, seconds)
    {
        events.push(Event::Core {
            generation,
            account: account.clone(),
            status: Box::new(after.clone()),
        });
    }
    for (before, after) in before.clients.iter().zip(&after.clients) {
        if still_client(before) != still_client(after) || !same_waits(before, after, seconds) {
            events.push(Event::ClientChanged {
                generation,
                account: account.clone(),
                client: Box::new(after.clone()),
            });
        }
    }
}

/// Whether two accounts differ at most in their upstreams, their cores, and what their clients do.
fn same_frame(before: &AccountStatus, after: &AccountStatus) -> bool {
    before.enabled == after.enabled
        && before.self_id == after.self_id
        && before.nickname == after.nickname
        && before.online == after.online
        && before.problem == after.problem
        && before.core.is_some() == after.core.is_some()
        && before.clients.len() == after.clients.len()
        && before
            .clients
            .iter()
            .zip(&after.clients)
            .all(|(before, after)| before.name == after.name)
}

fn same_upstream(before: &UpstreamStatus, after: &UpstreamStatus, seconds: u64) -> bool {
    let still = |upstream: &UpstreamStatus| UpstreamStatus {
        retry_in_s: None,
        since_ms: 0,
        notices: still_notices(&upstream.notices),
        ..upstream.clone()
    };
    still(before) == still(after) && same_moment(before.retry_in_s, after.retry_in_s, seconds)
}

fn same_core(before: &CoreStatus, after: &CoreStatus, seconds: u64) -> bool {
    still_core(before) == still_core(after)
        && same_moment(wait(&before.state), wait(&after.state), seconds)
}

/// Whether two waits, `seconds` apart, end at the same moment.
fn same_moment(before: Option<u64>, after: Option<u64>, seconds: u64) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => before.saturating_sub(seconds).abs_diff(after) <= ROUNDING,
        (before, after) => before == after,
    }
}

/// How long a state waits for something.
fn wait(state: &CoreState) -> Option<u64> {
    match state {
        CoreState::Absent { retry_in_s, .. } => *retry_in_s,
        CoreState::SignerProblem { retry_in_s, .. } | CoreState::Backoff { retry_in_s, .. } => {
            Some(*retry_in_s)
        }
        CoreState::WaitingForScan { qr } => Some(qr.expires_in_s),
        CoreState::WaitingForConfirm { expires_in_s, .. } => Some(*expires_in_s),
        CoreState::Stopped
        | CoreState::Installing { .. }
        | CoreState::Starting { .. }
        | CoreState::Refused { .. }
        | CoreState::Online { .. }
        | CoreState::KickedOffline { .. }
        | CoreState::Reconnecting { .. }
        | CoreState::Stopping
        | CoreState::Braked { .. } => None,
    }
}

/// A core without what time alone changes, and without what its process uses.
fn still_core(core: &CoreStatus) -> CoreStatus {
    let mut still = core.clone();
    match &mut still.state {
        CoreState::Absent { retry_in_s, .. } => *retry_in_s = None,
        CoreState::SignerProblem {
            retry_in_s: seconds,
            ..
        }
        | CoreState::Backoff {
            retry_in_s: seconds,
            ..
        }
        | CoreState::WaitingForConfirm {
            expires_in_s: seconds,
            ..
        }
        | CoreState::Online { for_s: seconds, .. }
        | CoreState::Reconnecting { for_s: seconds, .. } => *seconds = 0,
        CoreState::WaitingForScan { qr } => qr.expires_in_s = 0,
        CoreState::Stopped
        | CoreState::Installing { .. }
        | CoreState::Starting { .. }
        | CoreState::Refused { .. }
        | CoreState::KickedOffline { .. }
        | CoreState::Stopping
        | CoreState::Braked { .. } => {}
    }
    still.since_ms = 0;
    still.blocked_for_s = still.blocked_for_s.map(|_| 0);
    still_message(&mut still.message);
    if let Some(away) = &mut still.away {
        away.since_ms = 0;
    }
    if let Some(process) = &mut still.process {
        process.memory_bytes = None;
        process.cpu_percent = None;
    }
    still
}

/// The message of a state counts its seconds; what else is a number in it stands in the state too.
fn still_message(message: &mut Message) {
    for param in message.params.values_mut() {
        match param {
            Param::Number(number) => *number = 0,
            Param::Text(_) => {}
            Param::Message(inner) => still_message(inner),
            Param::Messages(several) => several.iter_mut().for_each(still_message),
        }
    }
}

/// A client without its counters; that it has lost something lately is one thing, how much is another.
fn still_client(client: &ClientStatus) -> ClientStatus {
    let connections = client
        .connections
        .iter()
        .map(|connection| ConnectionStatus {
            since_ms: 0,
            sent: 0,
            queued: 0,
            queued_bytes: 0,
            dropped: 0,
            busy_for_s: connection.busy_for_s.map(|_| 0),
            ..connection.clone()
        });
    let targets = client.targets.iter().map(|target| TargetStatus {
        since_ms: 0,
        retry_in_s: None,
        failures: 0,
        posts: target.posts.map(still_posts),
        ..target.clone()
    });
    ClientStatus {
        connections: connections.collect(),
        targets: targets.collect(),
        since_ms: 0,
        called_ms: client
            .called_ms
            .map(|called| called / 1000 / NOTICE_EVERY_S),
        sent: 0,
        dropped_last_minute: u64::from(client.dropped_last_minute > 0),
        dropped: 0,
        actions: 0,
        refusals: 0,
        cuts: 0,
        notices: still_notices(&client.notices),
        ..client.clone()
    }
}

/// What became of events without its counts.
fn still_posts(posts: PostStatus) -> PostStatus {
    PostStatus {
        paused: posts.paused,
        again: posts.again,
        ..PostStatus::default()
    }
}

/// Whether the frameworks that are dialled are dialled again at the same moments.
fn same_waits(before: &ClientStatus, after: &ClientStatus, seconds: u64) -> bool {
    let mut targets = before.targets.iter().zip(&after.targets);
    targets.all(|(before, after)| same_moment(before.retry_in_s, after.retry_in_s, seconds))
}

/// Notices without their counts and their order, and with the minute instead of the second.
fn still_notices(notices: &[NoticeStatus]) -> Vec<NoticeStatus> {
    let mut still: Vec<_> = notices
        .iter()
        .map(|notice| NoticeStatus {
            message: notice.message.clone(),
            count: 0,
            last_unix_s: notice.last_unix_s / NOTICE_EVERY_S,
        })
        .collect();
    still.sort_by_key(|notice| notice.message.to_string());
    still
}
