//! Copying what was found.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use perpetua_fs::{Access, FileError, write_atomic};

use perpetua_words::{Message, import as words};

use super::inside::Place;
use super::lagrange::SETTINGS;
use super::{FoundInstallation, ImportError};
use crate::{AccountFolder, AppInfo, LoginFile, files, jsonc};

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
    if copy_settings(&found.folder, target)? {
        result
            .taken
            .push(words::CoreSettings { path: SETTINGS }.into());
    }
    let path = "appinfo.json";
    // What a start would make of it.
    match Place::of(&found.folder, path).told(path, &mut result.left) {
        Some(from) if AppInfo::read(&found.folder)?.is_some() => {
            copy(&from, &target.path().join(path))?;
            result.taken.push(words::AppInfo { path }.into());
        }
        Some(_) => result.left.push(words::AppInfoUnusable { path }.into()),
        None => {}
    }
    match &found.device {
        Some(device) if copy(device, &target.device_file())? => {
            result.taken.push(words::Device.into());
        }
        _ => result.left.push(match found.device_problem.clone() {
            Some(cause) => words::DeviceUnusable { cause }.into(),
            None => words::NoDevice.into(),
        }),
    }
    // The session last: with it, the rest is there.
    let Some(keystore) = &found.keystore else {
        result.left.push(words::NoSession.into());
        return Ok(result);
    };
    if has_login {
        target.make_room(LoginFile::Session, SystemTime::now())?;
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

/// Copies the core's settings without its servers and clients, which became clients of ours or were told, and without
/// its signer and the way to it, whose addresses may hold a key; whether there were any that can be read.
fn copy_settings(from: &Path, target: &AccountFolder) -> Result<bool, FileError> {
    let Some(path) = Place::of(from, SETTINGS).inside() else {
        return Ok(false);
    };
    let Some(bytes) = files::read(&path)? else {
        return Ok(false);
    };
    let Ok((root, object)) = jsonc::tree(&jsonc::text_of(&bytes)) else {
        return Ok(false);
    };
    for key in [
        "Implementation",
        "Implementations",
        "SignServerUrl",
        "SignProxyUrl",
    ] {
        jsonc::remove(&object, key);
    }
    let text = root.to_string();
    write_atomic(
        &target.path().join(SETTINGS),
        text.as_bytes(),
        Access::Owner,
    )?;
    Ok(true)
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
