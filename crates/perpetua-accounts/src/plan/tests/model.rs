//! A world that runs nothing: slots in which steps begin and end as a test says.

use std::collections::BTreeSet;

use tokio::time::Instant;

use perpetua_config::{self as config, Name};
use perpetua_hub::AccountLimits;
use perpetua_words::Message;

use super::notation::problem;
use crate::{
    desired::{Claim, Desired, DesiredAccess, DesiredUpstream, Holds},
    plan::{Actual, ActualAccount, Change, RunningAccount, Step},
    slot::Slot,
};

/// What runs, without anything that runs.
#[derive(Debug)]
pub(super) struct World {
    pub(super) accounts: Vec<AccountModel>,
    pub(super) webhooks: Slot<Vec<config::Hook>, ()>,
    pub(super) cores: Slot<config::CoreInstallSettings, ()>,
    pub(super) access: Slot<DesiredAccess, ()>,
}

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there are few of them")]
pub(super) enum AccountModel {
    Running {
        name: Name,
        limits: AccountLimits,
        upstream: Slot<DesiredUpstream, ()>,
        clients: Vec<(Name, Slot<config::Client, ()>)>,
    },
    Stopping {
        name: Name,
        holds: Vec<Claim>,
    },
}

/// How a step ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Well,
    Badly,
}

impl World {
    pub(super) fn actual(&self, now: Instant) -> Actual<'_> {
        Actual {
            accounts: self.accounts.iter().map(|one| one.view(now)).collect(),
            webhooks: self.webhooks.view(now),
            cores: self.cores.view(now),
            access: self.access.view(now),
        }
    }

    /// A step begins; what takes no time is done at once.
    pub(super) fn begin(&mut self, step: &Step, desired: &Desired) {
        match step {
            Step::StartAccount(name) => self.accounts.push(AccountModel::Running {
                name: name.clone(),
                limits: desired.account(name).expect("wanted").limits,
                upstream: Slot::default(),
                clients: Vec::new(),
            }),
            Step::StopAccount(name) => {
                let place = self.place(name);
                let holds = self.accounts[place].places();
                let name = name.clone();
                self.accounts[place] = AccountModel::Stopping { name, holds };
            }
            Step::SetLimits(name) => {
                let wanted = desired.account(name).expect("wanted").limits;
                if let AccountModel::Running { limits, .. } = self.account(name) {
                    *limits = wanted;
                }
            }
            Step::Upstream(name, change) => {
                let wanted = desired.account(name).map(|one| one.upstream.clone());
                begin(self.upstream(name), *change, wanted);
            }
            Step::Client(account, client, change) => {
                let wanted = desired
                    .account(account)
                    .and_then(|one| one.client(client).cloned());
                begin(self.client(account, client), *change, wanted);
            }
            Step::Webhooks => self.webhooks.begin(desired.webhooks.clone()),
            Step::Cores => self.cores.begin(desired.cores.clone()),
            Step::Access => self.access.begin(desired.access.clone()),
        }
    }

    /// A step that was begun ends.
    pub(super) fn end(&mut self, step: &Step, ending: Ending, now: Instant) {
        match step {
            Step::StartAccount(_) | Step::SetLimits(_) => {}
            Step::StopAccount(name) => {
                let place = self.place(name);
                self.accounts.remove(place);
            }
            Step::Upstream(name, change) => end(self.upstream(name), *change, ending, now),
            Step::Client(account, client, change) => {
                end(self.client(account, client), *change, ending, now);
            }
            Step::Webhooks => end_whole(&mut self.webhooks, ending, now),
            Step::Cores => end_whole(&mut self.cores, ending, now),
            Step::Access => end_whole(&mut self.access, ending, now),
        }
    }

    /// Everything that failed is due again.
    pub(super) fn retry_now(&mut self, now: Instant) {
        self.webhooks.retry_now(now);
        self.cores.retry_now(now);
        self.access.retry_now(now);
        for account in &mut self.accounts {
            if let AccountModel::Running {
                upstream, clients, ..
            } = account
            {
                upstream.retry_now(now);
                for (_, slot) in clients {
                    slot.retry_now(now);
                }
            }
        }
    }

    /// What was tried for other settings is forgotten, as the controller does before each plan.
    pub(super) fn forget_other_attempts(&mut self, desired: &Desired) {
        self.webhooks.forget_other_attempts(Some(&desired.webhooks));
        self.cores.forget_other_attempts(Some(&desired.cores));
        self.access.forget_other_attempts(Some(&desired.access));
        for account in &mut self.accounts {
            if let AccountModel::Running {
                name,
                upstream,
                clients,
                ..
            } = account
            {
                let wanted = desired.account(name);
                upstream.forget_other_attempts(wanted.map(|wanted| &wanted.upstream));
                for (client, slot) in clients {
                    let wanted = wanted.and_then(|wanted| wanted.client(client));
                    slot.forget_other_attempts(wanted);
                }
            }
        }
    }

    /// Everything that is known to be wrong.
    pub(super) fn problems(&self) -> usize {
        let accounts = self.accounts.iter().map(|account| match account {
            AccountModel::Running {
                upstream, clients, ..
            } => {
                let clients = clients.iter().map(|(_, slot)| slot.problems().len());
                upstream.problems().len() + clients.sum::<usize>()
            }
            AccountModel::Stopping { .. } => 0,
        });
        let whole = [
            self.webhooks.problems(),
            self.cores.problems(),
            self.access.problems(),
        ];
        accounts.sum::<usize>() + whole.map(<[_]>::len).iter().sum::<usize>()
    }

    /// When something is tried again although nothing else has happened.
    pub(super) fn retry_after(&self, planned: Instant) -> Option<Instant> {
        let accounts = self.accounts.iter().filter_map(|account| match account {
            AccountModel::Running {
                upstream, clients, ..
            } => {
                let clients = clients
                    .iter()
                    .filter_map(|(_, slot)| slot.retry_after(planned));
                clients.chain(upstream.retry_after(planned)).min()
            }
            AccountModel::Stopping { .. } => None,
        });
        let whole = [
            self.webhooks.retry_after(planned),
            self.cores.retry_after(planned),
            self.access.retry_after(planned),
        ];
        accounts.chain(whole.into_iter().flatten()).min()
    }

    /// What runs of a client, and what is known to be wrong with it.
    pub(super) fn shown(
        &self,
        account: &Name,
        client: &Name,
    ) -> (Option<&config::Client>, &[Message]) {
        for one in &self.accounts {
            if let AccountModel::Running { name, clients, .. } = one
                && name == account
                && let Some((_, slot)) = clients.iter().find(|(name, _)| name == client)
            {
                return (slot.view(Instant::now()).running, slot.problems());
            }
        }
        (None, &[])
    }

    /// Every address that is listened on or dialled now.
    pub(super) fn open_places(&self) -> Vec<Claim> {
        self.accounts
            .iter()
            .flat_map(AccountModel::open_places)
            .collect()
    }

    fn place(&self, name: &Name) -> usize {
        self.accounts
            .iter()
            .position(|account| account.name() == name)
            .expect("an account of the plan is there")
    }

    fn account(&mut self, name: &Name) -> &mut AccountModel {
        let place = self.place(name);
        &mut self.accounts[place]
    }

    fn upstream(&mut self, name: &Name) -> &mut Slot<DesiredUpstream, ()> {
        match self.account(name) {
            AccountModel::Running { upstream, .. } => upstream,
            AccountModel::Stopping { .. } => panic!("`{name}` is being stopped"),
        }
    }

    fn client(&mut self, account: &Name, client: &Name) -> &mut Slot<config::Client, ()> {
        let AccountModel::Running { clients, .. } = self.account(account) else {
            panic!("`{account}` is being stopped");
        };
        if !clients.iter().any(|(name, _)| name == client) {
            clients.push((client.clone(), Slot::default()));
        }
        let found = clients.iter_mut().find(|(name, _)| name == client);
        &mut found.expect("just added").1
    }
}

