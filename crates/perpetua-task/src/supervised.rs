//! Tasks that are counted, and whose panics are told to somebody.

use std::{
    any::Any,
    fmt,
    panic::{AssertUnwindSafe, resume_unwind},
    sync::Arc,
};

use futures_util::FutureExt;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;
use tracing::error;

/// A task has ended by a panic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskPanicked {
    /// Which task, as named when it was spawned.
    pub name: &'static str,
    /// What the panic said.
    pub text: String,
}

/// Tasks that belong together: they can be waited for, and a panic in one of them is logged and
/// handed to whoever supervises them, at once and whether or not anybody joins the task.
///
/// Clones lead to the same tasks.
#[derive(Clone)]
pub struct SupervisedTasks {
    tracker: TaskTracker,
    on_panic: Arc<dyn Fn(TaskPanicked) + Send + Sync>,
}

impl SupervisedTasks {
    /// No tasks yet; `on_panic` is called in the task that panicked, and must not block.
    pub fn new(on_panic: impl Fn(TaskPanicked) + Send + Sync + 'static) -> Self {
        Self {
            tracker: TaskTracker::new(),
            on_panic: Arc::new(on_panic),
        }
    }

    /// Other tasks, to be waited for by themselves, with the same supervisor.
    #[must_use]
    pub fn sibling(&self) -> Self {
        Self {
            tracker: TaskTracker::new(),
            on_panic: Arc::clone(&self.on_panic),
        }
    }

    /// Starts a task. Its handle behaves as tokio's own: who joins it sees the panic too.
    pub fn spawn<F>(&self, name: &'static str, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let on_panic = Arc::clone(&self.on_panic);
        self.tracker.spawn(async move {
            // The future is not looked at again after a panic; what it shares with others is theirs
            // to judge, as with any panic in a task.
            match AssertUnwindSafe(future).catch_unwind().await {
                Ok(output) => output,
                Err(panic) => {
                    let text = text(&*panic);
                    error!(task = name, panic = text, "a task panicked");
                    on_panic(TaskPanicked { name, text });
                    resume_unwind(panic)
                }
            }
        })
    }

    /// From now on [`SupervisedTasks::wait`] ends when no task is left. Tasks may still be started.
    pub fn close(&self) {
        self.tracker.close();
    }

    /// Waits until it is closed and no task is left.
    pub async fn wait(&self) {
        self.tracker.wait().await;
    }

    /// How many tasks have not ended.
    pub fn len(&self) -> usize {
        self.tracker.len()
    }

    /// Whether every task has ended.
    pub fn is_empty(&self) -> bool {
        self.tracker.is_empty()
    }
}

/// Panics are logged, and nobody acts on them.
impl Default for SupervisedTasks {
    fn default() -> Self {
        Self::new(|_logged| {})
    }
}

impl fmt::Debug for SupervisedTasks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("SupervisedTasks");
        shown
            .field("tracker", &self.tracker)
            .finish_non_exhaustive()
    }
}

/// What `panic!` was given, which is nearly always text.
fn text(panic: &(dyn Any + Send)) -> String {
    let literal = panic
        .downcast_ref::<&'static str>()
        .map(|text| (*text).to_owned());
    let formatted = || panic.downcast_ref::<String>().cloned();
    literal
        .or_else(formatted)
        .unwrap_or_else(|| "unknown".to_owned())
}

#[cfg(test)]
mod tests {
    use std::panic::panic_any;

    use tokio::sync::mpsc;

    use super::{SupervisedTasks, TaskPanicked};

    fn supervised() -> (SupervisedTasks, mpsc::Receiver<TaskPanicked>) {
        let (sender, receiver) = mpsc::channel(8);
        let tasks = SupervisedTasks::new(move |panicked| {
            sender.try_send(panicked).expect("room");
        });
        (tasks, receiver)
    }

    #[tokio::test]
    async fn a_panic_is_told_to_the_supervisor_and_to_who_joins() {
        let (tasks, mut panics) = supervised();
        let number = 7;
        let handle = tasks.spawn("ticker", async move { panic!("limit {number}") });
        let joined: Result<(), _> = handle.await;
        assert!(joined.expect_err("it panicked").is_panic());
        let told = panics.recv().await;
        let expected = TaskPanicked {
            name: "ticker",
            text: "limit 7".to_owned(),
        };
        assert_eq!(told, Some(expected));
    }

    #[tokio::test]
    async fn a_panic_in_a_task_that_nobody_joins_is_told_too() {
        let (tasks, mut panics) = supervised();
        drop(tasks.spawn("first", async { panic!("literal") }));
        drop(tasks.spawn("second", async { panic_any(5_u8) }));
        tasks.close();
        tasks.wait().await;
        let mut told = [
            panics.recv().await.expect("one"),
            panics.recv().await.expect("another"),
        ];
        told.sort_by_key(|panicked| panicked.name);
        assert_eq!(told[0].text, "literal");
        assert_eq!(told[1].text, "unknown");
    }

    #[tokio::test]
    async fn an_end_and_an_abort_are_no_panics() {
        let (tasks, mut panics) = supervised();
        assert_eq!(
            tasks.spawn("quick", async { 5 }).await.expect("no panic"),
            5
        );
        let endless = tasks.spawn("endless", std::future::pending::<()>());
        assert_eq!(tasks.len(), 1);
        endless.abort();
        tasks.close();
        tasks.wait().await;
        assert!(tasks.is_empty());
        assert!(panics.try_recv().is_err());
    }

    #[tokio::test]
    async fn siblings_are_waited_for_apart_and_share_the_supervisor() {
        let (tasks, mut panics) = supervised();
        let sibling = tasks.sibling();
        let endless = tasks.spawn("endless", std::future::pending::<()>());
        drop(sibling.spawn("connection", async { panic!("broken") }));
        sibling.close();
        sibling.wait().await;
        assert_eq!(panics.recv().await.expect("told").name, "connection");
        endless.abort();
    }
}
