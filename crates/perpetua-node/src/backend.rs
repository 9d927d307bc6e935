//! The node behind its RPC and its HTTP side.

mod client_test;
mod clients;
mod cores;
mod handler;
mod trials;

pub(crate) use trials::TRIALS;

use std::{
    net::IpAddr,
    process,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use perpetua_accounts::{AccountView, Events, Poster, SimulatorHandle, Tokens, View};
use perpetua_fs::LockWatch;
use perpetua_http::{Answer, ApiNotices, Backend, Follow, LeaseRefused, OnlineClient, Receive};
use perpetua_hub::{AccountCounts, AccountSnapshot, Calendar, ClockReading};
use perpetua_proxy::Clock;
use perpetua_schema::{Call, ErrorCode, NodeStatus, RpcError, Token, TokenValue, Topics, dispatch};
use perpetua_secrets::Secret;
use perpetua_telemetry::LogHandle;
use perpetua_tls::TlsClient;
use perpetua_words::{Message, rpc as words};
use tokio::sync::{Semaphore, watch};

use crate::{
    browsers::Browsers,
    controller::ControllerHandle,
    edits::{Edits, secrets::of_address},
    history::History,
    installed_cores::InstalledCores,
    renames::AccountNotes,
    rpc::NodeRpc,
    settings_file::SettingsHandle,
    signer_test::SignerTests,
    snapshots::Snapshots,
    status::{self, Moment},
    updates::UpdateWatch,
};

/// Answers for a running node.
#[derive(Debug)]
pub(crate) struct NodeBackend {
    pub(crate) view: watch::Receiver<Arc<View>>,
    pub(crate) controller: ControllerHandle,
    pub(crate) settings: SettingsHandle,
    pub(crate) edits: Edits,
    /// For `wss://` upstreams that are tried.
    pub(crate) tls: TlsClient,
    pub(crate) tokens: Tokens,
    /// Posts to webhooks that are tried.
    pub(crate) poster: Poster,
    /// What is tried on somebody's behalf takes turns.
    pub(crate) trials: Semaphore,
    pub(crate) cores: InstalledCores,
    pub(crate) signers: SignerTests,
    pub(crate) events: Events,
    pub(crate) snapshots: Snapshots,
    pub(crate) history: History,
    pub(crate) api: String,
    pub(crate) clock: Clock,
    pub(crate) calendar: Mutex<Calendar>,
    pub(crate) started: ClockReading,
    /// What was refused at the API.
    pub(crate) refused: ApiNotices,
    pub(crate) browsers: Browsers,
    /// What accounts with other names left behind.
    pub(crate) account_notes: watch::Receiver<AccountNotes>,
    /// The program's own log.
    pub(crate) log: LogHandle,
    pub(crate) updates: UpdateWatch,
    /// Whether the data folder is still this node's alone.
    pub(crate) lock: LockWatch,
}

impl Backend for NodeRpc {
    fn call(&self, call: Call) -> Answer<'_, Result<serde_json::Value, RpcError>> {
        Box::pin(dispatch(self.backend().as_ref(), call))
    }

    fn receive_core(
        &self,
        name: String,
        size: Option<u64>,
    ) -> Answer<'_, Result<Box<dyn Receive>, RpcError>> {
        Box::pin(async move { self.backend().cores.receive(&name, size).await })
    }

    fn follow(&self, topics: &Topics) -> Box<dyn Follow> {
        Box::new(self.subscribe(topics))
    }

    fn status(&self) -> NodeStatus {
        self.backend().node_status()
    }

    fn snapshots(&self) -> Vec<(String, AccountSnapshot)> {
        let view = self.backend().view.borrow().clone();
        let running = view
            .accounts
            .iter()
            .filter_map(|account| account.running.as_ref());
        running
            .map(|running| {
                (
                    running.account.name().to_owned(),
                    running.account.snapshot(),
                )
            })
            .collect()
    }

    fn lease<'a>(
        &'a self,
        peer: IpAddr,
        account: Option<&'a str>,
    ) -> Answer<'a, Result<u16, LeaseRefused>> {
        let view = self.backend().view.borrow().clone();
        Box::pin(async move {
            if !view.config.discovery.enabled {
                return Err(LeaseRefused(perpetua_words::http::NoDiscovery.into()));
            }
            let Some(name) = account.or(view.leases_for.as_deref()) else {
                return Err(LeaseRefused(perpetua_words::http::NoAccount.into()));
            };
            let running = view
                .account(name)
                .and_then(|account| account.running.as_ref());
            let Some(leases) = running.and_then(|running| running.leases.as_ref()) else {
                return Err(LeaseRefused(
                    perpetua_words::node::NoSuchAccount { account: name }.into(),
                ));
            };
            leases
                .lease(peer)
                .await
                .map_err(|error| LeaseRefused((&error).into()))
        })
    }

    fn online_clients(&self) -> Vec<OnlineClient> {
        let snapshots = self.snapshots();
        let clients = snapshots
            .into_iter()
            .flat_map(|(_, account)| account.clients);
        let connections = clients.flat_map(|client| client.connections);
        connections
            .map(|connection| OnlineClient {
                app_id: connection.app_id.to_string(),
                client_name: connection.name,
            })
            .collect()
    }

    fn sign_in_token(&self) -> Answer<'_, Result<Secret, Message>> {
        Box::pin(self.backend().browsers.token())
    }

    fn sessions_changed(&self) -> Answer<'_, ()> {
        Box::pin(self.backend().browsers.keep())
    }

    fn sessions_ended(&self) -> Answer<'_, Result<(), Message>> {
        Box::pin(self.backend().browsers.keep_without_ended())
    }
}

