//! Makes what runs what the settings want: one loop that plans, begins steps beside itself, and hears
//! how they ended.
//!
//! ```text
//!  settings file, RPC ──► Desired ─┐                       ┌──► steps (secrets, sockets, disks), in parallel
//!                                  ├─► plan ──► begin ─────┤
//!  slots of what runs ──► Actual ──┘             ▲         └──► done at once
//!                                                └── outcome of a step, a retry that is due
//! ```
//!
//! The loop itself never waits for a keyring, a disk or a socket, so that it always hears the request to
//! end. What could not be done stays in its slot, is shown, and is tried again.

pub(crate) mod apply;
mod changes;
mod secret_words;
mod state;
mod steps;

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use futures_util::FutureExt;
use perpetua_accounts::{PanicReporter, Panicked, StopRequest, View};
use perpetua_config::{Config, Name};
use perpetua_schema::{Applied, ErrorCode, Event, RpcError, SettingsProblem};
use perpetua_words::{Message, config, node as words};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::sleep_until,
};
use tracing::{info, warn};

use crate::settings_file::shutting_down;
pub(crate) use secret_words::SecretChange;
pub(crate) use state::ControllerParts;
use state::State;
use steps::{Done, Steps};

/// Commands that may wait; each is a person's, or a change of the settings file.
const COMMANDS: usize = 16;
/// How long whoever changed the settings waits for the steps of it; what goes on then is told as pending.
const REPLY_LIMIT: Duration = Duration::from_secs(2);
/// What the end of the accounts leaves for everything that ends after them.
const KEPT_FOR_OTHERS: Duration = Duration::from_millis(1500);

type Reply<T> = oneshot::Sender<Result<T, RpcError>>;

/// What has become of the settings file.
pub(crate) enum FileReport {
    /// Somebody else wrote other settings.
    Changed(Arc<Config>),
    /// It cannot be used; the node goes on with the settings it has.
    Refused(Vec<SettingsProblem>),
    /// It holds again what is applied.
    AsBefore,
}

/// What somebody who changed the settings is told of what does not run as they want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// Everything.
    All,
    /// What concerns the changed parts, and what has come with the change.
    OfTheChange,
}

enum Command {
    Apply(Arc<Config>, Told, Reply<Applied>),
    File(FileReport),
    Reconnect(String, Reply<()>),
    RetryFailed(Reply<Applied>),
    Renew(Name, Option<Name>, Reply<()>),
    SecretChanged(String, SecretChange, Reply<Applied>),
    Ended(Name, Duration, oneshot::Sender<bool>),
}

/// A handle to the controller. A cheap clone.
#[derive(Clone, Debug)]
pub(crate) struct ControllerHandle(mpsc::Sender<Command>);

impl ControllerHandle {
    /// Applies settings that were written; the reply says what was done.
    pub(crate) async fn apply(&self, config: Arc<Config>, told: Told, reply: Reply<Applied>) {
        self.send(Command::Apply(config, told, reply)).await;
    }

    /// Tells what has become of the settings file.
    pub(crate) async fn file(&self, report: FileReport) {
        self.send(Command::File(report)).await;
    }

    /// Dials an account's upstream now.
    pub(crate) async fn reconnect(&self, account: String) -> Result<(), RpcError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Reconnect(account, reply)).await;
        answer.await.map_err(|_| shutting_down())?
    }

    /// Tries again at once what could not be done; the reply says what still does not run.
    pub(crate) async fn retry_failed(&self) -> Result<Applied, RpcError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::RetryFailed(reply)).await;
        answer.await.map_err(|_| shutting_down())?
    }

    /// Opens the port of a client, or of an upstream that dials, anew, with the token that is stored now: who came
    /// in by a former one is cut off. What does not run is left alone.
    pub(crate) async fn renew(&self, account: Name, client: Option<Name>) -> Result<(), RpcError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Renew(account, client, reply)).await;
        answer.await.map_err(|_| shutting_down())?
    }

    /// The secret that the settings call so was stored anew or removed: everything that runs with it takes that over
    /// at once, and who came in by the former one is cut off. The reply says what that was, and what does not run now.
    pub(crate) async fn secret_changed(
        &self,
        name: String,
        change: SecretChange,
    ) -> Result<Applied, RpcError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::SecretChanged(name, change, reply)).await;
        answer.await.map_err(|_| shutting_down())?
    }

    /// Waits for the end of an account that the settings do not have any more; false when it takes longer.
    pub(crate) async fn ended(&self, account: Name, limit: Duration) -> bool {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Ended(account, limit, reply)).await;
        answer.await.unwrap_or(false)
    }

    /// A controller that has ended drops the replies, which their askers hear.
    async fn send(&self, command: Command) {
        let _ended = self.0.send(command).await;
    }
}

