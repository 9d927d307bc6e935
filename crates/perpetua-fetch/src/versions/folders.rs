//! Removing whole folders.

use std::fs;
use std::path::Path;

use perpetua_fs::{FileAction, FileError, rename_at_once};

/// Removes a folder that no record names. It first gets a name that the next sweep knows, whole or
/// not at all: Windows refuses that while a program in it runs, and then nothing of it is touched.
pub(crate) fn discard(versions: &Path, folder: &Path) {
    let Some(name) = folder.file_name() else {
        return;
    };
    if folder != versions.join(name) {
        tracing::warn!(folder = %folder.display(), "it is outside the folder of versions and stays");
        return;
    }
    let aside = versions.join(format!(".old-{}", name.to_string_lossy()));
    if !folder.exists() {
        return;
    }
    let removed = rename_at_once(folder, &aside).and_then(|()| {
        let fail = |error| FileError::new(FileAction::Delete, &aside, error);
        fs::remove_dir_all(&aside).map_err(fail)
    });
    if let Err(error) = removed {
        tracing::info!(folder = %folder.display(), %error, "an old core is removed later");
    }
}
