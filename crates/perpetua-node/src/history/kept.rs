//! What has happened, in memory: the latest of it, and what comes again and again once.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use perpetua_schema::{Happening, HappeningTone};
use perpetua_words::{Message, Param, happened as words};

use crate::status::Moment;

/// As many are kept as the page shows.
const MOST: usize = 200;
/// What happens again within this time is the same happening, with its count: something that comes and goes
/// pushes nothing else out.
const AGAIN_WITHIN: Duration = Duration::from_mins(10);
/// The same for what is told apart: each outage is one of its own, unless they follow each other closely.
const AGAIN_APART: Duration = Duration::from_mins(1);
/// Those who follow hear of what comes again no more often.
const TOLD_EVERY: Duration = Duration::from_secs(5);

/// Something that was found to have happened.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) account: Option<String>,
    pub(super) client: Option<String>,
    pub(super) tone: HappeningTone,
    pub(super) message: Message,
    /// How many more there are of it than of the one before, where the message itself counts them.
    pub(super) counts: Option<u64>,
    /// Whether it is told apart from the same that happened some minutes before.
    pub(super) is_apart: bool,
}

/// The latest happenings.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// The latest last.
    entries: VecDeque<Entry>,
    last_id: u64,
}

#[derive(Debug)]
struct Entry {
    found: Found,
    id: u64,
    last: Instant,
    times: u64,
    told: Instant,
    is_told: bool,
}

