//! Signers while a core runs: who is found when none signs, and what its desk sees.

use perpetua_config::SignThrough;
use perpetua_lagrange::ResolvedSigner;
use perpetua_lifecycle::{Generation, LifecycleEvent, SignerProblem};
use perpetua_signing::{Chosen, DeskView};
use perpetua_words::signer as words;
use tokio::time::Instant;
use tracing::info;

use super::{Driver, run::ToldOfDesk};
use crate::signing::failed_a_core;

impl Driver {
    /// The settings have other signers than these. A desk asks them from the next request on; whether they sign for
    /// what its core was told is looked at now, not when a message is lost. A core that asks by itself is started
    /// anew where its signer is not the one any more that a start would take.
    pub(super) fn signers_changed(&mut self, former: &[ResolvedSigner]) {
        let signers = &self.settings.signers;
        self.signing.changed(former, signers);
        let is_other_first = former.first() != signers.first();
        if is_other_first {
            self.signing.forget_choice();
        }
        self.feed(LifecycleEvent::SignersChanged);
        let Some(run) = &self.run else { return };
        let (generation, asked_by_core) = (run.generation, run.way.signer().is_some());
        if !asked_by_core {
            self.feed(LifecycleEvent::SignersDoubted(generation));
        } else if is_other_first || self.asks_former_signer() {
            self.start_anew_for_signer();
        }
    }

    /// Whether the core asks a signer by itself that the settings do not have any more.
    pub(super) fn asks_former_signer(&self) -> bool {
        let signer = self.run.as_ref().and_then(|run| run.way.signer());
        signer.is_some_and(|signer| !self.settings.signers.contains(signer))
    }

    /// One that is being ended asks nobody any more.
    pub(super) fn start_anew_for_signer(&mut self) {
        if self.machine.ending().is_none() {
            self.is_asked = true;
            self.notice(words::OtherSignerTaken.into());
            self.feed(LifecycleEvent::RestartNeeded);
        }
    }

    /// A signer was looked for, for a core that goes without.
    pub(super) fn sought(&mut self, generation: Generation, sought: Result<Chosen, SignerProblem>) {
        let chosen = match sought {
            Ok(chosen) => chosen,
            Err(problem) => return self.feed(LifecycleEvent::SignerMissing(generation, problem)),
        };
        let Some(run) = self.run_of(generation) else {
            return;
        };
        let takes_a_start = run.way.takes_a_start(&chosen);
        let is_behind_desk = run.way.desk().is_some();
        let (account, signer) = (&self.account, &chosen.signer.name);
        info!(account, signer, takes_a_start, "a signer works");
        self.signing.chose(signer);
        if !takes_a_start {
            self.publisher
                .change(|view| view.signer = Some(chosen.report));
            return self.feed(LifecycleEvent::SignerBack(generation));
        }
        let was_ending = self.machine.ending().is_some();
        self.feed(LifecycleEvent::SignerFound(generation));
        // The machine does not start it anew for everyone who is found.
        let is_ended = !was_ending && self.machine.ending().is_some();
        if is_behind_desk && is_ended {
            self.notice(words::OtherVersionOnly.into());
        }
    }

    /// Something has happened at the desk of the core: it asks, was answered, or has other signers.
    pub(super) fn desk_changed(&mut self) {
        self.show_signing();
        let Some(run) = &mut self.run else { return };
        let (generation, Some(desk)) = (run.generation, run.way.desk()) else {
            return;
        };
        let view = desk.view().borrow().clone();
        let now = ToldOfDesk {
            answered: view.answered,
            waiting_since: view.waiting_since,
        };
        let before = std::mem::replace(&mut run.told_of_desk, now);
        if now.waiting_since != before.waiting_since {
            let since = now.waiting_since;
            self.feed(LifecycleEvent::SignatureAwaited(generation, since));
        }
        if now.answered != before.answered {
            self.feed(match view.problem {
                Some(problem) => LifecycleEvent::SignerLacking(generation, problem),
                None => LifecycleEvent::SignerBack(generation),
            });
        }
    }

    /// Shows who signs, and how long that takes; those of the settings also before anybody has asked them.
    pub(super) fn show_signing(&mut self) {
        let desk = self.run.as_ref().and_then(|run| run.way.desk());
        let view = desk.map_or_else(
            || DeskView {
                signers: match self.settings.sign_through {
                    SignThrough::Node => self.ports.desks.times(&self.settings.signers),
                    SignThrough::Core => Vec::new(),
                },
                ..DeskView::default()
            },
            |desk| desk.view().borrow().clone(),
        );
        self.publisher.flicker(|shown| {
            shown.signing = view.signers;
            if let Some(in_use) = view.in_use {
                shown.signer = Some(in_use);
            }
        });
    }

    /// A signature failed. It speaks against the signer that the core of this start asks by itself, also when
    /// another one has been chosen meanwhile; those that the node asks it knows better.
    pub(super) fn blame_signer(&mut self, generation: Generation, words: &str) {
        let run = self.run_of(generation);
        let signer = run.and_then(|run| run.way.signer().cloned());
        // One whose address was put right meanwhile has not failed yet.
        if let Some(signer) = signer.filter(|signer| self.settings.signers.contains(signer)) {
            self.signing.failed(&signer.name, words, Instant::now());
            let problem = SignerProblem::NoneWorks(vec![failed_a_core(&signer.name, words)]);
            self.feed(LifecycleEvent::SignerLacking(generation, problem));
        }
    }
}
