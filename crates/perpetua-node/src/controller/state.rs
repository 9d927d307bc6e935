//! What is wanted and what runs, and the way from one to the other.

mod begin;
mod finish;

use std::{net::SocketAddr, sync::Arc};

use perpetua_accounts::{
    Accounts, Actual, Change, Context, Desired, DesiredAccess, Events, PanicReporter, Panics, Slot,
    Step, View, Webhook, plan,
};
use tokio::time::Instant;

use perpetua_config::{self as config, Config, Name};
use perpetua_words::{Message, node as words};
use tokio::sync::watch;

use super::steps::{AccessRules, Steps};
use crate::installed_cores::InstalledCores;

/// What the controller works with.
pub(crate) struct ControllerParts {
    /// Where the HTTP side listens.
    pub(crate) api: SocketAddr,
    pub(crate) context: Context,
    pub(crate) cores: InstalledCores,
    pub(crate) log: perpetua_telemetry::LogHandle,
    pub(crate) session_token: perpetua_secrets::Secret,
    pub(crate) http: watch::Sender<perpetua_http::HttpSettings>,
    pub(crate) webhooks: watch::Sender<Vec<Webhook>>,
    pub(crate) random: fastrand::Rng,
}

/// What is wanted and what runs.
pub(super) struct State {
    parts: ControllerParts,
    panics: Panics,
    config: Arc<Config>,
    desired: Desired,
    /// When the last plan was made.
    planned: Instant,
    /// The settings that the node was started with: some of them cannot change while it runs.
    started_with: Arc<Config>,
    accounts: Accounts,
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
        let accounts = Accounts::new(parts.context.clone(), reporter);
        let mut cores = Slot::default();
        if parts.cores.knows_proxy {
            cores.begin(config.core_install());
            cores.opened((), Vec::new(), Instant::now());
        }
        Self {
            parts,
            panics: Panics::default(),
            desired: Desired::new(&config),
            planned: Instant::now(),
            started_with: Arc::clone(&config),
            config,
            accounts,
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
        self.parts.context.budget.set_limit(config.limits.memory);
        self.desired = Desired::new(&config);
        self.parts.context.ports.close_unwanted(&self.desired);
        self.config = config;
        self.retry_failed();
    }

    /// What could not be done is due again.
    pub(super) fn retry_failed(&mut self) {
        let now = Instant::now();
        self.webhooks.retry_now(now);
        self.cores.retry_now(now);
        self.access.retry_now(now);
        self.accounts.retry_now(now);
    }

    /// Begins every step that can be begun now.
    pub(super) fn reconcile(&mut self, steps: &mut Steps) {
        self.forget_other_attempts();
        loop {
            self.planned = Instant::now();
            let planned = plan(&self.desired, &self.actual(self.planned));
            // Only what is done at once can make room for more.
            let again = planned.iter().any(|step| {
                matches!(
                    step,
                    Step::StartAccount(_)
                        | Step::Upstream(_, Change::CallOff)
                        | Step::Client(_, _, Change::CallOff)
                )
            });
            for step in planned {
                self.begin(step, steps);
            }
            if !again {
                break;
            }
        }
    }

    /// What was tried for other settings says nothing any more.
    fn forget_other_attempts(&mut self) {
        let desired = &self.desired;
        self.webhooks.forget_other_attempts(Some(&desired.webhooks));
        self.cores.forget_other_attempts(Some(&desired.cores));
        self.access.forget_other_attempts(Some(&desired.access));
        self.accounts.forget_unwanted(desired);
    }

    /// Ports that nobody has taken by now are free for others.
    pub(super) fn first_steps_are_over(&self) {
        self.parts.context.ports.close_reserved();
    }

    /// Whether a step is under way.
    pub(super) fn is_busy(&self) -> bool {
        self.accounts.is_busy()
            || self.webhooks.is_busy()
            || self.cores.is_busy()
            || self.access.is_busy()
    }

    /// Whether an account runs, or is being stopped.
    pub(super) fn has_account(&self, name: &Name) -> bool {
        self.accounts.has(name)
    }

    /// When something is to be tried again although nothing else has happened.
    pub(super) fn retry_at(&self) -> Option<Instant> {
        let planned = self.planned;
        let parts = [
            self.webhooks.retry_after(planned),
            self.cores.retry_after(planned),
            self.access.retry_after(planned),
            self.accounts.retry_after(planned),
            self.panics.restart_at(),
        ];
        parts.into_iter().flatten().min()
    }

    /// What is not as the settings want it: what failed, what goes on, and what waits for the next start.
    pub(super) fn pending(&self) -> Vec<Message> {
        let mut pending = self.problems();
        if self.is_busy() {
            pending.push(words::StillApplying.into());
        }
        pending
    }

    /// What failed, and what waits for the next start.
    pub(super) fn problems(&self) -> Vec<Message> {
        let mut problems = self.accounts.problems();
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
        let mut problems = file_problems;
        problems.extend(self.own_problems());
        problems.extend(self.parts.context.ports.problem());
        let discovery = &self.config.discovery;
        Arc::new(View {
            accounts: self.accounts.views(&self.config.accounts),
            problems,
            config: Arc::clone(&self.config),
            remarks: self.config.remarks(),
            leases_for: discovery.account.as_ref().map(ToString::to_string),
        })
    }

    /// Ends all accounts at once; over by `deadline`.
    pub(super) async fn stop(self, deadline: Instant) {
        self.accounts.stop_all(deadline).await;
    }

    fn actual(&self, now: Instant) -> Actual<'_> {
        Actual {
            accounts: self.accounts.actual(now),
            webhooks: self.webhooks.view(now),
            cores: self.cores.view(now),
            access: self.access.view(now),
        }
    }
}
