//! Between a managed core and the account's hub: dials the core while it serves, and tells each side
//! what only the other one sees.

use std::{future::pending, pin::Pin, sync::Arc};

use perpetua_hub::{LinkFailure, LinkState, SupervisorSignal};
use perpetua_lifecycle::{LifecycleState, OfflineReason};
use perpetua_proxy::{AccountHandle, AccountTasks, Presence, core_answers, run_dial_core};
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
use tracing::{info, warn};

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
    look: Option<Look>,
}

/// A look whether a core that is silent over its link answers over another connection.
type Look = Pin<Box<dyn Future<Output = bool> + Send>>;

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
            look: None,
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
                answers = looked(&mut self.look) => self.looked_elsewhere(answers),
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
        self.tell_interruption(&view);
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
        self.look = None;
        if let Some(link) = self.link.take() {
            link.cancel.cancel();
            let _ended = link.task.await;
        }
    }

    /// The link to the core leads to the account, or is broken.
    async fn presence_changed(&mut self) {
        let linked = self.presence.borrow_and_update().linked;
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
            (SupervisorSignal::RestartWanted, _) if self.may_restart() => self.core.restart().await,
            (SupervisorSignal::AnswersDoubted, Some(_)) => self.look_elsewhere(),
            (SupervisorSignal::AnswersStopped, Some(generation)) => {
                self.core.answers_stopped(generation).await;
            }
            (SupervisorSignal::SendUnsigned, Some(generation)) => {
                self.core.send_unsigned(generation).await;
            }
            (SupervisorSignal::Kicked(words), Some(generation)) => {
                self.core.kicked(generation, words).await;
            }
            (SupervisorSignal::RestartWanted, _) | (_, None) => {}
        }
    }

    /// The core answers nothing over its link, as it does while it has something signed: whether it answers over
    /// another connection says whether it hangs.
    fn look_elsewhere(&mut self) {
        if let Some(link) = self.link.as_ref().filter(|_| self.look.is_none()) {
            let Endpoint { url, token, .. } = link.endpoint.clone();
            self.look = Some(Box::pin(async move { core_answers(&url, token).await }));
        }
    }

    fn looked_elsewhere(&self, answers: bool) {
        if answers && self.account.snapshot().blocked_since.is_none() {
            let account = self.account.name();
            info!(
                account,
                "the core answers nothing over its link and is there: most likely it waits for its signer"
            );
        }
        self.account.looked_elsewhere(answers);
    }

    /// A client may restart what runs. What is starting or waits would only be set back, and what was
    /// stopped or given up is for a person to start.
    fn may_restart(&self) -> bool {
        let may = matches!(
            self.view.borrow().state,
            LifecycleState::Online { .. } | LifecycleState::Reconnecting { .. }
        );
        if !may {
            let account = self.account.name();
            warn!(
                account,
                "a client wants a restart of a core that does not run"
            );
        }
        may
    }

    fn core_said(&self, news: CoreNews) {
        match news {
            CoreNews::Offline { reason } => self.went_offline(reason),
            CoreNews::PersonNeeded(state) => self.tell_standstill(&state),
            CoreNews::Online { .. } | CoreNews::Notice(_) => {}
        }
    }

    /// Nothing goes on without a person, or QQ cannot be reached, which is for nobody to mend.
    fn tell_standstill(&self, state: &LifecycleState) {
        let now = std::time::Instant::now();
        let waits = matches!(state, LifecycleState::Backoff { .. });
        let away = wire::away_message(&self.view.borrow(), now).filter(|_| waits);
        let (event, message) = match away {
            Some(message) => ("offline", message),
            None => ("person_needed", wire::state_message(state, None, now)),
        };
        let account = self.account.name();
        self.notifier
            .notify(Notification::now(event, account, message));
    }

    /// Clients hear of a kick in words of its own.
    fn went_offline(&self, reason: OfflineReason) {
        let message = Message::from(&reason);
        warn!(account = self.account.name(), reason = %message, "the account went offline");
        if let OfflineReason::Kicked(words) = reason {
            self.account.went_offline(words);
        }
    }

    /// A core that has lost QQ answers over its link as if nothing were, and says in several ways that it is
    /// back: the account is offline, and online again, when the machine that reads its log says so. Clients and
    /// hooks hear the reason, unless somebody wanted it.
    fn tell_interruption(&self, view: &CoreView) {
        match &view.offline {
            Some(OfflineReason::Kicked(_) | OfflineReason::Asked) => {}
            reason => self
                .account
                .set_interrupted(reason.as_ref().map(Message::from)),
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

/// What came of a look; waits for ever while there is none. May be dropped and called again.
async fn looked(look: &mut Option<Look>) -> bool {
    let Some(under_way) = look else {
        return pending().await;
    };
    let answers = under_way.await;
    *look = None;
    answers
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
