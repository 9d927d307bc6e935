//! What the core wrote, as people and programs may see it.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use perpetua_lifecycle::Generation;
use tokio::sync::broadcast;

/// Lines that are kept for those who come later: what a person looks at after a failure.
const RECENT: usize = 50;
/// Lines that a listener may be behind; one who is further behind is told how many it missed.
const BEHIND: usize = 256;

/// One record of the core's log; message texts are left out unless the settings keep them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CoreLogLine {
    /// When it was read.
    pub time: Timestamp,
    /// Which start wrote it.
    pub generation: Generation,
    /// The record; several lines of the core may be one.
    pub text: Arc<str>,
}

/// The last lines and those to come, without a gap between them.
#[derive(Debug)]
pub struct CoreLines {
    /// The last lines, oldest first.
    pub recent: Vec<CoreLogLine>,
    /// The lines to come.
    pub coming: broadcast::Receiver<CoreLogLine>,
}

/// The lines of one account's core; clones are the same ones.
#[derive(Clone, Debug)]
pub(crate) struct Tail {
    recent: Arc<Mutex<VecDeque<CoreLogLine>>>,
    coming: broadcast::Sender<CoreLogLine>,
}

impl Tail {
    pub(crate) fn new() -> Self {
        Self {
            recent: Arc::default(),
            coming: broadcast::Sender::new(BEHIND),
        }
    }

    pub(crate) fn push(&self, line: CoreLogLine) {
        let mut recent = self.lock();
        if recent.len() == RECENT {
            recent.pop_front();
        }
        recent.push_back(line.clone());
        let _nobody_listens = self.coming.send(line);
    }

    /// The lock is held over both, so that no line falls between them or comes twice.
    pub(crate) fn watch(&self) -> CoreLines {
        let recent = self.lock();
        CoreLines {
            recent: recent.iter().cloned().collect(),
            coming: self.coming.subscribe(),
        }
    }

    /// The last texts of one start, oldest first.
    pub(crate) fn of(&self, generation: Generation) -> Arc<[String]> {
        let recent = self.lock();
        let own = recent.iter().filter(|line| line.generation == generation);
        own.map(|line| line.text.to_string()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<CoreLogLine>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(generation: u64, number: usize) -> CoreLogLine {
        CoreLogLine {
            time: Timestamp::UNIX_EPOCH,
            generation: Generation(generation),
            text: format!("line {number}").into(),
        }
    }

    #[test]
    fn the_last_lines_are_kept_and_the_next_ones_follow_without_a_gap() {
        let tail = Tail::new();
        (0..60).for_each(|number| tail.push(line(1, number)));
        let mut lines = tail.watch();
        tail.push(line(1, 60));
        assert_eq!(lines.recent.len(), RECENT);
        assert_eq!(lines.recent[0], line(1, 10));
        assert_eq!(lines.recent[49], line(1, 59));
        assert_eq!(lines.coming.try_recv(), Ok(line(1, 60)));
    }

    #[test]
    fn a_start_is_told_by_its_own_lines_only() {
        let tail = Tail::new();
        tail.push(line(1, 0));
        tail.push(line(2, 1));
        tail.push(line(2, 2));
        assert_eq!(*tail.of(Generation(2)), ["line 1", "line 2"]);
    }
}
