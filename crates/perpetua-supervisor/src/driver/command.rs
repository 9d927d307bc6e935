//! What is asked of the core.

use std::time::SystemTime;

use perpetua_lagrange::{ForgottenLogin, SessionBackup, SessionBackupError};
use perpetua_lifecycle::{LifecycleEvent, LifecycleState, Reading};
use perpetua_words::Message;
use tokio::sync::oneshot;
use tracing::info;

use super::{Driver, LoginChange, LoginWish, time::Closing};
use crate::{
    CoreSettings, LoginError,
    handle::CoreCommand,
    steps::{ChangedLogin, Done, blocking},
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
            CoreCommand::RestartAtOnce => self.asked(LifecycleEvent::RestartNeeded),
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
            CoreCommand::ForgetLogin(reply) => self.forget(reply),
            CoreCommand::AskKeptLogin(reply) => self.tell_kept_login(reply),
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
            let qr_codes = settings.policy.qr_codes;
            self.publisher.change(|view| view.qr_codes = qr_codes);
        }
        if settings.remark != former.remark {
            let remark = settings.remark.clone();
            self.publisher.change(|view| view.remark = remark);
        }
        let (signers, patience) = (settings.signers.clone(), settings.sign_patience);
        if let Some(desk) = self.run.as_ref().and_then(|run| run.way.desk()) {
            desk.change(signers, patience);
        }
        if settings.signers != former.signers {
            self.signers_changed(&former.signers);
        }
        self.show_signing();
    }

    fn restore(&mut self, reply: oneshot::Sender<Result<(), LoginError>>) {
        if self.machine.state().is_online() {
            let _nobody_waits = reply.send(Err(LoginError::Online));
            return;
        }
        if !matches!(self.login_change, LoginChange::No) {
            let _nobody_waits = reply.send(Err(LoginError::UnderWay));
            return;
        }
        self.login_change = LoginChange::Waiting(LoginWish::Restore(reply));
        self.feed(LifecycleEvent::SessionReplaced);
        if self.run.is_none() && self.launch.is_none() {
            self.change_login();
        }
        if !matches!(
            self.machine.state(),
            LifecycleState::Stopped | LifecycleState::Stopping { .. }
        ) {
            self.asked(LifecycleEvent::RestartNeeded);
        }
    }

    /// The core is ended first, and stays so: it would write its login again.
    fn forget(&mut self, reply: oneshot::Sender<Result<ForgottenLogin, LoginError>>) {
        if !matches!(self.login_change, LoginChange::No) {
            let _nobody_waits = reply.send(Err(LoginError::UnderWay));
            return;
        }
        self.login_change = LoginChange::Waiting(LoginWish::Forget(reply));
        self.feed(LifecycleEvent::StopWanted);
        if self.run.is_none() && self.launch.is_none() {
            self.change_login();
        }
    }

    /// Tells when the newest copy of the login was made.
    fn tell_kept_login(&mut self, reply: oneshot::Sender<Result<Option<SystemTime>, LoginError>>) {
        let (backup, wall) = (self.backup(), self.ports.wall.clone());
        self.steps.spawn(async move {
            let newest = blocking(move || backup.newest(wall.now())).await;
            let _nobody_waits = reply.send(newest.map_err(|error| failed(&error)));
            Done::Chore(Ok(()))
        });
    }

    /// Changes the files of the login if that is wanted, now that there is no process; a launch that follows
    /// comes after it.
    pub(super) fn change_login(&mut self) {
        let login_change = std::mem::replace(&mut self.login_change, LoginChange::UnderWay);
        let LoginChange::Waiting(wish) = login_change else {
            self.login_change = login_change;
            return;
        };
        let (backup, wall) = (self.backup(), self.ports.wall.clone());
        self.steps.in_order(async move {
            Done::LoginChanged(match wish {
                LoginWish::Restore(reply) => {
                    let restored = blocking(move || backup.restore(None, wall.now())).await;
                    let restored = restored.map(drop).map_err(|error| failed(&error));
                    ChangedLogin::Restored(restored, reply)
                }
                LoginWish::Forget(reply) => {
                    let forgotten = blocking(move || backup.forget()).await;
                    ChangedLogin::Forgotten(forgotten.map_err(|error| failed(&error)), reply)
                }
            })
        });
    }

    /// The files of the login are other ones, or not.
    pub(super) fn login_changed(&mut self, changed: ChangedLogin) {
        self.login_change = LoginChange::No;
        self.look_aside();
        match changed {
            ChangedLogin::Restored(restored, reply) => {
                if restored.is_ok() {
                    info!(account = self.account, "a kept login was put back");
                }
                let _nobody_waits = reply.send(restored);
            }
            ChangedLogin::Forgotten(forgotten, reply) => {
                if forgotten.is_ok() {
                    info!(
                        account = self.account,
                        "the login and its copies were deleted"
                    );
                }
                let _nobody_waits = reply.send(forgotten);
            }
        }
    }

    pub(super) fn backup(&self) -> SessionBackup {
        let secrets = self.ports.secrets.clone();
        SessionBackup::new(self.paths.folder.clone(), &self.account, secrets)
    }
}

fn failed(error: &SessionBackupError) -> LoginError {
    LoginError::Failed(Message::from(error))
}
