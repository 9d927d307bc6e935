//! All accounts: those that run, and those that are being stopped.

use std::{collections::HashMap, time::Duration};

use perpetua_config::{self as config, Name};
use perpetua_hub::DisconnectReason;
use perpetua_proxy::LeaseSettings;
use perpetua_supervisor::CoreHandle;
use perpetua_words::Message;
use tokio::time::Instant;
use tracing::info;

use crate::{
    account::{AccountRuntime, PartOutcome, PartStep},
    context::Context,
    desired::{Claim, Desired, DesiredAccount},
    panics::PanicReporter,
    plan::{ActualAccount, Change},
    view::AccountView,
};

/// How long an account that the settings end may take for it.
const END_LIMIT: Duration = Duration::from_secs(5);

/// The accounts that are there.
#[derive(Debug)]
pub struct Accounts {
    context: Context,
    reporter: PanicReporter,
    present: Vec<AccountState>,
    began: Instant,
    /// When accounts were stopped that have run.
    stopped: HashMap<Name, Instant>,
}

#[derive(Debug)]
enum AccountState {
    Running(Box<AccountRuntime>),
    Stopping { name: Name, holds: Vec<Claim> },
}

impl Accounts {
    /// None yet.
    pub fn new(context: Context, reporter: PanicReporter) -> Self {
        Self {
            context,
            reporter,
            present: Vec::new(),
            began: Instant::now(),
            stopped: HashMap::new(),
        }
    }

