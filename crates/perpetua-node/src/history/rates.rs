//! How much went through accounts and clients: for each of the last minutes, since midnight, and lately.
//!
//! Counters are looked at once a second, beside those who count. Minutes are of the monotonic clock, so that
//! none is lost or doubled when somebody sets the other one.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use jiff::civil::Date;
use perpetua_hub::{AccountCounts, ClientCounts};
use perpetua_schema::{AccountHistory, ClientHistory, RatesHistory};

/// Whole minutes that are kept.
const MINUTES: usize = 60;
const MINUTE: Duration = Duration::from_mins(1);

/// What has been seen of the counters.
#[derive(Debug)]
pub(super) struct Rates {
    /// When the minute began that is not over.
    minute: Instant,
    today: Option<Date>,
    accounts: BTreeMap<String, AccountRates>,
}

#[derive(Debug, Default)]
struct AccountRates {
    events: Series,
    clients: BTreeMap<String, ClientRates>,
    /// What clients missed today that are not there any more.
    dropped_by_gone: u64,
}

#[derive(Debug, Default)]
struct ClientRates {
    events: Series,
    actions: Series,
    dropped: Series,
    /// What it missed, and when; nothing is older than a minute.
    lately: VecDeque<(Instant, u64)>,
}

/// One counter.
#[derive(Debug, Default)]
struct Series {
    /// What it was when it was last looked at.
    seen: u64,
    /// How much it has risen in the minute that is not over.
    now: u64,
    today: u64,
    /// The minutes that are over, the latest last.
    minutes: VecDeque<u32>,
}

impl Rates {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            minute: now,
            today: None,
            accounts: BTreeMap::new(),
        }
    }

    /// Takes the counters of all accounts of the settings in; one that does not run has none.
    pub(super) fn look(
        &mut self,
        accounts: &[(String, Option<AccountCounts>)],
        now: Instant,
        day: Date,
    ) {
        self.begin_day(day);
        while now.saturating_duration_since(self.minute) >= MINUTE {
            self.minute += MINUTE;
            self.end_minute();
        }
        self.accounts
            .retain(|name, _| accounts.iter().any(|(there, _)| there == name));
        for (name, counts) in accounts {
            let rates = self.accounts.entry(name.clone()).or_default();
            match counts {
                Some(counts) => rates.look(counts, now),
                None => rates.restart(),
            }
        }
    }

    /// How many events a client missed in the last minute.
    pub(super) fn dropped_lately(&self, account: &str, client: &str, now: Instant) -> u64 {
        let client = self
            .accounts
            .get(account)
            .and_then(|account| account.clients.get(client));
        let lately = client.map(|client| &client.lately);
        lately
            .into_iter()
            .flatten()
            .filter(|(when, _)| now.saturating_duration_since(*when) < MINUTE)
            .map(|(_, count)| count)
            .sum()
    }

    /// The last minutes of the accounts of these names, and of their clients in the order of their names.
    pub(super) fn history<'a>(
        &self,
        accounts: impl Iterator<Item = &'a str>,
        minutes: usize,
    ) -> RatesHistory {
        let minutes = minutes.min(MINUTES);
        let found = accounts.filter_map(|name| Some((name, self.accounts.get(name)?)));
        let accounts = found.map(|(name, rates)| rates.history(name, minutes));
        RatesHistory {
            accounts: accounts.collect(),
        }
    }

    /// A day begins once. A clock that goes back by less than that was only put right, and the same
    /// midnight will come again.
    fn begin_day(&mut self, day: Date) {
        let Some(today) = self.today.replace(day) else {
            return;
        };
        if day > today {
            for account in self.accounts.values_mut() {
                account.dropped_by_gone = 0;
                account.each_series(|series| series.today = 0);
            }
        } else if day.tomorrow().is_ok_and(|next| next == today) {
            self.today = Some(today);
        }
    }

    fn end_minute(&mut self) {
        for account in self.accounts.values_mut() {
            account.each_series(Series::end_minute);
        }
    }
}

