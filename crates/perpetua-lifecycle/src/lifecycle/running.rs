//! From a logged-in account to its end: the link, the connection to QQ, the signer, kicks.

use std::time::Instant;

use perpetua_words::signer;

use super::{
    Lifecycle, later,
    notified::UserAction,
    run::{AfterExit, Deadline, Run, Search, Stage, StopMethod},
};
use crate::{LaunchFailure, LifecycleEffect, LifecycleState, OfflineReason, SignerProblem};

impl Lifecycle {
    /// Our link to the core is open, or broken.
    pub(super) fn link_changed(&mut self, linked: bool, now: Instant) {
        if let Some(run) = &mut self.run {
            run.linked = linked;
            self.settle(now);
        }
    }

    /// The core has lost its connection to QQ. It dials again by itself, but a login that was under way
    /// does not go on then: such a core would stay as it is for ever.
    pub(super) fn connection_lost(&mut self, words: String, now: Instant) {
        let Some(run) = &mut self.run else { return };
        run.connected = false;
        if run.account.is_some() {
            return self.settle(now);
        }
        let why = run.exit_hint.take();
        let lost = AfterExit::Failed(LaunchFailure::NoConnection(words));
        self.end(StopMethod::Stop, why.unwrap_or(lost), now);
    }

    /// A lost connection comes in two records, of which only one has words. Where the other was the first, the
    /// core is being ended already.
    pub(super) fn explain_lost(&mut self, words: String) {
        if let Some(run) = &mut self.run
            && let Stage::Ending { after_exit, .. } = &mut run.stage
            && let AfterExit::Failed(LaunchFailure::NoConnection(told)) = after_exit
            && told.is_empty()
        {
            *told = words;
        }
    }

    /// The core has its connection to QQ again.
    pub(super) fn connection_back(&mut self, now: Instant) {
        if let Some(run) = &mut self.run {
            run.connected = true;
            self.settle(now);
        }
    }

    /// Online or not, by what is known of the run. It takes both the core's connection and our link.
    pub(super) fn settle(&mut self, now: Instant) {
        let Some(Run {
            account: Some(who),
            connected,
            linked,
            ..
        }) = self.run
        else {
            return;
        };
        match (connected, linked) {
            (true, true) => self.come_online(who, now),
            (true, false) if matches!(self.state, LifecycleState::Starting { .. }) => {}
            (true, false) => self.lose(who, OfflineReason::LinkLost, now),
            (false, _) => self.lose(who, OfflineReason::ConnectionLost, now),
        }
    }

    /// QQ ended the session. The core stays, and would for ever say that it is online.
    pub(super) fn kicked(&mut self, reason: String, now: Instant) {
        let Some(run) = &self.run else { return };
        let generation = run.generation;
        self.announce_offline(OfflineReason::Kicked(reason.clone()), now);
        self.end(StopMethod::Stop, AfterExit::Kicked(reason.clone()), now);
        self.state = LifecycleState::KickedOffline {
            generation,
            reason,
            since: now,
        };
    }

    /// It is ended and started anew because it does not do its work.
    pub(super) fn end_as_failed(
        &mut self,
        method: StopMethod,
        reason: OfflineReason,
        now: Instant,
    ) {
        self.announce_offline(reason.clone(), now);
        let failure = LaunchFailure::WentOffline(reason);
        self.end(method, AfterExit::Failed(failure), now);
    }

    /// It uses more memory than it may. One that had come so far as to be online is started anew however often that
    /// happens; before that it is a start that failed.
    pub(super) fn memory_exceeded(&mut self, reason: OfflineReason, now: Instant) {
        let was_online = self.was_online();
        self.announce_offline(reason.clone(), now);
        let failure = LaunchFailure::WentOffline(reason);
        let after_exit = if was_online {
            AfterExit::StartAnew(failure)
        } else {
            AfterExit::Failed(failure)
        };
        self.end(StopMethod::Stop, after_exit, now);
    }

    /// Nobody ran until now.
    pub(super) fn woke(&mut self, now: Instant) {
        let stop_grace = self.policy.stop_grace;
        if let Some(run) = &mut self.run {
            run.woke(stop_grace, now);
        }
    }

    /// A signature failed: once logged in, another signer is looked for; before, the login is most likely
    /// lost, and the core will say so itself.
    pub(super) fn sign_failed(&mut self, words: String, now: Instant) {
        match &mut self.run {
            Some(run) if run.account.is_some() => self.send_failed(now),
            Some(run) => {
                self.history.session_needs_signature = true;
                // Whoever asked the signers knows more than the core.
                let problem = run.signer.clone().unwrap_or_else(|| {
                    SignerProblem::NoneWorks(vec![signer::Failed { text: words }.into()])
                });
                run.exit_hint.get_or_insert(AfterExit::Unsigned(problem));
            }
            None => {}
        }
    }

    /// Something could not be sent: a signer that works is looked for, unless that is under way or was in
    /// vain a moment ago.
    pub(super) fn send_failed(&mut self, now: Instant) {
        if let Some(run) = self.run.as_mut().filter(|run| run.account.is_some()) {
            if run.search == Search::Idle {
                run.search = Search::Due(now);
            }
            self.search_if_due(now);
        }
    }

