//! Tasks that panicked: a fault of ours that is shown, and ends nobody but its account for a moment.

use std::time::Duration;

use tokio::time::Instant;

use perpetua_access::WaitingRoom;
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

/// What panicked lately, and which accounts have to be started anew for it.
#[derive(Debug, Default)]
pub struct Panics {
    shown: Vec<ShownPanic>,
    restarts: Vec<Restart>,
}

#[derive(Debug)]
struct ShownPanic {
    account: Name,
    task: &'static str,
    at: Instant,
}

/// One account's restarts.
#[derive(Debug)]
struct Restart {
    account: Name,
    last: Option<Instant>,
    /// The next one, if one is needed.
    due: Option<Instant>,
}

impl PanicReporter {
    /// The reporter, and where its reports arrive.
    pub fn new() -> (Self, mpsc::Receiver<Panicked>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self(sender), receiver)
    }

    /// The tasks of an account, at whose ports those who come wait in `waiting`.
    pub(crate) fn tasks_of(&self, account: &Name, waiting: WaitingRoom) -> AccountTasks {
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
            waiting,
        }
    }
}

impl Panics {
    /// Remembers a panic. One that its account cannot go on without makes a restart due: at once, or a minute
    /// after the last one.
    pub fn note(&mut self, panicked: Panicked, now: Instant) {
        let Panicked {
            account,
            task,
            is_vital,
        } = panicked;
        if is_vital {
            let restart = self.restart_of(&account);
            let earliest = restart.last.map_or(now, |last| last + RESTART_EVERY);
            restart.due.get_or_insert(earliest.max(now));
        }
        self.shown.retain(|one| {
            let is_same = one.account == account && one.task == task;
            !is_same && now.duration_since(one.at) < SHOWN_FOR
        });
        self.shown.push(ShownPanic {
            account,
            task,
            at: now,
        });
    }

    /// The accounts that are to be started anew now.
    pub fn take_due(&mut self, now: Instant) -> Vec<Name> {
        let due = self.restarts.iter_mut().filter_map(|restart| {
            restart.due.take_if(|due| *due <= now)?;
            restart.last = Some(now);
            Some(restart.account.clone())
        });
        due.collect()
    }

    /// When the next account is to be started anew.
    pub fn restart_at(&self) -> Option<Instant> {
        self.restarts.iter().filter_map(|restart| restart.due).min()
    }

    fn restart_of(&mut self, account: &Name) -> &mut Restart {
        let place = self.restarts.iter().position(|one| one.account == *account);
        let place = place.unwrap_or_else(|| {
            self.restarts.push(Restart {
                account: account.clone(),
                last: None,
                due: None,
            });
            self.restarts.len() - 1
        });
        &mut self.restarts[place]
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

    use perpetua_access::WaitingRoom;
    use perpetua_config::Name;

    use super::{PanicReporter, Panicked, Panics, RESTART_EVERY, SHOWN_FOR};

    #[tokio::test]
    async fn a_panic_of_an_account_is_told_with_what_panicked() {
        let (reporter, mut reports) = PanicReporter::new();
        let tasks = reporter.tasks_of(&name(), WaitingRoom::default());
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
    fn an_account_is_started_anew_at_once_and_again_after_a_minute() {
        let (mut panics, start) = (Panics::default(), Instant::now());
        panics.note(panicked(true), start);
        assert_eq!(panics.take_due(start), [name()]);
        // It panics again soon: that is not forgotten, and waits.
        let soon = start + Duration::from_secs(1);
        panics.note(panicked(true), soon);
        panics.note(panicked(true), soon);
        assert!(panics.take_due(soon).is_empty());
        let due = panics.restart_at().expect("a restart");
        assert_eq!(due, start + RESTART_EVERY);
        assert_eq!(panics.take_due(due), [name()]);
        assert_eq!(panics.restart_at(), None);
        assert_eq!(panics.problems(due).len(), 1);
    }

    #[test]
    fn a_connection_that_panics_ends_nothing_else_and_is_shown_for_a_day() {
        let (mut panics, now) = (Panics::default(), Instant::now());
        panics.note(panicked(false), now);
        assert_eq!(panics.restart_at(), None);
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
