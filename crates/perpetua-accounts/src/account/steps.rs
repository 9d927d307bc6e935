//! The steps of an account's parts: what is done at once, what takes time, and what becomes of the part.

use std::{pin::Pin, time::Duration};

use perpetua_config::{self as config, Name};
use perpetua_words::Message;
use tokio::time::Instant;

use super::AccountRuntime;
use crate::{
    client::{ClientFate, ClientRuntime},
    context::Context,
    desired::DesiredUpstream,
    plan::Change,
    slot::Slot,
    upstream::{self, UpstreamRuntime},
};

/// How long an upstream that the settings end may take for it.
const END_LIMIT: Duration = Duration::from_secs(5);

/// What takes time in a step: to be run beside the account, which is then told how it ended.
pub type PartStep = Pin<Box<dyn Future<Output = PartOutcome> + Send>>;

/// How a step ended: the part as it is now, or why it came to nothing.
pub type PartOutcome = Result<ChangedPart, Message>;

/// A part of an account, changed by a step.
#[derive(Debug)]
pub struct ChangedPart(Part);

#[derive(Debug)]
enum Part {
    Closed,
    ClientOpened(ClientRuntime),
    UpstreamOpened(UpstreamRuntime, Vec<Message>),
    /// It has taken other settings over, but for these problems.
    Adjusted(Vec<Message>),
}

impl AccountRuntime {
    /// Begins a step of the upstream. `seed` is for what is random in it.
    pub(crate) fn begin_upstream(
        &mut self,
        change: Change,
        wanted: DesiredUpstream,
        context: Context,
        seed: u64,
    ) -> Option<PartStep> {
        match change {
            Change::Close => self.close_upstream(),
            Change::CallOff => {
                self.upstream.called_off();
                None
            }
            Change::Open => {
                self.upstream.begin(wanted.clone());
                self.account.set_uin(wanted.settings.uin());
                let (account, tasks) = (self.account.clone(), self.tasks.clone());
                step(async move {
                    let (upstream, problems) =
                        UpstreamRuntime::open(&wanted, &account, &tasks, &context, seed).await?;
                    Ok(Part::UpstreamOpened(upstream, problems))
                })
            }
            Change::Adjust => {
                let former = self.upstream.view(Instant::now()).running.cloned()?;
                let core = self.core().cloned()?;
                self.upstream.begin(wanted.clone());
                self.account.set_uin(wanted.settings.uin());
                step(async move {
                    let problems = upstream::adjust(core, former, wanted, context).await?;
                    Ok(Part::Adjusted(problems))
                })
            }
        }
    }

    /// Closes the upstream, so that the plan opens it again.
    pub(crate) fn close_upstream(&mut self) -> Option<PartStep> {
        let Some(former) = self.upstream.begin_close() else {
            self.upstream.closed();
            return None;
        };
        step(async move {
            former.value.close(Instant::now() + END_LIMIT).await;
            Ok(Part::Closed)
        })
    }

    /// What the settings name of its upstream has changed, though they are the same: it is taken over at once.
    pub(crate) fn adjust_again(&mut self, now: Instant) {
        self.upstream.again(now);
    }

    /// Calls off that a client's port, or the upstream's, is opened; false when it is not being opened.
    pub(crate) fn call_off_opening(&mut self, client: Option<&Name>) -> bool {
        match client {
            Some(client) => self.client(client).call_off_opening(),
            None => self.upstream.call_off_opening(),
        }
    }

    /// A step of the upstream has ended.
    pub(crate) fn finish_upstream(&mut self, outcome: PartOutcome, now: Instant) {
        let slot = &mut self.upstream;
        match outcome.map(|changed| changed.0) {
            Ok(Part::UpstreamOpened(upstream, problems)) => {
                slot.listens_at(upstream.listen());
                slot.opened(upstream, problems, now);
            }
            Ok(Part::Adjusted(problems)) => slot.adjusted(problems, now),
            Ok(Part::Closed | Part::ClientOpened(_)) => slot.closed(),
            Err(problem) => slot.failed(problem, now),
        }
    }

    /// Begins a step of a client; `wanted` is what the settings say of it, if it is to run.
    pub(crate) fn begin_client(
        &mut self,
        name: &Name,
        change: Change,
        wanted: Option<config::Client>,
        context: Context,
    ) -> Option<PartStep> {
        let (account, tasks) = (self.account.clone(), self.tasks.clone());
        let seed = self.random.u64(..);
        let slot = self.client(name);
        match (change, wanted) {
            (Change::Close, wanted) => {
                let fate = match wanted {
                    Some(_) => ClientFate::Changed,
                    None => ClientFate::Removed,
                };
                slot.running()?;
                let former = slot.begin_close()?;
                let name = name.clone();
                step(async move {
                    former.value.close(name.as_str(), &account, fate).await;
                    Ok(Part::Closed)
                })
            }
            (Change::Adjust, Some(wanted)) => {
                ClientRuntime::adjust(&wanted, &account);
                slot.begin(wanted);
                slot.adjusted(Vec::new(), Instant::now());
                None
            }
            (Change::Open, Some(wanted)) => {
                slot.begin(wanted.clone());
                step(async move {
                    let client =
                        ClientRuntime::open(&wanted, &account, &tasks, &context, seed).await?;
                    Ok(Part::ClientOpened(client))
                })
            }
            (Change::CallOff, _) => {
                slot.called_off();
                None
            }
            (Change::Adjust | Change::Open, None) => None,
        }
    }

    /// A step of a client has ended.
    pub(crate) fn finish_client(&mut self, name: &Name, outcome: PartOutcome, now: Instant) {
        let slot = self.client(name);
        match outcome.map(|changed| changed.0) {
            Ok(Part::ClientOpened(client)) => {
                slot.listens_at(client.listen());
                slot.opened(client, Vec::new(), now);
            }
            Ok(_) => {
                slot.closed();
                self.closed.insert(name.clone(), now);
            }
            Err(problem) => slot.failed(problem, now),
        }
    }

    /// A client's slot, made when there is none yet.
    fn client(&mut self, name: &Name) -> &mut Slot<config::Client, ClientRuntime> {
        let place = self.clients.iter().position(|(one, _)| one == name);
        let place = place.unwrap_or_else(|| {
            self.clients.push((name.clone(), Slot::default()));
            self.clients.len() - 1
        });
        &mut self.clients[place].1
    }
}

#[expect(clippy::unnecessary_wraps, reason = "other steps take no time")]
fn step(run: impl Future<Output = Result<Part, Message>> + Send + 'static) -> Option<PartStep> {
    Some(Box::pin(async { run.await.map(ChangedPart) }))
}
