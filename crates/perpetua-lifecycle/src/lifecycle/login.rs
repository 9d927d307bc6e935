//! From a process to a logged-in account: phases, QR codes, refusals.

use std::time::{Duration, Instant};

use super::{
    Lifecycle, later,
    run::{Means, Verdict, Watch},
    telling::Need,
};
use crate::{Brakes, Effect, QrImage, QrState, Refusal, StartPhase, State};

/// No QR code is good for longer; what the core says goes into a time limit. The server says 120 s.
const LONGEST_CODE: Duration = Duration::from_mins(10);
/// How long a person has to confirm on the phone where no QR code says it: an unusual device is
/// verified without one.
const CONFIRM_TIME: Duration = Duration::from_mins(2);

impl Lifecycle {
    /// The login goes on.
    pub(super) fn progressed(&mut self, now: Instant) {
        if let State::Starting { .. } = self.state
            && let Some(run) = &mut self.run
        {
            run.watch = Some(Watch::new(now, self.policy.start_timeout));
        }
    }

    /// The login goes on with this phase; lines can swap, so it never goes back.
    pub(super) fn advance(&mut self, to: StartPhase, now: Instant) {
        if let State::Starting { phase, since, .. } = &mut self.state
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
        if let Some(run) = &mut self.run {
            run.expires = Some(later(now, valid_for.min(LONGEST_CODE)));
            // Fetching one takes a signature.
            run.omen
                .take_if(|omen| matches!(omen, Verdict::Unsigned(_)));
        }
        self.show_code();
    }

    /// The picture is there.
    pub(super) fn code_shown(&mut self, picture: QrImage) {
        if let State::WaitingForScan { image, .. } = &mut self.state {
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
            QrState::Expired => self.foretell(Verdict::CodeExpired, now),
            QrState::Canceled => self.foretell(Verdict::CodeCanceled, now),
        }
    }

    /// The core has said why it will end. It does that by itself within a moment, or is made to.
    pub(super) fn foretell(&mut self, verdict: Verdict, now: Instant) {
        if let Some(run) = &mut self.run
            && run.account.is_none()
        {
            run.omen = Some(verdict);
            run.watch = Some(Watch::new(now, self.policy.stop_grace));
        }
    }

    /// Somebody is logged in, and the session is saved.
    pub(super) fn logged_in(&mut self, who: u64, now: Instant) {
        let Some(run) = self.run.as_mut().filter(|run| run.account.is_none()) else {
            return;
        };
        if let Some(expected) = self.policy.expected.filter(|expected| *expected != who) {
            self.effects.push(Effect::SetSessionAside);
            let scanned = who;
            let refusal = Refusal::WrongAccount { expected, scanned };
            self.end(Means::Stop, Verdict::Refused(refusal), now);
            return;
        }
        run.account = Some(who);
        run.connected = true;
        run.omen = None;
        self.effects.push(Effect::KeepLogin);
        self.ledger.session_set_aside = false;
        self.ledger.expired_codes = 0;
        self.ledger.unsigned_logins = 0;
        self.need_is_met();
        self.enter(StartPhase::OpeningLink, now);
        self.settle(now);
    }

    /// A person looks: QR codes are counted anew.
    pub(super) fn person_looked(&mut self, now: Instant) {
        self.ledger.expired_codes = 0;
        match &mut self.state {
            State::WaitingForScan { code, .. } => *code = 1,
            State::Braked {
                reason: Brakes::NobodyScanned { .. },
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
            run.watch = Some(Watch::new(expires, self.policy.start_timeout));
            self.state = State::WaitingForScan {
                generation: run.generation,
                image,
                expires,
                code: self.ledger.expired_codes.saturating_add(1),
            };
            self.announce_need(Need::Login);
        }
    }

    fn code_scanned(&mut self, scanned: Option<u64>, now: Instant) {
        let first = self.may_show_code();
        let who = match self.state {
            State::WaitingForConfirm { who, .. } => scanned.or(who),
            State::WaitingForScan { .. } => scanned,
            _ if first => scanned,
            _ => return,
        };
        let Some(run) = &mut self.run else { return };
        let expires = *run.expires.get_or_insert(later(now, CONFIRM_TIME));
        if first {
            run.watch = Some(Watch::new(expires, self.policy.start_timeout));
        }
        let expected = self.policy.expected;
        self.state = State::WaitingForConfirm {
            generation: run.generation,
            who,
            wrong: expected.filter(|expected| who.is_some_and(|who| who != *expected)),
            expires,
        };
        self.ledger.expired_codes = 0;
        self.announce_need(Need::Login);
    }

    fn code_confirmed(&mut self, now: Instant) {
        if self.may_show_code() || self.waits_for_phone() {
            self.need_is_met();
            self.enter(StartPhase::LoggingIn, now);
        }
    }

    /// Whether the login is not beyond the moment at which a QR code is shown.
    fn may_show_code(&self) -> bool {
        matches!(self.state, State::Starting { phase, .. } if phase < StartPhase::LoggingIn)
    }

    fn enter(&mut self, phase: StartPhase, now: Instant) {
        let Some(run) = &mut self.run else { return };
        self.state = State::Starting {
            generation: run.generation,
            phase,
            since: now,
        };
        self.progressed(now);
    }
}
