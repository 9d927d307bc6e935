//! What is wanted and what runs, and the way from one to the other.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use perpetua_accounts::{
    AccountRuntime, AccountView, Actual, ActualAccount, Change, ClientFate, ClientRuntime, Context,
    Desired, DesiredAccess, Events, PanicReporter, Panicked, Panics, Slot, Step, UpstreamRuntime,
    View, Webhook, plan,
};
use perpetua_config::{self as config, Config, Name};
use perpetua_hub::DisconnectReason;
use perpetua_lifecycle::LifecycleState;
use perpetua_words::{Message, node as words};
use tokio::sync::watch;
use tracing::{info, warn};

use super::{
    apply,
    steps::{AccessRules, Done, Outcome, Steps, Target},
};
use crate::installed_cores::InstalledCores;

/// How long an upstream or an account that the settings end may take for it.
const END_LIMIT: std::time::Duration = std::time::Duration::from_secs(5);

/// What the controller works with.
pub(crate) struct ControllerParts {
    pub(crate) context: Context,
    pub(crate) cores: InstalledCores,
    pub(crate) log: perpetua_telemetry::LogHandle,
    pub(crate) session_token: perpetua_secrets::Secret,
    pub(crate) http: watch::Sender<perpetua_http::HttpSettings>,
    pub(crate) webhooks: watch::Sender<Vec<Webhook>>,
    pub(crate) random: fastrand::Rng,
}

enum AccountState {
    Running(Box<AccountRuntime>),
    Stopping { name: Name, holds: Vec<SocketAddr> },
}

/// What is wanted and what runs.
pub(super) struct State {
    parts: ControllerParts,
    reporter: PanicReporter,
    panics: Panics,
    config: Arc<Config>,
    desired: Desired,
    /// The settings that the node was started with: some of them cannot change while it runs.
    started_with: Arc<Config>,
    accounts: Vec<AccountState>,
    webhooks: Slot<Vec<config::Hook>, ()>,
    cores: Slot<config::CoreInstallSettings, ()>,
    access: Slot<DesiredAccess, AccessRules>,
}

impl State {
    /// Nothing runs but the installed cores, which were opened with these settings.
    pub(super) fn new(
        parts: ControllerParts,
        reporter: PanicReporter,
        config: Arc<Config>,
    ) -> Self {
        let mut cores = Slot::default();
        cores.begin(config.core.clone());
        cores.opened((), Vec::new(), Instant::now());
        Self {
            parts,
            reporter,
            panics: Panics::default(),
            desired: Desired::new(&config),
            started_with: Arc::clone(&config),
            config,
            accounts: Vec::new(),
            webhooks: Slot::default(),
            cores,
            access: Slot::default(),
        }
    }

    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    pub(super) fn watchers(&self) -> &Events {
        &self.parts.context.watchers
    }

    /// Other settings are wanted; whoever changed them may have mended what failed.
    pub(super) fn want(&mut self, config: Arc<Config>) {
        self.parts.log.apply(&config.log);
        self.desired = Desired::new(&config);
        self.config = config;
        let now = Instant::now();
        self.webhooks.retry_now(now);
        self.cores.retry_now(now);
        self.access.retry_now(now);
        for account in self.running_mut() {
            account.retry_now(now);
        }
    }

    /// Begins every step that can be begun now.
    pub(super) fn reconcile(&mut self, steps: &mut Steps) {
        loop {
            let planned = plan(&self.desired, &self.actual(Instant::now()));
            // Only what is done at once can make room for more.
            let again = planned
                .iter()
                .any(|step| matches!(step, Step::StartAccount(_)));
            for step in planned {
                self.begin(step, steps);
            }
            if !again {
                break;
            }
        }
        for account in &mut self.accounts {
            if let AccountState::Running(account) = account {
                let wanted = self.desired.account(account.name());
                account.forget_unwanted(wanted);
            }
        }
    }

    fn begin(&mut self, step: Step, steps: &mut Steps) {
        match step {
            Step::StartAccount(name) => self.start_account(&name),
            Step::StopAccount(name) => {
                self.stop_account(&name, DisconnectReason::Removed, steps);
            }
            Step::SetLimits(name) => {
                let limits = self.desired.account(&name).map(|wanted| wanted.limits);
                if let (Some(account), Some(limits)) = (self.account(&name), limits) {
                    account.set_limits(limits);
                }
            }
            Step::Upstream(name, change) => self.begin_upstream(&name, change, steps),
            Step::Client(name, client, change) => self.begin_client(&name, &client, change, steps),
            Step::Webhooks => {
                let wanted = self.desired.webhooks.clone();
                self.webhooks.begin(wanted.clone());
                let context = self.parts.context.clone();
                steps.begin(Target::Webhooks, apply::webhooks(wanted, context));
            }
            Step::Cores => {
                let wanted = self.desired.cores.clone();
                self.cores.begin(wanted.clone());
                let cores = self.parts.cores.clone();
                steps.begin(Target::Cores, apply::cores(wanted, cores));
            }
            Step::Access => {
                let wanted = self.desired.access.clone();
                self.access.begin(wanted.clone());
                let (context, token) =
                    (self.parts.context.clone(), self.parts.session_token.clone());
                steps.begin(Target::Access, apply::access(wanted, token, context));
            }
        }
    }