impl AccountRates {
    fn look(&mut self, counts: &AccountCounts, now: Instant) {
        self.events.look(counts.events);
        let gone: Vec<String> = self
            .clients
            .keys()
            .filter(|name| !counts.clients.iter().any(|there| there.name == **name))
            .cloned()
            .collect();
        for name in gone {
            if let Some(client) = self.clients.remove(&name) {
                self.dropped_by_gone += client.dropped.today;
            }
        }
        for counts in &counts.clients {
            let client = self.clients.entry(counts.name.clone()).or_default();
            client.look(counts, now);
        }
    }

    /// It does not run: when it does, its counters begin anew.
    fn restart(&mut self) {
        self.each_series(|series| series.seen = 0);
    }

    fn each_series(&mut self, mut change: impl FnMut(&mut Series)) {
        change(&mut self.events);
        for client in self.clients.values_mut() {
            change(&mut client.events);
            change(&mut client.actions);
            change(&mut client.dropped);
        }
    }

    fn history(&self, account: &str, minutes: usize) -> AccountHistory {
        let mut actions = vec![0_u32; minutes];
        for client in self.clients.values() {
            for (sum, count) in actions.iter_mut().zip(client.actions.last(minutes)) {
                *sum = sum.saturating_add(count);
            }
        }
        let dropped = self.clients.values().map(|client| client.dropped.today);
        AccountHistory {
            account: account.to_owned(),
            events: self.events.last(minutes),
            actions,
            events_today: self.events.today,
            dropped_today: self.dropped_by_gone + dropped.sum::<u64>(),
            clients: self
                .clients
                .iter()
                .map(|(name, client)| ClientHistory {
                    client: name.clone(),
                    events: client.events.last(minutes),
                    actions: client.actions.last(minutes),
                    dropped_today: client.dropped.today,
                })
                .collect(),
        }
    }
}

impl ClientRates {
    fn look(&mut self, counts: &ClientCounts, now: Instant) {
        self.events.look(counts.events);
        self.actions.look(counts.actions);
        let dropped = self.dropped.look(counts.dropped);
        let is_over = |when: Instant| now.saturating_duration_since(when) >= MINUTE;
        while self.lately.front().is_some_and(|(when, _)| is_over(*when)) {
            self.lately.pop_front();
        }
        if dropped > 0 {
            self.lately.push_back((now, dropped));
        }
    }
}

impl Series {
    /// Gives how much it has risen. One that is smaller than before has begun anew.
    fn look(&mut self, count: u64) -> u64 {
        let risen = count.checked_sub(self.seen).unwrap_or(count);
        self.seen = count;
        self.now += risen;
        self.today += risen;
        risen
    }

    fn end_minute(&mut self) {
        if self.minutes.len() == MINUTES {
            self.minutes.pop_front();
        }
        let over = std::mem::take(&mut self.now);
        self.minutes
            .push_back(u32::try_from(over).unwrap_or(u32::MAX));
    }