    /// Looks for a signer again when it is time.
    pub(super) fn search_if_due(&mut self, now: Instant) {
        if let Some(run) = &mut self.run
            && let Search::Due(at) = run.search
            && at <= now
        {
            run.search = Search::UnderWay;
            self.effects
                .push(LifecycleEffect::FindSigner(run.generation));
        }
    }

    /// Another signer works. One that answers and does not sign must not make the core restart with
    /// every message that fails, so there is a pause between two changes.
    pub(super) fn signer_found(&mut self, now: Instant) {
        if !self.searches() {
            return;
        }
        let pause = self.policy.signer_retry;
        let next = self.history.signer_switched.map(|last| later(last, pause));
        if let Some(next) = next.filter(|next| now < *next) {
            self.lack_signer(SignerProblem::Lost(signer::NextFailsToo.into()), next);
            return;
        }
        self.history.signer_switched = Some(now);
        self.announce_offline(OfflineReason::Asked, now);
        self.end(StopMethod::Stop, AfterExit::Asked, now);
    }

    /// A signer works for the core as it runs: it asks anew with each message.
    pub(super) fn signer_back(&mut self) {
        let Some(run) = &mut self.run else { return };
        if run.search == Search::Idle {
            return;
        }
        run.search = Search::Idle;
        run.signer = None;
        if let LifecycleState::Online { signer, .. } = &mut self.state {
            *signer = None;
            self.action_is_done();
        }
    }

    /// Nobody signs for it. Once it is logged in another signer is looked for; until then that may not even be
    /// needed.
    pub(super) fn signer_lacking(&mut self, problem: SignerProblem, now: Instant) {
        match &mut self.run {
            Some(run) if run.account.is_none() => {
                run.signer = Some(problem);
                run.search = Search::Due(later(now, self.policy.signer_retry));
            }
            _ => self.send_failed(now),
        }
    }

    /// The core waits for a signature since then, or does not any more.
    pub(super) fn signature_awaited(&mut self, since: Option<Instant>, now: Instant) {
        if let Some(run) = &mut self.run {
            run.awaits_signature(since, now);
        }
    }

    /// No signer works.
    pub(super) fn signer_missing(&mut self, problem: SignerProblem, now: Instant) {
        if self.searches() {
            self.lack_signer(problem, later(now, self.policy.signer_retry));
        }
    }

    /// The signers of the settings are others now.
    pub(super) fn signers_changed(&mut self, now: Instant) {
        // A person has changed them, so nothing is gone through without end.
        self.history.signer_switched = None;
        if self.waits_for_signer() {
            self.launch(now);
        } else if let Some(run) = self.run.as_mut().filter(|run| run.is_alive())
            && let Search::Due(at) = &mut run.search
        {
            *at = now;
            self.search_if_due(now);
        }
    }

    /// Whether another signer may be all that is missing.
    fn waits_for_signer(&self) -> bool {
        match &self.state {
            LifecycleState::SignerProblem { .. } => true,
            LifecycleState::Backoff { failure, .. } => {
                matches!(failure, LaunchFailure::NoNetwork(_))
            }
            _ => false,
        }
    }

    fn lack_signer(&mut self, problem: SignerProblem, again: Instant) {
        let Some(run) = &mut self.run else { return };
        run.signer = Some(problem.clone());
        run.search = Search::Due(again);
        // Before it is online, nobody knows whether it will need one.
        if let LifecycleState::Online { signer, .. } = &mut self.state {
            *signer = Some(problem);
            self.request_action(UserAction::Signer);
        }
    }

    fn searches(&self) -> bool {
        let search = self.run.as_ref().map(|run| run.search);
        search == Some(Search::UnderWay)
    }

    fn come_online(&mut self, who: u64, now: Instant) {
        if let Some(run) = self.run.as_mut().filter(|_| !self.state.is_online()) {
            run.deadline = None;
            self.state = LifecycleState::Online {
                generation: run.generation,
                who,
                since: now,
                signer: run.signer.clone(),
            };
            let lacks_signer = run.signer.is_some();
            run.proves_at = Some(later(now, self.policy.stable_after));
            self.effects.push(LifecycleEffect::NoteOnline {
                version: run.version.clone(),
                lasted: false,
            });
            self.history.came_online();
            self.qq_answered();
            self.announce_online(who);
            if lacks_signer {
                self.request_action(UserAction::Signer);
            }
        }
    }

    /// It has been online for long enough to call it good.
    pub(super) fn prove_if_due(&mut self, now: Instant) {
        let Some(run) = &mut self.run else { return };
        if run.proves_at.take_if(|at| *at <= now).is_some() {
            self.effects.push(LifecycleEffect::NoteOnline {
                version: run.version.clone(),
                lasted: true,
            });
            self.history.proved_healthy();
        }
    }

    /// It may come back by itself; the time for that counts from the first loss.
    fn lose(&mut self, who: u64, lost: OfflineReason, now: Instant) {
        if lost == OfflineReason::ConnectionLost {
            self.note_outage(&LaunchFailure::WentOffline(lost.clone()), now);
        }
        if let LifecycleState::Reconnecting { reason, .. } = &mut self.state {
            *reason = lost;
            return;
        }
        self.announce_offline(lost.clone(), now);
        let Some(run) = &mut self.run else { return };
        run.proves_at = None;
        run.deadline = Some(Deadline::new(now, self.policy.reconnect_grace));
        self.state = LifecycleState::Reconnecting {
            generation: run.generation,
            who,
            reason: lost,
            since: now,
        };
    }
}
