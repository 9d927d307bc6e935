//! What the machine wants done.

use std::sync::Arc;

use perpetua_lifecycle::{Announcement, Generation, LifecycleEffect};
use perpetua_words::{Message, core as words};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::Driver;
use crate::{
    CoreNews, SetAsideLogin,
    launch::LaunchPlan,
    steps::{Done, blocking},
};

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
            LifecycleEffect::KeepLogin => {
                if let Some(generation) = self.run.as_ref().map(|run| run.generation) {
                    self.keep_login(generation);
                }
            }
            LifecycleEffect::SetSessionAside { why } => self.set_session_aside(why),
            LifecycleEffect::FindSigner(generation) => self.find_signer(generation),
            LifecycleEffect::RollBack { from, why } => {
                let account = self.account.clone();
                let cores = &self.ports.cores;
                let rolled_back = cores.roll_back(from.clone(), account, why.clone());
                self.steps
                    .in_order(async move { Done::RolledBack(from, why, rolled_back.await) });
            }
            LifecycleEffect::NoteOnline { version, lasted } => self.note_online(version, lasted),
            LifecycleEffect::Announce(announcement) => self.announce(announcement),
        }
    }

    /// A note that is lost on a full disk is made by the next login, or when the account has stayed online.
    fn note_online(&mut self, version: String, lasted: bool) {
        let account = self.account.clone();
        let noted = self
            .ports
            .cores
            .note_online(version, account.clone(), lasted);
        self.steps.in_order(async move {
            if let Err(cause) = noted.await {
                warn!(account, %cause, "it is not noted which version brought the account online");
            }
            Done::Chore(Ok(()))
        });
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
        let through = self.settings.sign_through;
        let signers = self
            .signing
            .for_launch(through, &self.settings.signers, Instant::now());
        let preparation = LaunchPlan {
            account: self.account.clone(),
            ports: self.ports.clone(),
            paths: self.paths.clone(),
            settings: self.settings.clone(),
            signers,
            may_start_unsigned: self.machine.may_start_unsigned(),
            backup: self.backup(),
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

    fn set_session_aside(&mut self, why: Message) {
        let (folder, wall) = (self.paths.folder.clone(), self.ports.wall.clone());
        self.steps.chore(move || {
            let set_aside = folder.set_session_aside(wall.now(), &why);
            set_aside.map(drop).map_err(|error| {
                let cause = Message::from(&error);
                words::SessionNotSetAside { cause }.into()
            })
        });
        self.look_aside();
    }

    /// Looks what of the login is set aside, after all that was asked for before it.
    pub(super) fn look_aside(&mut self) {
        let (backup, wall) = (self.backup(), self.ports.wall.clone());
        self.steps.in_order(async move {
            Done::LookedAside(blocking(move || SetAsideLogin::of(&backup, wall.now())).await)
        });
    }

    fn find_signer(&mut self, generation: Generation) {
        let Some(way) = self.run.as_ref().map(|run| &run.way) else {
            return;
        };
        let wanted = way.wanted(self.settings.protocol);
        let signers = self
            .signing
            .for_switch(way, &self.settings.signers, Instant::now());
        let choice = Arc::clone(&self.ports.signers);
        self.steps.spawn(async move {
            let sought = match signers {
                Ok(signers) => choice.choose(signers, wanted).await,
                Err(problem) => Err(problem),
            };
            Done::SignerSought(generation, Box::new(sought))
        });
    }

    fn announce(&mut self, announcement: Announcement) {
        let news = match announcement {
            Announcement::Online { who } => {
                self.publisher.change(|view| view.offline = None);
                CoreNews::Online { who }
            }
            Announcement::Offline { reason } => {
                let offline = Some(reason.clone());
                self.publisher.change(|view| view.offline = offline);
                CoreNews::Offline { reason }
            }
            Announcement::PersonNeeded => CoreNews::PersonNeeded(self.machine.state().clone()),
        };
        let _nobody_listens = self.news.send(news);
    }
}