    fn start_account(&mut self, name: &Name) {
        let seed = self.parts.random.u64(..);
        let leases = self
            .access
            .running()
            .and_then(|rules| rules.leases.as_ref());
        if let Some(wanted) = self.desired.account(name) {
            let (context, tasks) = (&self.parts.context, self.reporter.tasks_of(name));
            let account = AccountRuntime::start(wanted, leases, context, tasks, seed);
            self.accounts.push(AccountState::Running(Box::new(account)));
        }
    }

    fn stop_account(&mut self, name: &Name, reason: DisconnectReason, steps: &mut Steps) {
        steps.call_off_account(name);
        let Some(place) = self.place(name) else {
            return;
        };
        let AccountState::Running(account) = &self.accounts[place] else {
            return;
        };
        let stopping = AccountState::Stopping {
            name: name.clone(),
            holds: account.addresses(),
        };
        let former = std::mem::replace(&mut self.accounts[place], stopping);
        if let AccountState::Running(account) = former {
            let deadline = Instant::now() + END_LIMIT;
            steps.begin(Target::Account(name.clone()), async move {
                account.stop(reason, deadline).await;
                Outcome::Closed
            });
        }
    }

    fn begin_upstream(&mut self, name: &Name, change: Change, steps: &mut Steps) {
        let wanted = self
            .desired
            .account(name)
            .map(|account| account.upstream.clone());
        let (context, seed) = (self.parts.context.clone(), self.parts.random.u64(..));
        let (Some(account), Some(wanted)) = (self.account(name), wanted) else {
            return;
        };
        let target = Target::Upstream(name.clone());
        match change {
            Change::Close => {
                if let Some(former) = account.upstream.begin_close() {
                    steps.begin(target, close_upstream(former.value));
                }
            }
            Change::Open => {
                account.upstream.begin(wanted.clone());
                let (handle, tasks) = (account.account().clone(), account.tasks().clone());
                steps.begin(target, async move {
                    let opened =
                        UpstreamRuntime::open(&wanted, &handle, &tasks, &context, seed).await;
                    match opened {
                        Ok((upstream, problems)) => Outcome::UpstreamOpened(upstream, problems),
                        Err(problem) => Outcome::Failed(problem),
                    }
                });
            }
            Change::Adjust => {
                let former = account.upstream.view(Instant::now()).running.cloned();
                let core = account
                    .upstream
                    .running()
                    .and_then(|one| one.core().cloned());
                account.upstream.begin(wanted.clone());
                if let (Some(core), Some(former)) = (core, former) {
                    steps.begin(target, async move {
                        match perpetua_accounts::adjust(core, former, wanted, context).await {
                            Ok(problems) => Outcome::Adjusted(problems),
                            Err(problem) => Outcome::Failed(problem),
                        }
                    });
                }
            }
        }
    }

    fn begin_client(&mut self, name: &Name, client: &Name, change: Change, steps: &mut Steps) {
        let wanted = self
            .desired
            .account(name)
            .and_then(|account| account.client(client));
        let wanted = wanted.cloned();
        let context = self.parts.context.clone();
        let Some(account) = self.account(name) else {
            return;
        };
        let (handle, tasks) = (account.account().clone(), account.tasks().clone());
        let slot = account.client(client);
        let target = Target::Client(name.clone(), client.clone());
        match (change, wanted) {
            (Change::Close, wanted) => {
                let fate = match wanted {
                    Some(_) => ClientFate::Changed,
                    None => ClientFate::Removed,
                };
                if let Some(former) = slot.begin_close() {
                    let client = client.clone();
                    steps.begin(target, async move {
                        former.value.close(client.as_str(), &handle, fate).await;
                        Outcome::Closed
                    });
                }
            }
            (Change::Adjust, Some(wanted)) => {
                ClientRuntime::adjust(&wanted, &handle);
                slot.begin(wanted);
                slot.adjusted(Vec::new(), Instant::now());
            }
            (Change::Open, Some(wanted)) => {
                slot.begin(wanted.clone());
                steps.begin(target, async move {
                    match ClientRuntime::open(&wanted, &handle, &tasks, &context).await {
                        Ok(client) => Outcome::ClientOpened(client),
                        Err(problem) => Outcome::Failed(problem),
                    }
                });
            }
            (Change::Adjust | Change::Open, None) => {}
        }
    }

