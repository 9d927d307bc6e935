//! Steps under way: each in a task of its own, known by what it is for.

use std::fmt;

use perpetua_accounts::{ChangedPart, Webhook};
use perpetua_config::Name;
use perpetua_http::HttpSettings;
use perpetua_proxy::LeaseSettings;
use perpetua_words::{Message, node as words};
use tokio::task::{AbortHandle, Id, JoinSet};

/// What a step is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Account(Name),
    Upstream(Name),
    Client(Name, Name),
    Webhooks,
    Cores,
    Access,
    /// Nothing that is waited for.
    Nothing,
}

/// For the log.
impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => write!(formatter, "account {account}"),
            Self::Upstream(account) => write!(formatter, "upstream {account}"),
            Self::Client(account, client) => write!(formatter, "client {account}/{client}"),
            Self::Webhooks => formatter.write_str("webhooks"),
            Self::Cores => formatter.write_str("core downloads"),
            Self::Access => formatter.write_str("discovery"),
            Self::Nothing => formatter.write_str("restart"),
        }
    }
}

/// How a step ended.
pub(super) enum Outcome {
    /// It came to nothing, and why.
    Failed(Message),
    /// What was to end has ended.
    Closed,
    /// A part of an account is as the step was to make it.
    PartChanged(ChangedPart),
    /// What runs has taken other settings over, but for these problems.
    Adjusted(Vec<Message>),
    WebhooksResolved(Vec<Webhook>, Vec<Message>),
    AccessResolved(Box<AccessRules>, Vec<Message>),
}

/// Who may use the HTTP side and lease ports.
#[derive(Debug)]
pub(crate) struct AccessRules {
    pub(super) http: HttpSettings,
    /// `None` while their token cannot be had.
    pub(super) leases: Option<LeaseSettings>,
}

/// A step that has ended.
pub(super) struct Done {
    pub(super) target: Target,
    pub(super) outcome: Outcome,
}

/// A step under way.
struct UnderWay {
    id: Id,
    target: Target,
    handle: AbortHandle,
}

/// The steps under way.
#[derive(Default)]
pub(super) struct Steps {
    tasks: JoinSet<Outcome>,
    under_way: Vec<UnderWay>,
}

impl Steps {
    /// Begins a step.
    pub(super) fn begin(
        &mut self,
        target: Target,
        step: impl Future<Output = Outcome> + Send + 'static,
    ) {
        let handle = self.tasks.spawn(step);
        self.under_way.push(UnderWay {
            id: handle.id(),
            target,
            handle,
        });
    }

    /// The next step that ends; `None` when none is under way. Safe to cancel.
    pub(super) async fn next(&mut self) -> Option<Done> {
        loop {
            let ended = self.tasks.join_next_with_id().await?;
            let (id, outcome) = match ended {
                Ok((id, outcome)) => (id, outcome),
                // What it said is in the log.
                Err(error) if error.is_panic() => {
                    (error.id(), Outcome::Failed(words::StepPanicked.into()))
                }
                // Called off: nobody waits for it.
                Err(error) => {
                    self.take(error.id());
                    continue;
                }
            };
            if let Some(target) = self.take(id) {
                return Some(Done { target, outcome });
            }
        }
    }

    fn take(&mut self, id: Id) -> Option<Target> {
        let place = self.under_way.iter().position(|one| one.id == id)?;
        Some(self.under_way.swap_remove(place).target)
    }

    /// Calls off what is under way for one thing.
    pub(super) fn call_off(&mut self, target: &Target) {
        self.under_way.retain(|one| {
            let is_meant = one.target == *target;
            if is_meant {
                one.handle.abort();
            }
            !is_meant
        });
    }

    /// Calls off what is under way for the parts of an account, which is to end.
    pub(super) fn call_off_account(&mut self, account: &Name) {
        self.under_way.retain(|one| {
            let is_part = match &one.target {
                Target::Upstream(name) | Target::Client(name, _) => name == account,
                Target::Account(_)
                | Target::Webhooks
                | Target::Cores
                | Target::Access
                | Target::Nothing => false,
            };
            if is_part {
                one.handle.abort();
            }
            !is_part
        });
    }

    /// Calls everything off but what is ending already.
    pub(super) async fn end(mut self) {
        for one in &self.under_way {
            if !matches!(one.target, Target::Account(_)) {
                one.handle.abort();
            }
        }
        while self.tasks.join_next().await.is_some() {}
    }
}
