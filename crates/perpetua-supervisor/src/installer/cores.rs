//! The installer as what a driver sees of it.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use perpetua_fetch::{InstallProgress, Versions, VersionsError};
use perpetua_lifecycle::{CoreChange, InstallProblem, LaunchFailure};
use perpetua_words::Message;
use tokio::sync::watch;

use super::Installer;
use crate::{Cores, RollBackOutcome, VerifiedCore, steps::blocking};

impl Cores for Installer {
    fn current(&self, account: &str) -> BoxFuture<'static, Result<VerifiedCore, LaunchFailure>> {
        let (versions, account) = (self.versions().clone(), account.to_owned());
        Box::pin(blocking(move || verified(&versions, &account)))
    }

    fn ensure(&self) -> BoxFuture<'static, Result<(), InstallProblem>> {
        let installer = self.clone();
        Box::pin(async move { installer.ensure().await })
    }

    fn progress(&self) -> watch::Receiver<Option<InstallProgress>> {
        self.progress()
    }

    fn changes(&self) -> watch::Receiver<Option<CoreChange>> {
        self.changes()
    }

    fn note_online(
        &self,
        version: String,
        account: String,
        lasted: bool,
    ) -> BoxFuture<'static, Result<(), Message>> {
        let versions = self.versions().clone();
        Box::pin(blocking(move || {
            let noted = versions.note_online(&version, &account, lasted);
            noted.map_err(|error| Message::from(&error))
        }))
    }

    fn roll_back(
        &self,
        from: String,
        account: String,
        why: Message,
    ) -> BoxFuture<'static, RollBackOutcome> {
        let installer = self.clone();
        Box::pin(async move {
            match installer.roll_back_from(from, account, why).await {
                Ok(Some(former)) => RollBackOutcome::To(former.id),
                Ok(None) => RollBackOutcome::KeepsAnother,
                Err(error @ VersionsError::NothingBefore) => {
                    RollBackOutcome::NothingBefore(Message::from(&error))
                }
                Err(error) => RollBackOutcome::Refused(Message::from(&error)),
            }
        })
    }
}

fn verified(versions: &Versions, account: &str) -> Result<VerifiedCore, LaunchFailure> {
    let current = versions.current().map_err(failure)?;
    let current = current.ok_or(LaunchFailure::NoCore)?;
    let lease = Arc::new(versions.lease(&current.id));
    versions.verify(&current.id).map_err(failure)?;
    let is_on_trial = versions.is_on_trial(&current.id, account);
    Ok(VerifiedCore {
        is_on_trial: is_on_trial.map_err(failure)?,
        id: current.id,
        program: current.program,
        lease: Some(lease),
    })
}

fn failure(error: VersionsError) -> LaunchFailure {
    match error {
        VersionsError::NotInstalled { .. } => LaunchFailure::NoCore,
        VersionsError::Damaged { what, .. } => LaunchFailure::Damaged(what),
        error => LaunchFailure::Machine(Message::from(&error)),
    }
}
