//! Files that are replaced whole: a reader, or a node after a power cut, finds the old text or the new one.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::{Builder, NamedTempFile};

use crate::{
    FileAction, FileError, folders::owner_only_builder, permit, rename::retry_on_sharing_violation,
};

/// On Windows a virus scanner or an indexer holds a new file open for moments. Eight tries with
/// doubled waits from 5 ms take 0.6 s; who holds a file longer means it.
const RENAME_TRIES: u32 = 8;
const FIRST_RENAME_WAIT: Duration = Duration::from_millis(5);

/// What the name of a temporary file begins and ends with.
const PREFIX: &str = ".perpetua-";
const SUFFIX: &str = ".tmp";
/// How old a temporary file is that nobody writes any more: a write takes moments.
const LEFT_BEHIND: Duration = Duration::from_mins(1);

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Only its owner: for secrets and session files.
    ///
    /// On Unix the file has the rights 0600 from its first byte on. On Windows it inherits the
    /// rights of its folder, see [`Folders::create`](crate::Folders::create).
    Owner,
    /// Whoever may read the file that it replaces; a new one as usual for this user.
    Usual,
}

/// Replaces a file, or makes it, with these bytes; on any failure the old file stays as it was.
///
/// The bytes go to a temporary file in the same folder, to the disk, and only then to the name. A
/// symbolic link stays one: the file it leads to is replaced. A folder that is gone is made anew, for
/// nobody but the owner.
pub fn write_atomic(path: &Path, bytes: &[u8], access: Access) -> Result<(), FileError> {
    write_atomic_if(path, bytes, access, || true).map(drop)
}

/// The same, but a file that says this already is left alone: a disk that is full or takes nothing is no hindrance
/// then. Gives whether the file was replaced.
pub fn write_changed(path: &Path, bytes: &[u8], access: Access) -> Result<bool, FileError> {
    let is_same = permit(FileAction::Read, path).is_ok()
        && fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() == bytes.len() as u64)
        && fs::read(path).is_ok_and(|former| former == bytes);
    if is_same {
        return Ok(false);
    }
    write_atomic_if(path, bytes, access, || true)
}

/// The same as [`write_atomic`], but only if `wanted` still says so once everything is on the disk but the name: whoever replaces
/// what it has read looks there again. Gives whether the file was replaced.
pub fn write_atomic_if(
    path: &Path,
    bytes: &[u8],
    access: Access,
    wanted: impl FnOnce() -> bool,
) -> Result<bool, FileError> {
    let target = resolved(path);
    let folder = target.parent().unwrap_or(Path::new("."));
    let failed = |error| FileError::new(FileAction::Write, path, error);
    permit(FileAction::Write, &target).map_err(failed)?;
    let aside = write_aside(folder, &target, bytes, access).map_err(failed)?;
    if !wanted() {
        return Ok(false);
    }
    rename(aside, &target).map_err(failed)?;
    keep_name(folder);
    Ok(true)
}

/// The file that a symbolic link leads to; anything else is itself. A link to a device, a pipe or a socket gives way
/// like one that leads nowhere: what it leads to is none of ours, and for root it could be one of the system's.
fn resolved(path: &Path) -> PathBuf {
    let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
    let target = is_link.then(|| fs::canonicalize(path).ok()).flatten();
    let may_be_written = |target: &PathBuf| {
        fs::metadata(target).is_ok_and(|metadata| metadata.is_file() || metadata.is_dir())
    };
    let target = target.filter(may_be_written);
    target.unwrap_or_else(|| path.to_owned())
}

/// Writes the temporary file, which deletes itself unless it gets its name.
fn write_aside(
    folder: &Path,
    target: &Path,
    bytes: &[u8],
    access: Access,
) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    let permissions = permissions(target, access);
    if let Some(permissions) = &permissions {
        builder.permissions(permissions.clone());
    }
    let mut file = match builder.tempfile_in(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            owner_only_builder().create(folder)?;
            builder.tempfile_in(folder)?
        }
        made => made?,
    };
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// The rights of the new file; `None` is only for its owner.
#[cfg(unix)]
fn permissions(target: &Path, access: Access) -> Option<fs::Permissions> {
    use std::os::unix::fs::PermissionsExt;
    match access {
        Access::Owner => None,
        // The system takes the user's mask from it, which only ever narrows the rights.
        Access::Usual => Some(fs::metadata(target).map_or_else(
            |_| fs::Permissions::from_mode(0o666),
            |metadata| metadata.permissions(),
        )),
    }
}

/// On Windows the file inherits its rights from the folder in both cases.
#[cfg(windows)]
fn permissions(_target: &Path, _access: Access) -> Option<fs::Permissions> {
    None
}

/// Removes the temporary files of a folder that their writers have left behind by being killed: one may hold
/// secrets. What cannot be removed stays for the next time.
pub(crate) fn remove_left_behind(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let is_ours = name
            .to_str()
            .is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        if is_ours && entry.metadata().is_ok_and(|file| is_left_behind(&file)) {
            let _stays_for_the_next_time = fs::remove_file(entry.path());
        }
    }
}

fn is_left_behind(metadata: &fs::Metadata) -> bool {
    let modified = metadata.modified().ok();
    let age = modified.and_then(|time| time.elapsed().ok());
    metadata.is_file() && age.is_some_and(|age| age >= LEFT_BEHIND)
}

/// Gives the temporary file its name.
fn rename(file: NamedTempFile, target: &Path) -> io::Result<()> {
    let mut waiting = Some(file);
    retry_on_sharing_violation(RENAME_TRIES, FIRST_RENAME_WAIT, || {
        let Some(file) = waiting.take() else {
            return Ok(());
        };
        file.persist(target).map(drop).map_err(|refused| {
            waiting = Some(refused.file);
            refused.error
        })
    })
}

/// Takes the new name to the disk too. The bytes are there already and some file systems refuse
/// this for folders, so a failure is no failure of the write.
#[cfg(unix)]
fn keep_name(folder: &Path) {
    if let Ok(folder) = fs::File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// Windows keeps names by its journal; a folder cannot be opened as a file.
#[cfg(windows)]
fn keep_name(_folder: &Path) {}
