//! Moving and removing whole folders, with patience for those who hold a file open.

use std::fs;
use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use crate::disk::DiskError;

/// On Windows a virus scanner reads a new program to its end before it lets go; a large one takes
/// seconds. Ten tries with doubled waits from 20 ms take 10 s.
const RENAME_TRIES: u32 = 10;
const FIRST_RENAME_WAIT: Duration = Duration::from_millis(20);

/// Gives a folder its name, which nobody has yet. It blocks.
#[expect(
    clippy::disallowed_methods,
    reason = "no event tells when another program closes a file; callers are on a thread for blocking work"
)]
pub(crate) fn rename_patiently(from: &Path, to: &Path) -> Result<(), DiskError> {
    let mut wait = FIRST_RENAME_WAIT;
    for _ in 1..RENAME_TRIES {
        match fs::rename(from, to) {
            Err(error) if is_passing(&error) => sleep(wait),
            other => return other.map_err(|error| DiskError::new("move into place", to, error)),
        }
        wait *= 2;
    }
    fs::rename(from, to).map_err(|error| DiskError::new("move into place", to, error))
}

/// Whether someone else holds a file open: access denied (5), sharing violation (32), lock violation (33).
#[cfg(windows)]
fn is_passing(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(5 | 32 | 33))
}

/// A rename on Unix waits for nobody.
#[cfg(unix)]
fn is_passing(_error: &io::Error) -> bool {
    false
}

/// Removes a folder that no record names. It first gets a name that the next sweep knows, whole or
/// not at all: Windows refuses that while a program in it runs, and then nothing of it is touched.
pub(crate) fn discard(versions: &Path, folder: &Path) {
    let Some(name) = folder.file_name() else {
        return;
    };
    let aside = versions.join(format!(".old-{}", name.to_string_lossy()));
    let removed = fs::rename(folder, &aside).and_then(|()| fs::remove_dir_all(&aside));
    if let Err(error) = removed
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::info!(folder = %folder.display(), %error, "an old core is removed later");
    }
}
