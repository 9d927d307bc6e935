//! Lines on their way to a thread that writes them: bounded, and never waited for.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tracing_subscriber::fmt::MakeWriter;

/// The most bytes that wait: thousands of lines, written by a healthy disk in milliseconds.
const MAX_WAITING: usize = 1 << 20;
/// What a buffer keeps of its memory once it is empty.
const KEPT: usize = 16 << 10;

/// The two ends of a buffer are clones of each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buffer(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: Vec<u8>,
    lost: u64,
    closed: bool,
}

impl Buffer {
    /// Adds a line, or counts it as lost where there is no room.
    pub(crate) fn push(&self, line: &[u8]) {
        let mut waiting = self.lock();
        if waiting.lines.len() + line.len() > MAX_WAITING {
            waiting.lost += 1;
            return;
        }
        waiting.lines.extend_from_slice(line);
        drop(waiting);
        self.0.changed.notify_one();
    }

    /// Counts lines that were taken and then could not be written.
    pub(crate) fn count_lost(&self, lines: u64) {
        self.lock().lost += lines;
    }

    /// How many lines were lost so far.
    pub(crate) fn lost(&self) -> u64 {
        self.lock().lost
    }

    /// Waits for lines and takes all of them into an empty vector; false once the buffer is closed
    /// and empty.
    pub(crate) fn take(&self, into: &mut Vec<u8>) -> bool {
        into.clear();
        into.shrink_to(KEPT);
        let mut waiting = self.lock();
        while waiting.lines.is_empty() && !waiting.closed {
            waiting = self
                .0
                .changed
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
        std::mem::swap(&mut waiting.lines, into);
        !into.is_empty()
    }

    /// Lets the thread end when it has written what waits.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.0.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
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
        let buffer = Buffer::default();
        buffer.push(b"one\n");
        buffer.push(b"two\n");
        let mut taken = b"old".to_vec();
        assert!(buffer.take(&mut taken));
        assert_eq!(taken, b"one\ntwo\n");
    }

    #[test]
    fn what_finds_no_room_is_counted_and_the_rest_is_kept() {
        let buffer = Buffer::default();
        let line = [b'x'; 1000];
        for _ in 0..1100 {
            buffer.push(&line);
        }
        assert_eq!(buffer.lost(), 1100 - (MAX_WAITING / 1000) as u64);
        let mut taken = Vec::new();
        assert!(buffer.take(&mut taken));
        assert_eq!(taken.len(), MAX_WAITING / 1000 * 1000);
        buffer.push(&line);
        assert!(buffer.take(&mut taken), "there is room again");
        assert!(taken.capacity() <= MAX_WAITING);
    }

    #[test]
    fn a_closed_buffer_gives_what_it_has_and_ends() {
        let buffer = Buffer::default();
        buffer.push(b"last\n");
        buffer.close();
        let mut taken = Vec::new();
        assert!(buffer.take(&mut taken));
        assert_eq!(taken, b"last\n");
        assert!(!buffer.take(&mut taken));
    }
}
