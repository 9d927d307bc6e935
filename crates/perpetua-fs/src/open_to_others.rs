//! Whether others may write to a folder of ours. Who may could change the settings, or lay a link where a file is
//! written next.

use std::path::Path;

use crate::FileError;

/// Refuses a folder that every user of this machine may write to. A group may: the usual rights of a new folder let
/// the user's own group write on Debian and Ubuntu, and a folder is shared with a group on purpose. A file system that
/// keeps no rights, such as a Windows drive under WSL or a USB stick, is not refused: nothing could be done about it
/// there.
///
/// # Errors
///
/// [`FileError::OpenToOthers`]; a folder that cannot be looked at is left to whoever uses it next.
#[cfg(unix)]
pub(crate) fn refuse_open_to_others(folder: &Path) -> Result<(), FileError> {
    if is_open(folder) && keeps_rights(folder) {
        let path = folder.to_owned();
        return Err(FileError::OpenToOthers { path });
    }
    Ok(())
}

/// On Windows a folder has the rights of the one above it, and those of the user's profile are the user's own; lists of
/// rights that somebody made there by hand are not judged.
#[cfg(windows)]
pub(crate) fn refuse_open_to_others(_: &Path) -> Result<(), FileError> {
    Ok(())
}

#[cfg(unix)]
fn is_open(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(folder).is_ok_and(|folder| folder.permissions().mode() & 0o002 != 0)
}

/// Whether a file that is made for its owner only is so.
#[cfg(unix)]
fn keeps_rights(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let probe = tempfile::Builder::new().tempfile_in(folder);
    let probe = probe.and_then(|probe| probe.as_file().metadata());
    probe.is_ok_and(|probe| probe.permissions().mode() & 0o777 == 0o600)
}
