//! One account that runs: its hub, its upstream, its clients' ports.

use std::time::Duration;

use perpetua_config as config;
use perpetua_hub::DisconnectReason;
use perpetua_lifecycle::LifecycleState;
use perpetua_proxy::{AccountHandle, AccountTasks, BindError, Leases};
use perpetua_words::{Message, start};
use tokio::time::timeout;
use tracing::warn;

use crate::{
    client::{ClientProblem, ClientRuntime},
    error::in_words,
    managed, presence,
    supplies::Supplies,
    translate,
    upstream::{UpstreamProblem, UpstreamRuntime},
    view::{AccountView, RunningView},
};

/// How long connections may take to say goodbye.
const GOODBYE_LIMIT: Duration = Duration::from_secs(2);

/// An account that the settings enable.
#[derive(Debug)]
pub(crate) struct AccountRuntime {
    settings: config::Account,
    account: AccountHandle,
    tasks: AccountTasks,
    upstream: UpstreamRuntime,
    clients: Vec<ClientRuntime>,
    leases: Option<Leases>,
}

impl AccountRuntime {
    pub(crate) async fn start(settings: config::Account, supplies: &mut Supplies) -> Self {
        let tasks = AccountTasks::default();
        let limits = translate::limits(&settings);
        let account = AccountHandle::start(
            settings.name.as_str(),
            limits,
            supplies.clock.clone(),
            supplies.seed(),
            &tasks,
        );
        let mut clients = Vec::new();
        for client in &settings.clients {
            clients.push(ClientRuntime::start(client.clone(), &account, &tasks, supplies).await);
        }
        let follow = presence::follow(
            account.clone(),
            supplies.watchers.clone(),
            supplies.notifier.clone(),
            tasks.cancel.clone(),
        );
        tasks.tracker.spawn("presence", follow);
        let upstream = UpstreamRuntime::start(&settings.upstream, &account, &tasks, supplies).await;
        Self {
            settings,
            account,
            tasks,
            upstream,
            clients,
            leases: None,
        }
    }

    pub(crate) fn name(&self) -> &config::Name {
        &self.settings.name
    }

    /// Takes new settings over; says in words what was done.
    pub(crate) async fn change(
        &mut self,
        settings: config::Account,
        supplies: &mut Supplies,
    ) -> Vec<String> {
        let mut done = Vec::new();
        self.account.set_limits(translate::limits(&settings));
        self.change_clients(&settings, supplies, &mut done).await;
        if settings.upstream != self.settings.upstream {
            done.push(self.change_upstream(&settings, supplies).await);
        }
        self.settings = settings;
        done
    }

    /// A managed core takes most changes while it runs; every other upstream is started anew.
    async fn change_upstream(
        &mut self,
        settings: &config::Account,
        supplies: &mut Supplies,
    ) -> String {
        let name = &settings.name;
        if let (Some(core), config::Upstream::Lagrange(former), config::Upstream::Lagrange(next)) = (
            self.upstream.core(),
            &self.settings.upstream,
            &settings.upstream,
        ) {
            match managed::change(core, former, next, supplies).await {
                Ok(true) => return format!("account `{name}`: the core is restarted"),
                Ok(false) => return format!("account `{name}`: the core takes the change over"),
                Err(problem) => {
                    return format!(
                        "account `{name}`: the core goes on as it was: {}",
                        in_words(&problem)
                    );
                }
            }
        }
        self.settings.upstream = settings.upstream.clone();
        self.restart_upstream(supplies).await;
        format!("account `{name}`: the upstream was started anew")
    }

    /// The signers of the settings are others. A core that runs goes on with those it has when the new
    /// ones cannot be had.
    pub(crate) async fn change_signers(&mut self, supplies: &mut Supplies) {
        let config::Upstream::Lagrange(lagrange) = &self.settings.upstream else {
            return;
        };
        let Some(core) = self.upstream.core() else {
            return self.restart_upstream(supplies).await;
        };
        if let Err(problem) = managed::change(core, lagrange, lagrange, supplies).await {
            let (account, problem) = (self.settings.name.as_str(), in_words(&problem));
            warn!(account, problem, "the core keeps the signers it has");
        }
    }

    /// The sources of cores are others: who waits for one does not wait any longer.
    pub(crate) async fn sources_changed(&self) {
        if let Some(core) = self.upstream.core() {
            let waits = matches!(core.view().borrow().state, LifecycleState::Absent { .. });
            if waits {
                core.start().await;
            }
        }
    }

    async fn change_clients(
        &mut self,
        settings: &config::Account,
        supplies: &mut Supplies,
        done: &mut Vec<String>,
    ) {
        let account = &settings.name;
        for gone in self.clients.extract_if(.., |client| {
            settings.client(&client.settings().name).is_none()
        }) {
            let mut gone = gone;
            gone.remove(&self.account).await;
            done.push(format!(
                "client `{account}/{}` was removed",
                gone.settings().name
            ));
        }
        let mut former = std::mem::take(&mut self.clients);
        for wanted in &settings.clients {
            let place = former
                .iter()
                .position(|client| client.settings().name == wanted.name);
            let client = match place.map(|place| former.remove(place)) {
                None => {
                    done.push(format!("client `{account}/{}` was added", wanted.name));
                    ClientRuntime::start(wanted.clone(), &self.account, &self.tasks, supplies).await
                }
                Some(mut client) => {
                    if client.settings() != wanted {
                        client
                            .change(wanted.clone(), &self.account, &self.tasks, supplies)
                            .await;
                        done.push(format!("client `{account}/{}` was changed", wanted.name));
                    }
                    client
                }
            };
            self.clients.push(client);
        }
    }

