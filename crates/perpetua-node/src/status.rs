//! The running accounts as the schema tells them.

mod dialled;
mod posted;

use std::time::Instant;

use perpetua_accounts::{AccountView, ClientView, RunningView, core_status};
use perpetua_config::Remark;
use perpetua_hub::{
    AccountSnapshot, Calendar, ClientSnapshot, ClockReading, ConnectionSnapshot, LinkState, Notice,
    QueueLimits, Role,
};
use perpetua_schema::{
    AccountStatus, ClientStatus, ConnectionStatus, CoreState, NoticeStatus, TargetStatus,
    UpstreamState, UpstreamStatus,
};

use perpetua_words::{Message, status as words};

use crate::frameworks;

/// When the node is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) now: ClockReading,
    pub(crate) calendar: Calendar,
}

impl Moment {
    /// When a moment was, in milliseconds since 1970 as the clock counts them now.
    pub(crate) fn milliseconds(&self, moment: Instant) -> i64 {
        self.calendar.unix_milliseconds(moment)
    }

    fn seconds_since(&self, moment: Instant) -> u64 {
        self.now.instant.saturating_duration_since(moment).as_secs()
    }
}

/// How one account stands.
pub(crate) fn account(view: &AccountView, remarks: &[Remark], at: Moment) -> AccountStatus {
    let Some(running) = &view.running else {
        return not_running(view, remarks, at);
    };
    let snapshot = running.account.snapshot();
    let core = running.core.as_ref().map(|core| {
        let view = core.view().borrow().clone();
        let blocked_since = snapshot.blocked_since;
        core_status(&view, blocked_since, at.now.instant, &at.calendar)
    });
    AccountStatus {
        name: view.name.clone(),
        enabled: true,
        self_id: snapshot.self_id,
        nickname: snapshot.nickname.clone(),
        since_ms: at.milliseconds(snapshot.online_since),
        online: snapshot.online,
        problem: view.problem.clone().or_else(|| match &core {
            // Before it is online, nobody knows better than the core what is missing.
            Some(core) if !matches!(core.state, CoreState::Online { .. }) => None,
            _ => problem(&snapshot),
        }),
        upstream: UpstreamStatus {
            kind: view.kind.to_owned(),
            state: upstream_state(&snapshot.link),
            address: view.address.clone(),
            retry_in_s: match snapshot.link {
                LinkState::Waiting { until, .. } => {
                    Some(until.saturating_duration_since(at.now.instant).as_secs())
                }
                _ => None,
            },
            since_ms: at.milliseconds(snapshot.link_since),
            implementation: snapshot.implementation.clone(),
            remarks: remarks_of(&view.name, None, remarks),
            notices: notices(&snapshot.upstream_notices, at),
        },
        core,
        events: snapshot.events,
        responses: snapshot.responses,
        late_responses: snapshot.late_responses,
        clients: clients(view, running, remarks, &snapshot, at),
    }
}

fn not_running(view: &AccountView, remarks: &[Remark], at: Moment) -> AccountStatus {
    let since_ms = at.milliseconds(view.rests_since);
    AccountStatus {
        name: view.name.clone(),
        enabled: view.enabled,
        self_id: None,
        nickname: None,
        since_ms,
        online: false,
        problem: view.problem.clone(),
        upstream: UpstreamStatus {
            kind: view.kind.to_owned(),
            state: UpstreamState::Closed,
            address: view.address.clone(),
            retry_in_s: None,
            since_ms,
            implementation: None,
            remarks: remarks_of(&view.name, None, remarks),
            notices: Vec::new(),
        },
        core: None,
        events: 0,
        responses: 0,
        late_responses: 0,
        clients: Vec::new(),
    }
}

/// What a person has to know about an account that is not online.
fn problem(snapshot: &AccountSnapshot) -> Option<Message> {
    match &snapshot.link {
        LinkState::Waiting { failure, .. } => Some(failure.into()),
        LinkState::Closed => Some(words::NotConnected.into()),
        LinkState::Dialling { last_failure } => Some(match last_failure {
            Some(failure) => failure.into(),
            None => words::Dialling.into(),
        }),
        LinkState::Open { .. } if snapshot.online => None,
        LinkState::Open { .. } => Some(match &snapshot.offline_reason {
            Some(reason) => words::OfflineBecause {
                reason: reason.clone(),
            }
            .into(),
            None => words::UnknownAccount.into(),
        }),
    }
}

fn upstream_state(link: &LinkState) -> UpstreamState {
    match link {
        LinkState::Closed => UpstreamState::Closed,
        LinkState::Dialling { .. } => UpstreamState::Dialling,
        LinkState::Open { .. } => UpstreamState::Open,
        LinkState::Waiting { .. } => UpstreamState::Waiting,
    }
}

/// What was refused or lost, in its order.
pub(crate) fn notices<'a>(
    notices: impl IntoIterator<Item = &'a Notice>,
    at: Moment,
) -> Vec<NoticeStatus> {
    let notices = notices.into_iter();
    notices
        .map(|notice| NoticeStatus {
            message: notice.message.clone(),
            count: notice.count,
            last_unix_s: at.milliseconds(notice.last.instant).div_euclid(1000),
        })
        .collect()
}

