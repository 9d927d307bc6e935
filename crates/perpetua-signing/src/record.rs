//! How the signer at one address does, for all accounts of the node: its places, its times, its failures.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use perpetua_lagrange::SignerUrl;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout},
};

use crate::SignerFault;

/// Requests at once: public signers answer stampedes with 401.
const AT_ONCE: usize = 4;
/// Requests that wait for a place. With 20 s for each, the last of them would be answered after the core's
/// patience of 100 s.
const MOST_WAITING: usize = 16;
/// Times that are looked back at.
const TIMES_KEPT: usize = 20;
/// A signature that takes longer than this is worth a word: messages go out that much later.
const SLOW: Duration = Duration::from_secs(10);
/// How long a time counts as lately.
const LATELY: Duration = Duration::from_mins(10);
/// How long others are asked before one that failed, or that was too slow.
const SET_BACK: Duration = Duration::from_mins(1);
/// Addresses that are known; settings have few, and former ones are of no use.
const MOST_RECORDS: usize = 256;

/// What was measured of a signer since the node runs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SignerFigures {
    /// Signatures that it gave.
    pub answers: u64,
    /// Requests that it failed.
    pub failures: u64,
    /// How long its last signature took.
    pub last: Option<Duration>,
    /// The longest time of the last ten minutes that it took, or had taken when it was not waited for any more.
    pub slowest: Option<Duration>,
    /// The last such time, and when that was.
    pub latest: Option<(Duration, std::time::Instant)>,
    /// How it failed last, and when.
    pub last_failure: Option<(SignerFault, std::time::Instant)>,
    /// Whether it has not signed since.
    pub fails: bool,
}

impl SignerFigures {
    /// How long it makes messages wait, where that is worth a word: it is slow until it has signed faster, or for ten
    /// minutes.
    pub fn slowness(&self, now: std::time::Instant) -> Option<Duration> {
        let (took, at) = self.latest?;
        let is_slow = took > SLOW && now.saturating_duration_since(at) < LATELY;
        is_slow.then_some(took)
    }
}

/// In which order signers are asked that are equally wanted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Standing {
    Good,
    Slow,
    Failing,
}

/// The signers that were asked.
#[derive(Debug, Default)]
pub(crate) struct Records(Mutex<HashMap<SignerUrl, Arc<Record>>>);

/// One of them.
#[derive(Debug)]
pub(crate) struct Record {
    places: Semaphore,
    waiting: AtomicUsize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    answers: u64,
    failures: u64,
    last: Option<Duration>,
    times: VecDeque<(Instant, Duration)>,
    last_failure: Option<(SignerFault, Instant)>,
    fails: bool,
    overtaken: Option<Instant>,
}

impl Records {
    pub(crate) fn of(&self, url: &SignerUrl) -> Arc<Record> {
        let mut records = lock(&self.0);
        if records.len() >= MOST_RECORDS && !records.contains_key(url) {
            records.retain(|_, record| Arc::strong_count(record) > 1);
        }
        Arc::clone(records.entry(url.clone()).or_default())
    }

    /// What was measured of a signer; nothing of one that was not asked.
    pub(crate) fn figures(&self, url: &SignerUrl) -> SignerFigures {
        let record = lock(&self.0).get(url).cloned();
        record
            .map(|record| record.figures(Instant::now()))
            .unwrap_or_default()
    }
}

impl Default for Record {
    fn default() -> Self {
        Self {
            places: Semaphore::new(AT_ONCE),
            waiting: AtomicUsize::new(0),
            kept: Mutex::default(),
        }
    }
}

impl Record {
    /// A place for one request, if there is one within the limit.
    pub(crate) async fn place(&self, limit: Duration) -> Result<SemaphorePermit<'_>, SignerFault> {
        if let Ok(place) = self.places.try_acquire() {
            return Ok(place);
        }
        let _waiting = Waiting::begin(&self.waiting)?;
        let place = timeout(limit, self.places.acquire()).await;
        // Nobody closes the places.
        place.ok().and_then(Result::ok).ok_or_else(|| {
            let waiting = self.waiting.load(Ordering::Relaxed);
            SignerFault::Crowded(waiting)
        })
    }

    /// It has signed, after so long.
    pub(crate) fn signed(&self, took: Duration) {
        let mut kept = lock(&self.kept);
        kept.answers += 1;
        kept.fails = false;
        kept.overtaken = None;
        kept.last = Some(took);
        kept.note(took);
    }

    /// It has not signed.
    pub(crate) fn failed(&self, fault: SignerFault) {
        let mut kept = lock(&self.kept);
        kept.failures += 1;
        kept.fails = true;
        kept.last_failure = Some((fault, Instant::now()));
    }

    /// Another one, asked later, was faster, or nobody waits for it any more; this one had taken so long.
    pub(crate) fn overtaken(&self, after: Duration) {
        let mut kept = lock(&self.kept);
        kept.overtaken = Some(Instant::now());
        kept.note(after);
    }

    /// Whether it failed when it was last to sign.
    pub(crate) fn fails(&self) -> bool {
        lock(&self.kept).fails
    }

    pub(crate) fn standing(&self, now: Instant) -> Standing {
        let kept = lock(&self.kept);
        let is_set_back = |at: Instant| now.duration_since(at) < SET_BACK;
        let failure = kept.last_failure.as_ref().filter(|_| kept.fails);
        if failure.is_some_and(|(_, at)| is_set_back(*at)) {
            Standing::Failing
        } else if kept.overtaken.is_some_and(is_set_back) {
            Standing::Slow
        } else {
            Standing::Good
        }
    }

    pub(crate) fn figures(&self, now: Instant) -> SignerFigures {
        let kept = lock(&self.kept);
        let lately = kept
            .times
            .iter()
            .filter(|(at, _)| now.duration_since(*at) < LATELY);
        SignerFigures {
            answers: kept.answers,
            failures: kept.failures,
            last: kept.last,
            slowest: lately.map(|(_, took)| *took).max(),
            latest: kept.times.back().map(|(at, took)| (*took, at.into_std())),
            last_failure: kept
                .last_failure
                .as_ref()
                .map(|(fault, at)| (fault.clone(), at.into_std())),
            fails: kept.fails,
        }
    }
}

