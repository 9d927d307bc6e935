//! Folders of our own making: filled from a lock file once, and again when that file changes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Whether `folder` was filled from exactly `source`.
pub(crate) fn is_fresh(folder: &Path, source: &str) -> bool {
    fs::read_to_string(path(folder)).is_ok_and(|found| found == source)
}

/// Notes what `folder` was filled from. Called last, so that a run that was cut short counts for
/// nothing.
pub(crate) fn mark(folder: &Path, source: &str) -> Result<()> {
    let path = path(folder);
    fs::write(&path, source).with_context(|| format!("`{}` cannot be written", path.display()))
}

/// Removes a folder with all that is in it, if it is there.
pub(crate) fn clear(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .with_context(|| format!("`{}` cannot be removed", folder.display()))?;
    }
    Ok(())
}

fn path(folder: &Path) -> PathBuf {
    folder.join(".made-from")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "`tempfile` would be a dependency for one folder"
    )]
    fn a_folder_is_fresh_for_the_source_it_was_made_from_only() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("perpetua-folder-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        assert!(!is_fresh(&folder, "a==1"));
        mark(&folder, "a==1")?;
        assert!(is_fresh(&folder, "a==1"));
        assert!(!is_fresh(&folder, "a==2"));
        clear(&folder)?;
        assert!(!folder.exists());
        clear(&folder)
    }
}