impl NodeBackend {
    pub(crate) fn node_status(&self) -> NodeStatus {
        let (view, at) = (self.view.borrow().clone(), self.moment());
        let uptime = at
            .now
            .instant
            .saturating_duration_since(self.started.instant);
        let mut status = NodeStatus {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            build: self.updates.build.to_owned(),
            pid: process::id(),
            uptime_s: uptime.as_secs(),
            api: self.api.clone(),
            accounts: view
                .accounts
                .iter()
                .map(|account| status::account(account, &view.remarks, at))
                .collect(),
            problems: view.problems.clone(),
            notices: status::notices(&self.refused.list(), at),
            update: self.updates.news(),
        };
        status.problems.extend(self.browsers.problem());
        let cores = self.cores.installer.versions().problems();
        status.problems.extend(cores);
        let told = self.account_notes.borrow().told(&status);
        status.problems.extend(told);
        status
            .problems
            .extend(self.log_troubles(&view, at.now.instant));
        status.problems.extend(self.lock.problem());
        self.history.complete(&mut status, at.now.instant);
        status
    }

    /// The logs that lose lines: the node's own, and those of cores.
    fn log_troubles(&self, view: &View, now: Instant) -> impl Iterator<Item = Message> {
        let cores = view.accounts.iter().filter_map(|account| {
            let core = account.running.as_ref()?.core.as_ref()?;
            core.log_trouble()
        });
        let troubles = self.log.trouble().into_iter().chain(cores);
        troubles.map(move |trouble| trouble.message(now))
    }

    /// The counters of every account of the settings; one that does not run has none.
    pub(crate) fn counts(&self) -> Vec<(String, Option<AccountCounts>)> {
        let view = self.view.borrow().clone();
        let counts = view.accounts.iter().map(|account| {
            let running = account.running.as_ref();
            let counts = running.map(|running| running.account.counts());
            (account.name.clone(), counts)
        });
        counts.collect()
    }

    /// Now, and where other moments stand on the calendar.
    pub(crate) fn moment(&self) -> Moment {
        let now = self.clock.now();
        let mut calendar = self.calendar.lock().unwrap_or_else(PoisonError::into_inner);
        calendar.follow(now);
        Moment {
            now,
            calendar: *calendar,
        }
    }

