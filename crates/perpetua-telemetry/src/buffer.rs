//! Lines on their way to a thread that writes them: bounded, and never waited for.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use perpetua_words::{Message, log as words};

use tracing_subscriber::fmt::MakeWriter;

use crate::commands;
use crate::harmless_lines::Lines;

/// The most bytes that wait: thousands of lines, written by a healthy disk in milliseconds.
const MAX_WAITING: usize = 1 << 20;
/// What a buffer keeps of its memory once it is empty.
const KEPT: usize = 16 << 10;

/// The two ends of a buffer are clones of each other.
#[derive(Clone, Debug)]
pub(crate) struct Buffer {
    shared: Arc<Shared>,
    /// What its lines are, which decides how foreign text in them is made harmless.
    lines: Lines,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    /// How the commands in its lines begin.
    program: OnceLock<String>,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: Vec<u8>,
    lost: u64,
    closed: bool,
    trouble: Option<Trouble>,
}

/// Lines are being lost.
#[derive(Clone, Debug)]
struct Trouble {
    since: Instant,
    /// How many lines had been lost before.
    lost_before: u64,
    cause: Message,
}

/// What a thread has taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Taken {
    /// Lines.
    Lines,
    /// Nothing came within its time.
    Nothing,
    /// Nothing will come any more.
    Closed,
}

impl Buffer {
    /// An empty one.
    pub(crate) fn of(lines: Lines) -> Self {
        let shared = Arc::default();
        Self { shared, lines }
    }

    /// Adds a line, or counts it as lost where there is no room. This is the one place that every line of a log
    /// passes: what came from outside cannot drive a terminal from here on.
    pub(crate) fn push(&self, line: &[u8]) {
        // What is too long for the room it could have at best is not even looked at.
        let line = match line.len() {
            0..=MAX_WAITING => self.completed(self.lines.harmless(line)),
            _ => Cow::Borrowed(line),
        };
        let mut waiting = self.lock();
        if waiting.lines.len() + line.len() > MAX_WAITING {
            waiting.lose(1, || words::TooSlow.into());
            return;
        }
        waiting.lines.extend_from_slice(&line);
        drop(waiting);
        self.shared.changed.notify_one();
    }

    /// How commands in its lines begin from now on; what is said first stays.
    pub(crate) fn commands_begin_with(&self, program: &str) {
        let program = self.lines.written(program);
        let _said_before = self.shared.program.set(program);
    }

    /// The line with its commands as they are for this node.
    fn completed<'l>(&self, line: Cow<'l, [u8]>) -> Cow<'l, [u8]> {
        let Some(program) = self.shared.program.get() else {
            return line;
        };
        match commands::completed(&line, program) {
            Some(completed) => Cow::Owned(completed),
            None => line,
        }
    }

    /// Counts lines that were taken and then could not be written.
    pub(crate) fn count_lost(&self, lines: u64, why: &io::Error) {
        let mut waiting = self.lock();
        waiting.lose(lines, || why.into());
        // What the disk says now counts.
        if let Some(trouble) = &mut waiting.trouble {
            trouble.cause = why.into();
        }
    }

    /// What came last was written.
    pub(crate) fn is_well(&self) {
        self.lock().trouble = None;
    }

    /// Since when lines are lost, how many so far, and why.
    pub(crate) fn trouble(&self) -> Option<(Instant, u64, Message)> {
        let waiting = self.lock();
        let trouble = waiting.trouble.clone()?;
        let lost = waiting.lost.saturating_sub(trouble.lost_before);
        Some((trouble.since, lost, trouble.cause))
    }

    /// How many lines were lost so far.
    pub(crate) fn lost(&self) -> u64 {
        self.lock().lost
    }

    /// Waits for lines, for no longer than this where it is said, and takes all of them into an empty vector.
    pub(crate) fn take(&self, into: &mut Vec<u8>, longest: Option<Duration>) -> Taken {
        into.clear();
        into.shrink_to(KEPT);
        let mut waiting = self.lock();
        let until = longest.map(|longest| Instant::now() + longest);
        while waiting.lines.is_empty() && !waiting.closed {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            waiting = match left {
                None => self
                    .shared
                    .changed
                    .wait(waiting)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => return Taken::Nothing,
                Some(left) => {
                    let woken = self.shared.changed.wait_timeout(waiting, left);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        std::mem::swap(&mut waiting.lines, into);
        if into.is_empty() {
            Taken::Closed
        } else {
            Taken::Lines
        }
    }

    /// Lets the thread end when it has written what waits.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.shared.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.shared
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn lose(&mut self, lines: u64, why: impl FnOnce() -> Message) {
        let lost_before = self.lost;
        self.lost += lines;
        self.trouble.get_or_insert_with(|| Trouble {
            since: Instant::now(),
            lost_before,
            cause: why(),
        });
    }
}

/// The formatting layers write each event with one call, so that what comes here is whole lines.
impl Write for &Buffer {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'b> MakeWriter<'b> for Buffer {
    type Writer = &'b Buffer;

    fn make_writer(&'b self) -> Self::Writer {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_together_and_in_order() {
        let buffer = Buffer::of(Lines::Text);
        buffer.push(b"one\n");
        buffer.push(b"two\n");
        let mut taken = b"old".to_vec();
        assert_eq!(buffer.take(&mut taken, None), Taken::Lines);
        assert_eq!(taken, b"one\ntwo\n");
    }

    #[test]
    fn what_finds_no_room_is_counted_and_the_rest_is_kept() {
        let buffer = Buffer::of(Lines::Text);
        let line = [b'x'; 1000];
        for _ in 0..1100 {
            buffer.push(&line);
        }
        assert_eq!(buffer.lost(), 1100 - (MAX_WAITING / 1000) as u64);
        let mut taken = Vec::new();
        assert_eq!(buffer.take(&mut taken, None), Taken::Lines);
        assert_eq!(taken.len(), MAX_WAITING / 1000 * 1000);
        buffer.push(&line);
        let again = buffer.take(&mut taken, None);
        assert_eq!(again, Taken::Lines, "there is room again");
        assert!(taken.capacity() <= MAX_WAITING);
    }

    #[test]
    fn commands_in_lines_are_those_for_this_node() {
        for (lines, program, said) in [
            (
                Lines::Text,
                "perpetuad --data-dir /srv/b",
                "run `perpetuad --data-dir /srv/b token a/b`\n",
            ),
            (
                Lines::Json,
                r#"perpetuad --data-dir "C:\my bots""#,
                "run `perpetuad --data-dir \\\"C:\\\\my bots\\\" token a/b`\n",
            ),
        ] {
            let buffer = Buffer::of(lines);
            buffer.commands_begin_with(program);
            buffer.push(b"run `perpetuad token a/b`\n");
            let mut taken = Vec::new();
            assert_eq!(buffer.take(&mut taken, None), Taken::Lines);
            assert_eq!(String::from_utf8_lossy(&taken), said);
        }
    }

    #[test]
    fn a_closed_buffer_gives_what_it_has_and_ends() {
        let buffer = Buffer::of(Lines::Text);
        buffer.push(b"last\n");
        buffer.close();
        let mut taken = Vec::new();
        assert_eq!(buffer.take(&mut taken, None), Taken::Lines);
        assert_eq!(taken, b"last\n");
        assert_eq!(buffer.take(&mut taken, None), Taken::Closed);
    }
}
