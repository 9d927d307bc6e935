//! One account that runs: its hub, and the slots of its upstream and its clients.

mod steps;

use std::{collections::HashMap, time::Duration};

use tokio::time::Instant;

use perpetua_config::{self as config, Name};
use perpetua_hub::{AccountLimits, DisconnectReason};
use perpetua_proxy::{AccountHandle, AccountTasks, LeaseSettings, Leases};
use perpetua_supervisor::CoreHandle;
use perpetua_words::{Message, node as words};
use tokio::time::timeout;

use crate::{
    client::ClientRuntime,
    context::Context,
    desired::{Claim, DesiredAccount, DesiredUpstream, Holds},
    plan::RunningAccount,
    presence,
    slot::{Slot, SlotView},
    translate,
    upstream::{UpstreamRuntime, kind},
    view::{AccountView, ClientView, RunningView},
};

pub use steps::{ChangedPart, PartOutcome, PartStep};

/// How long connections may take to say goodbye.
const GOODBYE_LIMIT: Duration = Duration::from_secs(2);

/// An account that the settings enable.
#[derive(Debug)]
pub(crate) struct AccountRuntime {
    name: Name,
    limits: AccountLimits,
    account: AccountHandle,
    tasks: AccountTasks,
    /// For the waits of clients that are dialled.
    random: fastrand::Rng,
    upstream: Slot<DesiredUpstream, UpstreamRuntime>,
    clients: Vec<(Name, Slot<config::Client, ClientRuntime>)>,
    began: Instant,
    /// When clients were closed that are not there now.
    closed: HashMap<Name, Instant>,
    leases: Option<Leases>,
    /// Leases whose settings cannot be had for now; what they let in goes on.
    paused_leases: Option<Leases>,
}

impl AccountRuntime {
    /// Its hub; nothing listens or is dialled yet.
    pub(crate) fn start(
        wanted: &DesiredAccount,
        leases: Option<&LeaseSettings>,
        context: &Context,
        tasks: AccountTasks,
        seed: u64,
    ) -> Self {
        let account = AccountHandle::start(
            wanted.name.as_str(),
            wanted.limits,
            context.clock.clone(),
            context.budget.clone(),
            seed,
            &tasks,
        );
        let follow = presence::follow(
            account.clone(),
            context.watchers.clone(),
            context.notifier.clone(),
            tasks.cancel.clone(),
        );
        tasks.tracker.spawn("presence", follow);
        let mut runtime = Self {
            name: wanted.name.clone(),
            limits: wanted.limits,
            account,
            tasks,
            random: fastrand::Rng::with_seed(seed),
            upstream: Slot::default(),
            clients: Vec::new(),
            began: Instant::now(),
            closed: HashMap::new(),
            leases: None,
            paused_leases: None,
        };
        runtime.set_leases(leases);
        runtime
    }

    /// Its name in the settings.
    pub(crate) fn name(&self) -> &Name {
        &self.name
    }

    /// Its core, if this node manages one.
    pub(crate) fn core(&self) -> Option<&CoreHandle> {
        self.upstream.running().and_then(UpstreamRuntime::core)
    }

    /// Takes other limits of actions over.
    pub(crate) fn set_limits(&mut self, limits: AccountLimits) {
        self.limits = limits;
        self.account.set_limits(limits);
    }

    /// Takes other settings of leased ports over; `None` leases none for now.
    pub(crate) fn set_leases(&mut self, settings: Option<&LeaseSettings>) {
        let known = self.leases.take().or_else(|| self.paused_leases.take());
        let Some(settings) = settings.cloned() else {
            self.paused_leases = known;
            return;
        };
        self.leases = Some(match known {
            Some(mut leases) => {
                leases.change(settings);
                leases
            }
            None => Leases::new(self.account.clone(), settings, self.tasks.clone()),
        });
    }

    /// Ends what was let in at leased ports, and leases none until other settings come.
    pub(crate) fn revoke_leases(&mut self) {
        let known = self.leases.take().or_else(|| self.paused_leases.take());
        if let Some(leases) = known {
            leases.revoke();
        }
    }

    /// Lets go of what was tried for other settings, and of clients that are neither there nor wanted.
    pub(crate) fn forget_unwanted(&mut self, wanted: Option<&DesiredAccount>) {
        self.upstream
            .forget_other_attempts(wanted.map(|wanted| &wanted.upstream));
        self.clients.retain_mut(|(name, slot)| {
            let wanted = wanted.and_then(|wanted| wanted.client(name));
            slot.forget_other_attempts(wanted);
            wanted.is_some() || slot.is_busy() || slot.running().is_some()
        });
    }

    /// What failed is tried again at once.
    pub(crate) fn retry_now(&mut self, now: Instant) {
        self.upstream.retry_now(now);
        for (_, slot) in &mut self.clients {
            slot.retry_now(now);
        }
    }

    /// Whether a step is under way for a part of it.
    pub(crate) fn is_busy(&self) -> bool {
        self.upstream.is_busy() || self.clients.iter().any(|(_, slot)| slot.is_busy())
    }

    /// Whether a step is under way for its upstream.
    pub(crate) fn is_upstream_busy(&self) -> bool {
        self.upstream.is_busy()
    }