/// Somebody waits until nothing is under way any more, or until an account has ended.
enum Waiting {
    Applied {
        changes: Vec<Message>,
        /// What did not run before, if only what is new is told.
        before: Vec<Message>,
        reply: Reply<Applied>,
        until: Instant,
    },
    Retried {
        reply: Reply<Applied>,
        until: Instant,
    },
    Reconnected {
        reply: Reply<()>,
        until: Instant,
    },
    Ended {
        account: Name,
        reply: oneshot::Sender<bool>,
        until: Instant,
    },
}

/// The task that owns everything that the settings want.
pub(crate) struct Controller {
    state: State,
    steps: Steps,
    commands: mpsc::Receiver<Command>,
    panics: mpsc::Receiver<Panicked>,
    waiting: Vec<Waiting>,
    file_problems: Vec<SettingsProblem>,
    view: watch::Sender<Arc<View>>,
    /// Sent once the first round of steps is over.
    settled: Option<oneshot::Sender<()>>,
}

impl Controller {
    /// A controller of nothing yet, which wants what `config` says.
    pub(crate) fn new(
        parts: ControllerParts,
        config: Arc<Config>,
        settled: oneshot::Sender<()>,
    ) -> (Self, ControllerHandle, watch::Receiver<Arc<View>>) {
        let (sender, commands) = mpsc::channel(COMMANDS);
        let (reporter, panics) = PanicReporter::new();
        let state = State::new(parts, reporter, config);
        let (view, viewer) = watch::channel(state.view(Vec::new()));
        let controller = Self {
            state,
            steps: Steps::default(),
            commands,
            panics,
            waiting: Vec::new(),
            file_problems: Vec::new(),
            view,
            settled: Some(settled),
        };
        (controller, ControllerHandle(sender), viewer)
    }

    /// Works until asked to end, then ends everything it has begun.
    pub(crate) async fn run(mut self, stop: StopRequest) {
        loop {
            self.reconcile();
            let wake = self.next_wake();
            tokio::select! {
                biased;
                _ = stop.begun() => break,
                Some(done) = self.steps.next() => self.finish(done),
                Some(panicked) = self.panics.recv() => self.state.panicked(panicked, &mut self.steps),
                Some(command) = self.commands.recv() => self.handle(command),
                () = sleep_until(wake) => self.state.restart_panicked(&mut self.steps),
            }
        }
        let deadline = Instant::now() + stop.time_left().saturating_sub(KEPT_FOR_OTHERS);
        let Self { state, steps, .. } = self;
        tokio::join!(steps.end(), state.stop(deadline));
    }

    /// A step has ended, and others with it: one plan serves them all.
    fn finish(&mut self, done: Done) {
        self.state.finish(done, &mut self.steps);
        while let Some(Some(done)) = self.steps.next().now_or_never() {
            self.state.finish(done, &mut self.steps);
        }
    }

    /// Begins what can be begun now, and tells everybody how things stand.
    fn reconcile(&mut self) {
        self.state.reconcile(&mut self.steps);
        let problems = self.file_problems.iter().map(in_status);
        self.view.send_replace(self.state.view(problems.collect()));
        self.answer();
    }

