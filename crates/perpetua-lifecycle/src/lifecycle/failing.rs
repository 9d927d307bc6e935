//! What follows an end: another start now or later, or none until a person looks.

use std::{sync::Arc, time::Instant};

use super::{Lifecycle, later, run::Verdict, telling::Need};
use crate::{Brakes, Effect, LaunchFailure, OfflineReason, Refusal, SignerProblem, State};

/// So many last lines are kept for whoever looks.
const MOST_LINES: usize = 50;

/// Logins in a row that signers may fail before there is a pause.
const MOST_UNSIGNED: u32 = 3;

impl Lifecycle {
    /// There is no process any more.
    pub(super) fn conclude(&mut self, verdict: Verdict, last_lines: &Arc<[String]>, now: Instant) {
        if !self.wanted {
            self.state = State::Stopped;
            return;
        }
        match verdict {
            Verdict::Asked => self.launch(now),
            Verdict::CodeExpired => self.code_expired(last_lines, now),
            Verdict::CodeCanceled => {
                self.ledger.expired_codes = 0;
                self.try_at_once(LaunchFailure::CodeCanceled, last_lines, now);
            }
            Verdict::Refused(refusal) => self.refuse(refusal),
            Verdict::Unsigned(problem) => self.login_unsigned(problem, now),
            Verdict::NoSigner(problem) => self.signer_fails(problem, now),
            Verdict::Kicked(reason) => self.kicked_out(reason, last_lines, now),
            Verdict::SessionUnreadable => {
                self.ledger.session_set_aside = true;
                self.effects.push(Effect::SetSessionAside);
                self.launch(now);
            }
            Verdict::TryAtOnce(failure) => self.try_at_once(failure, last_lines, now),
            Verdict::Failed(failure) => self.fail(failure, last_lines, now),
            Verdict::CannotRun(failure) => self.brake(Brakes::CannotRun(failure), last_lines),
        }
    }

    fn fail(&mut self, failure: LaunchFailure, last_lines: &Arc<[String]>, now: Instant) {
        if let Some(failure) = self.may_go_on(failure, last_lines, now) {
            self.back_off(failure, now);
        }
    }

    fn try_at_once(&mut self, failure: LaunchFailure, last_lines: &Arc<[String]>, now: Instant) {
        if self.may_go_on(failure, last_lines, now).is_some() {
            self.launch(now);
        }
    }

    /// Counts the failure, and gives it back unless it was one too many.
    fn may_go_on(
        &mut self,
        failure: LaunchFailure,
        last_lines: &Arc<[String]>,
        now: Instant,
    ) -> Option<LaunchFailure> {
        let Some(failures) = self.ledger.failed(self.policy.brake, now) else {
            return Some(failure);
        };
        let last = failure;
        self.brake(Brakes::Failing { failures, last }, last_lines);
        None
    }

    fn code_expired(&mut self, last_lines: &Arc<[String]>, now: Instant) {
        self.ledger.expired_codes = self.ledger.expired_codes.saturating_add(1);
        let codes = self.ledger.expired_codes;
        if codes >= self.policy.qr_codes {
            self.brake(Brakes::NobodyScanned { codes }, last_lines);
        } else {
            self.launch(now);
        }
    }

    fn kicked_out(&mut self, reason: String, last_lines: &Arc<[String]>, now: Instant) {
        if let Some(kicks) = self.ledger.kicked(self.policy.kicks, now) {
            self.brake(Brakes::KickedAgain { kicks, reason }, last_lines);
        } else {
            let reason = OfflineReason::Kicked(reason);
            self.back_off(LaunchFailure::WentOffline(reason), now);
        }
    }

    fn back_off(&mut self, failure: LaunchFailure, now: Instant) {
        self.ledger.in_a_row = self.ledger.in_a_row.saturating_add(1);
        let failures = self.ledger.in_a_row;
        let wait = self.policy.backoff.wait(failures, self.random.f64());
        self.state = State::Backoff {
            until: later(now, wait),
            failures,
            failure,
        };
    }

    /// The driver does not choose a signer that has just failed, so another start is worth a try at
    /// once; but signers that all answer and do not sign must not make a storm of starts.
    fn login_unsigned(&mut self, problem: SignerProblem, now: Instant) {
        if self.ledger.unsigned_logins < MOST_UNSIGNED {
            self.ledger.unsigned_logins += 1;
            self.launch(now);
        } else {
            self.ledger.unsigned_logins = 0;
            self.signer_fails(problem, now);
        }
    }

    fn signer_fails(&mut self, problem: SignerProblem, now: Instant) {
        self.announce_need(Need::Signer);
        self.state = State::SignerProblem {
            problem,
            retry: later(now, self.policy.signer_retry),
        };
    }

    fn refuse(&mut self, refusal: Refusal) {
        self.announce_need(Need::Refusal);
        self.state = State::Refused { refusal };
    }

    fn brake(&mut self, reason: Brakes, last_lines: &Arc<[String]>) {
        self.announce_need(Need::Brake);
        let last_lines = match last_lines.len().checked_sub(MOST_LINES) {
            None | Some(0) => Arc::clone(last_lines),
            Some(surplus) => last_lines[surplus..].into(),
        };
        self.state = State::Braked { reason, last_lines };
    }
}
