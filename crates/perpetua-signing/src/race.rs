//! Which signers are asked when, for one request.
//!
//! ```text
//! the first is asked at once ─► it signs ──────────────────────────► won
//!                           ├─► it fails, another is left ─────────► that one is asked at once
//!                           ├─► it fails, none is left or asked ───► lost
//!                           └─► silent for `patience` ─────────────► another is asked as well
//! whoever is asked may answer until the end, 90 s after the beginning: lost
//! ```
//!
//! The first good answer wins, whoever gives it. Nobody is asked twice, and between two questions there is one
//! wait at most.

use std::time::{Duration, Instant};

/// How long a signature is waited for. The core itself gives up after 100 s (`HttpClient.Timeout`).
pub(crate) const LONGEST_RACE: Duration = Duration::from_secs(90);

/// One request and those who may answer it, called by their places in the order.
#[derive(Debug)]
pub(crate) struct Race<F> {
    runners: Vec<Runner<F>>,
    patience: Duration,
    /// When another one is asked as well.
    more: Instant,
    end: Instant,
}

/// How far one of them is.
#[derive(Debug)]
enum Runner<F> {
    Waiting,
    Asked,
    Failed(F),
}

/// What is to be done now.
#[derive(Debug, PartialEq)]
pub(crate) enum Next<A, F> {
    /// Ask this one.
    Ask(usize),
    /// Wait for an answer, or until [`Race::due`].
    Wait,
    /// This one has answered.
    Won(usize, A),
    /// Nobody has, each for its reason.
    Lost(Vec<(usize, F)>),
}

impl<F> Race<F> {
    /// So many may be asked, the most wanted first.
    pub(crate) fn begin<A>(count: usize, patience: Duration, now: Instant) -> (Self, Next<A, F>) {
        let mut race = Self {
            runners: (0..count).map(|_| Runner::Waiting).collect(),
            patience,
            more: now,
            end: now + LONGEST_RACE,
        };
        let next = race.another(now);
        (race, next)
    }

    /// This one has answered, or failed to.
    pub(crate) fn heard<A>(&mut self, who: usize, said: Result<A, F>, now: Instant) -> Next<A, F> {
        match (self.runners.get_mut(who), said) {
            (Some(Runner::Asked), Ok(answer)) => Next::Won(who, answer),
            (Some(runner @ Runner::Asked), Err(why)) => {
                *runner = Runner::Failed(why);
                self.another(now)
            }
            _ => Next::Wait,
        }
    }

    /// When [`Race::time_passed`] has something to do.
    pub(crate) fn due(&self) -> Instant {
        if self.waiting().is_some() {
            self.more.min(self.end)
        } else {
            self.end
        }
    }

    /// Another one is asked as well, or all who are asked count as silent.
    pub(crate) fn time_passed<A>(&mut self, now: Instant, silent: impl Fn() -> F) -> Next<A, F> {
        if now >= self.end {
            for runner in &mut self.runners {
                if matches!(runner, Runner::Asked) {
                    *runner = Runner::Failed(silent());
                }
            }
            return self.lost();
        }
        if now >= self.more && self.waiting().is_some() {
            return self.another(now);
        }
        Next::Wait
    }

    /// Nobody could be heard until now: those who are asked have their time anew.
    pub(crate) fn woke(&mut self, now: Instant) {
        self.more = self.more.max(now + self.patience);
        self.end = self.end.max(now + LONGEST_RACE);
    }

    /// Those who are asked and have not answered.
    fn asked(&self) -> impl Iterator<Item = usize> {
        let runners = self.runners.iter().enumerate();
        runners.filter_map(|(who, runner)| matches!(runner, Runner::Asked).then_some(who))
    }

    fn another<A>(&mut self, now: Instant) -> Next<A, F> {
        if let Some(who) = self.waiting() {
            self.runners[who] = Runner::Asked;
            self.more = now + self.patience;
            return Next::Ask(who);
        }
        if self.asked().next().is_some() {
            return Next::Wait;
        }
        self.lost()
    }

    fn waiting(&self) -> Option<usize> {
        self.runners
            .iter()
            .position(|runner| matches!(runner, Runner::Waiting))
    }

