//! Small files of an account's folder.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;
use perpetua_fs::{FileAction, FileError, rename};

/// No file that we read is longer; the longest, a session, has a few thousand bytes.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// A whole file; `None` if there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    let fail = |error| FileError::new(FileAction::Read, path, error);
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fail(error)),
    };
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(fail)?;
    if bytes.len() as u64 > MOST_BYTES {
        let error = io::Error::from(io::ErrorKind::FileTooLarge);
        return Err(FileError::Other {
            action: FileAction::Read,
            path: path.to_owned(),
            cause: error,
        });
    }
    Ok(Some(bytes))
}

/// Deletes a file; that there is none is fine.
pub(crate) fn remove(path: &Path) -> Result<(), FileError> {
    match fs::remove_file(path) {
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
