//! From the system's word for a failed start to ours.

use std::io::{self, ErrorKind};
use std::path::Path;

use crate::{Launch, SpawnError};

/// `ENOEXEC`; the same on Linux and macOS.
#[cfg(unix)]
const NO_FORMAT: &[i32] = &[8, BAD_PROCESSOR];
/// `EBADARCH` of macOS: a program for another processor. Linux has no error of a start by this number.
#[cfg(unix)]
const BAD_PROCESSOR: i32 = 86;
/// `ERROR_BAD_EXE_FORMAT` and `ERROR_EXE_MACHINE_TYPE_MISMATCH`.
#[cfg(windows)]
const NO_FORMAT: &[i32] = &[193, 216];

/// `ENFILE` and `EMFILE`, the same on Linux and macOS.
#[cfg(unix)]
const NO_ROOM: &[i32] = &[23, 24];
/// `ERROR_TOO_MANY_OPEN_FILES` and `ERROR_NO_SYSTEM_RESOURCES`.
#[cfg(windows)]
const NO_ROOM: &[i32] = &[4, 1450];

/// `ERROR_COMMITMENT_LIMIT`, which the standard library does not count as memory. No Unix has it.
const PAGING_FILE_FULL: i32 = 1455;
/// `ERROR_SHARING_VIOLATION`.
#[cfg(windows)]
const SHARED: i32 = 32;

/// What `error` means for this start.
pub(crate) fn spawn_error(launch: &Launch, error: io::Error) -> SpawnError {
    let program = launch.program.clone();
    let folder = launch.folder.clone();
    let code = error.raw_os_error();
    let is_one_of = |codes: &[i32]| code.is_some_and(|code| codes.contains(&code));
    if is_one_of(NO_FORMAT) {
        return SpawnError::WrongSystem {
            program,
            cause: error,
        };
    }
    if is_one_of(NO_ROOM) || error.kind() == ErrorKind::WouldBlock {
        return SpawnError::TooMany {
            program,
            cause: error,
        };
    }
    if error.kind() == ErrorKind::OutOfMemory || (cfg!(windows) && code == Some(PAGING_FILE_FULL)) {
        return SpawnError::OutOfMemory { program };
    }
    match error.kind() {
        _ if is_in_use(&error) => SpawnError::InUse { program },
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            missing(launch).unwrap_or(SpawnError::LoaderMissing { program })
        }
        ErrorKind::PermissionDenied if !is_executable(&program) => {
            SpawnError::NotExecutable { program }
        }
        ErrorKind::PermissionDenied => SpawnError::Forbidden {
            program,
            folder,
            cause: error,
        },
        _ => missing(launch).unwrap_or(SpawnError::Other {
            program,
            cause: error,
        }),
    }
}

/// The file or folder that is not there, if one is not.
pub(crate) fn missing(launch: &Launch) -> Option<SpawnError> {
    let program = launch.program.clone();
    if is_absent(&launch.folder, Path::is_dir) {
        let folder = launch.folder.clone();
        return Some(SpawnError::FolderMissing { program, folder });
    }
    is_absent(&launch.program, Path::is_file).then_some(SpawnError::ProgramMissing { program })
}

/// Whether it is certain that there is nothing of this kind: what may not be looked at may be there.
fn is_absent(path: &Path, is_right: fn(&Path) -> bool) -> bool {
    path.try_exists()
        .is_ok_and(|exists| !exists || !is_right(path))
}

#[cfg(unix)]
fn is_executable(program: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    // A file that may not be looked at is behind a folder that may not be entered.
    program
        .metadata()
        .map_or(true, |about| about.permissions().mode() & 0o111 != 0)
}

/// Windows knows no such mark.
#[cfg(windows)]
fn is_executable(_: &Path) -> bool {
    true
}

#[cfg(unix)]
fn is_in_use(error: &io::Error) -> bool {
    error.kind() == ErrorKind::ExecutableFileBusy
}

#[cfg(windows)]
fn is_in_use(error: &io::Error) -> bool {
    error.raw_os_error() == Some(SHARED)
}

#[cfg(all(test, unix))]
mod tests {
    use rustix::io::Errno;

    use super::*;
    use crate::Console;

    /// What is said when starting this test program fails with a number of the system.
    fn said(code: i32) -> SpawnError {
        let launch = Launch {
            program: std::env::current_exe().expect("this test program"),
            arguments: Vec::new(),
            folder: "/".into(),
            environment: Vec::new(),
            console: Console::Pipes,
        };
        spawn_error(&launch, io::Error::from_raw_os_error(code))
    }

    #[test]
    fn what_no_test_can_bring_about_is_still_told_apart() {
        let forbidden = said(Errno::ACCESS.raw_os_error());
        assert!(
            forbidden.to_string().contains("`noexec`"),
            "the file is executable: {forbidden}"
        );
        for errno in [Errno::AGAIN, Errno::MFILE, Errno::NFILE] {
            let full = said(errno.raw_os_error());
            assert!(matches!(full, SpawnError::TooMany { .. }), "{full}");
        }
        let no_memory = said(Errno::NOMEM.raw_os_error());
        assert!(matches!(no_memory, SpawnError::OutOfMemory { .. }));
        let unknown = said(Errno::IO.raw_os_error());
        assert!(matches!(unknown, SpawnError::Other { .. }));
    }
}
