//! Beginning steps: what is done at once, and what goes on beside the loop.

use perpetua_accounts::{Change, Panicked, PartStep, Redial, Renewal, SecretUser, Step};
use tokio::time::Instant;

use perpetua_config::Name;
use perpetua_hub::DisconnectReason;
use perpetua_lifecycle::LifecycleState;
use perpetua_words::Message;
use tracing::warn;

use super::{
    super::{
        apply,
        secret_words::{self, SecretChange},
        steps::{Outcome, Steps, Target},
    },
    State,
};

impl State {
    pub(super) fn begin(&mut self, step: Step, steps: &mut Steps) {
        match step {
            Step::StartAccount(name) => self.start_account(&name),
            Step::StopAccount(name) => {
                self.stop_account(&name, DisconnectReason::Removed, steps);
            }
            Step::SetLimits(name) => {
                if let Some(wanted) = self.desired.account(&name) {
                    self.accounts.set_limits(wanted);
                }
            }
            Step::Upstream(name, change) => self.begin_upstream(&name, change, steps),
            Step::Client(name, client, change) => self.begin_client(&name, &client, change, steps),
            Step::Webhooks => {
                steps.call_off(&Target::Webhooks);
                let wanted = self.desired.webhooks.clone();
                self.webhooks.begin(wanted.clone());
                let context = self.parts.context.clone();
                steps.begin(Target::Webhooks, apply::webhooks(wanted, context));
            }
            Step::Cores => {
                steps.call_off(&Target::Cores);
                let wanted = self.desired.cores.clone();
                self.cores.begin(wanted.clone());
                let cores = self.parts.cores.clone();
                steps.begin(Target::Cores, apply::cores(wanted, cores));
            }
            Step::Access => {
                steps.call_off(&Target::Access);
                if !self.leases_are_as_wanted() {
                    self.revoke_discovery();
                }
                let wanted = self.desired.access.clone();
                self.access.begin(wanted.clone());
                let (context, token) =
                    (self.parts.context.clone(), self.parts.session_token.clone());
                let api = self.parts.api.ip();
                steps.begin(Target::Access, apply::access(wanted, api, token, context));
            }
        }
    }

    /// Whether ports are leased at all, and those who are let in show a token from the place that the settings
    /// name, or need none.
    fn leases_are_as_wanted(&self) -> bool {
        let (wanted, api) = (&self.desired.access.discovery, self.parts.api.ip());
        self.access.running_by().is_some_and(|running| {
            let running = &running.discovery;
            let needs_none = !wanted.asks_for_token(api) && !running.asks_for_token(api);
            wanted.enabled && (needs_none || running.token == wanted.token)
        })
    }

    /// Nobody stays or comes in by the former token, whenever the other one can be had.
    fn revoke_discovery(&mut self) {
        self.accounts.revoke_leases();
        self.parts
            .http
            .send_if_modified(|http| http.discovery.token.take().is_some());
    }

    fn start_account(&mut self, name: &Name) {
        let seed = self.parts.random.u64(..);
        let rules = self.access.running();
        let rules = rules.filter(|_| self.leases_are_as_wanted());
        let leases = rules.and_then(|rules| rules.leases.as_ref());
        if let Some(wanted) = self.desired.account(name) {
            self.accounts.start(wanted, leases, seed);
        }
    }

    fn stop_account(&mut self, name: &Name, reason: DisconnectReason, steps: &mut Steps) {
        steps.call_off_account(name);
        if let Some(stopping) = self.accounts.stop(name, reason) {
            steps.begin(Target::Account(name.clone()), async move {
                stopping.await;
                Outcome::Closed
            });
        }
    }

    fn begin_upstream(&mut self, name: &Name, change: Change, steps: &mut Steps) {
        let seed = self.parts.random.u64(..);
        let Some(wanted) = self.desired.account(name) else {
            return;
        };
        let target = Target::Upstream(name.clone());
        if change == Change::CallOff {
            steps.call_off(&target);
        }
        if let Some(step) = self.accounts.begin_upstream(wanted, change, seed) {
            steps.begin(target, part(step));
        }
    }

    fn begin_client(&mut self, name: &Name, client: &Name, change: Change, steps: &mut Steps) {
        let Some(wanted) = self.desired.account(name) else {
            return;
        };
        let target = Target::Client(name.clone(), client.clone());
        if change == Change::CallOff {
            steps.call_off(&target);
        }
        if let Some(step) = self.accounts.begin_client(wanted, client, change) {
            steps.begin(target, part(step));
        }
    }

    /// Dials an account's upstream now, and tries again what failed; false when no such account runs. A
    /// managed core is restarted if it is to run at all.
    pub(in crate::controller) fn reconnect(&mut self, name: &str, steps: &mut Steps) -> bool {
        let Ok(name) = Name::new(name) else {
            return false;
        };
        match self.accounts.reconnect(&name, Instant::now()) {
            None => return false,
            Some(Redial::UnderWay) => {}
            Some(Redial::Core(core)) => {
                let rests = matches!(core.view().borrow().state, LifecycleState::Stopped);
                if !rests {
                    steps.begin(Target::Nothing, async move {
                        core.restart().await;
                        Outcome::Closed
                    });
                }
            }
            Some(Redial::Closing(step)) => steps.begin(Target::Upstream(name), part(step)),
        }
        true
    }

    /// Opens a port anew, with the token that is stored now.
    pub(in crate::controller) fn renew(
        &mut self,
        account: &Name,
        client: Option<&Name>,
        steps: &mut Steps,
    ) {
        let target = match client {
            Some(client) => Target::Client(account.clone(), client.clone()),
            None => Target::Upstream(account.clone()),
        };
        let Some(wanted) = self.desired.account(account) else {
            return;
        };
        match self.accounts.renew(wanted, client) {
            Renewal::Planned => {}
            Renewal::CalledOff => steps.call_off(&target),
            Renewal::Closing(step) => steps.begin(target, part(step)),
        }
    }

    /// A secret of the settings was stored anew or removed: whatever runs with it takes that over. Tells what it was.
    pub(in crate::controller) fn secret_changed(
        &mut self,
        secret: &str,
        change: SecretChange,
        steps: &mut Steps,
    ) -> Vec<Message> {
        let now = Instant::now();
        // What lacked it is tried at once.
        self.retry_failed();
        let users = self.desired.users_of_secret(secret);
        for user in &users {
            match user {
                SecretUser::Client(account, client) => self.renew(account, Some(client), steps),
                SecretUser::Upstream(account) => self.renew(account, None, steps),
                SecretUser::Signing(account, _) => self.accounts.adjust_again(account, now),
                SecretUser::Webhook(_) => self.webhooks.again(now),
                SecretUser::Cores => self.cores.again(now),
                SecretUser::Leases => {
                    // Whoever shows a secret is asked for it.
                    self.revoke_discovery();
                    self.access.again(now);
                }
            }
        }
        let said = users
            .iter()
            .map(|user| secret_words::said(user, change, &self.config));
        let mut said: Vec<Message> = said.collect();
        said.dedup();
        said
    }

    /// A task has panicked: its account is started anew, now or a minute after the last time.
    pub(in crate::controller) fn panicked(&mut self, panicked: Panicked, steps: &mut Steps) {
        self.panics.note(panicked, Instant::now());
        self.restart_panicked(steps);
    }

    /// Starts the accounts anew whose time for it has come.
    pub(in crate::controller) fn restart_panicked(&mut self, steps: &mut Steps) {
        for account in self.panics.take_due(Instant::now()) {
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