    /// A step has ended.
    pub(super) fn finish(&mut self, done: Done, steps: &mut Steps) {
        let now = Instant::now();
        if let Outcome::Failed(problem) = &done.outcome {
            warn!(target = ?done.target, %problem, "not done; it is tried again");
        }
        match done.target {
            Target::Account(name) => self.accounts.retain(|account| *account.name() != name),
            Target::Upstream(name) => {
                if let Some(account) = self.account(&name) {
                    finish_upstream(&mut account.upstream, done.outcome, now);
                }
            }
            Target::Client(name, client) => {
                if let Some(account) = self.account(&name) {
                    finish_client(account.client(&client), done.outcome, now);
                }
            }
            Target::Webhooks => match done.outcome {
                Outcome::WebhooksResolved(webhooks, problems) => {
                    self.parts.webhooks.send_if_modified(|present| {
                        let changed = *present != webhooks;
                        *present = webhooks;
                        changed
                    });
                    self.webhooks.opened((), problems, now);
                }
                other => failed(&mut self.webhooks, other, now),
            },
            Target::Cores => match done.outcome {
                Outcome::Adjusted(problems) => {
                    self.cores.opened((), problems, now);
                    self.cores_changed(steps);
                }
                other => failed(&mut self.cores, other, now),
            },
            Target::Access => match done.outcome {
                Outcome::AccessResolved(rules, problems) => self.set_access(*rules, problems, now),
                other => failed(&mut self.access, other, now),
            },
            Target::Nothing => {}
        }
    }

    fn set_access(&mut self, rules: AccessRules, problems: Vec<Message>, now: Instant) {
        self.parts.http.send_replace(rules.http.clone());
        for account in &mut self.accounts {
            if let AccountState::Running(account) = account {
                account.set_leases(rules.leases.as_ref());
            }
        }
        self.access.opened(rules, problems, now);
    }

    /// The sources of cores are others: accounts that wait for one do not wait any longer.
    fn cores_changed(&self, steps: &mut Steps) {
        for account in self.running() {
            let core = account.upstream.running().and_then(UpstreamRuntime::core);
            if let Some(core) = core.cloned()
                && matches!(core.view().borrow().state, LifecycleState::Absent { .. })
            {
                steps.begin(Target::Nothing, async move {
                    core.start().await;
                    Outcome::Closed
                });
            }
        }
    }

    /// Dials an account's upstream now, and tries again what failed; false when no such account runs. A
    /// managed core is restarted if it is to run at all.
    pub(super) fn reconnect(&mut self, name: &str, steps: &mut Steps) -> bool {
        let Some(account) = self.running_mut().find(|one| one.name().as_str() == name) else {
            return false;
        };
        account.retry_now(Instant::now());
        let target = Target::Upstream(account.name().clone());
        let upstream = &mut account.upstream;
        if upstream.is_busy() {
            return true;
        }
        match upstream.running().and_then(|one| one.core().cloned()) {
            Some(core) => {
                let rests = matches!(core.view().borrow().state, LifecycleState::Stopped);
                if !rests {
                    steps.begin(Target::Nothing, async move {
                        core.restart().await;
                        Outcome::Closed
                    });
                }
            }
            None => {
                if let Some(former) = upstream.begin_close() {
                    steps.begin(target, close_upstream(former.value));
                } else {
                    upstream.closed();
                }
            }
        }
        true
    }

    /// Ports that nobody has taken by now are free for others.
    pub(super) fn first_steps_are_over(&self) {
        self.parts.context.ports.close_reserved();
    }

    /// A task has panicked: its account is started anew, unless it was so lately.
    pub(super) fn panicked(&mut self, panicked: Panicked, steps: &mut Steps) {
        if let Some(account) = self.panics.note(panicked, Instant::now()) {
            warn!(%account, "account restarted after a panic");
            self.stop_account(&account, DisconnectReason::AccountRestarted, steps);
        }
    }

    /// Whether a step is under way.
    pub(super) fn is_busy(&self) -> bool {
        let accounts = self.accounts.iter().any(|account| match account {
            AccountState::Running(account) => account.is_busy(),
            AccountState::Stopping { .. } => true,
        });
        accounts || self.webhooks.is_busy() || self.cores.is_busy() || self.access.is_busy()
    }

    /// When the next failed attempt is due.
    pub(super) fn retry_at(&self) -> Option<Instant> {
        let parts = [
            self.webhooks.retry_at(),
            self.cores.retry_at(),
            self.access.retry_at(),
        ];
        let accounts = self.running().filter_map(AccountRuntime::retry_at);
        parts.into_iter().flatten().chain(accounts).min()
    }

    /// What is not as the settings want it: what failed, what goes on, and what waits for the next start.
    pub(super) fn pending(&self) -> Vec<Message> {
        let mut pending = self.problems();
        if self.is_busy() {
            pending.push(words::StillApplying.into());
        }
        pending
    }

