//! From a process to a logged-in account: phases, QR codes, refusals.

use std::time::{Duration, Instant};

use perpetua_words::Message;

use super::{
    Lifecycle, later,
    notified::UserAction,
    run::{AfterExit, Deadline, StopMethod},
};
use crate::{
    GiveUpReason, LifecycleEffect, LifecycleState, LoginRefusal, QrImage, QrState, StartPhase,
};

/// No QR code is good for longer; what the core says goes into a time limit. The server says 120 s.
const LONGEST_CODE: Duration = Duration::from_mins(10);
/// How long a person has to confirm on the phone where no QR code says it: an unusual device is
/// verified without one.
const CONFIRM_TIME: Duration = Duration::from_mins(2);

impl Lifecycle {
    /// The login goes on.
    pub(super) fn progressed(&mut self, now: Instant) {
        if let LifecycleState::Starting { phase, .. } = self.state
            && let Some(run) = &mut self.run
        {
            // A saved session is accepted without a signature.
            let may_be_signed = matches!(phase, StartPhase::Connecting | StartPhase::LoggingIn);
            let time = run.step_time(self.policy.start_timeout, may_be_signed);
            run.deadline = Some(Deadline::of_start(now, time));
        }
    }

    /// The login goes on with this phase; lines can swap, so it never goes back.
    pub(super) fn advance(&mut self, to: StartPhase, now: Instant) {
        if let LifecycleState::Starting { phase, since, .. } = &mut self.state
            && *phase < to
        {
            *phase = to;
            *since = now;
        }
        self.progressed(now);
    }

    /// There is a QR code, good for this long.
    pub(super) fn code_fetched(&mut self, valid_for: Duration, now: Instant) {
        if !self.may_show_code() {
            return;
        }
        self.advance(StartPhase::Connecting, now);
        self.qq_answered();
        if let Some(run) = &mut self.run {
            run.good_for = valid_for.min(LONGEST_CODE);
            run.expires = Some(later(now, run.good_for));
            // Fetching one takes a signature.
            run.exit_hint
                .take_if(|exit_hint| matches!(exit_hint, AfterExit::Unsigned(_)));
        }
        self.show_code();
    }

    /// The picture is there.
    pub(super) fn code_shown(&mut self, picture: QrImage) {
        if let LifecycleState::WaitingForScan { image, .. } = &mut self.state {
            *image = picture;
        } else if self.may_show_code()
            && let Some(run) = &mut self.run
        {
            run.picture = Some(picture);
            self.show_code();
        }
    }

    /// The core asked how the QR code does.
    pub(super) fn code_polled(&mut self, state: QrState, who: Option<u64>, now: Instant) {
        match state {
            QrState::WaitingForScan | QrState::Other(_) => {}
            QrState::WaitingForConfirm => self.code_scanned(who.filter(|who| *who != 0), now),
            QrState::Confirmed => self.code_confirmed(now),
            QrState::Expired => self.expect_exit(AfterExit::CodeExpired, now),
            QrState::Canceled => self.expect_exit(AfterExit::CodeCanceled, now),
        }
    }

    /// The core has said why it will end. It does that by itself within a moment, or is made to.
    pub(super) fn expect_exit(&mut self, after_exit: AfterExit, now: Instant) {
        if let Some(run) = &mut self.run
            && run.account.is_none()
        {
            run.exit_hint = Some(after_exit);
            run.deadline = Some(Deadline::new(now, self.policy.stop_grace));
        }
    }

    /// Somebody is logged in, and the session is saved.
    pub(super) fn logged_in(&mut self, who: u64, now: Instant) {
        let Some(run) = self.run.as_mut().filter(|run| run.account.is_none()) else {
            return;
        };
        if let Some(expected) = self.policy.expected.filter(|expected| *expected != who) {
            let scanned = who;
            let refusal = LoginRefusal::WrongAccount { expected, scanned };
            // One that was there before is another login of the owner's: it is not lost for a number in the settings.
            if run.expires.is_some() {
                let why = Message::from(&refusal);
                self.effects.push(LifecycleEffect::SetSessionAside { why });
            }
            self.end(StopMethod::Stop, AfterExit::Refused(refusal), now);
            return;
        }
        run.account = Some(who);
        run.connected = true;
        run.exit_hint = None;
        self.qq_answered();
        self.effects.push(LifecycleEffect::KeepLogin);
        self.history.session_needs_signature = false;
        self.history.expired_codes = 0;
        self.history.unsigned_logins = 0;
        self.action_is_done();
        self.enter(StartPhase::OpeningLink, now);
        self.settle(now);
    }

    /// A person looks: QR codes are counted anew.
    pub(super) fn person_looked(&mut self, now: Instant) {
        self.history.expired_codes = 0;
        match &mut self.state {
            LifecycleState::WaitingForScan { code, .. } => *code = 1,
            LifecycleState::GivenUp {
                reason: GiveUpReason::NobodyScanned { .. },
                ..
            } => self.begin_anew(now),
            _ => {}
        }
    }

    /// Shows the QR code when there are both a picture and the time it is good for.
    fn show_code(&mut self) {
        let Some(run) = &mut self.run else { return };
        if let Some(expires) = run.expires
            && let Some(image) = run.picture.take()
        {
            run.deadline = Some(Deadline::new(expires, self.policy.start_timeout));
            self.state = LifecycleState::WaitingForScan {
                generation: run.generation,
                image,
                expires,
                good_for: run.good_for,
                code: self.history.expired_codes.saturating_add(1),
            };
            self.request_action(UserAction::Login);
        }
    }

    fn code_scanned(&mut self, scanned: Option<u64>, now: Instant) {
        let first = self.may_show_code();
        let who = match self.state {
            LifecycleState::WaitingForConfirm { who, .. } => scanned.or(who),
            LifecycleState::WaitingForScan { .. } => scanned,
            _ if first => scanned,
            _ => return,
        };
        let Some(run) = &mut self.run else { return };
        let expires = *run.expires.get_or_insert(later(now, CONFIRM_TIME));
        if first {
            run.deadline = Some(Deadline::new(expires, self.policy.start_timeout));
        }
        let expected = self.policy.expected;
        self.state = LifecycleState::WaitingForConfirm {
            generation: run.generation,
            who,
            wrong: expected.filter(|expected| who.is_some_and(|who| who != *expected)),
            expires,
        };
        self.history.expired_codes = 0;
        self.request_action(UserAction::Login);
    }

    fn code_confirmed(&mut self, now: Instant) {
        if self.may_show_code() || self.waits_for_phone() {
            self.action_is_done();
            self.enter(StartPhase::LoggingIn, now);
        }
    }

    /// Whether the login is not beyond the moment at which a QR code is shown.
    fn may_show_code(&self) -> bool {
        matches!(self.state, LifecycleState::Starting { phase, .. } if phase < StartPhase::LoggingIn)
    }

    fn enter(&mut self, phase: StartPhase, now: Instant) {
        let Some(run) = &mut self.run else { return };
        self.state = LifecycleState::Starting {
            generation: run.generation,
            phase,
            since: now,
        };
        self.progressed(now);
    }
}
