//! What was refused or lost: counted by kind, and told to the log at a rate that nobody can drive up.
//!
//! A notice is a sentence with its parameters: equal ones are one notice with a count. Whoever knocks
//! a thousand times a second makes one notice, and one line a minute.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use perpetua_words::{Message, Param};

use crate::ClockReading;

/// Kinds that are remembered: more than anybody reads, and few enough to compare with each new one.
const MAX_NOTICES: usize = 24;
/// How many of them may be alike: whoever comes from many addresses, or asks for many paths, hides nothing
/// else.
const MAX_ALIKE: usize = 3;
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

/// The latest kinds of notices, newest first; the one longest ago gives way, and one that is like it
/// before all others.
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

    /// Forgets those that nobody has to act on any more; they stay counted.
    pub(crate) fn settle(&mut self, is_settled: impl Fn(&Notice) -> bool) {
        let unlogged = &mut self.unlogged;
        self.entries.retain(|entry| {
            let goes = is_settled(&entry.notice);
            if goes {
                *unlogged += entry.unlogged;
            }
            !goes
        });
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
        if let Some(place) = self.place_to_free(&message)
            && let Some(oldest) = self.entries.remove(place)
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

    /// The entry that gives way to one of this message, where one has to.
    fn place_to_free(&self, message: &Message) -> Option<usize> {
        let is_like_it = |entry: &&Entry| are_alike(&entry.notice.message, message);
        if self.entries.iter().filter(is_like_it).count() >= MAX_ALIKE {
            return self.entries.iter().rposition(|entry| is_like_it(&entry));
        }
        (self.entries.len() >= MAX_NOTICES).then(|| self.entries.len() - 1)
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

/// Whether two messages have the same code and the same causes: they differ only in whom and what they name.
fn are_alike(one: &Message, other: &Message) -> bool {
    one.code == other.code && causes(one).eq(causes(other))
}

fn causes(message: &Message) -> impl Iterator<Item = &str> {
    message.params.values().filter_map(|param| match param {
        Param::Message(cause) => Some(&*cause.code),
        Param::Number(_) | Param::Text(_) | Param::Messages(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use std::{
        net::IpAddr,
        time::{Duration, Instant},
    };

    use perpetua_words::{Message, Param, io, notice as words, refused};
    use proptest::prelude::*;

    use super::{LineBudget, LogLine, MAX_ALIKE, MAX_LINES, MAX_NOTICES, Notices};
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
        assert_eq!(notices.iter().count(), MAX_ALIKE);
        let line = notices
            .record(said("later"), after(now, 60))
            .expect("another minute");
        assert_eq!(line.count, 1);
        assert_eq!(
            line.others,
            kinds - MAX_LINES - (MAX_ALIKE as u64 - 1),
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

    #[test]
    fn many_of_one_code_hide_no_other_and_the_latest_of_them_stay() {
        let (one, other) = ("client.refused", "link.lost");
        for (first, then) in [(one, other), (other, one)] {
            let (mut notices, now) = (Notices::default(), reading());
            notices.record(coded(first, 0), now);
            for number in 0..100 {
                notices.record(coded(then, number), now);
            }
            let seen: Vec<_> = notices
                .iter()
                .map(|notice| notice.message.clone())
                .collect();
            let expected = [(then, 99), (then, 98), (then, 97), (first, 0)];
            assert_eq!(seen, expected.map(|(code, number)| coded(code, number)));
        }
    }

    #[test]
    fn refusals_at_the_api_with_other_causes_are_not_alike() {
        let (mut notices, now) = (Notices::default(), reading());
        let at_api = |last: u8, cause: &str| refused::Api {
            peer: IpAddr::from([10, 0, 0, last]),
            path: "/healthz",
            cause: coded(cause, 0),
        };
        notices.record(at_api(0, "session.none"), now);
        for last in 0..100 {
            notices.record(at_api(last, "origin.foreign"), now);
        }
        let seen: Vec<_> = notices
            .iter()
            .map(|notice| notice.message.clone())
            .collect();
        let expected = [
            at_api(99, "origin.foreign"),
            at_api(98, "origin.foreign"),
            at_api(97, "origin.foreign"),
            at_api(0, "session.none"),
        ];
        assert_eq!(seen, expected.map(Message::from));
    }

    #[test]
    fn of_many_codes_the_one_longest_ago_gives_way() {
        let (mut notices, now) = (Notices::default(), reading());
        for code in 0..100 {
            notices.record(coded(&code.to_string(), 0), now);
        }
        assert_eq!(notices.iter().count(), MAX_NOTICES);
        let oldest = notices.iter().last().expect("there are some");
        assert_eq!(oldest.message.code, (100 - MAX_NOTICES).to_string());
    }

    proptest! {
        /// Nothing goes uncounted: lines and what is still to be told make up all that was recorded.
        #[test]
        fn lines_tell_of_everything(steps in prop::collection::vec((0..30_u32, 0..6_i64, 0..9_u64), 1..300)) {
            let (mut notices, mut now) = (Notices::default(), reading());
            let mut told = 0;
            for (code, number, seconds) in &steps {
                now = after(now, *seconds);
                let message = coded(&code.to_string(), *number);
                if let Some(line) = notices.record(message.clone(), now) {
                    told += line.count + line.others;
                }
                let alike = notices.iter().filter(|notice| notice.message.code == message.code);
                prop_assert!(alike.count() <= MAX_ALIKE);
            }
            let waiting: u64 = notices.entries.iter().map(|entry| entry.unlogged).sum();
            prop_assert_eq!(told + waiting + notices.unlogged, steps.len() as u64);
            prop_assert!(notices.entries.len() <= MAX_NOTICES);
        }
    }

    fn said(text: &str) -> Message {
        io::Other { text }.into()
    }

    fn coded(code: &str, number: i64) -> Message {
        Message {
            code: code.to_owned().into(),
            params: [("number".into(), Param::Number(number))].into(),
        }
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