    fn problems(&self) -> Vec<Message> {
        let mut problems: Vec<_> = self.running().flat_map(AccountRuntime::problems).collect();
        problems.extend(self.own_problems());
        problems
    }

    /// What is wrong with the node itself.
    fn own_problems(&self) -> Vec<Message> {
        let mut problems = super::changes::needs_restart(&self.started_with, &self.config);
        problems.extend(self.panics.problems(Instant::now()));
        problems.extend_from_slice(self.webhooks.problems());
        problems.extend_from_slice(self.cores.problems());
        problems.extend_from_slice(self.access.problems());
        problems
    }

    /// What is published, with the problems of the settings file.
    pub(super) fn view(&self, file_problems: Vec<Message>) -> Arc<View> {
        let accounts = self.config.accounts.iter().map(|settings| {
            let mut running = self.running();
            let running = running.find(|account| *account.name() == settings.name);
            running.map_or_else(|| not_running(settings), |account| account.view(settings))
        });
        let mut problems = file_problems;
        problems.extend(self.own_problems());
        let discovery = &self.config.discovery;
        Arc::new(View {
            accounts: accounts.collect(),
            problems,
            config: Arc::clone(&self.config),
            leases_for: discovery.account.as_ref().map(ToString::to_string),
        })
    }

    /// Ends all accounts at once; over by `deadline`.
    pub(super) async fn stop(self, deadline: Instant) {
        let stopping = self
            .accounts
            .into_iter()
            .filter_map(|account| match account {
                AccountState::Running(account) => Some(tokio::spawn(
                    account.stop(DisconnectReason::ShuttingDown, deadline),
                )),
                AccountState::Stopping { .. } => None,
            });
        for stopped in stopping.collect::<Vec<_>>() {
            let _ended = stopped.await;
        }
        info!("accounts stopped");
    }

    fn actual(&self, now: Instant) -> Actual<'_> {
        let accounts = self.accounts.iter().map(|account| match account {
            AccountState::Running(account) => ActualAccount::Running(account.actual(now)),
            AccountState::Stopping { name, holds } => ActualAccount::Stopping { name, holds },
        });
        Actual {
            accounts: accounts.collect(),
            webhooks: self.webhooks.view(now),
            cores: self.cores.view(now),
            access: self.access.view(now),
        }
    }

    fn place(&self, name: &Name) -> Option<usize> {
        self.accounts
            .iter()
            .position(|account| account.name() == name)
    }

    fn running(&self) -> impl Iterator<Item = &AccountRuntime> {
        self.accounts.iter().filter_map(|account| match account {
            AccountState::Running(account) => Some(&**account),
            AccountState::Stopping { .. } => None,
        })
    }

    fn running_mut(&mut self) -> impl Iterator<Item = &mut AccountRuntime> {
        self.accounts
            .iter_mut()
            .filter_map(|account| match account {
                AccountState::Running(account) => Some(&mut **account),
                AccountState::Stopping { .. } => None,
            })
    }

    fn account(&mut self, name: &Name) -> Option<&mut AccountRuntime> {
        self.running_mut().find(|account| account.name() == name)
    }
}

impl AccountState {
    fn name(&self) -> &Name {
        match self {
            Self::Running(account) => account.name(),
            Self::Stopping { name, .. } => name,
        }
    }
}

async fn close_upstream(upstream: UpstreamRuntime) -> Outcome {
    upstream.close(Instant::now() + END_LIMIT).await;
    Outcome::Closed
}

fn finish_upstream(
    slot: &mut Slot<perpetua_accounts::DesiredUpstream, UpstreamRuntime>,
    outcome: Outcome,
    now: Instant,
) {
    match outcome {
        Outcome::UpstreamOpened(upstream, problems) => slot.opened(upstream, problems, now),
        Outcome::Adjusted(problems) => slot.adjusted(problems, now),
        other => failed(slot, other, now),
    }
}

fn finish_client(slot: &mut Slot<config::Client, ClientRuntime>, outcome: Outcome, now: Instant) {
    match outcome {
        Outcome::ClientOpened(client) => slot.opened(client, Vec::new(), now),
        other => failed(slot, other, now),
    }
}

/// The step came to nothing, or has closed what was there.
fn failed<W, R>(slot: &mut Slot<W, R>, outcome: Outcome, now: Instant) {
    match outcome {
        Outcome::Failed(problem) => slot.failed(problem, now),
        _ => slot.closed(),
    }
}

/// An account that is disabled, or being stopped.
fn not_running(settings: &config::Account) -> AccountView {
    AccountView {
        name: settings.name.to_string(),
        kind: perpetua_accounts::kind(&settings.upstream),
        address: None,
        problem: None,
        running: None,
    }
}
