//! `GET /healthz`: whether anything is wrong that needs a person, and what.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use perpetua_schema::{
    AccountStatus, ClientStatus, CoreState, CoreStatus, NodeStatus, UpstreamState, UpstreamStatus,
};
use serde::Serialize;

use crate::site::Site;

/// Answers 200 when all is well, 503 when something is not.
pub(crate) async fn healthz(State(site): State<Arc<Site>>) -> Response {
    let health = Health::new(site.backend.status());
    let status = match health.status {
        Verdict::Ok => StatusCode::OK,
        Verdict::Degraded => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(health)).into_response()
}

/// The answer.
#[derive(Debug, Serialize)]
struct Health {
    status: Verdict,
    accounts: Vec<AccountHealth>,
    /// All that is wrong, a sentence each, with the name of what it concerns.
    problems: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Ok,
    Degraded,
}

#[derive(Debug, Serialize)]
struct AccountHealth {
    name: String,
    enabled: bool,
    online: bool,
    upstream: UpstreamState,
    problem: Option<String>,
    clients: Vec<ClientHealth>,
}

#[derive(Debug, Serialize)]
struct ClientHealth {
    name: String,
    enabled: bool,
    /// How many connections it has; none is no fault, a bot framework may be off.
    connected: usize,
    problem: Option<String>,
}

impl Health {
    fn new(node: NodeStatus) -> Self {
        let accounts: Vec<_> = node.accounts.into_iter().map(AccountHealth::new).collect();
        let mut problems = node.problems;
        for account in &accounts {
            problems.extend(
                account
                    .problem
                    .iter()
                    .map(|problem| format!("account `{}`: {problem}", account.name)),
            );
            for client in &account.clients {
                let named =
                    |problem| format!("client `{}/{}`: {problem}", account.name, client.name);
                problems.extend(client.problem.as_ref().map(named));
            }
        }
        Self {
            status: if problems.is_empty() {
                Verdict::Ok
            } else {
                Verdict::Degraded
            },
            accounts,
            problems,
        }
    }
}

impl AccountHealth {
    /// An account that should be online and is not has a problem even where the node names none.
    /// Before a managed core is online, nobody knows better than it what is missing.
    fn new(account: AccountStatus) -> Self {
        let core = account
            .core
            .filter(|core| !account.online && !is_online(core));
        let away = || (!account.online).then(|| offline(&account.upstream));
        let problem = if account.enabled {
            core.map(|core| core.words)
                .or(account.problem)
                .or_else(away)
        } else {
            None
        };
        let clients = account.clients.into_iter();
        Self {
            name: account.name,
            enabled: account.enabled,
            online: account.online,
            upstream: account.upstream.state,
            problem,
            clients: clients
                .map(|client| ClientHealth::new(client, account.enabled))
                .collect(),
        }
    }
}

impl ClientHealth {
    fn new(client: ClientStatus, account_enabled: bool) -> Self {
        let enabled = account_enabled && client.enabled;
        Self {
            name: client.name,
            enabled,
            connected: client.connections.len(),
            problem: client.problem.filter(|_| enabled),
        }
    }
}

/// Whether the core itself has nothing to complain of.
fn is_online(core: &CoreStatus) -> bool {
    matches!(core.state, CoreState::Online { .. })
}

fn offline(upstream: &UpstreamStatus) -> String {
    match (upstream.state, upstream.retry_in_s) {
        (UpstreamState::Open, _) => {
            "its upstream is connected, and the bot is offline there".into()
        }
        (UpstreamState::Dialling, _) => "its upstream is being dialled".into(),
        (UpstreamState::Waiting, Some(wait)) => {
            format!("its upstream is away; it is dialled again in {wait} s")
        }
        (UpstreamState::Waiting, None) => "its upstream is away; it is dialled again soon".into(),
        (UpstreamState::Closed, _) => "its upstream is not connected".into(),
    }
}