impl Kept {
    /// Keeps what was found at `now`.
    pub(super) fn add(&mut self, found: Found, now: Instant) {
        let known = self
            .entries
            .iter()
            .rposition(|entry| entry.is_same(&found, now));
        let former = known.and_then(|place| self.entries.remove(place));
        let entry = if let Some(former) = former {
            Entry {
                last: now,
                times: former.times + 1,
                is_told: false,
                found: found.joined(&former.found),
                ..former
            }
        } else {
            self.last_id += 1;
            Entry {
                found,
                id: self.last_id,
                last: now,
                times: 1,
                told: now,
                is_told: false,
            }
        };
        if self.entries.len() == MOST {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    /// Those that followers have to hear of now, the oldest first.
    pub(super) fn due(&mut self, at: Moment) -> Vec<Happening> {
        let now = at.now.instant;
        let is_due = |entry: &&mut Entry| {
            let is_new = entry.times == 1;
            !entry.is_told && (is_new || now.duration_since(entry.told) >= TOLD_EVERY)
        };
        let due = self.entries.iter_mut().filter(is_due);
        due.map(|entry| {
            entry.is_told = true;
            entry.told = now;
            entry.happening(at)
        })
        .collect()
    }

    /// The latest ones, newest first.
    pub(super) fn latest(&self, limit: usize, at: Moment) -> Vec<Happening> {
        let latest = self.entries.iter().rev().take(limit);
        latest.map(|entry| entry.happening(at)).collect()
    }
}

impl Found {
    /// The same again: the latest words, with all that were counted.
    fn joined(self, former: &Self) -> Self {
        let (Some(more), Some(count)) = (self.counts, former.counts) else {
            return self;
        };
        let count = count.saturating_add(more);
        let mut message = self.message;
        let shown = i64::try_from(count).unwrap_or(i64::MAX);
        message.params.insert("count".into(), Param::Number(shown));
        Self {
            message,
            counts: Some(count),
            ..self
        }
    }
}

impl Entry {
    fn is_same(&self, found: &Found, now: Instant) -> bool {
        let within = if found.is_apart {
            AGAIN_APART
        } else {
            AGAIN_WITHIN
        };
        now.duration_since(self.last) < within
            && self.found.account == found.account
            && self.found.client == found.client
            && is_like(&self.found.message, &found.message)
    }

    fn happening(&self, at: Moment) -> Happening {
        let what = self.found.message.clone();
        let message = if self.times > 1 && self.found.counts.is_none() {
            let times = self.times;
            words::Again { times, what }.into()
        } else {
            what
        };
        Happening {
            id: self.id,
            time_ms: at.milliseconds(self.last),
            account: self.found.account.clone(),
            client: self.found.client.clone(),
            tone: self.found.tone,
            message,
        }
    }
}

/// Whether two messages are the same but for numbers and names, of what they quote too.
fn is_like(one: &Message, other: &Message) -> bool {
    fn quoted(message: &Message) -> impl Iterator<Item = &str> {
        message.params.values().filter_map(|param| match param {
            Param::Message(cause) => Some(&*cause.code),
            Param::Number(_) | Param::Text(_) | Param::Messages(_) => None,
        })
    }
    let is_of_time = |code: &str| code.starts_with("unit.");
    let causes = |message| quoted(message).filter(move |code| !is_of_time(code));
    one.code == other.code && causes(one).eq(causes(other))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use perpetua_schema::HappeningTone;
    use perpetua_words::{Message, duration, happened as words};

    use perpetua_hub::{Calendar, ClockReading};

    use super::{Found, Kept, MOST};
    use crate::status::Moment;

    /// A look at a clock that nobody sets.
    fn moment(instant: Instant) -> Moment {
        let unix = Duration::from_hours(500_000);
        let now = ClockReading { instant, unix };
        let calendar = Calendar::new(now);
        Moment { now, calendar }
    }

    fn found(client: &str, message: impl Into<Message>) -> Found {
        Found {
            account: Some("main".into()),
            client: Some(client.into()),
            tone: HappeningTone::Ok,
            message: message.into(),
            counts: None,
            is_apart: false,
        }
    }

    fn slow(count: u64) -> Found {
        Found {
            counts: Some(count),
            ..found("slow", words::ClientSlow { count })
        }
    }

    #[test]
    fn one_that_comes_and_goes_pushes_nothing_else_out() {
        let (mut kept, start) = (Kept::default(), Instant::now());
        kept.add(found("quiet", words::ClientConnected), start);
        for second in 0..1000 {
            let now = start + Duration::from_secs(second);
            let after = duration(second);
            kept.add(found("flapping", words::ClientLeft), now);
            kept.add(found("flapping", words::ClientBack { after }), now);
        }
        let latest = kept.latest(10, moment(start));
        let said: Vec<_> = latest.iter().map(|one| one.message.to_string()).collect();
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(said[0].ends_with("missed nothing (1000 times)"), "{said:?}");
        assert_eq!(said[1], "has left (1000 times)");
        assert_eq!(latest[2].client.as_deref(), Some("quiet"));
        assert_eq!(latest[2].id, 1);
    }

    #[test]
    fn what_comes_again_is_told_with_its_number_and_not_too_often() {
        let (mut kept, start) = (Kept::default(), Instant::now());
        let told = |kept: &mut Kept, second: u64| -> Vec<_> {
            let due = kept.due(moment(start + Duration::from_secs(second)));
            due.into_iter()
                .map(|one| (one.id, one.message.to_string()))
                .collect()
        };
        kept.add(slow(3), start);
        assert_eq!(
            told(&mut kept, 0),
            [(1, "reads too slowly: 3 events were lost for it".to_owned())]
        );
        for second in 1..5 {
            kept.add(slow(1), start + Duration::from_secs(second));
            assert_eq!(told(&mut kept, second), []);
        }
        assert_eq!(
            told(&mut kept, 5),
            [(1, "reads too slowly: 7 events were lost for it".to_owned())]
        );
        assert_eq!(told(&mut kept, 100), []);
        let later = start + Duration::from_hours(1);
        kept.add(slow(2), later);
        assert_eq!(kept.due(moment(later))[0].id, 2);
    }

    #[test]
    fn other_causes_and_other_clients_are_other_happenings() {
        let (mut kept, now) = (Kept::default(), Instant::now());
        let cause = |text| perpetua_words::io::Other { text };
        for client in ["a", "b"] {
            kept.add(
                found(
                    client,
                    words::Offline {
                        cause: Message::from(cause("x")),
                    },
                ),
                now,
            );
            kept.add(
                found(
                    client,
                    words::Offline {
                        cause: Message::from(perpetua_words::link::Ended),
                    },
                ),
                now,
            );
        }
        assert_eq!(kept.latest(10, moment(now)).len(), 4);
    }

    #[test]
    fn the_latest_are_kept() {
        let (mut kept, now) = (Kept::default(), Instant::now());
        for number in 0..3 * MOST {
            kept.add(found(&number.to_string(), words::ClientLeft), now);
        }
        let latest = kept.latest(usize::MAX, moment(now));
        assert_eq!(latest.len(), MOST);
        assert_eq!(latest[0].id, 3 * MOST as u64);
    }
}