    /// Answers those whose steps are over, or who have waited long enough.
    fn answer(&mut self) {
        let now = Instant::now();
        let is_over = !self.state.is_busy();
        if is_over && let Some(settled) = self.settled.take() {
            self.state.first_steps_are_over();
            let _nobody_waits = settled.send(());
        }
        let (over, waiting) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|one| match one {
                Waiting::Ended { account, until, .. } => {
                    !self.state.has_account(account) || *until <= now
                }
                one => is_over || one.until() <= now,
            });
        self.waiting = waiting;
        for one in over {
            // Whoever asked and has left does not miss the answer.
            match one {
                Waiting::Applied {
                    changes,
                    before,
                    reply,
                    ..
                } => {
                    let mut pending = self.state.pending();
                    pending.retain(|problem| {
                        !before.contains(problem) || changes::concern(&changes, problem)
                    });
                    info!(changes = %joined(&changes), pending = %joined(&pending), "settings applied");
                    let _asker_left = reply.send(Ok(Applied { changes, pending }));
                }
                Waiting::Retried { reply, .. } => {
                    let pending = self.state.pending();
                    let changes = Vec::new();
                    let _asker_left = reply.send(Ok(Applied { changes, pending }));
                }
                Waiting::Reconnected { reply, .. } => {
                    let _asker_left = reply.send(Ok(()));
                }
                Waiting::Ended { account, reply, .. } => {
                    let _asker_left = reply.send(!self.state.has_account(&account));
                }
            }
        }
    }

    /// When to look again although nothing has happened.
    fn next_wake(&self) -> Instant {
        let idle = Instant::now() + Duration::from_hours(1);
        let replies = self.waiting.iter().map(Waiting::until);
        replies.chain(self.state.retry_at()).min().unwrap_or(idle)
    }

    fn handle(&mut self, command: Command) {
        match command {
            Command::Apply(config, told, reply) => self.take(config, told, reply),
            Command::File(FileReport::Changed(config)) => {
                let (reply, _nobody_waits) = oneshot::channel();
                self.take(config, Told::All, reply);
            }
            Command::File(FileReport::Refused(problems)) => {
                for problem in &problems {
                    warn!(%problem, "settings file refused; the former settings stay");
                }
                self.tell_file(problems);
            }
            Command::File(FileReport::AsBefore) => self.tell_file(Vec::new()),
            Command::Reconnect(account, reply) => {
                if self.state.reconnect(&account, &mut self.steps) {
                    let until = Instant::now() + REPLY_LIMIT;
                    self.waiting.push(Waiting::Reconnected { reply, until });
                } else {
                    let words = words::NoSuchAccount { account };
                    let _asker_left = reply.send(Err(RpcError::new(ErrorCode::NotFound, words)));
                }
            }
            Command::RetryFailed(reply) => {
                self.state.retry_failed();
                let until = Instant::now() + REPLY_LIMIT;
                self.waiting.push(Waiting::Retried { reply, until });
            }
            Command::Renew(account, client, reply) => {
                self.state.renew(&account, client.as_ref(), &mut self.steps);
                let until = Instant::now() + REPLY_LIMIT;
                self.waiting.push(Waiting::Reconnected { reply, until });
            }
            Command::SecretChanged(name, change, reply) => {
                let before = self.state.problems();
                let changes = self.state.secret_changed(&name, change, &mut self.steps);
                self.waiting.push(Waiting::Applied {
                    changes,
                    before,
                    reply,
                    until: Instant::now() + REPLY_LIMIT,
                });
            }
            Command::Ended(account, limit, reply) => {
                let until = Instant::now() + limit;
                self.waiting.push(Waiting::Ended {
                    account,
                    reply,
                    until,
                });
            }
        }
    }

    fn take(&mut self, config: Arc<Config>, told: Told, reply: Reply<Applied>) {
        let mut before = match told {
            Told::All => Vec::new(),
            Told::OfTheChange => self.state.problems(),
        };
        let former = self.state.config();
        let changes = changes::changes(former, &config);
        // What this change, too, leaves to the next start is news.
        let left = changes::needs_restart(former, &config);
        before.retain(|problem| !left.contains(problem));
        self.state.want(config);
        self.tell_file(Vec::new());
        self.waiting.push(Waiting::Applied {
            changes,
            before,
            reply,
            until: Instant::now() + REPLY_LIMIT,
        });
    }

    fn tell_file(&mut self, problems: Vec<SettingsProblem>) {
        self.file_problems.clone_from(&problems);
        self.state.watchers().send(Event::Settings { problems });
    }
}

impl Waiting {
    fn until(&self) -> Instant {
        match self {
            Self::Applied { until, .. }
            | Self::Retried { until, .. }
            | Self::Reconnected { until, .. }
            | Self::Ended { until, .. } => *until,
        }
    }
}

/// A problem of the settings file as the status shows it. What concerns the whole file has no place in it.
fn in_status(problem: &SettingsProblem) -> Message {
    if matches!(
        &*problem.message.code,
        "node.settings_unreadable"
            | "node.settings_blank"
            | "node.settings_gone"
            | "node.settings_cut_off"
            | "node.account_renamed"
            | "node.accounts_renamed"
    ) {
        return problem.message.clone();
    }
    let (line, column) = (problem.line, problem.column);
    let message = problem.message.clone();
    let problem: Message = match &*problem.path {
        "" => config::ProblemOfText {
            column,
            line,
            message,
        }
        .into(),
        path => config::Problem {
            column,
            line,
            message,
            path,
        }
        .into(),
    };
    words::SettingsProblem { problem }.into()
}

/// So many bytes of a line of the log tell what somebody can still read.
const LONGEST_JOINED: usize = 4096;

/// Messages for the log, one after the other, as many as a line takes.
fn joined(messages: &[Message]) -> String {
    let (mut told, mut length) = (Vec::new(), 0);
    for (at, message) in messages.iter().enumerate() {
        let sentence = message.to_string();
        length += sentence.len() + "; ".len();
        if at > 0 && length > LONGEST_JOINED {
            told.push(format!("+{}", messages.len() - at));
            break;
        }
        told.push(sentence);
    }
    told.join("; ")
}

#[cfg(test)]
mod tests {
    use perpetua_words::{Message, http as words};

    use super::{LONGEST_JOINED, joined};

    #[test]
    fn what_is_logged_of_many_changes_is_one_line_that_can_be_read() {
        let all: Vec<Message> = (0..5000)
            .map(|number| {
                let path = format!("/{number}");
                words::NothingHere { path }.into()
            })
            .collect();
        assert_eq!(joined(&[]), "");
        let two = joined(&all[..2]);
        assert_eq!(two, format!("{}; {}", all[0], all[1]));
        let line = joined(&all);
        assert!(line.len() < LONGEST_JOINED + 100, "{}", line.len());
        let (told, left) = line.rsplit_once("; +").expect("some are left out");
        let left: usize = left.parse().expect("a number");
        assert_eq!(told.matches("; `/` lists").count() + left, all.len());
    }
}
