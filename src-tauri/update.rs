//! Newer versions of the program: how this copy was installed, what its end installs, and what a start on trial shows.

use std::{
    error::Error,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use perpetua_desktop::{LaunchArguments, ReadyReport, UpdateInstall};
use perpetua_update::{Package, Version};
use tauri::{
    async_runtime::{spawn, spawn_blocking},
    utils::{config::BundleType, platform::bundle_type},
};

use crate::desk::Desk;

/// What is installed once the program has ended. A cheap clone.
#[derive(Clone, Default)]
pub(crate) struct PendingInstall(Arc<Mutex<Option<UpdateInstall>>>);

impl PendingInstall {
    pub(crate) fn put(&self, install: Option<UpdateInstall>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = install;
    }

    /// Installs it. Blocks.
    pub(crate) fn carry_out(&self) {
        let install = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(install) = install {
            install.carry_out();
        }
    }
}

/// How this copy was installed.
pub(crate) fn package() -> Package {
    perpetua_desktop::package_of(|| match bundle_type() {
        Some(BundleType::Nsis) => Package::Nsis,
        Some(BundleType::Msi) => Package::Msi,
        Some(BundleType::Deb | BundleType::Rpm) => Package::System,
        _ => Package::Other,
    })
}

/// Shows that the program can start: it has a screen, and what it is made of; and it can read the settings.
pub(crate) fn try_out(
    arguments: &LaunchArguments,
    context: tauri::Context,
    version: &Version,
) -> Result<ExitCode, Box<dyn Error>> {
    let _made = tauri::Builder::default().build(context)?;
    if let Some(report) = &arguments.report {
        report.tell_of_settings(&arguments.place, version);
    }
    Ok(ExitCode::SUCCESS)
}

/// Tells the version before this one how the start went; where there is none, this version is here to stay.
pub(crate) fn tell_start(desk: &Desk, report: Option<ReadyReport>, version: Version) {
    let desk = desk.clone();
    spawn(async move {
        let has_failed = desk.keeper.fails_to_start().await;
        match report {
            Some(report) => {
                let told = spawn_blocking(move || {
                    if has_failed {
                        report.failed();
                    } else {
                        report.ready(&version);
                    }
                });
                let _told = told.await;
            }
            None if has_failed => {}
            None => desk.updater.confirm_version().await,
        }
    });
}
