//! What becomes of the things that a step was for, once it has ended.

use perpetua_accounts::{ClientRuntime, DesiredUpstream, Slot, UpstreamRuntime};
use tokio::time::Instant;

use perpetua_config as config;
use perpetua_lifecycle::LifecycleState;
use perpetua_words::Message;
use tracing::warn;

use super::{
    super::steps::{AccessRules, Done, Outcome, Steps, Target},
    AccountState, State,
};

impl State {
    /// A step has ended.
    pub(in crate::controller) fn finish(&mut self, done: Done, steps: &mut Steps) {
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
}

fn finish_upstream(
    slot: &mut Slot<DesiredUpstream, UpstreamRuntime>,
    outcome: Outcome,
    now: Instant,
) {
    match outcome {
        Outcome::UpstreamOpened(upstream, problems) => {
            slot.listens_at(upstream.listen());
            slot.opened(upstream, problems, now);
        }
        Outcome::Adjusted(problems) => slot.adjusted(problems, now),
        other => failed(slot, other, now),
    }
}

fn finish_client(slot: &mut Slot<config::Client, ClientRuntime>, outcome: Outcome, now: Instant) {
    match outcome {
        Outcome::ClientOpened(client) => {
            slot.listens_at(client.listen());
            slot.opened(client, Vec::new(), now);
        }
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