/// The clients of the settings in their order, then those that only the hub knows (leased ports) as long as
/// there is something to say of them.
fn clients(
    account: &AccountView,
    running: &RunningView,
    remarks: &[Remark],
    snapshot: &AccountSnapshot,
    at: Moment,
) -> Vec<ClientStatus> {
    let views = &running.clients;
    let of_settings = views.iter().map(|view| {
        let found = snapshot
            .clients
            .iter()
            .find(|client| client.name == view.name);
        ClientStatus {
            remarks: remarks_of(&account.name, Some(&view.name), remarks),
            ..client(&view.name, Some(view), found, at)
        }
    });
    let only_in_hub = snapshot.clients.iter().filter(|client| {
        let is_leased = !views.iter().any(|view| view.name == client.name);
        is_leased && !(client.connections.is_empty() && client.notices.is_empty())
    });
    of_settings
        .chain(only_in_hub.map(|found| client(&found.name, None, Some(found), at)))
        .collect()
}

/// What the settings of a client, or of the account's upstream, cannot do.
fn remarks_of(account: &str, client: Option<&str>, remarks: &[Remark]) -> Vec<Message> {
    let about_it = remarks
        .iter()
        .filter(|remark| remark.account == account && remark.client.as_deref() == client);
    about_it.map(|remark| remark.message.clone()).collect()
}

fn client(
    name: &str,
    view: Option<&ClientView>,
    snapshot: Option<&ClientSnapshot>,
    at: Moment,
) -> ClientStatus {
    let traffic = snapshot
        .map(|client| client.traffic.clone())
        .unwrap_or_default();
    let queue = match (snapshot, view) {
        (Some(client), _) => client.queue,
        (None, Some(view)) => view.queue,
        (None, None) => QueueLimits::default(),
    };
    let since = snapshot
        .map(|client| client.since)
        .or(view.map(|view| view.rests_since));
    ClientStatus {
        name: name.to_owned(),
        enabled: view.is_none_or(|view| view.enabled),
        kind: view.map_or("leased", |view| view.kind).to_owned(),
        framework: view.and_then(|view| view.framework).map(frameworks::shown),
        has_token: view.is_some_and(|view| view.has_token),
        queue_events: queue.frames,
        queue_bytes: queue.bytes,
        dropped_last_minute: 0,
        since_ms: since.map_or(0, |since| at.milliseconds(since)),
        called_ms: snapshot
            .and_then(|client| client.last_call)
            .map(|called| at.milliseconds(called)),
        listen: view
            .and_then(|view| view.listen)
            .map(|listen| listen.to_string()),
        targets: targets(view, snapshot, at),
        problem: view.and_then(|view| view.problem.clone()),
        remarks: Vec::new(),
        connections: snapshot.map_or_else(Vec::new, |client| connections(client, at)),
        sent: traffic.sent,
        dropped: traffic.dropped,
        actions: traffic.actions,
        refusals: traffic.refusals,
        cuts: traffic.cuts,
        notices: snapshot.map_or_else(Vec::new, |client| notices(&client.notices, at)),
    }
}

/// Its connections. What waits for one that is posted to is none while it takes nothing.
fn connections(client: &ClientSnapshot, at: Moment) -> Vec<ConnectionStatus> {
    let post = client.post.as_ref();
    if post.is_some_and(|post| !post.state.is_in_use()) {
        return Vec::new();
    }
    let connections = client.connections.iter();
    connections.map(|one| connection(one, at)).collect()
}

/// Where a client is dialled or posted to, address by address.
fn targets(
    view: Option<&ClientView>,
    snapshot: Option<&ClientSnapshot>,
    at: Moment,
) -> Vec<TargetStatus> {
    let Some(view) = view else {
        return Vec::new();
    };
    let addresses = view.dialled.iter().enumerate();
    let targets = addresses.map(|(place, address)| {
        if view.kind == "post" {
            return posted::target(address, view, snapshot, at);
        }
        let dial = snapshot.and_then(|client| client.dials.get(&place));
        dialled::target(address, view, dial, at)
    });
    targets.collect()
}

fn connection(connection: &ConnectionSnapshot, at: Moment) -> ConnectionStatus {
    ConnectionStatus {
        app_id: connection.app_id.to_string(),
        name: connection.name.clone(),
        role: match connection.role {
            Role::Universal => "universal",
            Role::Api => "api",
            Role::Event => "event",
        }
        .to_owned(),
        peer: connection.peer.clone(),
        user_agent: connection.user_agent.clone(),
        since_ms: at.milliseconds(connection.since),
        sent: connection.sent,
        queued: connection.queued,
        queued_bytes: connection.queued_bytes,
        dropped: connection.dropped,
        busy_for_s: connection
            .busy_since
            .map(|since| at.seconds_since(since.instant)),
    }
}
