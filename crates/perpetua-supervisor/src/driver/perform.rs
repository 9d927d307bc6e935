//! What the machine wants done.

use std::{sync::Arc, time::SystemTime};

use perpetua_lagrange::log::LogMark;
use perpetua_lifecycle::{Announcement, Generation, LifecycleEffect};
use perpetua_words::{Message, core as words};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Driver;
use crate::{CoreNews, launch::LaunchPlan, steps::Done};

impl Driver {
    pub(super) fn perform(&mut self, effect: LifecycleEffect) {
        match effect {
            LifecycleEffect::Install => self.install(),
            LifecycleEffect::Launch(generation) => self.launch(generation),
            LifecycleEffect::CallOff(generation) => self.call_off(generation),
            LifecycleEffect::Stop(generation) => {
                if let Some(run) = self.run_of(generation) {
                    run.process.stop();
                }
            }
            LifecycleEffect::Kill(generation) => {
                if let Some(run) = self.run_of(generation) {
                    run.process.kill();
                }
            }
            LifecycleEffect::KeepLogin => self.keep_login(),
            LifecycleEffect::SetSessionAside => self.set_session_aside(),
            LifecycleEffect::FindSigner(generation) => self.find_signer(generation),
            LifecycleEffect::RollBack { from } => {
                let rolled_back = self.ports.cores.roll_back(from);
                self.steps
                    .in_order(async move { Done::RolledBack(rolled_back.await) });
            }
            LifecycleEffect::Announce(announcement) => self.announce(announcement),
        }
    }

    fn install(&mut self) {
        let ensured = self.ports.cores.ensure();
        // It may join one that another account has begun, which has told how far it is.
        self.progress.mark_changed();
        let install = self
            .steps
            .spawn(async move { Done::InstallEnded(ensured.await) });
        if let Some(former) = self.install.replace(install) {
            former.abort();
        }
    }

    fn launch(&mut self, generation: Generation) {
        let cancel = CancellationToken::new();
        let preparation = LaunchPlan {
            ports: self.ports.clone(),
            paths: self.paths.clone(),
            settings: self.settings.clone(),
            signers: self
                .signing
                .for_launch(&self.settings.signers, Instant::now()),
            backup: self.backup(),
            mark: LogMark::new(self.random.u64(..)),
            cancel: cancel.clone(),
        };
        self.launch = Some((generation, cancel));
        self.publisher.change(|view| view.generation = generation);
        self.steps.in_order(async move {
            Done::Prepared(generation, Box::new(preparation.launch().await))
        });
    }

    fn call_off(&mut self, generation: Generation) {
        if let Some((preparing, cancel)) = &self.launch
            && *preparing == generation
        {
            cancel.cancel();
        }
    }

    fn keep_login(&mut self) {
        let backup = self.backup();
        self.steps.chore(move || {
            let kept = backup.keep(SystemTime::now());
            kept.map(drop).map_err(|error| {
                let cause = Message::from(&error);
                words::LoginNotKept { cause }.into()
            })
        });
    }

    fn set_session_aside(&mut self) {
        let folder = self.paths.folder.clone();
        self.steps.chore(move || {
            let set_aside = folder.set_session_aside(SystemTime::now());
            set_aside.map(drop).map_err(|error| {
                let cause = Message::from(&error);
                words::SessionNotSetAside { cause }.into()
            })
        });
    }

    fn find_signer(&mut self, generation: Generation) {
        let signers = self
            .signing
            .for_switch(&self.settings.signers, Instant::now());
        let (choice, protocol) = (Arc::clone(&self.ports.signers), self.settings.protocol);
        self.steps.spawn(async move {
            let sought = match signers {
                Ok(signers) => choice.choose(signers, protocol).await,
                Err(problem) => Err(problem),
            };
            Done::SignerSought(generation, Box::new(sought))
        });
    }

    fn announce(&self, announcement: Announcement) {
        let news = match announcement {
            Announcement::Online { who } => CoreNews::Online { who },
            Announcement::Offline { reason } => CoreNews::Offline { reason },
            Announcement::PersonNeeded => CoreNews::PersonNeeded(self.machine.state().clone()),
        };
        let _nobody_listens = self.news.send(news);
    }
}
