//! While the machine waits for the network, names are looked up: once they are found again there is nothing
//! more to wait for.

use perpetua_lifecycle::LifecycleEvent;
use tokio::time::{Duration, Instant};

use super::Driver;
use crate::steps::Done;

/// The pause between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What is known of names during one wait.
#[derive(Debug)]
pub(super) struct NameWatch {
    /// When they are looked up next; absent while a look is under way.
    due: Option<Instant>,
    /// Names were missing during this wait. Those that are found all along say nothing: it is something
    /// else that keeps the core from QQ.
    were_missing: bool,
}

impl Driver {
    /// A watch for each wait, and none between them.
    pub(super) fn follow_wait(&mut self) {
        if !self.machine.waits_for_network() {
            self.names = None;
        } else if self.names.is_none() {
            self.names = Some(NameWatch {
                due: Some(Instant::now()),
                were_missing: false,
            });
        }
    }

    pub(super) fn names_due(&self) -> Option<Instant> {
        self.names.as_ref()?.due
    }

    pub(super) fn look_names_up(&mut self, now: Instant) {
        if let Some(watch) = &mut self.names
            && watch.due.take_if(|due| *due <= now).is_some()
        {
            let found = self.ports.names.are_found();
            self.steps
                .spawn(async move { Done::NamesLookedUp(found.await) });
        }
    }

    pub(super) fn names_looked_up(&mut self, found: bool) {
        let Some(watch) = &mut self.names else { return };
        self.publisher.set_names_found(found);
        watch.due = Some(Instant::now() + LOOK_EVERY);
        let are_back = found && watch.were_missing;
        watch.were_missing |= !found;
        if are_back {
            self.feed(LifecycleEvent::NetworkBack);
        }
    }
}
