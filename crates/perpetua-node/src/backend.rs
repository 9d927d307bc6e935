//! The node behind its HTTP side.

use std::{net::IpAddr, process, sync::Arc, time::Instant};

use perpetua_http::{Answer, Backend, LeaseRefused, OnlineClient};
use perpetua_hub::AccountSnapshot;
use perpetua_schema::{
    Call, ErrorCode, Event, NodeStatus, RpcError, Said, Say, Simulate, Token, TokenValue,
};
use perpetua_words::rpc as words;
use serde::Serialize;
use tokio::sync::{broadcast, watch};

use crate::{
    controller::ControllerHandle, error::other, installed_cores::InstalledCores,
    settings_file::SettingsHandle, signer_test::SignerTests, simulator::SimulatorHandle, status,
    view::View,
};

/// Answers for a running node.
#[derive(Debug)]
pub(crate) struct NodeBackend {
    pub(crate) view: watch::Receiver<Arc<View>>,
    pub(crate) controller: ControllerHandle,
    pub(crate) settings: SettingsHandle,
    pub(crate) cores: InstalledCores,
    pub(crate) signers: SignerTests,
    pub(crate) watchers: broadcast::Sender<Event>,
    pub(crate) api: String,
    pub(crate) started: Instant,
}

impl Backend for NodeBackend {
    fn call(&self, call: Call) -> Answer<'_, Result<serde_json::Value, RpcError>> {
        Box::pin(async move {
            match call {
                Call::Status(_) => reply(&self.status()),
                Call::Token(token) => reply(&self.token(&token)?),
                Call::Say(say) => reply(&self.say(say).await?),
                Call::Simulate(simulate) => reply(&self.simulate(simulate).await?),
                Call::Reconnect(reconnect) => {
                    reply(&self.controller.reconnect(reconnect.account).await?)
                }
                Call::SettingsRead(_) => reply(&self.settings.read().await?),
                Call::SettingsWrite(write) => reply(&self.settings.write(write).await?),
                Call::SetClientEnabled(change) => {
                    reply(&self.settings.set_client_enabled(change).await?)
                }
                Call::Import(import) => {
                    // The program first: the new account would begin to download one.
                    let program = self.cores.take_program(&import.folder).await;
                    reply(&program.add_to(self.settings.import(import).await?))
                }
                Call::SignerTest(test) => {
                    let config = self.view.borrow().config.clone();
                    reply(&self.signers.run(test, &config).await?)
                }
                call => self.call_core(call).await,
            }
        })
    }

    fn events(&self) -> broadcast::Receiver<Event> {
        self.watchers.subscribe()
    }

    fn status(&self) -> NodeStatus {
        let (view, now) = (self.view.borrow().clone(), Instant::now());
        NodeStatus {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: process::id(),
            uptime_s: self.started.elapsed().as_secs(),
            api: self.api.clone(),
            accounts: view
                .accounts
                .iter()
                .map(|account| status::account(account, now))
                .collect(),
            problems: view.problems.clone(),
        }
    }

    fn snapshots(&self) -> Vec<(String, AccountSnapshot)> {
        let view = self.view.borrow().clone();
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
        let view = self.view.borrow().clone();
        Box::pin(async move {
            let Some(name) = account.or(view.leases_for.as_deref()) else {
                return Err(LeaseRefused(perpetua_words::http::NoAccount.into()));
            };
            let running = view
                .account(name)
                .and_then(|account| account.running.as_ref());
            let Some(leases) = running.and_then(|running| running.leases.as_ref()) else {
                return Err(LeaseRefused(
                    perpetua_words::http::AccountNotRunning { account: name }.into(),
                ));
            };
            leases
                .lease(peer)
                .await
                .map_err(|error| LeaseRefused(other(error.to_string())))
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
}

impl NodeBackend {
    fn token(&self, token: &Token) -> Result<TokenValue, RpcError> {
        let view = self.view.borrow().clone();
        let account = view
            .account(&token.account)
            .and_then(|account| account.running.as_ref());
        let client = account.and_then(|account| {
            account
                .clients
                .iter()
                .find(|client| client.name == token.client)
        });
        let Some(client) = client else {
            let words = words::NoSuchClient {
                account: &token.account,
                client: &token.client,
            };
            return Err(RpcError::new(ErrorCode::NotFound, words));
        };
        if let Some(problem) = &client.problem {
            return Err(RpcError::new(ErrorCode::NotSupported, problem.clone()));
        }
        let token = client.token.as_ref().map(|token| token.expose().to_owned());
        Ok(TokenValue { token })
    }

    async fn say(&self, say: Say) -> Result<Said, RpcError> {
        self.simulator(say.account.as_deref())?.say(say).await
    }

    async fn simulate(&self, simulate: Simulate) -> Result<(), RpcError> {
        self.simulator(simulate.account.as_deref())?
            .simulate(simulate.event)
            .await
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

/// A reply as JSON.
pub(crate) fn reply(value: &impl Serialize) -> Result<serde_json::Value, RpcError> {
    serde_json::to_value(value)
        .map_err(|error| RpcError::new(ErrorCode::Internal, other(error.to_string())))
}
