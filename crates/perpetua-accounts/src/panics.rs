//! Tasks that panicked: a fault of ours that is shown, and ends nobody but its account for a moment.

use std::time::Duration;

use tokio::time::Instant;

use perpetua_config::Name;
use perpetua_proxy::AccountTasks;
use perpetua_task::SupervisedTasks;
use perpetua_words::{Message, node as words};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Panics that wait to be heard of; what is beyond that stands in the log.
const WAITING: usize = 16;
/// An account is started anew after a panic, but not again within this time.
const RESTART_EVERY: Duration = Duration::from_mins(1);
/// How long a panic is shown.
const SHOWN_FOR: Duration = Duration::from_hours(24);

/// A task of an account that panicked.
#[derive(Debug)]
pub struct Panicked {
    account: Name,
    task: &'static str,
    /// The account cannot go on without it, as it can without one connection.
    is_vital: bool,
}

/// Makes tasks whose panics are told.
#[derive(Clone, Debug)]
pub struct PanicReporter(mpsc::Sender<Panicked>);

/// What panicked lately.
#[derive(Debug, Default)]
pub struct Panics {
    shown: Vec<Shown>,
}

#[derive(Debug)]
struct Shown {
    account: Name,
    task: &'static str,
    at: Instant,
    restarted: bool,
}

impl PanicReporter {
    /// The reporter, and where its reports arrive.
    pub fn new() -> (Self, mpsc::Receiver<Panicked>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self(sender), receiver)
    }

    /// The tasks of an account.
    pub(crate) fn tasks_of(&self, account: &Name) -> AccountTasks {
        let tasks = |is_vital| {
            let (reports, account) = (self.0.clone(), account.clone());
            SupervisedTasks::new(move |panicked| {
                let _logged_anyway = reports.try_send(Panicked {
                    account: account.clone(),
                    task: panicked.name,
                    is_vital,
                });
            })
        };
        AccountTasks {
            tracker: tasks(true),
            connections: tasks(false),
            cancel: CancellationToken::new(),
        }
    }
}

impl Panics {
    /// Remembers a panic; gives the account that has to be started anew.
    pub fn note(&mut self, panicked: Panicked, now: Instant) -> Option<Name> {
        let Panicked {
            account,
            task,
            is_vital,
        } = panicked;
        let restarted_lately = self.shown.iter().any(|one| {
            one.restarted && one.account == account && now.duration_since(one.at) < RESTART_EVERY
        });
        let restarted = is_vital && !restarted_lately;
        self.shown
            .retain(|one| one.account != account || one.task != task || one.restarted);
        self.shown
            .retain(|one| now.duration_since(one.at) < SHOWN_FOR);
        self.shown.push(Shown {
            account: account.clone(),
            task,
            at: now,
            restarted,
        });
        restarted.then_some(account)
    }

    /// What is shown of them.
    pub fn problems(&self, now: Instant) -> Vec<Message> {
        let shown = self
            .shown
            .iter()
            .filter(|one| now.duration_since(one.at) < SHOWN_FOR);
        let mut problems: Vec<Message> = shown
            .map(|one| {
                let (account, task) = (one.account.as_str(), one.task);
                words::TaskPanicked { account, task }.into()
            })
            .collect();
        problems.dedup();
        problems
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use perpetua_config::Name;

    use super::{PanicReporter, Panicked, Panics, SHOWN_FOR};

    #[tokio::test]
    async fn a_panic_of_an_account_is_told_with_what_panicked() {
        let (reporter, mut reports) = PanicReporter::new();
        let tasks = reporter.tasks_of(&name());
        drop(tasks.tracker.spawn("dial", async { panic!("a test") }));
        let panicked = reports.recv().await.expect("told");
        assert!(panicked.is_vital);
        assert_eq!((panicked.account, panicked.task), (name(), "dial"));
        drop(
            tasks
                .connections
                .spawn("client connection", async { panic!("a test") }),
        );
        assert!(!reports.recv().await.expect("told").is_vital);
    }

    #[test]
    fn an_account_that_panics_again_and_again_is_started_anew_once_a_minute() {
        let (mut panics, start) = (Panics::default(), Instant::now());
        let restarts: Vec<_> = (0..60)
            .map(|second| start + Duration::from_secs(3 * second))
            .filter(|now| panics.note(panicked(true), *now).is_some())
            .collect();
        assert_eq!(restarts.len(), 3);
        assert_eq!(panics.problems(start + Duration::from_mins(3)).len(), 1);
    }

    #[test]
    fn a_connection_that_panics_ends_nothing_else_and_is_shown_for_a_day() {
        let (mut panics, now) = (Panics::default(), Instant::now());
        assert_eq!(panics.note(panicked(false), now), None);
        assert_eq!(panics.problems(now).len(), 1);
        assert!(panics.problems(now + SHOWN_FOR).is_empty());
    }

    fn panicked(is_vital: bool) -> Panicked {
        Panicked {
            account: name(),
            task: "dial",
            is_vital,
        }
    }

    fn name() -> Name {
        Name::new("main").expect("a name")
    }
}
