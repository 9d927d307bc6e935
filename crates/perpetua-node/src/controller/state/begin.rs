//! Beginning steps: what is done at once, and what goes on beside the loop.

use std::time::Duration;

use perpetua_accounts::{AccountRuntime, Change, Panicked, PartStep, Step};
use tokio::time::Instant;

use perpetua_config::Name;
use perpetua_hub::DisconnectReason;
use perpetua_lifecycle::LifecycleState;
use tracing::warn;

use super::{
    super::{
        apply,
        steps::{Outcome, Steps, Target},
    },
    AccountState, State,
};

/// How long an account that the settings end may take for it.
const END_LIMIT: Duration = Duration::from_secs(5);

impl State {
    pub(super) fn begin(&mut self, step: Step, steps: &mut Steps) {
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
                let api = self.parts.api.ip();
                steps.begin(Target::Access, apply::access(wanted, api, token, context));
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
        if let Some(step) = account.begin_upstream(change, wanted, context, seed) {
            steps.begin(Target::Upstream(name.clone()), part(step));
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
        if let Some(step) = account.begin_client(client, change, wanted, context) {
            steps.begin(Target::Client(name.clone(), client.clone()), part(step));
        }
    }

    /// Dials an account's upstream now, and tries again what failed; false when no such account runs. A
    /// managed core is restarted if it is to run at all.
    pub(in crate::controller) fn reconnect(&mut self, name: &str, steps: &mut Steps) -> bool {
        let Some(account) = self.running_mut().find(|one| one.name().as_str() == name) else {
            return false;
        };
        account.retry_now(Instant::now());
        if account.is_upstream_busy() {
            return true;
        }
        if let Some(core) = account.core().cloned() {
            let rests = matches!(core.view().borrow().state, LifecycleState::Stopped);
            if !rests {
                steps.begin(Target::Nothing, async move {
                    core.restart().await;
                    Outcome::Closed
                });
            }
        } else if let Some(step) = account.close_upstream() {
            let target = Target::Upstream(account.name().clone());
            steps.begin(target, part(step));
        }
        true
    }

    /// A task has panicked: its account is started anew, unless it was so lately.
    pub(in crate::controller) fn panicked(&mut self, panicked: Panicked, steps: &mut Steps) {
        if let Some(account) = self.panics.note(panicked, Instant::now()) {
            warn!(%account, "account restarted after a panic");
            self.stop_account(&account, DisconnectReason::AccountRestarted, steps);
        }
    }
}

async fn part(step: PartStep) -> Outcome {
    match step.await {
        Ok(changed) => Outcome::PartChanged(changed),
        Err(problem) => Outcome::Failed(problem),
    }
}
