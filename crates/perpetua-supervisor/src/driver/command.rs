//! What is asked of the core.

use std::time::SystemTime;

use perpetua_lagrange::Vault;
use perpetua_lifecycle::{Event, Reading, State};
use tokio::sync::oneshot;
use tracing::info;

use super::{Driver, Restoring, time::Closing};
use crate::{
    CoreSettings, RestoreError,
    handle::Command,
    in_words,
    steps::{Done, blocking},
};

impl Driver {
    pub(super) fn command(&mut self, command: Command) {
        if let Command::ShutDown { kill_at, by } = command {
            return self.shut_down(Closing::new(kill_at, by));
        }
        if self.closing.is_some() {
            return;
        }
        match command {
            Command::Start => self.asked(Event::StartWanted),
            Command::Restart => self.asked(Event::RestartWanted),
            Command::Stop => self.feed(Event::StopWanted),
            Command::Look => {
                self.is_asked |= matches!(self.machine.state(), State::Braked { .. });
                self.feed(Event::PersonLooked);
            }
            Command::Change(settings) => self.change(*settings),
            Command::LinkOpened(generation) => self.feed(Event::LinkOpened(generation)),
            Command::LinkLost(generation) => self.feed(Event::LinkLost(generation)),
            Command::AnswersStopped(generation) => self.feed(Event::AnswersStopped(generation)),
            Command::SendUnsigned(generation) => {
                self.blame_signer(generation, "messages come back with code 9057");
                self.feed(Event::SendUnsigned(generation));
            }
            Command::Kicked(generation, words) => {
                self.feed(Event::Read(generation, Reading::Kicked(words)));
            }
            Command::RestoreLogin(reply) => self.restore(reply),
            Command::ShutDown { .. } => {}
        }
    }

    /// A person has seen what was to be seen.
    fn asked(&mut self, event: Event) {
        self.is_asked = true;
        self.signing.forgive();
        self.publisher.change(|view| view.notice = None);
        self.feed(event);
    }

    fn shut_down(&mut self, closing: Closing) {
        // Whoever has less time decides.
        let sooner = |other: &Closing| closing.by < other.by;
        if self.closing.as_ref().is_none_or(sooner) {
            self.closing = Some(closing);
        }
        self.feed(Event::StopWanted);
    }

    fn change(&mut self, settings: CoreSettings) {
        let former = std::mem::replace(&mut self.settings, settings);
        let settings = &self.settings;
        if settings.policy != former.policy {
            self.machine.set_policy(settings.policy.clone());
        }
        if settings.signers != former.signers {
            self.signing.changed(&former.signers, &settings.signers);
            self.feed(Event::SignersChanged);
        }
    }

    fn restore(&mut self, reply: oneshot::Sender<Result<(), RestoreError>>) {
        if self.machine.state().is_online() {
            let _nobody_waits = reply.send(Err(RestoreError::Online));
            return;
        }
        if !matches!(self.restoring, Restoring::No) {
            let _nobody_waits = reply.send(Err(RestoreError::UnderWay));
            return;
        }
        self.restoring = Restoring::Waiting(reply);
        if self.run.is_none() && self.launch.is_none() {
            self.put_login_back();
        }
        if !matches!(
            self.machine.state(),
            State::Stopped | State::Stopping { .. }
        ) {
            self.asked(Event::RestartWanted);
        }
    }

    /// Puts a kept login back if one is wanted, now that there is no process; a launch that follows
    /// comes after it.
    pub(super) fn put_login_back(&mut self) {
        let restoring = std::mem::replace(&mut self.restoring, Restoring::UnderWay);
        let Restoring::Waiting(reply) = restoring else {
            self.restoring = restoring;
            return;
        };
        let vault = self.vault();
        self.steps.in_order(async move {
            let restored = blocking(move || vault.restore(None, SystemTime::now())).await;
            Done::Restored(restored.map(drop).map_err(|error| in_words(&error)), reply)
        });
    }

    /// A kept login is back, or not.
    pub(super) fn restored(
        &mut self,
        restored: Result<(), String>,
        reply: oneshot::Sender<Result<(), RestoreError>>,
    ) {
        self.restoring = Restoring::No;
        if restored.is_ok() {
            info!(account = self.account, "a kept login was put back");
        }
        let _nobody_waits = reply.send(restored.map_err(RestoreError::Failed));
    }

    pub(super) fn vault(&self) -> Vault {
        let secrets = self.ports.secrets.clone();
        Vault::new(self.place.folder.clone(), &self.account, secrets)
    }
}
