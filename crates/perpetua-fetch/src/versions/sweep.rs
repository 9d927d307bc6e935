//! Clearing away what installations left that were killed.

use std::ffi::OsStr;
use std::fs;

use super::record::Record;
use super::{Versions, VersionsError, discard};
use perpetua_fs::{FileAction, FileError};

/// Removes unfinished and forgotten folders, once the record is mended. Only while nobody installs, and under the record's
/// lock: a folder that is in place and not yet recorded looks the same.
pub(super) fn sweep(versions: &Versions) -> Result<(), VersionsError> {
    let folder = versions.folder();
    let record = Record::read(folder)?;
    let entries =
        fs::read_dir(folder).map_err(|error| FileError::new(FileAction::Read, folder, error))?;
    for entry in entries.flatten() {
        let path = entry.path();
        let Some(name) = path.file_name().and_then(OsStr::to_str) else {
            continue;
        };
        let is_recorded = record.installed.iter().any(|entry| entry.id == name);
        if is_left_over(name) {
            tracing::debug!(left = name, "swept");
            let _ = fs::remove_dir_all(&path).or_else(|_| fs::remove_file(&path));
        } else if is_version(name) && !is_recorded && !record.found.iter().any(|one| one == name) {
            discard(folder, &path);
        }
    }
    Ok(())
}

/// Names that only unfinished work has: ours, and those of `perpetua-fs`.
fn is_left_over(name: &str) -> bool {
    name.starts_with(".new-") || name.starts_with(".old-") || name.starts_with(".perpetua-")
}

/// Whether a folder of this name is a version: `…-<eight hex digits>`, and perhaps a number.
pub(super) fn is_version(name: &str) -> bool {
    let is_digest =
        |text: &str| text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some((rest, last)) = name.rsplit_once('-') else {
        return false;
    };
    let numbered = || {
        is_number(last)
            && rest
                .rsplit_once('-')
                .is_some_and(|(_, digest)| is_digest(digest))
    };
    is_digest(last) || numbered()
}

#[cfg(test)]
mod tests {
    use super::is_version;

    #[test]
    fn only_names_of_versions_are_taken_for_versions() {
        assert!(is_version("nightly-3fa9c1d2"));
        assert!(is_version("v1-2-3fa9c1d2-2"));
        for name in [
            "nightly",
            "nightly-3fa9",
            "my-folder",
            "3fa9c1d2",
            "nightly-3fa9c1d2-",
            "nightly-3fa9c1dz",
        ] {
            assert!(!is_version(name), "{name}");
        }
    }
}
