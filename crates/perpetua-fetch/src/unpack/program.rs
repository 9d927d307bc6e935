//! Finding the program in what was unpacked.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::UnpackError;
use perpetua_fs::{FileAction, FileError};

/// The program's names on all systems, to say that an archive is for another one.
const NAMES: [&str; 2] = ["Lagrange.OneBot", "Lagrange.OneBot.exe"];

/// Folders within folders that are searched: the core's archives have six, and a folder of this machine
/// that someone named by mistake may hold all their files.
const DEPTH: u32 = 8;

/// The one regular file of this name, at whatever depth: in the core's archives a folder at the top has
/// the same name.
pub(crate) fn find_program(folder: &Path, program: &'static str) -> Result<PathBuf, UnpackError> {
    let mut found = Vec::new();
    search(folder, DEPTH, &mut found)?;
    let is_it = |path: &&PathBuf| path.file_name() == Some(OsStr::new(program));
    let mut programs = found.iter().filter(is_it);
    match (programs.next(), programs.next()) {
        (Some(path), None) => Ok(path.clone()),
        (Some(_), Some(_)) => Err(UnpackError::SeveralPrograms(program)),
        (None, _) => Err(UnpackError::NoProgram {
            program,
            is_of_another_system: !found.is_empty(),
        }),
    }
}

/// Collects the regular files that have one of the names. Links are not followed.
fn search(folder: &Path, depth: u32, found: &mut Vec<PathBuf>) -> Result<(), FileError> {
    let fail = |error| FileError::new(FileAction::Read, folder, error);
    for entry in folder.read_dir().map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let kind = entry.file_type().map_err(fail)?;
        if kind.is_dir() && depth > 0 {
            search(&entry.path(), depth - 1, found)?;
        } else if kind.is_file() && NAMES.iter().any(|name| entry.file_name() == *name) {
            found.push(entry.path());
        }
    }
    Ok(())
}

/// Whether a file beside an unpacked program has to go with it: the program itself, and native
/// libraries such as `librealm-wrappers.dylib` of macOS.
pub(crate) fn belongs(name: &OsStr, program: &Path) -> bool {
    let ending = Path::new(name).extension();
    Some(name) == program.file_name()
        || ["dylib", "so", "dll"]
            .iter()
            .any(|library| ending == Some(OsStr::new(library)))
}
