//! What was refused or lost: counted by kind, and told to the log at a rate that nobody can drive up.
//!
//! A notice is a sentence with its parameters: equal ones are one notice with a count. Whoever knocks
//! a thousand times a second makes one notice, and one line a minute.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use perpetua_words::Message;

use crate::ClockReading;

/// Kinds that are remembered: more than anybody reads, and few enough to compare with each new one.
const MAX_NOTICES: usize = 8;
/// The time between two log lines of one notice, and the time for which lines are counted.
const LINE_EVERY: Duration = Duration::from_mins(1);
/// Lines in that time from one list: strangers with an address each make a notice each.
const MAX_LINES: u64 = 10;

/// Something that was refused or lost, how often, and when it last was.
#[derive(Clone, Debug)]
pub struct Notice {
    /// What happened.
    pub message: Message,
    /// How often.
    pub count: u64,
    /// When it last did.
    pub last: ClockReading,
}

/// A line for the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoggedNotice {
    /// What happened.
    pub message: Message,
    /// How often since its last line.
    pub count: u64,
    /// How many of other kinds have gone by without a line of their own, and have none to come.
    pub others: u64,
}

/// The latest kinds of notices, newest first; the one longest ago gives way.
#[derive(Clone, Debug, Default)]
pub struct Notices {
    entries: VecDeque<Entry>,
    total: u64,
    /// Of notices that gave way before they had a line.
    unlogged: u64,
    lines: Lines,
}

#[derive(Clone, Debug)]
struct Entry {
    notice: Notice,
    logged: Option<Instant>,
    unlogged: u64,
}

/// A line that may be written to the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LogLine {
    /// How many were left out before it, if any were.
    pub left_out: Option<u64>,
}

/// How many lines of one kind the log may have in a minute; those beyond are counted.
#[derive(Clone, Debug)]
pub struct LineBudget {
    per_minute: u64,
    lines: Lines,
    left_out: u64,
}

impl LineBudget {
    /// So many lines a minute.
    pub fn new(per_minute: u64) -> Self {
        Self {
            per_minute,
            lines: Lines::default(),
            left_out: 0,
        }
    }

    /// The line that may be written now, if one may.
    pub fn take(&mut self, now: Instant) -> Option<LogLine> {
        if self.lines.take(now, self.per_minute) {
            let left_out = std::mem::take(&mut self.left_out);
            let left_out = (left_out > 0).then_some(left_out);
            return Some(LogLine { left_out });
        }
        self.left_out += 1;
        None
    }
}

/// How many lines the list has had in its present minute.
#[derive(Clone, Copy, Debug, Default)]
struct Lines {
    since: Option<Instant>,
    count: u64,
}

impl Notices {
    /// Counts one, and gives the line that is due for it: the first time, then once a minute.
    pub fn record(
        &mut self,
        message: impl Into<Message>,
        now: ClockReading,
    ) -> Option<LoggedNotice> {
        self.total += 1;
        let mut entry = self.take(message.into(), now);
        entry.notice.count += 1;
        entry.notice.last = now;
        entry.unlogged += 1;
        let line = self.line(&mut entry, now.instant);
        self.entries.push_front(entry);
        line
    }

    /// As [`Notices::record`], of one whose parameters whoever causes it may choose: all with its code are one
    /// notice, which says the latest, so that they push no other out.
    pub fn record_latest(
        &mut self,
        message: impl Into<Message>,
        now: ClockReading,
    ) -> Option<LoggedNotice> {
        let message = message.into();
        let same_code = |entry: &&mut Entry| entry.notice.message.code == message.code;
        if let Some(entry) = self.entries.iter_mut().find(same_code) {
            entry.notice.message.clone_from(&message);
        }
        self.record(message, now)
    }

    /// The latest kinds, newest first.
    pub fn iter(&self) -> impl Iterator<Item = &Notice> {
        self.entries.iter().map(|entry| &entry.notice)
    }

    /// All that were ever recorded, whatever their kind.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Takes the entry of a message out of the list, or makes one and room for it.
    fn take(&mut self, message: Message, now: ClockReading) -> Entry {
        let known = self
            .entries
            .iter()
            .position(|entry| entry.notice.message == message);
        if let Some(entry) = known.and_then(|place| self.entries.remove(place)) {
            return entry;
        }
        if self.entries.len() == MAX_NOTICES
            && let Some(oldest) = self.entries.pop_back()
        {
            self.unlogged += oldest.unlogged;
        }
        Entry {
            notice: Notice {
                message,
                count: 0,
                last: now,
            },
            logged: None,
            unlogged: 0,
        }
    }

    fn line(&mut self, entry: &mut Entry, now: Instant) -> Option<LoggedNotice> {
        let is_due = entry
            .logged
            .is_none_or(|logged| now.duration_since(logged) >= LINE_EVERY);
        if !is_due || !self.lines.take(now, MAX_LINES) {
            return None;
        }
        entry.logged = Some(now);
        Some(LoggedNotice {
            message: entry.notice.message.clone(),
            count: std::mem::take(&mut entry.unlogged),
            others: std::mem::take(&mut self.unlogged),
        })
    }
}

