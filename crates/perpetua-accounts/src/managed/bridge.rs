//! Between a managed core and the account's hub: dials the core while it serves, and tells each side
//! what only the other one sees.

use std::sync::Arc;

use perpetua_hub::{LinkFailure, LinkState, SupervisorSignal};
use perpetua_lifecycle::{LifecycleState, OfflineReason};
use perpetua_proxy::{AccountHandle, AccountTasks, Presence, run_dial_core};
use perpetua_schema::Event;
use perpetua_supervisor::{CoreHandle, CoreLogLine, CoreNews, CoreView, Endpoint};
use perpetua_words::Message;
use tokio::{
    sync::{
        broadcast::{self, error::RecvError},
        watch,
    },
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{
    events::Events,
    stop::StopRequest,
    webhooks::{Notification, Notifier},
    wire,
};

/// One account's bridge.
pub(super) struct Bridge {
    account: AccountHandle,
    tasks: AccountTasks,
    core: CoreHandle,
    watchers: Events,
    notifier: Notifier,
    view: watch::Receiver<Arc<CoreView>>,
    presence: watch::Receiver<Presence>,
    news: broadcast::Receiver<CoreNews>,
    lines: broadcast::Receiver<CoreLogLine>,
    link: Option<Link>,
}

/// A core that is being dialled, or was reached.
struct Link {
    endpoint: Endpoint,
    /// The core was told that it is linked.
    told: bool,
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

impl Bridge {
    pub(super) fn new(
        account: AccountHandle,
        tasks: AccountTasks,
        core: CoreHandle,
        watchers: Events,
        notifier: Notifier,
    ) -> Self {
        Self {
            view: core.view(),
            presence: account.presence(),
            news: core.news(),
            lines: core.lines().coming,
            account,
            tasks,
            core,
            watchers,
            notifier,
            link: None,
        }
    }

    /// Works until asked to end, then ends the core in the time that is left.
    pub(super) async fn run(mut self, stop: StopRequest) {
        self.account.set_managed(true);
        stop.token().run_until_cancelled(self.work()).await;
        self.hang_up().await;
        self.core.shutdown(stop.time_left()).await;
        self.account.set_managed(false);
    }

    async fn work(&mut self) {
        self.follow_endpoint().await;
        loop {
            // What the hub saw of a link comes before what the core's log made of its end.
            tokio::select! {
                biased;
                signal = self.account.next_supervisor_signal() => self.hub_said(signal).await,
                Ok(()) = self.presence.changed() => self.presence_changed().await,
                news = self.news.recv() => match news {
                    Ok(news) => self.core_said(news),
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                },
                Ok(()) = self.view.changed() => self.follow_endpoint().await,
                line = self.lines.recv() => self.show_line(line),
            }
        }
    }

    /// Dials what is there to dial, and lets go of what is not.
    async fn follow_endpoint(&mut self) {
        let view = self.view.borrow_and_update().clone();
        self.tell_interruption();
        self.watchers.state_changed();
        if self.link.as_ref().map(|link| &link.endpoint) == view.endpoint.as_ref() {
            return;
        }
        self.hang_up().await;
        if let Some(endpoint) = &view.endpoint {
            self.dial(endpoint.clone());
        }
    }

    fn dial(&mut self, endpoint: Endpoint) {
        let cancel = CancellationToken::new();
        let (url, token) = (endpoint.url.clone(), endpoint.token.clone());
        let dialling = run_dial_core(self.account.clone(), url, token, cancel.clone());
        self.link = Some(Link {
            endpoint,
            told: false,
            cancel,
            task: self.tasks.tracker.spawn("core dial", dialling),
        });
    }

    async fn hang_up(&mut self) {
        if let Some(link) = self.link.take() {
            link.cancel.cancel();
            let _ended = link.task.await;
        }
    }

    /// The link to the core leads to the account, or is broken.
    async fn presence_changed(&mut self) {
        let linked = self.presence.borrow_and_update().linked;
        if linked {
            self.tell_interruption();
        }
        let Some(link) = &mut self.link else {
            return;
        };
        if link.told == linked {
            return;
        }
        link.told = linked;
        let generation = link.endpoint.generation;
        if linked {
            self.core.link_opened(generation).await;
        } else if fell_silent(&self.account.snapshot().link) {
            self.core.answers_stopped(generation).await;
        } else {
            self.core.link_lost(generation).await;
        }
    }

    async fn hub_said(&mut self, signal: SupervisorSignal) {
        let generation = self.link.as_ref().map(|link| link.endpoint.generation);
        match (signal, generation) {
            (SupervisorSignal::RestartWanted, _) => self.restart_for_client().await,
            (SupervisorSignal::AnswersStopped, Some(generation)) => {
                self.core.answers_stopped(generation).await;
            }
            (SupervisorSignal::SendUnsigned, Some(generation)) => {
                self.core.send_unsigned(generation).await;
            }
            (SupervisorSignal::Kicked(words), Some(generation)) => {
                self.core.kicked(generation, words).await;
            }
            (_, None) => {}
        }
    }

    /// A client may restart what runs. What is starting or waits would only be set back, and what was
    /// stopped or given up is for a person to start.
    async fn restart_for_client(&self) {
        let state = self.view.borrow().state.clone();
        match state {
            LifecycleState::Online { .. } | LifecycleState::Reconnecting { .. } => {
                self.core.restart().await;
            }
            _ => {
                let account = self.account.name();
                warn!(
                    account,
                    "a client wants a restart of a core that does not run"
                );
            }
        }
    }

    fn core_said(&self, news: CoreNews) {
        match news {
            CoreNews::Offline { reason } => self.went_offline(reason),
            CoreNews::PersonNeeded(state) => {
                let message = wire::state_message(&state, None, std::time::Instant::now());
                self.notifier.notify(Notification::now(
                    "person_needed",
                    self.account.name(),
                    message,
                ));
            }
            CoreNews::Online { .. } | CoreNews::Notice(_) => {}
        }
    }

    /// Clients and hooks hear the reason, unless somebody wanted it.
    fn went_offline(&self, reason: OfflineReason) {
        let message = Message::from(&reason);
        warn!(account = self.account.name(), reason = %message, "the account went offline");
        match reason {
            OfflineReason::Kicked(words) => self.account.went_offline(words),
            OfflineReason::Asked => {}
            _ => self.account.set_interrupted(Some(message)),
        }
    }

    /// A core that has lost QQ answers over its link as if nothing were: whatever a login over the link
    /// said, the account is offline until the core has QQ again.
    fn tell_interruption(&self) {
        let view = self.view.borrow();
        match &view.state {
            LifecycleState::Reconnecting {
                reason: reason @ OfflineReason::ConnectionLost,
                ..
            } => self.account.set_interrupted(Some(Message::from(reason))),
            LifecycleState::Online { .. } => self.account.set_interrupted(None),
            _ => {}
        }
    }

    fn show_line(&self, line: Result<CoreLogLine, RecvError>) {
        if let Ok(line) = line {
            self.watchers.send(Event::CoreLine {
                account: self.account.name().to_owned(),
                line: wire::core_line(&line),
            });
        }
    }
}

/// Whether the link was given up because nothing came over it, not even heartbeats: the core hangs.
fn fell_silent(link: &LinkState) -> bool {
    let failure = match link {
        LinkState::Waiting { failure, .. } => Some(failure),
        LinkState::Dialling { last_failure } => last_failure.as_ref(),
        LinkState::Closed | LinkState::Open { .. } => None,
    };
    matches!(failure, Some(LinkFailure::Silent(_)))
}
