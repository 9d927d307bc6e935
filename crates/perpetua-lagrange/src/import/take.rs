//! Copying what was found.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use perpetua_fs::{Access, FileError, write_atomic};

use perpetua_words::{Message, import as words};

use super::lagrange::SETTINGS;
use super::{FoundInstallation, ImportError};
use crate::{AccountFolder, files};

/// What came over.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TakenOver {
    /// What was taken, a sentence each.
    pub taken: Vec<Message>,
    /// What was not, and why; beside the [remarks](FoundInstallation::remarks) of the plan.
    pub left: Vec<Message>,
}

/// Whether a login of the target may be replaced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReplaceLogin {
    /// No: the import is refused.
    No,
    /// Yes: it is set aside.
    Yes,
}

/// Copies the login and the core's settings into an account's folder; never changes the source.
///
/// The core of the account must not run. [`LagrangeSettings::write`](crate::LagrangeSettings::write) later makes the copied
/// settings ours and keeps the rest of them.
pub fn take_over(
    found: &FoundInstallation,
    target: &AccountFolder,
    replace: ReplaceLogin,
) -> Result<TakenOver, ImportError> {
    if is_same(&found.folder, target.path()) {
        return Err(ImportError::SameFolder(found.folder.clone()));
    }
    let has_login = target.keystore_file().exists();
    if has_login && found.keystore.is_some() && replace == ReplaceLogin::No {
        return Err(ImportError::LoginThere(target.path().to_owned()));
    }
    perpetua_fs::create_private_folder(target.path())?;
    let mut result = TakenOver::default();
    let settings = found.folder.join(SETTINGS);
    if copy(&settings, &target.path().join(SETTINGS))? {
        result
            .taken
            .push(words::CoreSettings { path: SETTINGS }.into());
    }
    let app_info = "appinfo.json";
    if copy(&found.folder.join(app_info), &target.path().join(app_info))? {
        result.taken.push(words::AppInfo { path: app_info }.into());
    }
    match &found.device {
        Some(device) if copy(device, &target.device_file())? => {
            result.taken.push(words::Device.into());
        }
        _ => result.left.push(words::NoDevice.into()),
    }
    // The session last: with it, the rest is there.
    let Some(keystore) = &found.keystore else {
        result.left.push(words::NoSession.into());
        return Ok(result);
    };
    if has_login {
        target.set_session_aside(SystemTime::now())?;
    }
    if copy(keystore, &target.keystore_file())? {
        result.taken.push(match found.uin {
            Some(uin) => words::SessionOf {
                uin: uin.to_string(),
            }
            .into(),
            None => words::Session.into(),
        });
    }
    Ok(result)
}

/// Copies a file, for nobody but its owner; whether it was there.
fn copy(from: &Path, to: &Path) -> Result<bool, FileError> {
    let Some(bytes) = files::read(from)? else {
        return Ok(false);
    };
    write_atomic(to, &bytes, Access::Owner)?;
    Ok(true)
}

fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}
