//! Lines to records.
//!
//! A record is finished when the next one begins, or when nothing comes for [`FLUSH_AFTER`]: its message
//! may have several lines, and on Windows those start at the left edge.

use std::time::Duration;

use perpetua_lifecycle::Reading;

use crate::log::header::header;
use crate::log::meaning::Meanings;
use crate::log::open::{INDENTATION, Open, is_crash, is_drawing};
use crate::log::plain::plain;
use crate::log::{Header, LogMark, LogRecord, RecordKind};

/// How long the driver waits for another line before it calls [`LogReader::flush`]: the core writes a
/// record at once, so its lines come together.
pub const FLUSH_AFTER: Duration = Duration::from_millis(50);

/// So many records may come between the two parts of a refusal, which the core posts to a thread pool.
const PATIENCE_FOR_REFUSALS: usize = 8;
/// The length of a commit's name.
const COMMIT_DIGITS: usize = 40;

/// Where a line was written. A pseudo-console has only `Output`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error: only crashes are told there.
    Errors,
}

/// Puts records together from the lines of one run of the core.
#[derive(Debug)]
pub struct LogReader {
    mark: Marking,
    /// The record of standard output that may go on.
    open: Option<Open>,
    /// The text of a crash on standard error.
    crash: Option<Open>,
    /// Who wrote last: what comes late and starts no record is its.
    last: Option<Header>,
    meanings: Meanings,
    /// The first part of a refusal, and how many records came since.
    held: Option<(LogRecord, usize)>,
    finished: Vec<LogRecord>,
}

/// Whether records are marked: the first one shows it, and nobody can write to the account before that.
#[derive(Debug)]
enum Marking {
    Undecided(LogMark),
    Marked(LogMark),
    Unmarked,
}

impl LogReader {
    /// A reader for one run of the core that was given the mark. It reads unmarked records as well
    /// if the very first one has none.
    pub fn new(mark: Option<LogMark>) -> Self {
        Self {
            mark: mark.map_or(Marking::Unmarked, Marking::Undecided),
            open: None,
            crash: None,
            last: None,
            meanings: Meanings::default(),
            held: None,
            finished: Vec::new(),
        }
    }

    /// Takes a line as it came, colours and carriage return included; gives the records that are finished now.
    pub fn line(&mut self, stream: Stream, text: &str) -> Vec<LogRecord> {
        let text = plain(text);
        match stream {
            Stream::Errors => {
                let crash = self
                    .crash
                    .get_or_insert_with(|| Open::new(RecordKind::Crash));
                crash.push(&text);
            }
            Stream::Output => self.output(&text),
        }
        std::mem::take(&mut self.finished)
    }

    /// Whether something is held back: call [`LogReader::flush`] when no line came for [`FLUSH_AFTER`].
    pub fn is_waiting(&self) -> bool {
        self.open.is_some() || self.crash.is_some() || self.held.is_some()
    }

    /// Gives what is held back: nothing came for a while, or the core has ended.
    pub fn flush(&mut self) -> Vec<LogRecord> {
        self.finish();
        self.finish_crash();
        self.give_up_refusal();
        std::mem::take(&mut self.finished)
    }

    fn output(&mut self, line: &str) {
        let mut rest = line;
        if let Marking::Undecided(mark) | Marking::Marked(mark) = &self.mark {
            let mark = mark.clone();
            while let Some((before, after)) = mark.split(rest) {
                self.mark = Marking::Marked(mark.clone());
                if !before.is_empty() {
                    self.unmarked(before);
                }
                let own_end = mark.split(after).map_or(after.len(), |(own, _)| own.len());
                self.marked(&after[..own_end]);
                rest = &after[own_end..];
                if rest.is_empty() {
                    return;
                }
            }
        }
        self.unmarked(rest);
    }

    /// What follows the mark: a record, or the start of one that was cut.
    fn marked(&mut self, line: &str) {
        match header(line) {
            Some((header, message)) => self.begin(header, message),
            None => self.unmarked(line),
        }
    }

    fn unmarked(&mut self, line: &str) {
        if !matches!(self.mark, Marking::Marked(_))
            && let Some((header, message)) = header(line)
        {
            self.mark = Marking::Unmarked;
            return self.begin(header, message);
        }
        if let Some(open) = &mut self.open
            && open.goes_on_with(line)
        {
            open.push(line);
            return;
        }
        self.finish();
        self.begin_other(line);
    }

    /// A line that belongs to no open record.
    fn begin_other(&mut self, line: &str) {
        if line.is_empty() {
            return;
        }
        let kind = if is_drawing(line) {
            RecordKind::Qr
        } else if is_crash(line) && !matches!(self.mark, Marking::Marked(_)) {
            // The runtime's own, before there is a logger. Later its last words come on the other stream alone, and
            // what is here may be a line of somebody's message.
            RecordKind::Crash
        } else {
            return self.finish_single(line);
        };
        let mut open = Open::new(kind);
        open.push(line);
        self.open = Some(open);
    }

    /// A line of its own: a late line of the last record, or the console.
    fn finish_single(&mut self, line: &str) {
        let late = self.last.clone().filter(|last| {
            line.starts_with(INDENTATION)
                || last.has_words_of_people()
                || matches!(self.mark, Marking::Marked(_))
        });
        let Some(header) = late else {
            let mut record = LogRecord::other(RecordKind::Console, line.to_owned());
            // It is written before the logger exists; later it would be someone's message.
            if self.last.is_none() {
                record.reading = version(line);
            }
            return self.finished.push(record);
        };
        let kind = RecordKind::Log(header);
        self.finished
            .push(LogRecord::other(kind, line.trim().to_owned()));
    }

    fn begin(&mut self, header: Header, message: &str) {
        self.finish();
        let mut open = Open::new(RecordKind::Log(header));
        if !message.is_empty() {
            open.push(message);
        }
        self.open = Some(open);
    }

    fn finish(&mut self) {
        let Some(Open { kind, text, .. }) = self.open.take() else {
            return;
        };
        let RecordKind::Log(header) = kind else {
            return self.finished.push(LogRecord::other(kind, text));
        };
        let mut record = LogRecord::log(header, &text);
        if let RecordKind::Log(header) = &record.kind {
            self.last = Some(header.clone());
        }
        record.reading = self.meanings.of(&record);
        self.deliver(record);
    }

    /// Holds back the first part of a refusal until its other part comes.
    fn deliver(&mut self, record: LogRecord) {
        match self.held.take() {
            None if self.meanings.has_part_of_refusal() => self.held = Some((record, 0)),
            Some((held, waited)) if self.meanings.has_part_of_refusal() => {
                self.finished.push(record);
                self.held = Some((held, waited + 1));
                if waited + 1 >= PATIENCE_FOR_REFUSALS {
                    self.give_up_refusal();
                }
            }
            held => {
                self.finished.extend(held.map(|(held, _)| held));
                self.finished.push(record);
            }
        }
    }

    fn finish_crash(&mut self) {
        if let Some(Open { kind, text, .. }) = self.crash.take()
            && !text.is_empty()
        {
            self.finished.push(LogRecord::other(kind, text));
        }
    }

    /// The other part of a refusal did not come: the half that is there has to do.
    fn give_up_refusal(&mut self) {
        let reading = self.meanings.incomplete_refusal();
        if let Some((mut held, _)) = self.held.take() {
            held.reading = reading;
            self.finished.push(held);
        }
    }
}

fn version(line: &str) -> Option<Reading> {
    let commit = line.strip_prefix("Version: ")?;
    let is_commit =
        commit.len() == COMMIT_DIGITS && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_commit.then(|| Reading::Version(commit.to_owned()))
}
