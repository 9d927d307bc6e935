//! Small files of an account's folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;
use perpetua_fs::{FileAction, FileError, permit, read_small, rename};

/// A whole file; `None` if there is none. What is no file is not opened: reading from a pipe may never end.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    permit(FileAction::Read, path)
        .map_err(|error| FileError::new(FileAction::Read, path, error))?;
    read_small(path)
}

/// Whether an error of [`read`] is about what stands there, and no other try would read it.
pub(crate) fn is_unreadable(error: &FileError) -> bool {
    let FileError::Other { cause, .. } = error else {
        return false;
    };
    matches!(
        cause.kind(),
        io::ErrorKind::IsADirectory | io::ErrorKind::InvalidInput | io::ErrorKind::FileTooLarge
    )
}

/// Deletes a file, or a folder that stands in its place; that there is none is fine.
pub(crate) fn remove(path: &Path) -> Result<(), FileError> {
    permit(FileAction::Delete, path)
        .map_err(|error| FileError::new(FileAction::Delete, path, error))?;
    let is_folder = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir());
    let removed = if is_folder {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(FileError::new(FileAction::Delete, path, error))
        }
        _ => Ok(()),
    }
}

/// Renames a file to `<name>.<why>-<time>` in its folder, without replacing another; gives the new path.
pub(crate) fn set_aside(path: &Path, why: &str, now: SystemTime) -> Result<PathBuf, FileError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stamp = time_stamp(now);
    let mut aside = path.with_file_name(format!("{name}.{why}-{stamp}"));
    for number in 2.. {
        if !aside.exists() {
            break;
        }
        aside = path.with_file_name(format!("{name}.{why}-{stamp}-{number}"));
    }
    rename(path, &aside)?;
    Ok(aside)
}

/// The names of the files in a folder that a test accepts, sorted; none if there is no folder.
pub(crate) fn names(
    folder: &Path,
    accept: impl Fn(&str) -> bool,
) -> Result<Vec<String>, FileError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(FileError::new(FileAction::Read, folder, error)),
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| accept(name))
        .collect();
    names.sort();
    Ok(names)
}

/// A moment as part of a file name; the names sort as the moments do.
pub(crate) fn time_stamp(now: SystemTime) -> String {
    Timestamp::try_from(now)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .strftime("%Y%m%dT%H%M%SZ")
        .to_string()
}