    /// How the plan sees them.
    pub fn actual(&self, now: Instant) -> Vec<ActualAccount<'_>> {
        let accounts = self.present.iter().map(|account| match account {
            AccountState::Running(account) => ActualAccount::Running(account.actual(now)),
            AccountState::Stopping { name, holds } => ActualAccount::Stopping { name, holds },
        });
        accounts.collect()
    }

    /// Starts an account: its hub; its parts are steps of their own. `seed` is for what is random in it.
    pub fn start(&mut self, wanted: &DesiredAccount, leases: Option<&LeaseSettings>, seed: u64) {
        let waiting = self.context.waiting.clone();
        let tasks = self.reporter.tasks_of(&wanted.name, waiting);
        let account = AccountRuntime::start(wanted, leases, &self.context, tasks, seed);
        self.present.push(AccountState::Running(Box::new(account)));
    }

    /// Begins to stop an account that runs; [`Accounts::stopped`] is for when that is done.
    pub fn stop(
        &mut self,
        name: &Name,
        reason: DisconnectReason,
    ) -> Option<impl Future<Output = ()> + Send + use<>> {
        let place = self.present.iter().position(|one| one.name() == name)?;
        let AccountState::Running(account) = &self.present[place] else {
            return None;
        };
        let stopping = AccountState::Stopping {
            name: name.clone(),
            holds: account.places(),
        };
        let former = std::mem::replace(&mut self.present[place], stopping);
        let AccountState::Running(account) = former else {
            return None;
        };
        let now = Instant::now();
        self.stopped.insert(name.clone(), now);
        let deadline = now + END_LIMIT;
        Some(async move { account.stop(reason, deadline).await })
    }

    /// An account has been stopped.
    pub fn stopped(&mut self, name: &Name) {
        self.present.retain(|account| account.name() != name);
    }

    /// An account takes over how long its actions may take.
    pub fn set_limits(&mut self, wanted: &DesiredAccount) {
        if let Some(account) = self.account(&wanted.name) {
            account.set_limits(wanted.limits);
        }
    }

    /// Begins a step of an account's upstream. `seed` is for what is random in it.
    pub fn begin_upstream(
        &mut self,
        wanted: &DesiredAccount,
        change: Change,
        seed: u64,
    ) -> Option<PartStep> {
        let context = self.context.clone();
        let account = self.account(&wanted.name)?;
        account.begin_upstream(change, wanted.upstream.clone(), context, seed)
    }

    /// A step of an account's upstream has ended.
    pub fn finish_upstream(&mut self, name: &Name, outcome: PartOutcome, now: Instant) {
        if let Some(account) = self.account(name) {
            account.finish_upstream(outcome, now);
        }
    }

    /// Begins a step of a client.
    pub fn begin_client(
        &mut self,
        wanted: &DesiredAccount,
        client: &Name,
        change: Change,
    ) -> Option<PartStep> {
        let context = self.context.clone();
        let account = self.account(&wanted.name)?;
        account.begin_client(client, change, wanted.client(client).cloned(), context)
    }

    /// A step of a client has ended.
    pub fn finish_client(
        &mut self,
        name: &Name,
        client: &Name,
        outcome: PartOutcome,
        now: Instant,
    ) {
        if let Some(account) = self.account(name) {
            account.finish_client(client, outcome, now);
        }
    }

    /// Tries again what failed of an account, and dials its upstream anew; `None` when no such account runs.
    pub fn reconnect(&mut self, name: &Name, now: Instant) -> Option<Redial> {
        let account = self.account(name)?;
        account.retry_now(now);
        if account.is_upstream_busy() {
            return Some(Redial::UnderWay);
        }
        if let Some(core) = account.core() {
            return Some(Redial::Core(core.clone()));
        }
        let closing = account.close_upstream();
        Some(closing.map_or(Redial::UnderWay, Redial::Closing))
    }

    /// What the settings name of a managed account has changed, though they are the same: its core takes it over.
    pub fn adjust_again(&mut self, name: &Name, now: Instant) {
        if let Some(account) = self.account(name) {
            account.adjust_again(now);
        }
    }

    /// Whether an account is there, or is being stopped.
    pub fn has(&self, name: &Name) -> bool {
        self.present.iter().any(|account| account.name() == name)
    }

    /// Closes the port of a client, or of an upstream that dials, so that the plan opens it with the token that
    /// is stored then.
    pub fn renew(&mut self, wanted: &DesiredAccount, client: Option<&Name>) -> Renewal {
        let context = self.context.clone();
        let Some(account) = self.account(&wanted.name) else {
            return Renewal::Planned;
        };
        if account.call_off_opening(client) {
            return Renewal::CalledOff;
        }
        let closing = match client {
            Some(client) => {
                let settings = wanted.client(client).cloned();
                account.begin_client(client, Change::Close, settings, context)
            }
            None if account.is_upstream_busy() => None,
            None => account.close_upstream(),
        };
        closing.map_or(Renewal::Planned, Renewal::Closing)
    }

    /// Takes other settings of leased ports over.
    pub fn set_leases(&mut self, leases: Option<&LeaseSettings>) {
        for account in self.running_mut() {
            account.set_leases(leases);
        }
    }

    /// Ends what was let in at leased ports, and leases none until other settings come.
    pub fn revoke_leases(&mut self) {
        for account in self.running_mut() {
            account.revoke_leases();
        }
    }

    /// The cores of the accounts whose core this node manages.
    pub fn cores(&self) -> impl Iterator<Item = &CoreHandle> {
        self.running().filter_map(AccountRuntime::core)
    }

    /// Lets go of what failed and is not wanted any longer.
    pub fn forget_unwanted(&mut self, desired: &Desired) {
        let wanted = desired.by_name();
        for account in self.running_mut() {
            let wanted = wanted.get(account.name()).copied();
            account.forget_unwanted(wanted);
        }
    }

    /// What failed is tried again at once.
    pub fn retry_now(&mut self, now: Instant) {
        for account in self.running_mut() {
            account.retry_now(now);
        }
    }

    /// When the next failed attempt is due that was not due yet at `planned`.
    pub fn retry_after(&self, planned: Instant) -> Option<Instant> {
        let accounts = self.running();
        accounts
            .filter_map(|account| account.retry_after(planned))
            .min()
    }

    /// Whether a step is under way.
    pub fn is_busy(&self) -> bool {
        self.present.iter().any(|account| match account {
            AccountState::Running(account) => account.is_busy(),
            AccountState::Stopping { .. } => true,
        })
    }

    /// Everything that could not be done.
    pub fn problems(&self) -> Vec<Message> {
        self.running().flat_map(AccountRuntime::problems).collect()
    }

    /// What is published of the accounts with these settings.
    pub fn views(&self, settings: &[config::Account]) -> Vec<AccountView> {
        let running = self.running().map(|account| (account.name(), account));
        let running: HashMap<_, _> = running.collect();
        let view = |settings: &config::Account| {
            if let Some(account) = running.get(&settings.name) {
                return account.view(settings);
            }
            let since = self.stopped.get(&settings.name).unwrap_or(&self.began);
            AccountView::not_running(settings, since.into_std())
        };
        settings.iter().map(view).collect()
    }

    /// Ends all accounts at once; over by `deadline`.
    pub async fn stop_all(self, deadline: Instant) {
        let stopping = self
            .present
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

    fn running(&self) -> impl Iterator<Item = &AccountRuntime> {
        self.present.iter().filter_map(|account| match account {
            AccountState::Running(account) => Some(&**account),
            AccountState::Stopping { .. } => None,
        })
    }

    fn running_mut(&mut self) -> impl Iterator<Item = &mut AccountRuntime> {
        self.present.iter_mut().filter_map(|account| match account {
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

/// How a port is opened anew.
pub enum Renewal {
    /// It is not open, or is being closed: it opens with the new token.
    Planned,
    /// It was being opened, perhaps with the former token: that step is to be ended.
    CalledOff,
    /// It is closed, and then opened again by the plan.
    Closing(PartStep),
}

/// How an account dials anew.
pub enum Redial {
    /// Something is under way already, or will be planned.
    UnderWay,
    /// Its core has to be restarted, if it is to run at all.
    Core(CoreHandle),
    /// Its upstream is closed, and then opened again by the plan.
    Closing(PartStep),
}