    fn lost<A>(&mut self) -> Next<A, F> {
        let runners = std::mem::take(&mut self.runners).into_iter().enumerate();
        let reasons = runners.filter_map(|(who, runner)| match runner {
            Runner::Failed(why) => Some((who, why)),
            Runner::Waiting | Runner::Asked => None,
        });
        Next::Lost(reasons.collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(5);

    /// What a signer does once it is asked.
    #[derive(Clone, Copy, Debug)]
    struct Manner {
        /// After how long it says something; never, beyond the end.
        after: Duration,
        signs: bool,
    }

    /// What became of a race.
    #[derive(Debug)]
    struct Told {
        /// Who was asked, and when since the beginning.
        questions: Vec<(usize, Duration)>,
        winner: Option<usize>,
        reasons: Vec<(usize, &'static str)>,
        took: Duration,
    }

    fn run(manners: &[Manner], patience: Duration) -> Told {
        let begun = Instant::now();
        let mut now = begun;
        let (mut race, mut next) = Race::begin(manners.len(), patience, now);
        let mut pending: Vec<(Instant, usize)> = Vec::new();
        let mut questions = Vec::new();
        loop {
            match next {
                Next::Ask(who) => {
                    questions.push((who, now - begun));
                    pending.push((now + manners[who].after, who));
                }
                Next::Wait => {}
                Next::Won(who, ()) => {
                    let (winner, took) = (Some(who), now - begun);
                    let reasons = Vec::new();
                    return Told {
                        questions,
                        winner,
                        reasons,
                        took,
                    };
                }
                Next::Lost(reasons) => {
                    let (winner, took) = (None, now - begun);
                    return Told {
                        questions,
                        winner,
                        reasons,
                        took,
                    };
                }
            }
            pending.sort();
            let due = race.due();
            next = match pending.first().copied() {
                Some((at, who)) if at < due => {
                    pending.remove(0);
                    now = at;
                    let said = if manners[who].signs {
                        Ok(())
                    } else {
                        Err("failed")
                    };
                    race.heard(who, said, now)
                }
                _ => {
                    now = due;
                    race.time_passed(now, || "silent")
                }
            };
        }
    }

    fn manners() -> impl Strategy<Value = Vec<Manner>> {
        let manner = (0_u64..150_000, any::<bool>()).prop_map(|(after, signs)| Manner {
            after: Duration::from_millis(after),
            signs,
        });
        proptest::collection::vec(manner, 0..8)
    }

    proptest! {
        #[test]
        fn each_is_asked_once_in_order_and_soon(
            manners in manners(),
            patience in (1_u64..60).prop_map(Duration::from_secs),
        ) {
            let told = run(&manners, patience);
            let order: Vec<usize> = told.questions.iter().map(|(who, _)| *who).collect();
            prop_assert_eq!(&order, &(0..order.len()).collect::<Vec<_>>());
            for pair in told.questions.windows(2) {
                prop_assert!(pair[1].1 <= pair[0].1 + patience, "{:?}", told);
            }
        }

        #[test]
        fn the_first_good_answer_wins(manners in manners()) {
            let told = run(&manners, PATIENCE);
            let answers = told.questions.iter().filter(|(who, _)| manners[*who].signs);
            let first = answers
                .map(|(who, asked)| (*asked + manners[*who].after, *who))
                .filter(|(at, _)| *at < LONGEST_RACE)
                .min();
            prop_assert_eq!(told.winner, first.map(|(_, who)| who), "{:?}", told);
            if let Some((at, _)) = first {
                prop_assert_eq!(told.took, at);
            }
        }

        #[test]
        fn it_ends_within_the_limit_with_a_reason_for_each_that_was_asked(manners in manners()) {
            let told = run(&manners, PATIENCE);
            prop_assert!(told.took <= LONGEST_RACE);
            if told.winner.is_none() {
                let asked: Vec<usize> = told.questions.iter().map(|(who, _)| *who).collect();
                let reasons: Vec<usize> = told.reasons.iter().map(|(who, _)| *who).collect();
                prop_assert_eq!(reasons, asked);
            }
        }
    }

    #[test]
    fn one_that_fails_is_followed_at_once_and_a_silent_one_after_the_patience() {
        let fails = Manner {
            after: Duration::from_millis(3),
            signs: false,
        };
        let silent = Manner {
            after: Duration::from_mins(10),
            signs: true,
        };
        let signs = Manner {
            after: Duration::from_millis(20),
            signs: true,
        };
        let told = run(&[fails, silent, signs], PATIENCE);
        let asked = Duration::from_millis(3);
        assert_eq!(
            told.questions,
            [(0, Duration::ZERO), (1, asked), (2, asked + PATIENCE)]
        );
        assert_eq!(told.winner, Some(2));
        let told = run(&[silent], PATIENCE);
        assert_eq!(
            (told.took, told.reasons),
            (LONGEST_RACE, vec![(0, "silent")])
        );
        let told = run(&[], PATIENCE);
        assert_eq!((told.took, told.reasons.len()), (Duration::ZERO, 0));
    }

    #[test]
    fn what_nobody_was_asked_for_changes_nothing() {
        let now = Instant::now();
        let (mut race, next) = Race::<&str>::begin::<()>(2, PATIENCE, now);
        assert_eq!(next, Next::Ask(0));
        for stranger in [1, 7] {
            assert_eq!(race.heard(stranger, Ok(()), now), Next::Wait);
            assert_eq!(race.heard::<()>(stranger, Err("late"), now), Next::Wait);
        }
        assert_eq!(
            race.time_passed::<()>(now, || "silent"),
            Next::Wait,
            "nothing is due"
        );
        assert_eq!(race.asked().collect::<Vec<_>>(), [0]);
    }
}