impl AccountModel {
    pub(super) fn name(&self) -> &Name {
        match self {
            Self::Running { name, .. } | Self::Stopping { name, .. } => name,
        }
    }

    fn view(&self, now: Instant) -> ActualAccount<'_> {
        match self {
            Self::Stopping { name, holds } => ActualAccount::Stopping { name, holds },
            Self::Running {
                name,
                limits,
                upstream,
                clients,
            } => ActualAccount::Running(RunningAccount {
                name,
                limits: *limits,
                upstream: upstream.view(now),
                clients: clients
                    .iter()
                    .map(|(name, slot)| (name, slot.view(now)))
                    .collect(),
            }),
        }
    }

    /// What is listened on or dialled, or may be until a step has ended.
    fn places(&self) -> Vec<Claim> {
        let Self::Running {
            upstream, clients, ..
        } = self
        else {
            return Vec::new();
        };
        let now = Instant::now();
        let clients = clients.iter().flat_map(|(_, slot)| {
            let view = slot.view(now);
            [view.running, view.busy.and_then(|busy| busy.settings)]
        });
        let view = upstream.view(now);
        let upstream = [view.running, view.busy.and_then(|busy| busy.settings)];
        clients
            .flatten()
            .flat_map(Holds::places)
            .chain(upstream.into_iter().flatten().flat_map(Holds::places))
            .collect()
    }

    /// What is listened on or dialled now; what is being closed still is.
    fn open_places(&self) -> Vec<Claim> {
        let (upstream, clients) = match self {
            Self::Running {
                upstream, clients, ..
            } => (upstream, clients),
            Self::Stopping { holds, .. } => {
                let distinct: BTreeSet<_> = holds.iter().cloned().collect();
                return distinct.into_iter().collect();
            }
        };
        let clients = clients.iter().flat_map(|(_, slot)| open_places(slot));
        clients.chain(open_places(upstream)).collect()
    }
}

fn open_places<W: Holds>(slot: &Slot<W, ()>) -> Vec<Claim> {
    let view = slot.view(Instant::now());
    let closing = view.busy.filter(|busy| busy.closes);
    let closing = closing.and_then(|busy| busy.settings);
    let open = view.running.or(closing);
    open.map(Holds::places).unwrap_or_default()
}

fn begin<W: Clone>(slot: &mut Slot<W, ()>, change: Change, wanted: Option<W>) {
    match (change, wanted) {
        (Change::Close, _) => {
            let _closing = slot.begin_close();
        }
        (Change::CallOff, _) => slot.called_off(),
        (Change::Open | Change::Adjust, Some(wanted)) => slot.begin(wanted),
        (Change::Open | Change::Adjust, None) => panic!("the plan opens what is not wanted"),
    }
}

fn end<W: Clone>(slot: &mut Slot<W, ()>, change: Change, ending: Ending, now: Instant) {
    match (change, ending) {
        (Change::Close | Change::CallOff, _) => slot.closed(),
        (_, Ending::Badly) => slot.failed(problem(), now),
        (Change::Open, Ending::Well) => slot.opened((), Vec::new(), now),
        (Change::Adjust, Ending::Well) => slot.adjusted(Vec::new(), now),
    }
}

fn end_whole<W: Clone>(slot: &mut Slot<W, ()>, ending: Ending, now: Instant) {
    match ending {
        Ending::Badly => slot.failed(problem(), now),
        Ending::Well => slot.opened((), Vec::new(), now),
    }
}
