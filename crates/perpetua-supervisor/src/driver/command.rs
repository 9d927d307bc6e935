//! What is asked of the core.

use std::time::SystemTime;

use perpetua_lagrange::SessionBackup;
use perpetua_lifecycle::{LifecycleEvent, LifecycleState, Reading};
use perpetua_words::Message;
use tokio::sync::oneshot;
use tracing::info;

use super::{Driver, Restoring, time::Closing};
use crate::{
    CoreSettings, RestoreError,
    handle::CoreCommand,
    steps::{Done, blocking},
};

impl Driver {
    pub(super) fn command(&mut self, command: CoreCommand) {
        if let CoreCommand::ShutDown { kill_at, by } = command {
            return self.shut_down(Closing::new(kill_at, by));
        }
        if self.closing.is_some() {
            return;
        }
        match command {
            CoreCommand::Start => self.asked(LifecycleEvent::StartWanted),
            CoreCommand::Restart => self.asked(LifecycleEvent::RestartWanted),
            CoreCommand::Stop => self.feed(LifecycleEvent::StopWanted),
            CoreCommand::Look => {
                self.is_asked |= matches!(self.machine.state(), LifecycleState::GivenUp { .. });
                self.feed(LifecycleEvent::PersonLooked);
            }
            CoreCommand::Change(settings) => self.change(*settings),
            CoreCommand::LinkOpened(generation) => {
                self.feed(LifecycleEvent::LinkOpened(generation));
            }
            CoreCommand::LinkLost(generation) => self.feed(LifecycleEvent::LinkLost(generation)),
            CoreCommand::AnswersStopped(generation) => {
                self.feed(LifecycleEvent::AnswersStopped(generation));
            }
            CoreCommand::SendUnsigned(generation) => {
                self.blame_signer(generation, "code 9057");
                self.feed(LifecycleEvent::SendUnsigned(generation));
            }
            CoreCommand::Kicked(generation, words) => {
                self.feed(LifecycleEvent::Read(generation, Reading::Kicked(words)));
            }
            CoreCommand::RestoreLogin(reply) => self.restore(reply),
            CoreCommand::ShutDown { .. } => {}
        }
    }

    /// A person has seen what was to be seen.
    fn asked(&mut self, event: LifecycleEvent) {
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
        self.feed(LifecycleEvent::StopWanted);
    }

    fn change(&mut self, settings: CoreSettings) {
        let former = std::mem::replace(&mut self.settings, settings);
        let settings = &self.settings;
        if settings.policy != former.policy {
            self.machine.set_policy(settings.policy.clone());
        }
        if settings.signers != former.signers {
            self.signing.changed(&former.signers, &settings.signers);
            self.feed(LifecycleEvent::SignersChanged);
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
            LifecycleState::Stopped | LifecycleState::Stopping { .. }
        ) {
            self.asked(LifecycleEvent::RestartWanted);
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
        let backup = self.backup();
        self.steps.in_order(async move {
            let restored = blocking(move || backup.restore(None, SystemTime::now())).await;
            Done::Restored(
                restored.map(drop).map_err(|error| Message::from(&error)),
                reply,
            )
        });
    }

    /// A kept login is back, or not.
    pub(super) fn restored(
        &mut self,
        restored: Result<(), Message>,
        reply: oneshot::Sender<Result<(), RestoreError>>,
    ) {
        self.restoring = Restoring::No;
        if restored.is_ok() {
            info!(account = self.account, "a kept login was put back");
        }
        let _nobody_waits = reply.send(restored.map_err(RestoreError::Failed));
    }

    pub(super) fn backup(&self) -> SessionBackup {
        let secrets = self.ports.secrets.clone();
        SessionBackup::new(self.paths.folder.clone(), &self.account, secrets)
    }
}
