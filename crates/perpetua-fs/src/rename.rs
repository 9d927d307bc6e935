//! Renames, with patience for those who hold a file open.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use crate::{FileAction, FileError, permit};

/// On Windows a virus scanner reads a new program to its end before it lets go, and a large one takes
/// seconds. Ten tries with doubled waits from 20 ms take 10 s.
const TRIES: u32 = 10;
const FIRST_WAIT: Duration = Duration::from_millis(20);

/// So many of one name are kept beside each other.
const MOST_KEPT: u32 = 1000;

/// Moves a file or a folder within its file system; what has the name already is replaced if it is
/// a file. On Windows it waits up to 10 s for others to close it. Blocks.
pub fn rename(from: &Path, to: &Path) -> Result<(), FileError> {
    permit(FileAction::Move, to)
        .and_then(|()| retry_on_sharing_violation(TRIES, FIRST_WAIT, || fs::rename(from, to)))
        .map_err(|error| FileError::new(FileAction::Move, to, error))
}

/// Moves a file or a folder as [`rename`] does, without waiting for anyone: on Windows a folder whose
/// program runs stays where it is.
pub fn rename_at_once(from: &Path, to: &Path) -> Result<(), FileError> {
    fs::rename(from, to).map_err(|error| FileError::new(FileAction::Move, to, error))
}

/// Puts what stands in the place of a file and is none, a folder mostly, under a free name beside it, so that the file can
/// be written; nothing of it is deleted. Gives the new path. Blocks.
pub fn put_aside(path: &Path) -> Result<Option<PathBuf>, FileError> {
    let is_in_the_way = fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    if !is_in_the_way {
        return Ok(None);
    }
    let aside = free_name(path, ".aside");
    rename(path, &aside)?;
    Ok(Some(aside))
}

/// The first name beside a path that nothing has: with this suffix, then with a number, too. Where all of them are taken it
/// is the last one. Blocks.
pub fn free_name(path: &Path, suffix: &str) -> PathBuf {
    let named = |number: u32| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        if number > 1 {
            name.push(format!("-{number}"));
        }
        PathBuf::from(name)
    };
    let mut places = (1..MOST_KEPT).map(named);
    let free = places.find(|place| fs::symlink_metadata(place).is_err());
    free.unwrap_or_else(|| named(MOST_KEPT))
}

/// Tries, with growing waits, until it is not someone else's open file that stands in the way.
#[expect(
    clippy::disallowed_methods,
    reason = "no event tells when another program closes a file; this crate blocks by design"
)]
pub(crate) fn retry_on_sharing_violation<T>(
    tries: u32,
    first_wait: Duration,
    mut attempt: impl FnMut() -> io::Result<T>,
) -> io::Result<T> {
    let mut wait = first_wait;
    for _ in 1..tries {
        match attempt() {
            Err(error) if is_sharing_violation(&error) => sleep(wait),
            outcome => return outcome,
        }
        wait *= 2;
    }
    attempt()
}

/// Whether someone else holds the file open: access denied (5), sharing violation (32), lock violation (33).
#[cfg(windows)]
fn is_sharing_violation(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(5 | 32 | 33))
}

/// A rename on Unix waits for nobody.
#[cfg(unix)]
fn is_sharing_violation(_error: &io::Error) -> bool {
    false
}