    /// Starts the upstream anew, which also means: now.
    pub(crate) async fn restart_upstream(&mut self, supplies: &mut Supplies) {
        self.upstream.stop().await;
        self.upstream = UpstreamRuntime::start(
            &self.settings.upstream,
            &self.account,
            &self.tasks,
            supplies,
        )
        .await;
    }

    /// Dials the upstream now. A managed core is started anew if it is to run at all.
    pub(crate) async fn reconnect(&mut self, supplies: &mut Supplies) {
        match self.upstream.core() {
            None => self.restart_upstream(supplies).await,
            Some(core) => {
                let rests = matches!(core.view().borrow().state, LifecycleState::Stopped);
                if !rests {
                    core.restart().await;
                }
            }
        }
    }

    /// Tries again what could not be started; says whether anything has changed.
    pub(crate) async fn retry(&mut self, supplies: &mut Supplies) -> bool {
        let mut changed = false;
        for client in &mut self.clients {
            changed |= client.retry(&self.account, &self.tasks, supplies).await;
        }
        if self.upstream.problem().is_some() {
            self.restart_upstream(supplies).await;
            changed |= self.upstream.problem().is_none();
        }
        changed
    }

    pub(crate) fn set_leases(
        &mut self,
        leases: impl FnOnce(AccountHandle, AccountTasks) -> Leases,
    ) {
        self.leases = Some(leases(self.account.clone(), self.tasks.clone()));
    }

    /// Whether a port could not be bound.
    pub(crate) fn has_bind_error(&self) -> bool {
        matches!(self.upstream.problem(), Some(UpstreamProblem::Bind(_)))
            || self
                .clients
                .iter()
                .any(|client| matches!(client.problem(), Some(ClientProblem::Bind(_))))
    }

    /// Takes the first port that could not be bound out, for a start that must not go on without it.
    pub(crate) fn take_bind_error(self) -> Option<(Message, BindError)> {
        let name = self.settings.name;
        if let UpstreamRuntime::Failed(UpstreamProblem::Bind(error)) = self.upstream {
            let account = name.as_str();
            return Some((start::PortOfUpstream { account }.into(), error));
        }
        self.clients.into_iter().find_map(|client| {
            let (account, of) = (name.as_str(), client.settings().name.to_string());
            let port: Message = start::PortOfClient {
                account,
                client: of,
            }
            .into();
            match client.into_problem() {
                Some(ClientProblem::Bind(error)) => Some((port, error)),
                _ => None,
            }
        })
    }

    /// Every problem, in words.
    pub(crate) fn problems(&self) -> Vec<String> {
        let upstream = self.upstream.problem().map(|problem| in_words(problem));
        let clients = self.clients.iter().filter_map(|client| {
            let problem = client.problem()?;
            Some(format!(
                "client `{}/{}`: {}",
                self.settings.name,
                client.settings().name,
                in_words(problem)
            ))
        });
        upstream.into_iter().chain(clients).collect()
    }

    /// Tells every client goodbye, then ends all tasks.
    pub(crate) async fn stop(mut self, cut: DisconnectReason) {
        for client in &mut self.clients {
            client.close().await;
        }
        self.account.cut_all(cut);
        self.tasks.connections.close();
        let _all_gone = timeout(GOODBYE_LIMIT, self.tasks.connections.wait()).await;
        self.upstream.stop().await;
        self.tasks.cancel.cancel();
        self.tasks.tracker.close();
        self.tasks.connections.wait().await;
        self.tasks.tracker.wait().await;
    }

    pub(crate) fn view(&self) -> AccountView {
        let running = self.upstream.running();
        let address = match &self.settings.upstream {
            config::Upstream::Simulator | config::Upstream::Lagrange(_) => None,
            config::Upstream::Onebot(onebot) => Some(onebot.url.to_string()),
            config::Upstream::OnebotReverse(_) => running
                .and_then(|running| running.listen)
                .map(|listen| format!("ws://{listen}")),
        };
        AccountView {
            name: self.settings.name.to_string(),
            kind: kind(&self.settings.upstream),
            address,
            problem: self.upstream.problem().map(|problem| in_words(problem)),
            running: Some(RunningView {
                account: self.account.clone(),
                leases: self.leases.clone(),
                simulator: running.and_then(|running| running.simulator.clone()),
                core: self.upstream.core().cloned(),
                clients: self.clients.iter().map(ClientRuntime::view).collect(),
            }),
        }
    }
}

/// The upstream's kind, as the settings call it.
pub(crate) fn kind(upstream: &config::Upstream) -> &'static str {
    match upstream {
        config::Upstream::Simulator => "simulator",
        config::Upstream::Lagrange(_) => "lagrange",
        config::Upstream::Onebot(_) => "onebot",
        config::Upstream::OnebotReverse(_) => "onebot-reverse",
    }
}