impl Kept {
    fn note(&mut self, took: Duration) {
        if self.times.len() == TIMES_KEPT {
            self.times.pop_front();
        }
        self.times.push_back((Instant::now(), took));
    }
}

/// One more that waits, until it is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicUsize) -> Result<Self, SignerFault> {
        let waiting = Self(count);
        if count.fetch_add(1, Ordering::Relaxed) < MOST_WAITING {
            Ok(waiting)
        } else {
            Err(SignerFault::Crowded(MOST_WAITING))
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn times_are_those_of_lately_and_signing_forgives() {
        let record = Record::default();
        let figures = || record.figures(Instant::now());
        assert_eq!(figures(), SignerFigures::default());
        record.signed(Duration::from_secs(12));
        advance(LATELY).await;
        record.overtaken(Duration::from_secs(5));
        assert_eq!(figures().slowest, Some(Duration::from_secs(5)));
        assert_eq!(record.standing(Instant::now()), Standing::Slow);
        record.failed(SignerFault::Refused(401));
        assert_eq!(record.standing(Instant::now()), Standing::Failing);
        assert!(record.fails());
        advance(SET_BACK).await;
        assert_eq!(
            record.standing(Instant::now()),
            Standing::Good,
            "it gets another chance"
        );
        assert!(record.fails(), "and has not signed yet");
        record.signed(Duration::from_millis(80));
        let now = Instant::now();
        assert_eq!(
            figures(),
            SignerFigures {
                answers: 2,
                failures: 1,
                last: Some(Duration::from_millis(80)),
                slowest: Some(Duration::from_secs(5)),
                latest: Some((Duration::from_millis(80), now.into_std())),
                last_failure: Some((
                    SignerFault::Refused(401),
                    (now.checked_sub(SET_BACK).expect("long ago")).into_std()
                )),
                fails: false,
            }
        );
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_slow_until_it_signs_faster_or_for_ten_minutes() {
        let slow = Some(Duration::from_secs(12));
        let slowness = |record: &Record| {
            let now = Instant::now();
            record.figures(now).slowness(now.into_std())
        };
        let ways: [fn(&Record); 2] = [
            |record| record.signed(Duration::from_secs(12)),
            |record| record.overtaken(Duration::from_secs(12)),
        ];
        for way in ways {
            let record = Record::default();
            record.signed(Duration::from_secs(10));
            assert_eq!(slowness(&record), None, "that is not worth a word");
            way(&record);
            assert_eq!(slowness(&record), slow);
            record.failed(SignerFault::Refused(401));
            assert_eq!(slowness(&record), slow, "a failure is no signature");
            advance(LATELY.saturating_sub(Duration::from_secs(1))).await;
            assert_eq!(slowness(&record), slow);
            advance(Duration::from_secs(1)).await;
            assert_eq!(slowness(&record), None, "that was long ago");
            way(&record);
            record.signed(Duration::from_millis(80));
            assert_eq!(slowness(&record), None, "it is fast again");
            assert_eq!(record.figures(Instant::now()).slowest, slow);
        }
        let record = Record::default();
        record.overtaken(Duration::from_secs(12));
        assert_eq!(
            record.figures(Instant::now()).last,
            None,
            "it has never signed"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn so_many_get_a_place_and_so_many_wait() {
        let record = Arc::new(Record::default());
        let mut places = Vec::new();
        for _ in 0..AT_ONCE {
            places.push(record.place(LATELY).await.expect("a place"));
        }
        let waiting: Vec<_> = (0..MOST_WAITING)
            .map(|_| {
                let record = Arc::clone(&record);
                tokio::spawn(async move { record.place(LATELY).await.map(drop) })
            })
            .collect();
        tokio::task::yield_now().await;
        let crowded = Err(SignerFault::Crowded(MOST_WAITING));
        assert_eq!(record.place(LATELY).await.map(drop), crowded);
        waiting[0].abort();
        tokio::task::yield_now().await;
        drop(places.pop());
        for (number, waits) in waiting.into_iter().enumerate().skip(1) {
            assert_eq!(waits.await.expect("it runs"), Ok(()), "{number}");
        }
        assert!(
            record.place(LATELY).await.is_ok(),
            "whoever has left does not count"
        );
    }

    #[test]
    fn addresses_that_nobody_asks_any_more_are_forgotten() {
        let records = Records::default();
        let url = |number: usize| SignerUrl::new(&format!("http://host/{number}")).expect("url");
        let in_use = records.of(&url(0));
        in_use.failed(SignerFault::Gone);
        for number in 1..MOST_RECORDS * 3 {
            records.of(&url(number));
        }
        assert!(lock(&records.0).len() <= MOST_RECORDS);
        assert_eq!(records.figures(&url(0)).failures, 1);
        assert_eq!(records.figures(&url(1)), SignerFigures::default());
    }
}
