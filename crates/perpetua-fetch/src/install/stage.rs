//! The part of an installation that blocks: unpacking, and the way to the final folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use tempfile::TempDir;

use crate::obtain::{Content, Package};
use crate::unpack::{find_program, unpack};
use crate::versions::{Entry, discard, record_files};
use tokio_util::sync::CancellationToken;

use crate::{InstallError, Platform, UnpackError, UnpackLimits, Versions, VersionsError, signing};
use perpetua_fs::{FileAction, FileError, rename};

/// A core that is unpacked.
pub(super) struct Staged {
    /// It goes when this is dropped. A program that was copied is in the folder of its package.
    _folder: Option<TempDir>,
    program: PathBuf,
}

/// A version whose folder has its name; unless it is recorded in the end, it is removed again.
pub(super) struct Placed {
    versions: Versions,
    pub(super) entry: Entry,
    pub(super) is_recorded: bool,
}

impl Placed {
    /// The program, where it will stay.
    pub(super) fn program(&self) -> PathBuf {
        let folder = self.versions.folder().join(&self.entry.id);
        folder.join(&self.entry.program)
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        if !self.is_recorded {
            let folder = self.versions.folder();
            discard(folder, &folder.join(&self.entry.id));
        }
    }
}

/// Unpacks a package into a folder of its own, and makes the program runnable.
pub(super) fn stage(
    versions: &Versions,
    package: &Package,
    platform: &Platform,
    limits: UnpackLimits,
    cancel: &CancellationToken,
) -> Result<Staged, InstallError> {
    let refused = |cause: UnpackError| match cause {
        UnpackError::Canceled => InstallError::Canceled,
        cause => InstallError::Refused {
            name: package.name.clone(),
            cause,
        },
    };
    let name = platform.program();
    let (archive, packing) = match &package.content {
        Content::Archive(path, packing) => (path, *packing),
        Content::Copied(copy, packing) => (&copy.path, *packing),
        Content::Program(copy) => return runnable(None, copy.path.clone(), platform),
    };
    let mut builder = tempfile::Builder::new();
    let folder = builder.prefix(".new-").tempdir_in(versions.folder());
    let folder = folder.map_err(|error| {
        VersionsError::from(FileError::new(
            FileAction::CreateFolder,
            versions.folder(),
            error,
        ))
    })?;
    unpack(archive, packing, name, folder.path(), limits, cancel).map_err(refused)?;
    let program = find_program(folder.path(), name).map_err(refused)?;
    runnable(Some(folder), program, platform)
}

fn runnable(
    folder: Option<TempDir>,
    program: PathBuf,
    platform: &Platform,
) -> Result<Staged, InstallError> {
    make_executable(&program).map_err(VersionsError::from)?;
    let beside = program.parent().unwrap_or(&program);
    for problem in signing::prepare(&platform.os, beside, &program) {
        tracing::warn!(problem, "the new core may not be allowed to run");
    }
    Ok(Staged {
        _folder: folder,
        program,
    })
}

/// Moves the program's folder to its place. Its files are recorded before: nothing changes them later.
pub(super) fn settle(
    versions: Versions,
    package: &Package,
    staged: &Staged,
) -> Result<Placed, InstallError> {
    let from = staged.program.parent().unwrap_or(&staged.program);
    let files = record_files(from).map_err(VersionsError::from)?;
    let size = match &package.content {
        Content::Archive(path, _) => fs::metadata(path).map_or(0, |metadata| metadata.len()),
        Content::Copied(copy, _) | Content::Program(copy) => copy.size,
    };
    let program = staged.program.file_name().unwrap_or_default();
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let entry = Entry {
        id: versions.free_id(&package.tag, package.sha256),
        program: program.to_string_lossy().into_owned(),
        sha256: package.sha256,
        origin: package.origin.clone(),
        voucher: Some(package.voucher),
        size,
        commit: None,
        installed_at: now.unwrap_or_default().as_secs(),
        files,
        online: Some(BTreeMap::new()),
        taken_for_good: false,
    };
    let to = versions.folder().join(&entry.id);
    rename(from, &to).map_err(VersionsError::from)?;
    Ok(Placed {
        versions,
        entry,
        is_recorded: false,
    })
}

/// Partial downloads, and files that waited, have served.
pub(super) fn empty(downloads: &Path) {
    for entry in downloads.read_dir().into_iter().flatten().flatten() {
        let _ = fs::remove_file(entry.path());
    }
}

#[cfg(unix)]
fn make_executable(program: &Path) -> Result<(), FileError> {
    use std::os::unix::fs::PermissionsExt;
    let rights = fs::Permissions::from_mode(0o755);
    fs::set_permissions(program, rights)
        .map_err(|error| FileError::new(FileAction::MakeExecutable, program, error))
}

/// Windows tells programs by their names.
#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "its twin can fail")]
fn make_executable(_program: &Path) -> Result<(), FileError> {
    Ok(())
}
