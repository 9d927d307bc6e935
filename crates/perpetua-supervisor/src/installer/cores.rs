//! The installer as what a driver sees of it.

use futures_util::future::BoxFuture;
use perpetua_fetch::{Versions, VersionsError};
use perpetua_lifecycle::{InstallProblem, LaunchFailure, Progress};
use tokio::sync::watch;

use super::Installer;
use crate::{Cores, VerifiedCore, in_words, steps::blocking};

impl Cores for Installer {
    fn current(&self) -> BoxFuture<'static, Result<VerifiedCore, LaunchFailure>> {
        let versions = self.versions().clone();
        Box::pin(blocking(move || verified(&versions)))
    }

    fn ensure(&self) -> BoxFuture<'static, Result<(), InstallProblem>> {
        let installer = self.clone();
        Box::pin(async move { installer.ensure().await })
    }

    fn progress(&self) -> watch::Receiver<Option<Progress>> {
        self.progress()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes()
    }

    fn roll_back(&self) -> BoxFuture<'static, Result<String, String>> {
        let installer = self.clone();
        Box::pin(async move {
            let former = installer.roll_back().await;
            former
                .map(|former| former.id)
                .map_err(|error| in_words(&error))
        })
    }
}

fn verified(versions: &Versions) -> Result<VerifiedCore, LaunchFailure> {
    let current = versions.current().map_err(failure)?;
    let current = current.ok_or(LaunchFailure::NoCore)?;
    versions.verify(&current.id).map_err(failure)?;
    Ok(VerifiedCore {
        id: current.id,
        program: current.program,
    })
}

fn failure(error: VersionsError) -> LaunchFailure {
    match error {
        VersionsError::NotInstalled { .. } => LaunchFailure::NoCore,
        VersionsError::Damaged { what, .. } => LaunchFailure::Damaged(what),
        error => LaunchFailure::Machine(in_words(&error)),
    }
}
