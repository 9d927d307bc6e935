//! Trying on a person's behalf whether the framework of a client takes us.
//!
//! Never beside a live connection of ours to the same server: aiocqhttp loses its way to an account by that. A framework
//! that is dialled is tried by its own dialler; one that is posted to gets no made-up event.

use std::time::Instant;

use perpetua_accounts::{ClientTrial, View};
use perpetua_config::{ClientKind, Server, Upstream};
use perpetua_hub::LinkState;
use perpetua_proxy::{DialTrial, PostSettings, TRIAL_LIMIT, Tried, reach_target};
use perpetua_schema::{ClientTest, ErrorCode, RpcError, TargetTested, TestOutcome};
use perpetua_words::{Message, dial as dial_words, rpc as words, trial as trial_words};

use super::{NodeBackend, trials::milliseconds};

/// What came of an address.
type Found = (TestOutcome, Message);

impl NodeBackend {
    /// Tries each address of a client.
    pub(super) async fn test_client(
        &self,
        call: &ClientTest,
    ) -> Result<Vec<TargetTested>, RpcError> {
        let view = self.view.borrow().clone();
        let settings = self.configured_client(&call.account, &call.client)?;
        let (address, server) = match &settings.kind {
            ClientKind::Reverse(reverse) => (reverse.url.to_string(), reverse.url.server()),
            ClientKind::Post(post) => (post.url.to_string(), post.url.server()),
            ClientKind::Forward(_) | ClientKind::Http(_) => return Err(comes_by_itself(call)),
        };
        let trial = trial(&view, call)?;
        let begun = Instant::now();
        let (outcome, message) = match beside(&view, &server, call) {
            Some(client) => already(&client, &server),
            None => match trial {
                None => untested(trial_words::NotDialled),
                Some(ClientTrial::Dial(trial)) => dialled(&trial, &server, call).await,
                Some(ClientTrial::Reach(target)) => {
                    let _turn = self.turn().await;
                    reached(&target, &server).await
                }
            },
        };
        Ok(vec![TargetTested {
            address,
            outcome,
            message,
            took_ms: milliseconds(begun.elapsed()),
        }])
    }
}

/// What tries a client; `None` while it is being opened or closed.
fn trial(view: &View, call: &ClientTest) -> Result<Option<ClientTrial>, RpcError> {
    let (account, client) = (&*call.account, &*call.client);
    let found = view.account(account);
    if found.is_some_and(|found| !found.enabled) {
        return Err(not_supported(words::AccountDisabled { account }));
    }
    let running = found.and_then(|found| found.running.as_ref());
    let mut clients = running.iter().flat_map(|running| &running.clients);
    let Some(found) = clients.find(|one| one.name == client) else {
        return Ok(None);
    };
    if !found.enabled {
        return Err(not_supported(words::ClientDisabled { account, client }));
    }
    match found.problem.clone() {
        None => Ok(found.trial.clone()),
        Some(cause) => Err(not_supported(words::ClientDown {
            account,
            client,
            cause,
        })),
    }
}

/// Who of this node, but for the client itself, has a connection to a server.
fn beside(view: &View, server: &Server, call: &ClientTest) -> Option<String> {
    let running = view.accounts.iter().filter_map(|account| {
        let settings = view.config.accounts.iter();
        let mut settings = settings.filter(|settings| settings.name == *account.name);
        Some((account.running.as_ref()?, settings.next()?))
    });
    running.into_iter().find_map(|(running, settings)| {
        if let Upstream::Onebot(onebot) = &settings.upstream
            && onebot.url.server() == *server
            && matches!(running.account.snapshot().link, LinkState::Open { .. })
        {
            return Some(settings.name.to_string());
        }
        let is_open = |name: &str| {
            let mut clients = running.clients.iter();
            let client = clients.find(|client| client.name == name);
            let trial = client.and_then(|client| client.trial.as_ref());
            matches!(trial, Some(ClientTrial::Dial(trial)) if trial.is_open())
        };
        let mut clients = settings.clients.iter();
        let client = clients.find(|client| {
            let is_itself = settings.name == *call.account && client.name == *call.client;
            let leads_there = matches!(&client.kind, ClientKind::Reverse(reverse) if reverse.url.server() == *server);
            !is_itself && leads_there && is_open(client.name.as_str())
        });
        client.map(|client| format!("{}/{}", settings.name, client.name))
    })
}

async fn dialled(trial: &DialTrial, server: &Server, call: &ClientTest) -> Found {
    match trial.run().await {
        Tried::Connected => (TestOutcome::Works, trial_words::Connected.into()),
        Tried::ConnectedBefore => already(&format!("{}/{}", call.account, call.client), server),
        Tried::Unnamed => untested(dial_words::Unnamed),
        Tried::Failed(failure) => (TestOutcome::Fails, (&failure).into()),
        Tried::Gone => untested(trial_words::NotDialled),
        Tried::Undecided => {
            let seconds = TRIAL_LIMIT.as_secs();
            untested(trial_words::Undecided { seconds })
        }
    }
}

async fn reached(target: &PostSettings, server: &Server) -> Found {
    let address = server.to_string();
    match reach_target(target).await {
        Ok(()) if target.url.to_ascii_lowercase().starts_with("https:") => (
            TestOutcome::Works,
            trial_words::ReachedTls { address }.into(),
        ),
        Ok(()) => (TestOutcome::Works, trial_words::Reached { address }.into()),
        Err(failure) => (TestOutcome::Fails, (&failure).into()),
    }
}

fn already(client: &str, server: &Server) -> Found {
    let address = server.to_string();
    untested(trial_words::Already { address, client })
}

fn untested(message: impl Into<Message>) -> Found {
    (TestOutcome::Untested, message.into())
}

fn comes_by_itself(call: &ClientTest) -> RpcError {
    let (account, client) = (&*call.account, &*call.client);
    not_supported(words::ClientComes { account, client })
}

fn not_supported(message: impl Into<Message>) -> RpcError {
    RpcError::new(ErrorCode::NotSupported, message)
}
