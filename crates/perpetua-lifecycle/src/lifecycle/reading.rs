//! What the core's log says, and what a silence means.

use std::time::Instant;

use perpetua_words::{Message, signer};

use super::{
    Lifecycle,
    run::{AfterExit, LONGEST_SIGNATURE, StopMethod},
};
use crate::{
    Exit, ExitCause, LaunchFailure, LifecycleState, LoginRefusal, Reading, SignerProblem,
    StartPhase,
};

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
            Reading::QrExpired => self.expect_exit(AfterExit::CodeExpired, now),
            Reading::QrCanceled => self.expect_exit(AfterExit::CodeCanceled, now),
            Reading::LoginRefused { code, tag, message } => {
                let refusal = LoginRefusal::Server { code, tag, message };
                self.expect_exit(AfterExit::Refused(refusal), now);
            }
            Reading::LoggedIn(who) => self.logged_in(who, now),
            Reading::PortInUse => {
                self.no_server(AfterExit::TryAtOnce(LaunchFailure::PortInUse), now);
            }
            Reading::ServerFailed(words) => {
                self.no_server(AfterExit::Failed(LaunchFailure::NoServer(words)), now);
            }
            Reading::SignFailed(words) => self.sign_failed(words, now),
            Reading::Kicked(words) => self.kicked(words, now),
            Reading::ConnectionLost(words) => self.connection_lost(words, now),
            Reading::ConnectionBack => self.connection_back(now),
            Reading::LegacyDatabase(file) => self.blocked_by_database(file, now),
            Reading::ShuttingDown => {}
        }
    }

    /// It has run out of time, and does not get more: killed, or asked to end where it still works.
    pub(super) fn ran_out_of_time(&mut self, now: Instant) {
        if let LifecycleState::Reconnecting { reason, .. } = &self.state {
            let reason = reason.clone();
            self.end_as_failed(StopMethod::Stop, reason, now);
            return;
        }
        let Some(run) = &mut self.run else { return };
        let patience = run
            .deadline
            .map_or(0, |deadline| deadline.period().as_secs());
        let exit_hint = run.exit_hint.take();
        let lacks_signature = run.lacks_signature();
        let after_exit = match exit_hint {
            Some(exit_hint) => exit_hint,
            None if lacks_signature => AfterExit::Unsigned(never_signed()),
            None if self.waits_for_phone() => AfterExit::CodeExpired,
            None if self.waits_for_qq() => AfterExit::Failed(LaunchFailure::QqSilent(patience)),
            None => AfterExit::Failed(LaunchFailure::NoProgress(patience)),
        };
        self.end(StopMethod::Kill, after_exit, now);
    }

    /// Whether it is QQ that has to say something next, or the signer for what is asked of QQ.
    fn waits_for_qq(&self) -> bool {
        let LifecycleState::Starting { phase, .. } = self.state else {
            return false;
        };
        match phase {
            StartPhase::Session | StartPhase::LoggingIn => true,
            // With the time of its QR code there, it is the picture that is missing.
            StartPhase::Connecting => self.run.as_ref().is_some_and(|run| run.expires.is_none()),
            StartPhase::Preparing | StartPhase::Launched | StartPhase::OpeningLink => false,
        }
    }

    /// Whether a person with a phone is waited for.
    pub(super) fn waits_for_phone(&self) -> bool {
        matches!(
            self.state,
            LifecycleState::WaitingForScan { .. } | LifecycleState::WaitingForConfirm { .. }
        )
    }

    /// It would run on without its server. Where we have a link, it was another server than ours.
    fn no_server(&mut self, after_exit: AfterExit, now: Instant) {
        if self.run.as_ref().is_some_and(|run| !run.linked) {
            self.end(StopMethod::Stop, after_exit, now);
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
            let after_exit = AfterExit::CannotRun(LaunchFailure::Exited(exit));
            self.end(StopMethod::Stop, after_exit, now);
        }
    }
}

/// The core has waited for a signature for longer than it does.
fn never_signed() -> SignerProblem {
    let seconds = LONGEST_SIGNATURE.as_secs();
    SignerProblem::NoneWorks(vec![Message::from(signer::Silent { seconds })])
}
