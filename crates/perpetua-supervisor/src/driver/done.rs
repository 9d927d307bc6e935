//! What came of the steps.

use perpetua_lagrange::SetAside;
use perpetua_lifecycle::{
    CoreChange, Generation, LaunchFailure, LifecycleEvent, LifecycleState, RollBackEnd,
};
use perpetua_words::{Message, core as words};
use tokio::time::Instant;
use tracing::{info, warn};

use super::{Driver, run::Run, time::MEASURE_EVERY};
use crate::{CoreNews, RollBackOutcome, SetAsideLogin, launch::Launched, steps::Done};

impl Driver {
    pub(super) fn done(&mut self, done: Done) {
        match done {
            Done::Prepared(generation, prepared) => self.prepared(generation, *prepared),
            Done::InstallEnded(Ok(())) => self.installed(),
            Done::InstallEnded(Err(problem)) => self.feed(LifecycleEvent::InstallFailed(problem)),
            Done::SignerSought(generation, sought) => self.sought(generation, *sought),
            Done::QrRead(generation, image) => {
                self.feed(LifecycleEvent::QrShown(generation, image));
            }
            Done::RolledBack(from, why, outcome) => self.rolled_back(from, why, outcome),
            Done::Measured(generation, usage) => self.measured(generation, usage),
            Done::NamesLookedUp(found) => self.names_looked_up(found),
            Done::Chore(Ok(())) => {}
            Done::Chore(Err(message)) => self.notice(message),
            Done::LoginKept(generation, kept) => self.login_kept(generation, kept),
            Done::LoginChanged(changed) => self.login_changed(changed),
            Done::LookedAside(found) => self.looked_aside(found),
        }
    }

    fn looked_aside(&mut self, found: SetAsideLogin) {
        for SetAside { name, why, .. } in &found.files {
            let is_told = self.publisher.shows(|view| {
                let mut told = view.set_aside.files.iter();
                told.any(|told| told.name == *name)
            });
            if !is_told {
                let account = &self.account;
                warn!(account, name, %why, "a file of the login is set aside");
            }
        }
        self.publisher.change(|view| view.set_aside = found);
    }

    fn prepared(&mut self, generation: Generation, prepared: Result<Launched, LaunchFailure>) {
        self.launch = None;
        self.look_aside();
        let ready = match prepared {
            Ok(ready) => ready,
            Err(failure) => {
                if failure != LaunchFailure::CalledOff {
                    warn!(account = self.account, generation = generation.0, %failure, "the core was not started");
                }
                self.change_login();
                return self.feed(LifecycleEvent::LaunchFailed(generation, failure));
            }
        };
        let pid = ready.started.process.id();
        info!(
            account = self.account,
            generation = generation.0,
            pid,
            version = ready.core.id,
            signer = ready
                .chosen
                .as_ref()
                .map_or("none", |chosen| &*chosen.signer.name),
            "the core was started"
        );
        let lacks = ready.chosen.as_ref().err().cloned();
        let report = ready.chosen.as_ref().map(|chosen| chosen.report.clone());
        if let Ok(chosen) = &ready.chosen {
            self.signing.chose(&chosen.signer.name);
        }
        let is_asked = std::mem::take(&mut self.is_asked);
        self.publisher.change(|view| {
            let is_first = view.version.is_none();
            view.restarts += u64::from(!is_first && !is_asked);
            view.version = Some(ready.core.id.clone());
            view.commit = None;
            view.protocol = None;
            view.pid = Some(pid);
            view.signer = report.ok();
        });
        for remark in &ready.remarks {
            self.notice(remark.clone());
        }
        let (version, is_on_trial) = (ready.core.id.clone(), ready.core.is_on_trial);
        // The settings may have changed since the launch began.
        if let Some(desk) = ready.way.desk() {
            desk.change(self.settings.signers.clone(), self.settings.sign_patience);
        }
        let asks_signer = ready.way.signer().is_some();
        self.run = Some(Run::new(generation, ready));
        // What a process takes that has just begun says nothing of the core.
        self.usage_due = Instant::now() + MEASURE_EVERY;
        self.feed(LifecycleEvent::Launched {
            generation,
            version,
            is_on_trial,
            asks_signer,
        });
        // It may have asked already.
        self.desk_changed();
        if self.asks_former_signer() {
            self.start_anew_for_signer();
        }
        if let Some(problem) = lacks {
            self.feed(LifecycleEvent::SignerLacking(generation, problem));
        }
    }

    /// The change of the current core may have been seen before: then the machine has been told.
    fn installed(&mut self) {
        if !matches!(self.machine.state(), LifecycleState::Installing) {
            return;
        }
        let is_new = self.changes.has_changed().unwrap_or(false);
        let change = self.changes.borrow_and_update().clone();
        // Another process may have installed one, which is no change that is told of.
        let change = change.filter(|_| is_new).unwrap_or(CoreChange::Unknown);
        self.feed(LifecycleEvent::CoreChanged(change));
    }

    fn rolled_back(&mut self, from: String, why: Message, outcome: RollBackOutcome) {
        let end = match &outcome {
            RollBackOutcome::To(_) => RollBackEnd::Done,
            RollBackOutcome::KeepsAnother | RollBackOutcome::NothingBefore(_) => RollBackEnd::Stays,
            RollBackOutcome::Refused(_) => RollBackEnd::Failed,
        };
        match outcome {
            RollBackOutcome::To(version) => {
                let (failed, cause) = (from, why);
                let words = words::RolledBack {
                    failed,
                    cause,
                    version,
                };
                self.notice(words.into());
            }
            RollBackOutcome::KeepsAnother => {
                let account = &self.account;
                info!(account, %why, "the core stays, because it keeps another account online");
            }
            RollBackOutcome::NothingBefore(cause) | RollBackOutcome::Refused(cause) => {
                self.notice(words::RollbackFailed { cause }.into());
            }
        }
        self.feed(LifecycleEvent::RolledBack(end));
    }

    /// Something went wrong that does not keep the core from running.
    pub(super) fn notice(&mut self, message: Message) {
        warn!(
            account = self.account,
            notice = %message,
            "core warning"
        );
        self.publisher
            .change(|view| view.notice = Some(message.clone()));
        let _nobody_listens = self.news.send(CoreNews::Notice(message));
    }
}
