//! What follows an end: another start now or later, or none until a person looks.

use std::{sync::Arc, time::Instant};

use super::{Lifecycle, later, notified::UserAction, run::AfterExit};
use crate::{
    ExitCause, GiveUpReason, LaunchFailure, LifecycleEffect, LifecycleState, LoginRefusal,
    OfflineReason, SignerProblem,
};

/// So many last lines are kept for whoever looks.
const MOST_LINES: usize = 50;

/// Logins in a row that signers may fail before there is a pause.
const MOST_UNSIGNED: u32 = 3;

impl Lifecycle {
    /// There is no process any more.
    pub(super) fn conclude(
        &mut self,
        after_exit: AfterExit,
        last_lines: &Arc<[String]>,
        now: Instant,
    ) {
        if !self.wanted {
            self.state = LifecycleState::Stopped;
            return;
        }
        match after_exit {
            AfterExit::Asked => self.launch(now),
            AfterExit::CodeExpired => self.code_expired(last_lines, now),
            AfterExit::CodeCanceled => {
                self.history.expired_codes = 0;
                self.try_at_once(LaunchFailure::CodeCanceled, last_lines, now);
            }
            AfterExit::Refused(refusal) => self.refuse(refusal),
            AfterExit::Unsigned(problem) => self.login_unsigned(problem, now),
            AfterExit::NoSigner(problem) => self.signer_fails(problem, now),
            AfterExit::Kicked(reason) => self.kicked_out(reason, last_lines, now),
            AfterExit::SessionUnreadable => {
                self.history.session_set_aside = true;
                self.effects.push(LifecycleEffect::SetSessionAside);
                self.launch(now);
            }
            AfterExit::TryAtOnce(failure) => self.try_at_once(failure, last_lines, now),
            AfterExit::Failed(failure) => self.fail(failure, last_lines, now),
            AfterExit::CannotRun(failure) => {
                self.give_up(GiveUpReason::CannotRun(failure), last_lines);
            }
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
        let too_many = match kind(&failure) {
            // It comes back some day, and nothing was asked of QQ meanwhile.
            FailureKind::NoNetwork => None,
            FailureKind::Login => {
                let in_a_row = self.history.login_failed(self.policy.failed_logins);
                let soon = self.history.failed(self.policy.restart_limit, now);
                in_a_row.or(soon)
            }
            FailureKind::Other => self.history.failed(self.policy.restart_limit, now),
        };
        let Some(failures) = too_many else {
            return Some(failure);
        };
        let last = failure;
        self.give_up(GiveUpReason::Failing { failures, last }, last_lines);
        None
    }

    fn code_expired(&mut self, last_lines: &Arc<[String]>, now: Instant) {
        self.history.expired_codes = self.history.expired_codes.saturating_add(1);
        let codes = self.history.expired_codes;
        if codes >= self.policy.qr_codes {
            self.give_up(GiveUpReason::NobodyScanned { codes }, last_lines);
        } else {
            self.launch(now);
        }
    }

    fn kicked_out(&mut self, reason: String, last_lines: &Arc<[String]>, now: Instant) {
        if let Some(kicks) = self.history.kicked(self.policy.kick_limit, now) {
            self.give_up(GiveUpReason::KickedAgain { kicks, reason }, last_lines);
        } else {
            let reason = OfflineReason::Kicked(reason);
            self.back_off(LaunchFailure::WentOffline(reason), now);
        }
    }

    fn back_off(&mut self, failure: LaunchFailure, now: Instant) {
        self.history.in_a_row = self.history.in_a_row.saturating_add(1);
        let failures = self.history.in_a_row;
        let wait = self.policy.backoff.wait(failures, self.random.f64());
        self.state = LifecycleState::Backoff {
            until: later(now, wait),
            failures,
            failure,
        };
    }

    /// The driver does not choose a signer that has just failed, so another start is worth a try at
    /// once; but signers that all answer and do not sign must not make a storm of starts.
    fn login_unsigned(&mut self, problem: SignerProblem, now: Instant) {
        if self.history.unsigned_logins < MOST_UNSIGNED {
            self.history.unsigned_logins += 1;
            self.launch(now);
        } else {
            self.history.unsigned_logins = 0;
            self.signer_fails(problem, now);
        }
    }

    fn signer_fails(&mut self, problem: SignerProblem, now: Instant) {
        self.request_action(UserAction::Signer);
        self.state = LifecycleState::SignerProblem {
            problem,
            retry: later(now, self.policy.signer_retry),
        };
    }

    fn refuse(&mut self, refusal: LoginRefusal) {
        self.request_action(UserAction::Refusal);
        self.state = LifecycleState::Refused { refusal };
    }

    fn give_up(&mut self, reason: GiveUpReason, last_lines: &Arc<[String]>) {
        self.request_action(UserAction::GivenUp);
        let last_lines = match last_lines.len().checked_sub(MOST_LINES) {
            None | Some(0) => Arc::clone(last_lines),
            Some(surplus) => last_lines[surplus..].into(),
        };
        self.state = LifecycleState::GivenUp { reason, last_lines };
    }
}

/// What a failure counts towards.
enum FailureKind {
    /// Nothing: it is tried for ever.
    NoNetwork,
    /// Logins in a row, however long each took, and failures in a short time.
    Login,
    /// Failures in a short time.
    Other,
}

fn kind(failure: &LaunchFailure) -> FailureKind {
    match failure {
        LaunchFailure::Exited(exit) => match exit.cause {
            ExitCause::NoNetwork(_) => FailureKind::NoNetwork,
            ExitCause::LoginFailed => FailureKind::Login,
            _ => FailureKind::Other,
        },
        LaunchFailure::QqSilent(_) | LaunchFailure::NoConnection(_) => FailureKind::NoNetwork,
        LaunchFailure::NoProgress(_) => FailureKind::Login,
        _ => FailureKind::Other,
    }
}