    /// When the next failed attempt is due that was not due yet at `planned`.
    pub(crate) fn retry_after(&self, planned: Instant) -> Option<Instant> {
        let clients = self.clients.iter();
        let clients = clients.filter_map(|(_, slot)| slot.retry_after(planned));
        clients.chain(self.upstream.retry_after(planned)).min()
    }

    /// How the plan sees it.
    pub(crate) fn actual(&self, now: Instant) -> RunningAccount<'_> {
        RunningAccount {
            name: &self.name,
            limits: self.limits,
            upstream: self.upstream.view(now),
            clients: self
                .clients
                .iter()
                .map(|(name, slot)| (name, slot.view(now)))
                .collect(),
        }
    }

    /// The places that are not free before it has ended.
    pub(crate) fn places(&self) -> Vec<Claim> {
        let now = Instant::now();
        let clients = self
            .clients
            .iter()
            .flat_map(|(_, slot)| held(&slot.view(now)));
        clients.chain(held(&self.upstream.view(now))).collect()
    }

    /// Everything that could not be done.
    pub(crate) fn problems(&self) -> Vec<Message> {
        let account = self.name.as_str();
        let upstream = self.upstream.problems().iter().map(|problem| {
            let problem = problem.clone();
            words::UpstreamProblem { account, problem }.into()
        });
        let clients = self.clients.iter().flat_map(|(client, slot)| {
            slot.problems().iter().map(move |problem| {
                let (client, problem) = (client.as_str(), problem.clone());
                words::ClientProblem {
                    account,
                    client,
                    problem,
                }
                .into()
            })
        });
        upstream.chain(clients).collect()
    }

    /// Tells every client goodbye and ends the upstream meanwhile, then ends all tasks; over by `deadline`.
    pub(crate) async fn stop(mut self, cut: DisconnectReason, deadline: Instant) {
        let upstream = self.upstream.begin_close();
        let listeners = self
            .clients
            .iter_mut()
            .filter_map(|(_, slot)| slot.begin_close());
        for listener in listeners {
            listener.value.stop().await;
        }
        self.account.cut_all(cut);
        self.tasks.connections.close();
        let goodbye = timeout(GOODBYE_LIMIT, self.tasks.connections.wait());
        let ending = async {
            if let Some(upstream) = upstream {
                upstream.value.close(deadline).await;
            }
        };
        let (_all_gone, ()) = tokio::join!(goodbye, ending);
        self.tasks.cancel.cancel();
        self.tasks.tracker.close();
        self.tasks.connections.wait().await;
        self.tasks.tracker.wait().await;
    }

    /// What is published of it.
    pub(crate) fn view(&self, settings: &config::Account) -> AccountView {
        let upstream = self.upstream.running();
        let address = match &settings.upstream {
            config::Upstream::Simulator | config::Upstream::Lagrange(_) => None,
            config::Upstream::Onebot(onebot) => Some(onebot.url.to_string()),
            config::Upstream::OnebotReverse(reverse) => upstream
                .and_then(UpstreamRuntime::listen)
                .map(|listen| format!("ws://{listen}{}", reverse.path.as_deref().unwrap_or(""))),
        };
        let clients = settings
            .clients
            .iter()
            .map(|client| self.client_view(client));
        AccountView {
            name: self.name.to_string(),
            kind: kind(&settings.upstream),
            enabled: settings.enabled,
            address,
            problem: self.upstream.problems().first().cloned(),
            rests_since: self.began.into_std(),
            running: Some(RunningView {
                account: self.account.clone(),
                leases: self.leases.clone(),
                simulator: upstream.and_then(UpstreamRuntime::simulator).cloned(),
                core: upstream.and_then(UpstreamRuntime::core).cloned(),
                upstream_token: upstream.and_then(UpstreamRuntime::token).cloned(),
                clients: clients.collect(),
            }),
        }
    }

    fn client_view(&self, settings: &config::Client) -> ClientView {
        let slot = self
            .clients
            .iter()
            .find_map(|(name, slot)| (*name == settings.name).then_some(slot));
        let running = slot.and_then(Slot::running);
        ClientView {
            name: settings.name.to_string(),
            enabled: settings.enabled,
            kind: settings.kind.word(),
            queue: translate::client(settings).queue,
            rests_since: (self.closed.get(&settings.name))
                .unwrap_or(&self.began)
                .into_std(),
            listen: running.and_then(ClientRuntime::listen),
            dialled: settings.dialled(),
            trials: running.map_or_else(Vec::new, ClientRuntime::trials),
            framework: settings.framework,
            has_token: settings.has_token(),
            problem: slot.and_then(|slot| slot.problems().first().cloned()),
            token: running.and_then(ClientRuntime::token).cloned(),
        }
    }
}

/// The places that a slot holds, or may hold until its step has ended.
fn held<W: Holds>(slot: &SlotView<'_, W>) -> impl Iterator<Item = Claim> + use<W> {
    let busy = slot.busy.as_ref().and_then(|busy| busy.settings);
    let of_settings = [slot.running, busy].into_iter().flatten();
    let places: Vec<_> = of_settings.flat_map(Holds::places).collect();
    places.into_iter().chain(slot.bound.map(Claim::Port))
}

impl Drop for AccountRuntime {
    /// One that is not stopped in order still leaves no task behind.
    fn drop(&mut self) {
        self.tasks.cancel.cancel();
    }
}
