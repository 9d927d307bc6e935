//! The installer as what a driver sees of it.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use perpetua_fetch::{InstallProgress, Versions, VersionsError};
use perpetua_lifecycle::{CoreChange, InstallProblem, LaunchFailure};
use perpetua_words::Message;
use tokio::sync::watch;

use super::Installer;
use crate::{Cores, VerifiedCore, steps::blocking};

impl Cores for Installer {
    fn current(&self) -> BoxFuture<'static, Result<VerifiedCore, LaunchFailure>> {
        let versions = self.versions().clone();
        Box::pin(blocking(move || verified(&versions)))
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

    fn roll_back(&self, from: String) -> BoxFuture<'static, Result<String, Message>> {
        let installer = self.clone();
        Box::pin(async move {
            let former = installer.roll_back_from(from).await;
            former
                .map(|former| former.id)
                .map_err(|error| Message::from(&error))
        })
    }
}

fn verified(versions: &Versions) -> Result<VerifiedCore, LaunchFailure> {
    let current = versions.current().map_err(failure)?;
    let current = current.ok_or(LaunchFailure::NoCore)?;
    let lease = Arc::new(versions.lease(&current.id));
    versions.verify(&current.id).map_err(failure)?;
    Ok(VerifiedCore {
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
