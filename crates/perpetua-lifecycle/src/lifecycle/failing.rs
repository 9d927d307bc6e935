//! What follows an end: another start now or later, or none until a person looks.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use perpetua_backoff::Backoff;

use super::{Lifecycle, history::Reached, later, notified::UserAction, run::AfterExit};
use crate::{
    ExitCause, GiveUpReason, LaunchFailure, LifecycleState, LoginRefusal, OfflineReason,
    SignerProblem,
};

/// So many last lines are kept for whoever looks.
const MOST_LINES: usize = 50;

/// The longest wait where each start asks QQ for a login and this machine then ends it: QQ is not asked every minute for
/// what lies with a disk.
const LONGEST_ONCE_ASKED: Duration = Duration::from_mins(15);

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
            AfterExit::TryAtOnce(failure) => self.try_at_once(failure, last_lines, now),
            AfterExit::Failed(failure) => self.fail(failure, last_lines, now),
            AfterExit::StartAnew(failure) => self.back_off(failure, now),
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
        let too_many = match self.kind(&failure) {
            // It comes back some day, and nothing was asked of QQ meanwhile.
            FailureKind::World => None,
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
        let random = self.random.f64();
        let wait = if self.history.reached != Reached::Nobody && ends_for_this_machine(&failure) {
            let longest = self.policy.backoff.longest.max(LONGEST_ONCE_ASKED);
            let backoff = Backoff {
                longest,
                ..self.policy.backoff
            };
            backoff.wait(self.history.asked_in_vain(), random)
        } else {
            self.policy.backoff.wait(failures, random)
        };
        let until = if is_of_the_world(&failure) {
            // Between starts, not after them: a start that hung has used its wait, and the account is to
            // be online soon after the world is back.
            let soonest = later(now, self.policy.backoff.wait(1, random));
            later(self.history.started.unwrap_or(now), wait).max(soonest)
        } else {
            later(now, wait)
        };
        self.note_outage(&failure, now);
        let stands_still = self.history.note_standstill(is_standstill(&failure));
        self.state = LifecycleState::Backoff {
            until,
            failures,
            failure,
        };
        if stands_still {
            self.request_action(UserAction::Standstill);
        }
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
        self.note_outage(&LaunchFailure::Signer(problem.clone()), now);
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
    World,
    /// Logins in a row, however long each took, and failures in a short time.
    Login,
    /// Failures in a short time.
    Other,
}

impl Lifecycle {
    fn kind(&self, failure: &LaunchFailure) -> FailureKind {
        if is_of_the_world(failure) {
            return FailureKind::World;
        }
        let is_login = match failure {
            LaunchFailure::Exited(exit) => {
                exit.cause == ExitCause::LoginFailed || self.history.reached == Reached::Asked
            }
            LaunchFailure::NoProgress(_) => true,
            _ => false,
        };
        if is_login {
            FailureKind::Login
        } else {
            FailureKind::Other
        }
    }
}

/// Whether it lies in what is around the core, and ends without anybody doing something about the account:
/// the network, QQ's silence, a disk that is full, files that it may not use.
fn is_of_the_world(failure: &LaunchFailure) -> bool {
    let is_of_this_machine = matches!(failure, LaunchFailure::Machine(_));
    is_outage(failure) || is_of_this_machine || ends_for_this_machine(failure)
}

/// Whether the core ended because of the disk, or for want of a right.
fn ends_for_this_machine(failure: &LaunchFailure) -> bool {
    match failure {
        LaunchFailure::Exited(exit) => {
            matches!(exit.cause, ExitCause::DiskFull(_) | ExitCause::NoAccess(_))
        }
        _ => false,
    }
}

/// Whether QQ cannot be reached, or says nothing.
pub(super) fn is_outage(failure: &LaunchFailure) -> bool {
    match failure {
        LaunchFailure::Exited(exit) => matches!(exit.cause, ExitCause::NoNetwork(_)),
        LaunchFailure::QqSilent(_)
        | LaunchFailure::NoNetwork(_)
        | LaunchFailure::NoConnection(_)
        | LaunchFailure::WentOffline(OfflineReason::ConnectionLost) => true,
        _ => false,
    }
}

/// Whether the login did not come further, without anybody saying why.
fn is_standstill(failure: &LaunchFailure) -> bool {
    is_of_the_world(failure) || matches!(failure, LaunchFailure::NoProgress(_))
}