impl Lines {
    /// Whether there may be one more.
    fn take(&mut self, now: Instant, limit: u64) -> bool {
        let is_over = |since: Instant| now.duration_since(since) >= LINE_EVERY;
        if self.since.is_none_or(is_over) {
            *self = Self {
                since: Some(now),
                count: 0,
            };
        }
        self.count += 1;
        self.count <= limit
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use perpetua_words::{Message, io, notice as words};
    use proptest::prelude::*;

    use super::{LineBudget, LogLine, MAX_LINES, MAX_NOTICES, Notices};
    use crate::ClockReading;

    #[test]
    fn equal_ones_are_counted_and_the_newest_comes_first() {
        let (mut notices, now) = (Notices::default(), reading());
        for text in ["a", "b", "a", "c", "a"] {
            notices.record(said(text), now);
        }
        let seen: Vec<_> = notices
            .iter()
            .map(|notice| (notice.message.to_string(), notice.count))
            .collect();
        let expected = [("a", 3), ("c", 1), ("b", 1)].map(|(text, count)| (text.to_owned(), count));
        assert_eq!(seen, expected);
        assert_eq!(notices.total(), 5);
    }

    #[test]
    fn a_line_is_due_at_first_and_then_once_a_minute() {
        let (mut notices, start) = (Notices::default(), reading());
        let at = |seconds| after(start, seconds);
        let mut counts = |seconds| {
            let line = notices.record(said("a"), at(seconds));
            line.map(|line| line.count)
        };
        assert_eq!(counts(0), Some(1));
        assert_eq!(counts(1), None);
        assert_eq!(counts(59), None);
        assert_eq!(counts(60), Some(3));
        assert_eq!(counts(61), None);
        assert_eq!(counts(500), Some(2));
    }

    #[test]
    fn lines_of_one_kind_have_a_limit_and_those_left_out_are_counted() {
        let (mut budget, start) = (LineBudget::new(3), reading().instant);
        let mut at = |seconds| budget.take(start + Duration::from_secs(seconds));
        let written = |left_out| Some(LogLine { left_out });
        assert_eq!([at(0), at(1), at(59)], [written(None); 3]);
        assert_eq!([at(59), at(59)], [None; 2]);
        assert_eq!(at(60), written(Some(2)));
        assert_eq!(at(61), written(None));
    }

    #[test]
    fn many_kinds_share_one_limit_and_what_had_no_line_is_counted_into_the_next() {
        let (mut notices, now) = (Notices::default(), reading());
        let kinds = 100;
        let lines = (0..kinds)
            .filter_map(|kind| notices.record(said(&kind.to_string()), now))
            .count();
        assert_eq!(lines as u64, MAX_LINES);
        assert_eq!(notices.iter().count(), MAX_NOTICES);
        let line = notices
            .record(said("later"), after(now, 60))
            .expect("another minute");
        assert_eq!(line.count, 1);
        assert_eq!(
            line.others,
            kinds - MAX_LINES - (MAX_NOTICES as u64 - 1),
            "those that are still in the list have a line to come"
        );
    }

    #[test]
    fn those_whose_parameters_others_choose_are_one_and_push_none_out() {
        let (mut notices, now) = (Notices::default(), reading());
        notices.record(perpetua_words::link::Ended, now);
        for self_id in 0..100 {
            let known = 7;
            notices.record_latest(words::OtherAccount { self_id, known }, now);
        }
        let seen: Vec<_> = notices.iter().map(|notice| notice.count).collect();
        assert_eq!(seen, [100, 1]);
        let latest = words::OtherAccount {
            self_id: 99,
            known: 7,
        };
        let newest = notices.iter().next().map(|notice| notice.message.clone());
        assert_eq!(newest, Some(latest.into()));
        let line = notices.record_latest(
            words::OtherAccount {
                self_id: 1,
                known: 7,
            },
            after(now, 60),
        );
        assert_eq!(line.map(|line| line.count), Some(100));
    }

    proptest! {
        /// Nothing goes uncounted: lines and what is still to be told make up all that was recorded.
        #[test]
        fn lines_tell_of_everything(steps in prop::collection::vec((0..30_u32, 0..90_u64), 1..300)) {
            let (mut notices, mut now) = (Notices::default(), reading());
            let mut told = 0;
            for (kind, seconds) in &steps {
                now = after(now, *seconds);
                if let Some(line) = notices.record(said(&kind.to_string()), now) {
                    told += line.count + line.others;
                }
            }
            let waiting: u64 = notices.entries.iter().map(|entry| entry.unlogged).sum();
            prop_assert_eq!(told + waiting + notices.unlogged, steps.len() as u64);
            prop_assert!(notices.entries.len() <= MAX_NOTICES);
        }
    }

    fn said(text: &str) -> Message {
        io::Other { text }.into()
    }

    fn reading() -> ClockReading {
        ClockReading {
            instant: Instant::now(),
            unix: Duration::from_secs(1_700_000_000),
        }
    }

    fn after(start: ClockReading, seconds: u64) -> ClockReading {
        let time = Duration::from_secs(seconds);
        ClockReading {
            instant: start.instant + time,
            unix: start.unix + time,
        }
    }
}
