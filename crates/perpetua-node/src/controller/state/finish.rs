//! What becomes of the things that a step was for, once it has ended.

use perpetua_accounts::{PartOutcome, Slot};
use tokio::time::Instant;

use perpetua_lifecycle::LifecycleState;
use perpetua_words::Message;
use tracing::warn;

use super::{
    super::steps::{AccessRules, Done, Outcome, Steps, Target},
    State,
};

impl State {
    /// A step has ended.
    pub(in crate::controller) fn finish(&mut self, done: Done, steps: &mut Steps) {
        let now = Instant::now();
        if let Outcome::Failed(problem) = &done.outcome {
            warn!(step = %done.target, %problem, "not done; it is tried again");
        }
        match done.target {
            Target::Account(name) => self.accounts.stopped(&name),
            Target::Upstream(name) => {
                if let Some(outcome) = of_part(done.outcome) {
                    self.accounts.finish_upstream(&name, outcome, now);
                }
            }
            Target::Client(name, client) => {
                if let Some(outcome) = of_part(done.outcome) {
                    self.accounts.finish_client(&name, &client, outcome, now);
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
        self.accounts.set_leases(rules.leases.as_ref());
        self.access.opened(rules, problems, now);
    }

    /// The sources of cores are others: accounts that wait for one do not wait any longer.
    fn cores_changed(&self, steps: &mut Steps) {
        for core in self.accounts.cores() {
            if matches!(core.view().borrow().state, LifecycleState::Absent { .. }) {
                let core = core.clone();
                steps.begin(Target::Nothing, async move {
                    core.start().await;
                    Outcome::Closed
                });
            }
        }
    }
}

/// How a step of a part of an account ended; other steps have other outcomes.
fn of_part(outcome: Outcome) -> Option<PartOutcome> {
    match outcome {
        Outcome::PartChanged(changed) => Some(Ok(changed)),
        Outcome::Failed(problem) => Some(Err(problem)),
        _ => None,
    }
}

/// The step came to nothing, or has closed what was there.
fn failed<W, R>(slot: &mut Slot<W, R>, outcome: Outcome, now: Instant) {
    match outcome {
        Outcome::Failed(problem) => slot.failed(problem, now),
        _ => slot.closed(),
    }
}