    /// What signers said whose address is this secret of the settings says nothing of another address.
    fn forget_signers_of(&self, secret: &str) {
        let view = self.view.borrow().clone();
        for signer in &view.config.signers {
            if of_address(&signer.url).as_deref() == Some(secret) {
                self.signers.prober.forget(signer.name.as_str());
            }
        }
    }

    /// What a client's framework or an account's upstream has to show.
    fn shown_token(&self, token: &Token) -> Result<TokenValue, RpcError> {
        let view = self.view.borrow().clone();
        let account = view.account(&token.account).ok_or_else(|| {
            let account = token.account.as_str();
            RpcError::new(ErrorCode::NotFound, words::NoSuchAccount { account })
        })?;
        if !account.enabled {
            let account = token.account.as_str();
            let words = words::AccountDisabled { account };
            return Err(RpcError::new(ErrorCode::NotSupported, words));
        }
        let token = match &token.client {
            Some(client) => client_token(account, &token.account, client),
            None => upstream_token(account, &token.account),
        }?;
        let token = token.map(|token| token.expose().to_owned());
        Ok(TokenValue { token })
    }

    /// The simulator of an account, or the only one there is.
    fn simulator(&self, account: Option<&str>) -> Result<SimulatorHandle, RpcError> {
        let view = self.view.borrow().clone();
        let of = |name: &str| view.account(name)?.running.as_ref()?.simulator.clone();
        if let Some(name) = account {
            let words = words::NotSimulated { account: name };
            return of(name).ok_or_else(|| RpcError::new(ErrorCode::NotSupported, words));
        }
        let mut simulators = view.accounts.iter().filter_map(|account| of(&account.name));
        match (simulators.next(), simulators.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err(RpcError::new(ErrorCode::NotSupported, words::NoSimulator)),
            (Some(_), Some(_)) => Err(RpcError::new(
                ErrorCode::BadRequest,
                words::SeveralSimulators,
            )),
        }
    }
}

/// That a client of this kind does not do its work, and why.
fn client_down(kind: &str, account: &str, client: &str, cause: Message) -> Message {
    match kind {
        "reverse" => words::ClientNotDialled {
            account,
            client,
            cause,
        }
        .into(),
        "post" => words::ClientNotPosted {
            account,
            client,
            cause,
        }
        .into(),
        _ => words::ClientDown {
            account,
            client,
            cause,
        }
        .into(),
    }
}

/// The token of a client; `None` when its port asks for none.
fn client_token(
    view: &AccountView,
    account: &str,
    client: &str,
) -> Result<Option<Secret>, RpcError> {
    let running = view.running.as_ref();
    let found = running.and_then(|running| running.clients.iter().find(|one| one.name == client));
    match found {
        None => {
            let words = words::NoSuchClient { account, client };
            Err(RpcError::new(ErrorCode::NotFound, words))
        }
        Some(view) => match view.problem.clone() {
            None => Ok(view.token.clone()),
            Some(cause) => {
                let words = client_down(view.kind, account, client, cause);
                Err(RpcError::new(ErrorCode::NotSupported, words))
            }
        },
    }
}

/// The token of an upstream that dials the node; `None` when its port asks for none.
fn upstream_token(view: &AccountView, account: &str) -> Result<Option<Secret>, RpcError> {
    let view = Some(view).filter(|view| view.kind == "onebot-reverse");
    let running = view.and_then(|view| view.running.as_ref());
    match (running, view.and_then(|view| view.problem.clone())) {
        (_, Some(cause)) => {
            let words = words::UpstreamDown { account, cause };
            Err(RpcError::new(ErrorCode::NotSupported, words))
        }
        (Some(running), None) => Ok(running.upstream_token.clone()),
        (None, None) => {
            let words = words::NoUpstreamToken { account };
            Err(RpcError::new(ErrorCode::NotFound, words))
        }
    }
}
