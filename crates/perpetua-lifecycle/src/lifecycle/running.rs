//! From a logged-in account to its end: the link, the connection to QQ, the signer, kicks.

use std::time::Instant;

use perpetua_words::signer;

use super::{
    Lifecycle, later,
    notified::UserAction,
    run::{AfterExit, Deadline, Run, Search, StopMethod},
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

    /// A signature failed: once logged in, another signer is looked for; before, the login is most likely
    /// lost, and the core will say so itself.
    pub(super) fn sign_failed(&mut self, words: String, now: Instant) {
        match &mut self.run {
            Some(run) if run.account.is_some() => self.send_failed(now),
            Some(run) => {
                let problem = SignerProblem::NoneWorks(vec![signer::Failed { text: words }.into()]);
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

    /// The signer in use works again: the core asks it anew with each message, so it runs on.
    pub(super) fn signer_back(&mut self) {
        if !self.searches() {
            return;
        }
        if let Some(run) = &mut self.run {
            run.search = Search::Idle;
        }
        if let LifecycleState::Online { signer, .. } = &mut self.state {
            *signer = None;
        }
        self.action_is_done();
    }

    /// No signer works.
    pub(super) fn signer_missing(&mut self, problem: SignerProblem, now: Instant) {
        if self.searches() {
            self.lack_signer(problem, later(now, self.policy.signer_retry));
        }
    }

    /// The signers of the settings are others now.
    pub(super) fn signers_changed(&mut self, now: Instant) {
        if matches!(self.state, LifecycleState::SignerProblem { .. }) {
            self.launch(now);
        } else if let Some(run) = self.run.as_mut().filter(|run| run.is_alive())
            && let Search::Due(at) = &mut run.search
        {
            *at = now;
            self.search_if_due(now);
        }
    }

    fn lack_signer(&mut self, problem: SignerProblem, again: Instant) {
        let Some(run) = &mut self.run else { return };
        run.signer = Some(problem.clone());
        run.search = Search::Due(again);
        if let LifecycleState::Online { signer, .. } = &mut self.state {
            *signer = Some(problem);
        }
        self.request_action(UserAction::Signer);
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
            self.history.came_online();
            self.announce_online(who);
        }
    }

    /// It may come back by itself; the time for that counts from the first loss.
    fn lose(&mut self, who: u64, lost: OfflineReason, now: Instant) {
        if let LifecycleState::Reconnecting { reason, .. } = &mut self.state {
            *reason = lost;
            return;
        }
        self.announce_offline(lost.clone(), now);
        let Some(run) = &mut self.run else { return };
        run.deadline = Some(Deadline::new(now, self.policy.reconnect_grace));
        self.state = LifecycleState::Reconnecting {
            generation: run.generation,
            who,
            reason: lost,
            since: now,
        };
    }
}
