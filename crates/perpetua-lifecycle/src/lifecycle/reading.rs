//! What the core's log says, and what a silence means.

use std::time::Instant;

use super::{
    Lifecycle,
    run::{Means, Verdict},
};
use crate::{Exit, ExitCause, LaunchFailure, Reading, Refusal, StartPhase, State};

impl Lifecycle {
    /// A line of the log.
    pub(super) fn read(&mut self, reading: Reading, now: Instant) {
        match reading {
            Reading::Version(_)
            | Reading::Protocol(_)
            | Reading::SessionRejected
            | Reading::Progress
            | Reading::Serving(_) => self.progressed(now),
            Reading::SessionTried => self.advance(StartPhase::Session, now),
            Reading::Connecting => self.advance(StartPhase::Connecting, now),
            Reading::QrFetched(valid_for) => self.code_fetched(valid_for, now),
            Reading::QrPolled(state, who) => self.code_polled(state, who, now),
            Reading::QrExpired => self.foretell(Verdict::CodeExpired, now),
            Reading::QrCanceled => self.foretell(Verdict::CodeCanceled, now),
            Reading::LoginRefused { code, tag, message } => {
                let refusal = Refusal::Server { code, tag, message };
                self.foretell(Verdict::Refused(refusal), now);
            }
            Reading::LoggedIn(who) => self.logged_in(who, now),
            Reading::PortInUse => {
                self.no_server(Verdict::TryAtOnce(LaunchFailure::PortInUse), now);
            }
            Reading::ServerFailed(words) => {
                self.no_server(Verdict::Failed(LaunchFailure::NoServer(words)), now);
            }
            Reading::SignFailed(words) => self.sign_failed(words, now),
            Reading::Kicked(words) => self.kicked(words, now),
            Reading::ConnectionLost => self.connection_changed(false, now),
            Reading::ConnectionBack => self.connection_changed(true, now),
            Reading::LegacyDatabase(file) => self.blocked_by_database(file, now),
            Reading::ShuttingDown => {}
        }
    }

    /// It has run out of time, and does not get more: killed, or asked to end where it still works.
    pub(super) fn ran_out_of_time(&mut self, now: Instant) {
        if let State::Reconnecting { reason, .. } = &self.state {
            let reason = reason.clone();
            self.give_up(Means::Stop, reason, now);
            return;
        }
        let Some(run) = &mut self.run else { return };
        let patience = run.watch.map_or(0, |watch| watch.period().as_secs());
        let omen = run.omen.take();
        let verdict = match omen {
            Some(omen) => omen,
            None if self.waits_for_phone() => Verdict::CodeExpired,
            None => Verdict::Failed(LaunchFailure::NoProgress(patience)),
        };
        self.end(Means::Kill, verdict, now);
    }

    /// Whether a person with a phone is waited for.
    pub(super) fn waits_for_phone(&self) -> bool {
        matches!(
            self.state,
            State::WaitingForScan { .. } | State::WaitingForConfirm { .. }
        )
    }

    /// It would run on without its server. Where we have a link, it was another server than ours.
    fn no_server(&mut self, verdict: Verdict, now: Instant) {
        if self.run.as_ref().is_some_and(|run| !run.linked) {
            self.end(Means::Stop, verdict, now);
        }
    }

    /// It waits for a key that nobody presses.
    fn blocked_by_database(&mut self, file: String, now: Instant) {
        let exit = Exit {
            code: None,
            signal: None,
            cause: ExitCause::LegacyDatabase(file),
        };
        if self.run.as_ref().is_some_and(|run| run.account.is_none()) {
            let verdict = Verdict::CannotRun(LaunchFailure::Exited(exit));
            self.end(Means::Stop, verdict, now);
        }
    }
}
