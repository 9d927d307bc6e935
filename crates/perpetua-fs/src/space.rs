//! How much room files take, and how much is left.

use std::{fs, path::Path};

/// The sizes of all files in and below a folder, in bytes; links are not followed, and what cannot be read
/// counts as nothing. Blocks.
pub fn size_of(folder: &Path) -> u64 {
    let mut bytes = 0_u64;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                let size = entry.metadata().map_or(0, |file| file.len());
                bytes = bytes.saturating_add(size);
            }
        }
    }
    bytes
}

/// What is free on the disk of a folder for this user, in bytes, if the system says so. Blocks.
pub fn free_space(folder: &Path) -> Option<u64> {
    #[cfg(feature = "faults")]
    if let Some(bytes) = crate::faults::free(folder) {
        return Some(bytes);
    }
    free_on_disk(folder)
}

#[cfg(unix)]
fn free_on_disk(folder: &Path) -> Option<u64> {
    let told = rustix::fs::statvfs(folder).ok()?;
    told.f_bavail.checked_mul(told.f_frsize)
}

#[cfg(windows)]
fn free_on_disk(folder: &Path) -> Option<u64> {
    let folder = fs::canonicalize(folder).ok()?;
    let disks = sysinfo::Disks::new_with_refreshed_list();
    let plain = |path: &Path| path.to_string_lossy().replace(r"\\?\", "").to_lowercase();
    let folder = plain(&folder);
    // A disk may be mounted in a folder of another one.
    let holders = disks
        .iter()
        .filter(|disk| folder.starts_with(&plain(disk.mount_point())));
    let nearest = holders.max_by_key(|disk| disk.mount_point().as_os_str().len());
    nearest.map(sysinfo::Disk::available_space)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{free_space, size_of};

    #[test]
    fn files_are_counted_and_what_is_not_there_is_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        assert_eq!(size_of(path), 0);
        fs::create_dir_all(path.join("a/b")).expect("made");
        fs::write(path.join("one"), [0; 100]).expect("written");
        fs::write(path.join("a/b/two"), [0; 23]).expect("written");
        assert_eq!(size_of(path), 123);
        assert_eq!(size_of(&path.join("a")), 23);
        assert_eq!(size_of(&path.join("nothing")), 0);
        assert!(free_space(path).is_some_and(|free| free > 0));
        assert_eq!(free_space(&path.join("nothing")), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_round_is_not_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("one"), [0; 7]).expect("written");
        std::os::unix::fs::symlink(folder.path(), folder.path().join("round")).expect("linked");
        assert_eq!(size_of(folder.path()), 7);
    }
}