    /// The last minutes, the oldest first; those before it was there are 0.
    fn last(&self, minutes: usize) -> Vec<u32> {
        let known = self.minutes.len().min(minutes);
        let before = std::iter::repeat_n(0, minutes - known);
        let skipped = self.minutes.len() - known;
        before
            .chain(self.minutes.iter().skip(skipped).copied())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use jiff::civil::{Date, date};
    use perpetua_hub::{AccountCounts, ClientCounts};

    use super::{MINUTES, Rates};

    const TODAY: Date = date(2026, 5, 31);

    /// Rates whose counters a test turns.
    struct Bench {
        rates: Rates,
        start: Instant,
    }

    impl Bench {
        fn new() -> Self {
            let start = Instant::now();
            let mut bench = Self {
                rates: Rates::new(start),
                start,
            };
            bench.at(0, [0; 4], TODAY);
            bench
        }

        fn at(&mut self, seconds: u64, [events, sent, dropped, actions]: [u64; 4], day: Date) {
            let counts = AccountCounts {
                events,
                clients: vec![ClientCounts {
                    name: "bot".into(),
                    events: sent,
                    dropped,
                    actions,
                }],
            };
            self.look(seconds, Some(counts), day);
        }

        fn look(&mut self, seconds: u64, counts: Option<AccountCounts>, day: Date) {
            let now = self.start + Duration::from_secs(seconds);
            self.rates.look(&[("main".into(), counts)], now, day);
        }

        fn history(&self, minutes: usize) -> perpetua_schema::AccountHistory {
            let mut history = self.rates.history(["main"].into_iter(), minutes);
            history.accounts.remove(0)
        }

        fn dropped_lately(&self, seconds: u64) -> u64 {
            let now = self.start + Duration::from_secs(seconds);
            self.rates.dropped_lately("main", "bot", now)
        }
    }

    #[test]
    fn whole_minutes_are_told_the_oldest_first() {
        let mut bench = Bench::new();
        bench.at(30, [10, 9, 1, 2], TODAY);
        assert_eq!(bench.history(3).events, [0, 0, 0], "it is not over");
        bench.at(61, [14, 13, 1, 3], TODAY);
        bench.at(150, [20, 13, 1, 3], TODAY);
        let history = bench.history(3);
        assert_eq!(history.events, [0, 10, 4]);
        assert_eq!(history.actions, [0, 2, 1]);
        assert_eq!(history.clients[0].events, [0, 9, 4]);
        assert_eq!((history.events_today, history.dropped_today), (20, 1));
        assert_eq!(bench.history(1).events, [4]);
    }

    #[test]
    fn an_hour_is_kept_and_no_more() {
        let mut bench = Bench::new();
        for minute in 1..=200 {
            bench.at(minute * 60, [minute, 0, 0, 0], TODAY);
        }
        let history = bench.history(1000);
        assert_eq!(history.events, [1; MINUTES]);
    }

    #[test]
    fn counters_that_begin_anew_lose_nothing() {
        let mut bench = Bench::new();
        bench.at(1, [100, 0, 0, 0], TODAY);
        bench.look(2, None, TODAY);
        // More than before it was stopped.
        bench.at(3, [120, 0, 0, 0], TODAY);
        bench.at(4, [7, 0, 0, 0], TODAY);
        assert_eq!(bench.history(1).events_today, 227);
    }

    #[test]
    fn what_was_missed_lately_is_forgotten_after_a_minute() {
        let mut bench = Bench::new();
        bench.at(1, [0, 0, 5, 0], TODAY);
        bench.at(31, [0, 0, 7, 0], TODAY);
        assert_eq!(bench.dropped_lately(31), 7);
        assert_eq!(bench.dropped_lately(61), 2);
        assert_eq!(bench.dropped_lately(91), 0);
    }

    #[test]
    fn a_day_begins_at_midnight_and_once_however_the_clock_is_set() {
        let mut bench = Bench::new();
        let days = |number| TODAY.saturating_add(jiff::Span::new().days(number));
        bench.at(1, [10, 0, 2, 0], TODAY);
        bench.at(2, [11, 0, 2, 0], days(1));
        assert_eq!(bench.history(1).events_today, 1);
        assert_eq!(bench.history(1).dropped_today, 0);
        // The clock was a little fast: the same midnight comes again.
        bench.at(3, [15, 0, 2, 0], TODAY);
        bench.at(4, [16, 0, 2, 0], days(1));
        assert_eq!(bench.history(1).events_today, 6);
        // It was wrong by years, and is put right.
        bench.at(5, [17, 0, 2, 0], days(4000));
        bench.at(6, [18, 0, 2, 0], days(1));
        assert_eq!(bench.history(1).events_today, 2);
        bench.at(7, [19, 0, 2, 0], days(2));
        assert_eq!(bench.history(1).events_today, 1);
    }

    #[test]
    fn who_is_gone_is_forgotten_but_not_what_was_missed_today() {
        let mut bench = Bench::new();
        bench.at(1, [1, 0, 3, 0], TODAY);
        let alone = AccountCounts {
            events: 1,
            clients: Vec::new(),
        };
        bench.look(2, Some(alone), TODAY);
        assert!(bench.history(1).clients.is_empty());
        assert_eq!(bench.history(1).dropped_today, 3);
        let now = bench.start + Duration::from_secs(3);
        bench.rates.look(&[], now, TODAY);
        assert!(bench.rates.accounts.is_empty());
    }
}
