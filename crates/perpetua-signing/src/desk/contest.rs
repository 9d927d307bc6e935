//! One request: the race of the signers, run.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use perpetua_lagrange::ResolvedSigner;
use perpetua_lifecycle::SignerProblem;
use perpetua_words::Message;
use tokio::time::{Instant, sleep_until};
use tracing::{debug, warn};

use super::{Counter, Signed, lock};
use crate::{
    SignerFault,
    choose::named,
    race::{LONGEST_RACE, Next, Race},
    record::Record,
};

/// Who runs in a race. Whoever is still asked when it is dropped was not waited for.
struct Field {
    counter: Arc<Counter>,
    began: Instant,
    patience: Duration,
    signers: Vec<ResolvedSigner>,
    /// When each one was asked that has not failed.
    asked: Vec<Option<Instant>>,
    /// The end of the latest gap in this process's own time that the race knows of.
    woke: Instant,
}

impl Counter {
    /// Asks those who fit, one after the other or beside each other, until one has signed.
    pub(super) async fn contest(self: Arc<Self>, question: Bytes) -> Signed {
        let (signers, unfit) = self.candidates();
        let mut field = Field::enter(Arc::clone(&self), signers);
        let mut asked = FuturesUnordered::new();
        let (mut race, mut next) = Race::begin(field.signers.len(), field.patience, now());
        loop {
            match next {
                Next::Ask(who) => {
                    field.asked[who] = Some(Instant::now());
                    let (signer, question) = (field.signers[who].clone(), question.clone());
                    let counter = Arc::clone(&self);
                    asked.push(async move { (who, counter.ask(&signer, question).await) });
                }
                Next::Wait => {}
                Next::Won(who, answer) => {
                    field.won(who);
                    return Ok(answer);
                }
                Next::Lost(reasons) => return Err(field.lost(reasons, unfit)),
            }
            let due = Instant::from_std(race.due());
            next = tokio::select! {
                biased;
                Some((who, said)) = asked.next() => {
                    if said.is_err() {
                        field.asked[who] = None;
                    }
                    race.heard(who, said, now())
                }
                () = sleep_until(due) => {
                    if let Some(woke) = self.prober.asker.gaps.woke_after(field.woke) {
                        field.woke = woke;
                        race.woke(now());
                    }
                    race.time_passed(now(), silent)
                }
            };
        }
    }

    async fn ask(&self, signer: &ResolvedSigner, question: Bytes) -> Result<Bytes, SignerFault> {
        let judge = |answer: &_| self.told.signature(answer).map(Bytes::from);
        let asker = &self.prober.asker;
        let was_failing = asker.records.of(&signer.url).fails();
        let answer = asker.signature(signer, question, LONGEST_RACE, judge).await;
        if let Err(fault) = &answer {
            let (account, signer) = (&self.account, &signer.name);
            if was_failing {
                debug!(account, signer, %fault, "a signer did not sign");
            } else {
                warn!(account, signer, %fault, "a signer did not sign");
            }
        }
        if let Err(fault @ (SignerFault::OtherVersion { .. } | SignerFault::OtherPlatform { .. })) =
            &answer
        {
            let misfit = (fault.clone(), Instant::now());
            lock(&self.misfits).insert(signer.url.clone(), misfit);
        }
        answer
    }
}

impl Field {
    fn enter(counter: Arc<Counter>, signers: Vec<ResolvedSigner>) -> Self {
        let (began, patience) = (Instant::now(), lock(&counter.orders).patience);
        lock(&counter.began).push(began);
        counter.publish(|_| {});
        Self {
            began,
            woke: began,
            patience,
            asked: vec![None; signers.len()],
            signers,
            counter,
        }
    }

    fn won(mut self, winner: usize) {
        let began = self.asked[winner].unwrap_or(self.began);
        for (signer, asked) in self.still_asked() {
            if asked < began {
                self.record(&signer).overtaken(asked.elapsed());
            }
        }
        let report = self.counter.report(&self.signers[winner], began.elapsed());
        self.counter.publish(|view| {
            view.answered += 1;
            view.in_use = Some(report);
            view.problem = None;
        });
    }

    fn lost(mut self, reasons: Vec<(usize, SignerFault)>, unfit: Vec<Message>) -> SignerProblem {
        // Those who have failed by themselves were counted then.
        for (signer, _) in self.still_asked() {
            self.record(&signer).failed(silent());
        }
        let named = |(who, fault): (usize, _)| named(&self.signers[who].name, &fault);
        let reasons = reasons.into_iter().map(named);
        let problems: Vec<_> = reasons.chain(unfit).collect();
        let problem = if problems.is_empty() {
            SignerProblem::NoneConfigured
        } else {
            SignerProblem::NoneWorks(problems)
        };
        self.counter.publish(|view| {
            view.answered += 1;
            view.problem = Some(problem.clone());
        });
        problem
    }

    /// Those who have been asked and have not answered, and when; they are counted once.
    fn still_asked(&mut self) -> Vec<(ResolvedSigner, Instant)> {
        let asked = std::mem::take(&mut self.asked).into_iter();
        let signers = self.signers.iter().cloned();
        let pairs = signers.zip(asked);
        pairs
            .filter_map(|(signer, asked)| Some((signer, asked?)))
            .collect()
    }

    fn record(&self, signer: &ResolvedSigner) -> Arc<Record> {
        self.counter.prober.asker.records.of(&signer.url)
    }
}

impl Drop for Field {
    fn drop(&mut self) {
        for (signer, asked) in self.still_asked() {
            let took = asked.elapsed();
            let (account, name, seconds) = (&self.counter.account, &signer.name, took.as_secs());
            debug!(
                account,
                signer = name,
                seconds,
                "a signature was not waited for"
            );
            if took >= self.patience {
                self.record(&signer).overtaken(took);
            }
        }
        let mut began = lock(&self.counter.began);
        if let Some(mine) = began.iter().position(|began| *began == self.began) {
            began.remove(mine);
        }
        drop(began);
        self.counter.publish(|_| {});
    }
}

fn silent() -> SignerFault {
    SignerFault::Silent(LONGEST_RACE.as_secs())
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}
