//! What came of the steps.

use perpetua_lagrange::Chosen;
use perpetua_lifecycle::{
    CoreChange, Generation, LaunchFailure, LifecycleEvent, LifecycleState, SignerProblem,
};
use perpetua_words::{Message, core as words};
use tracing::{info, warn};

use super::{Driver, run::Run};
use crate::{CoreNews, launch::Launched, steps::Done};

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
            Done::RolledBack(rolled_back) => self.rolled_back(rolled_back),
            Done::Measured(generation, usage) => self.measured(generation, usage),
            Done::Chore(Ok(())) => {}
            Done::Chore(Err(message)) => self.notice(message),
            Done::LoginChanged(changed) => self.login_changed(changed),
        }
    }

    fn prepared(&mut self, generation: Generation, prepared: Result<Launched, LaunchFailure>) {
        self.launch = None;
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
            signer = ready.chosen.signer.name,
            "the core was started"
        );
        self.signing.chose(&ready.chosen.signer.name);
        let is_asked = std::mem::take(&mut self.is_asked);
        self.publisher.change(|view| {
            let is_first = view.version.is_none();
            view.restarts += u64::from(!is_first && !is_asked);
            view.version = Some(ready.core.id.clone());
            view.commit = None;
            view.protocol = None;
            view.pid = Some(pid);
            view.signer = Some(ready.chosen.report.clone());
        });
        for remark in &ready.remarks {
            self.notice(remark.clone());
        }
        let version = ready.core.id.clone();
        self.run = Some(Run::new(generation, ready));
        self.feed(LifecycleEvent::Launched {
            generation,
            version,
        });
    }

    /// The change of the current core may have been seen before: then the machine has been told.
    fn installed(&mut self) {
        if !matches!(self.machine.state(), LifecycleState::Installing) {
            return;
        }
        let is_new = self.changes.has_changed().unwrap_or(false);
        let change = self.changes.borrow_and_update().clone();
        // Another process may have installed one, which is no change that is told of.
        let change = change.filter(|_| is_new).unwrap_or(CoreChange::Chosen);
        self.feed(LifecycleEvent::CoreChanged(change));
    }

    fn rolled_back(&mut self, rolled_back: Result<String, Message>) {
        let succeeded = rolled_back.is_ok();
        self.notice(match rolled_back {
            Ok(version) => words::RolledBack { version }.into(),
            Err(cause) => words::RollbackFailed { cause }.into(),
        });
        self.feed(LifecycleEvent::RolledBack { succeeded });
    }

    fn sought(&mut self, generation: Generation, sought: Result<Chosen, SignerProblem>) {
        match sought {
            Ok(chosen) => {
                let name = &chosen.signer.name;
                let in_use = self.run_of(generation).map(|run| run.signer.clone());
                let is_another = in_use.as_ref() != Some(&chosen.signer);
                info!(
                    account = self.account,
                    signer = name,
                    is_another,
                    "a signer works"
                );
                self.signing.chose(name);
                self.publisher
                    .change(|view| view.signer = Some(chosen.report));
                self.feed(if is_another {
                    LifecycleEvent::SignerFound(generation)
                } else {
                    LifecycleEvent::SignerBack(generation)
                });
            }
            Err(problem) => self.feed(LifecycleEvent::SignerMissing(generation, problem)),
        }
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
