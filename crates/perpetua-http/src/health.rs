//! `GET /healthz`: whether anything is wrong that needs a person, and what.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header::CONTENT_TYPE};
use perpetua_schema::{
    AccountStatus, ClientStatus, CoreState, CoreStatus, NodeStatus, TargetState, TargetStatus,
    UpstreamState,
};
use perpetua_words::{Message, dial, harmless_json, http as words};
use serde::Serialize;

use crate::site::Site;

/// Answers 200 when all is well, 503 when something is not.
pub(crate) async fn healthz(State(site): State<Arc<Site>>) -> Response {
    let health = Health::new(site.backend.status());
    let status = match health.status {
        Verdict::Ok => StatusCode::OK,
        Verdict::Degraded => StatusCode::SERVICE_UNAVAILABLE,
    };
    let json = serde_json::to_string(&health).unwrap_or_default();
    // People read it on a terminal, and it holds what peers call themselves.
    let json = harmless_json(&json).into_owned();
    (status, [(CONTENT_TYPE, "application/json")], json).into_response()
}

/// The answer.
#[derive(Debug, Serialize)]
struct Health {
    status: Verdict,
    accounts: Vec<AccountHealth>,
    /// All that is wrong, a sentence each in English, with the name of what it concerns.
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
    problem: Option<Message>,
    clients: Vec<ClientHealth>,
}

#[derive(Debug, Serialize)]
struct ClientHealth {
    name: String,
    enabled: bool,
    /// How many connections it has; none is no fault, a bot framework may be off. One that we dial and that does not want
    /// us is a problem.
    connected: usize,
    problem: Option<Message>,
}

impl Health {
    fn new(node: NodeStatus) -> Self {
        let accounts: Vec<_> = node.accounts.into_iter().map(AccountHealth::new).collect();
        let mut problems = node.problems;
        for account in &accounts {
            problems.extend(account.problems());
        }
        Self {
            status: if problems.is_empty() {
                Verdict::Ok
            } else {
                Verdict::Degraded
            },
            accounts,
            problems: problems.iter().map(Message::to_string).collect(),
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
        let away = || (!account.online).then(|| perpetua_words::status::Offline.into());
        let problem = if account.enabled {
            core.map(|core| core.message)
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

    fn problems(&self) -> impl Iterator<Item = Message> {
        let own = self.problem.clone().map(|cause| {
            let account = &self.name;
            words::AccountProblem { account, cause }.into()
        });
        let clients = self.clients.iter().filter_map(|client| {
            let (account, cause) = (&self.name, client.problem.clone()?);
            let client = &client.name;
            Some(
                words::ClientProblem {
                    account,
                    client,
                    cause,
                }
                .into(),
            )
        });
        own.into_iter().chain(clients)
    }
}

impl ClientHealth {
    fn new(client: ClientStatus, account_enabled: bool) -> Self {
        let enabled = account_enabled && client.enabled;
        let has_several = client.targets.len() > 1;
        let mut targets = client.targets.into_iter();
        let refused = targets.find(|target| target.state == TargetState::Refused);
        let refused = refused.and_then(
            |TargetStatus {
                 address, problem, ..
             }| {
                Some(match problem? {
                    problem if has_several => dial::OfSeveral { address, problem }.into(),
                    problem => problem,
                })
            },
        );
        let problem = client.problem.or(refused);
        Self {
            name: client.name,
            enabled,
            connected: client.connections.len(),
            problem: problem.filter(|_| enabled),
        }
    }
}

/// Whether the core itself has nothing to complain of.
fn is_online(core: &CoreStatus) -> bool {
    matches!(core.state, CoreState::Online { .. })
}
