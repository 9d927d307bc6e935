//! What a child prints, line by line.

use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::select;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::ExitStatus;
use crate::line_assembler::Assembler;
use crate::stream::{CHUNK, Stream};

/// The longest line, in bytes. A stack trace's line is far shorter; what is longer is cut.
pub const LINE_LIMIT: usize = 16 * 1024;
/// Ends a line that was cut.
pub const CUT_MARK: &str = " […]";

/// How long after the end of the process a pipe may stay open: only something that has left the
/// tree can hold it, and nobody waits for that.
const OPEN_AFTER_EXIT: Duration = Duration::from_secs(2);
/// How much is read after the end of the process: all that a pipe can hold on any system, so that
/// everything of the process itself is in it.
const READ_AFTER_EXIT: usize = 1024 * 1024;

/// Which of the two outputs a line came from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OutputStream {
    /// Standard output, and everything that comes through a pseudo-console.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A line that a child printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Where it came from.
    pub source: OutputStream,
    /// Its text without the line break, at most [`LINE_LIMIT`] bytes and then [`CUT_MARK`]. What is
    /// no UTF-8 is replaced; colours are left in.
    pub text: String,
}

/// The lines of a child, in the order of their arrival.
///
/// Nothing is read ahead: a child that prints faster than its lines are taken is held up by its own
/// pipe. So whoever holds this has to keep reading. A child that prints after this was dropped finds
/// its pipe broken, which ends most programs.
pub struct Lines {
    readers: Vec<Reader>,
    /// The reader that is asked first.
    first: usize,
    status: watch::Receiver<Option<ExitStatus>>,
    after_exit: Option<AfterExit>,
}

struct Reader {
    source: OutputStream,
    /// Nothing once it has ended.
    stream: Option<Stream>,
    assembler: Assembler,
}

/// What may still come once the process has ended.
struct AfterExit {
    until: Instant,
    bytes: usize,
}

impl Lines {
    pub(crate) fn new(streams: Vec<Stream>, status: watch::Receiver<Option<ExitStatus>>) -> Self {
        let readers = streams.into_iter().map(|stream| Reader {
            source: stream.source,
            stream: Some(stream),
            assembler: Assembler::default(),
        });
        Self {
            readers: readers.collect(),
            first: 0,
            status,
            after_exit: None,
        }
    }

    /// The next line; nothing once the process has ended and all its lines were given. Can be given
    /// up at any time without losing anything.
    pub async fn next(&mut self) -> Option<Line> {
        loop {
            if let Some(line) = self.readers.iter_mut().find_map(Reader::line) {
                return Some(line);
            }
            if self.readers.iter().all(|reader| reader.stream.is_none()) {
                return None;
            }
            self.read().await;
        }
    }

    /// Reads once, from whichever stream has something.
    async fn read(&mut self) {
        if self.after_exit.is_none() && self.status.borrow().is_some() {
            self.after_exit = Some(AfterExit {
                until: Instant::now() + OPEN_AFTER_EXIT,
                bytes: READ_AFTER_EXIT,
            });
        }
        let (readers, first) = (&mut self.readers, &mut self.first);
        let read = poll_fn(|context| poll_any(readers, first, context));
        let Some(after_exit) = &mut self.after_exit else {
            select! {
                biased;
                _ = read => {}
                // What it printed before its end is read with the limits.
                _ = self.status.wait_for(Option::is_some) => {}
            }
            return;
        };
        let read = timeout_at(after_exit.until, read)
            .await
            .unwrap_or(usize::MAX);
        after_exit.bytes = after_exit.bytes.saturating_sub(read);
        if after_exit.bytes == 0 {
            for reader in &mut self.readers {
                reader.stream = None;
            }
        }
    }
}

impl fmt::Debug for Lines {
    /// What was printed is not shown: it may hold what people wrote.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Lines").finish_non_exhaustive()
    }
}

impl Reader {
    /// A line that is here already.
    fn line(&mut self) -> Option<Line> {
        let whole = self.assembler.next_line();
        let text = match &self.stream {
            Some(_) => whole?,
            None => whole.or_else(|| self.assembler.finish())?,
        };
        let source = self.source;
        Some(Line { source, text })
    }
}

/// Reads from the first that has something, beginning with `first`: standard output, so that what was
/// printed before a crash comes before the crash's words, unless there is so much that the other
/// would have to wait.
fn poll_any(readers: &mut [Reader], first: &mut usize, context: &mut Context<'_>) -> Poll<usize> {
    for turn in 0..readers.len() {
        let index = (*first + turn) % readers.len();
        let reader = &mut readers[index];
        let Some(stream) = &mut reader.stream else {
            continue;
        };
        let Poll::Ready(read) = stream.poll_read(context, reader.assembler.space()) else {
            continue;
        };
        if read == 0 {
            reader.stream = None;
        }
        *first = if read < CHUNK { 0 } else { index + 1 };
        return Poll::Ready(read);
    }
    Poll::Pending
}
