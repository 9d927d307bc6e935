//! A process of a former run that is still there.

use std::time::Duration;

use perpetua_words::Message;
use tokio::time::{Instant, sleep};

use crate::{Identity, tree};

/// How often it is looked at while it ends: the system tells only a parent.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How long a kill may take; the system clears gigabytes of memory in that time.
const KILL_LIMIT: Duration = Duration::from_secs(5);

/// A process of a former run, which outlived it although nothing should.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Orphan {
    identity: Identity,
}

/// A process cannot be ended.
#[derive(Debug, thiserror::Error)]
#[error("{}", Message::from(self))]
pub struct StillRunning {
    /// Its number.
    pub pid: u32,
}

impl From<&StillRunning> for Message {
    fn from(StillRunning { pid }: &StillRunning) -> Self {
        let pid = *pid;
        perpetua_words::process::OrphanRuns { pid }.into()
    }
}

impl Orphan {
    /// The process of this identity, if it runs. Another one that got its number is not it: the time
    /// of its start and its program must be the same, and on Unix its group.
    pub fn find(identity: &Identity) -> Option<Self> {
        let found = identity.runs() && tree::is_in_place(identity);
        found.then(|| Self {
            identity: identity.clone(),
        })
    }

    /// The system's number for it.
    pub fn id(&self) -> u32 {
        self.identity.pid()
    }

    /// Asks it to end, waits for up to `grace`, then ends it with everything it started.
    ///
    /// On Windows there is no way to ask the process of another, so it is ended at once.
    pub async fn end(self, grace: Duration) -> Result<(), StillRunning> {
        let asked = tree::ask_leftover(&self.identity);
        if asked {
            self.wait(grace).await;
        }
        tree::kill_leftover(&self.identity).await;
        if self.wait(KILL_LIMIT).await {
            return Ok(());
        }
        let pid = self.id();
        Err(StillRunning { pid })
    }

    /// Waits until it is gone, and says whether it is.
    async fn wait(&self, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        while self.identity.runs() {
            if Instant::now() >= until {
                return false;
            }
            sleep(LOOK_EVERY).await;
        }
        true
    }
}
