//! A change of the settings by the program itself, with no node of its own to ask.

use perpetua_config::edit::EditError;
use perpetua_fs::{FolderLock, Folders};
use perpetua_node::{NodePlace, Settings, StartError, replace_settings, settled_settings};

use crate::StartFailure;

/// Has `change` make another text of the settings, and writes it if it is valid; gives what `change` says
/// of it. No node may run on their folder. Blocks.
pub(super) fn rewrite<T>(
    place: &NodePlace,
    change: impl FnOnce(&Folders, &Settings) -> Result<(Result<String, EditError>, T), StartFailure>,
) -> Result<T, StartFailure> {
    let folders = place.folders().map_err(failed)?;
    // No other node changes the settings of a folder that is ours.
    let _lock = FolderLock::acquire(&folders).map_err(|error| failed(error.into()))?;
    let (settings, text, said) = changed(place, &folders, change)?;
    replace_settings(&settings, &text).map_err(failed)?;
    Ok(said)
}

/// Whether a node would start by the settings, as they are on the disk now. A node may run on their folder. Blocks.
pub(super) fn check_unchanged(place: &NodePlace) -> Result<(), StartFailure> {
    check(place, |_folders, settings| {
        Ok((Ok(settings.text.clone()), ()))
    })
}

/// Whether `change` would give valid settings, as they are on the disk now. A node may run on their folder.
/// Blocks.
pub(super) fn check<T>(
    place: &NodePlace,
    change: impl FnOnce(&Folders, &Settings) -> Result<(Result<String, EditError>, T), StartFailure>,
) -> Result<(), StartFailure> {
    let folders = place.folders().map_err(failed)?;
    changed(place, &folders, change).map(drop)
}

fn changed<T>(
    place: &NodePlace,
    folders: &Folders,
    change: impl FnOnce(&Folders, &Settings) -> Result<(Result<String, EditError>, T), StartFailure>,
) -> Result<(Settings, String, T), StartFailure> {
    let path = place.config.clone().unwrap_or_else(|| folders.settings());
    let settings = settled_settings(path).map_err(failed)?;
    let (text, said) = change(folders, &settings)?;
    let text = text.map_err(|error| StartFailure::new(&error))?;
    perpetua_config::parse(&text).map_err(|problems| {
        let path = settings.path.clone();
        failed(StartError::Settings { path, problems })
    })?;
    Ok((settings, text, said))
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
fn failed(error: StartError) -> StartFailure {
    StartFailure::from(&error)
}
