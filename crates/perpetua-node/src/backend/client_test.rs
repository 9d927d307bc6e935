//! Trying on a person's behalf whether the framework of a client takes us.
//!
//! Never beside a live connection of ours to the same server: aiocqhttp loses its way to an account by that. A framework
//! that is dialled is tried by its own dialler; one that is posted to gets no made-up event.

use std::time::Instant;

use futures_util::future::join_all;
use perpetua_accounts::{TargetTrial, TrialWay, View};
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
        match settings.kind {
            ClientKind::Reverse(_) | ClientKind::Post(_) => {}
            ClientKind::Forward(_) | ClientKind::Http(_) => return Err(comes_by_itself(call)),
        }
        let trials = trials(&view, call)?;
        let tested = trials
            .iter()
            .map(|trial| self.test_target(trial, &view, call));
        Ok(join_all(tested).await)
    }

    async fn test_target(
        &self,
        trial: &TargetTrial,
        view: &View,
        call: &ClientTest,
    ) -> TargetTested {
        let begun = Instant::now();
        let server = Server::at(&trial.address);
        let beside = server
            .as_ref()
            .and_then(|server| beside(view, server, call));
        let shown = server.map_or_else(|| trial.address.clone(), |server| server.to_string());
        let (outcome, message) = match (beside, &trial.way) {
            (Some(client), _) => already(&client, &shown),
            (None, TrialWay::Dial(trial)) => dialled(trial, &shown, call).await,
            (None, TrialWay::Reach(target)) => {
                let _turn = self.turn().await;
                reached(target, &shown).await
            }
        };
        TargetTested {
            address: trial.address.clone(),
            outcome,
            message,
            took_ms: milliseconds(begun.elapsed()),
        }
    }
}

/// What tries a client.
fn trials(view: &View, call: &ClientTest) -> Result<Vec<TargetTrial>, RpcError> {
    let (account, client) = (&*call.account, &*call.client);
    let found = view.account(account);
    if found.is_some_and(|found| !found.enabled) {
        return Err(not_supported(words::AccountDisabled { account }));
    }
    let running = found.and_then(|found| found.running.as_ref());
    let mut clients = running.iter().flat_map(|running| &running.clients);
    let Some(found) = clients.find(|one| one.name == client) else {
        return Err(not_supported(trial_words::NotDialled));
    };
    if !found.enabled {
        return Err(not_supported(words::ClientDisabled { account, client }));
    }
    match found.problem.clone() {
        // It is being opened or closed.
        None if found.trials.is_empty() => Err(not_supported(trial_words::NotDialled)),
        None => Ok(found.trials.clone()),
        Some(cause) => Err(not_supported(super::client_down(
            found.kind, account, client, cause,
        ))),
    }
}

/// Who of this node, but for the client itself, has a connection to a server.
fn beside(view: &View, server: &Server, call: &ClientTest) -> Option<String> {
    let mut accounts = view.accounts.iter().filter_map(|account| {
        let settings = view.config.accounts.iter();
        let mut settings = settings.filter(|settings| settings.name == *account.name);
        Some((account.running.as_ref()?, settings.next()?))
    });
    accounts.find_map(|(running, settings)| {
        if let Upstream::Onebot(onebot) = &settings.upstream
            && onebot.url.server() == *server
            && matches!(running.account.snapshot().link, LinkState::Open { .. })
        {
            return Some(settings.name.to_string());
        }
        let leads_there = |trial: &TargetTrial| {
            let is_open = matches!(&trial.way, TrialWay::Dial(dial) if dial.is_open());
            is_open && Server::at(&trial.address).as_ref() == Some(server)
        };
        let mut clients = running.clients.iter();
        let client = clients.find(|client| {
            let is_itself = settings.name == *call.account && client.name == call.client;
            !is_itself && client.trials.iter().any(leads_there)
        });
        client.map(|client| format!("{}/{}", settings.name, client.name))
    })
}

async fn dialled(trial: &DialTrial, address: &str, call: &ClientTest) -> Found {
    match trial.run().await {
        Tried::Connected => (TestOutcome::Works, trial_words::Connected.into()),
        Tried::ConnectedBefore => already(&format!("{}/{}", call.account, call.client), address),
        Tried::Unnamed => untested(dial_words::Unnamed),
        Tried::Failed(failure) => (TestOutcome::Fails, (&failure).into()),
        Tried::Gone => untested(trial_words::NotDialled),
        Tried::Undecided => {
            let seconds = TRIAL_LIMIT.as_secs();
            untested(trial_words::Undecided { seconds })
        }
    }
}

async fn reached(target: &PostSettings, address: &str) -> Found {
    match reach_target(target).await {
        Ok(()) if target.url.to_ascii_lowercase().starts_with("https:") => (
            TestOutcome::Works,
            trial_words::ReachedTls { address }.into(),
        ),
        Ok(()) => (TestOutcome::Works, trial_words::Reached { address }.into()),
        Err(failure) => (TestOutcome::Fails, (&failure).into()),
    }
}

fn already(client: &str, address: &str) -> Found {
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
