//! Folders, files and their rights on a real disk.

use std::fs;
use std::path::Path;

use perpetua_fs::{Access, Folders, write_atomic};

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("folder");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

#[test]
fn the_data_folder_is_made_once_and_is_found_again() {
    let home = tempfile::tempdir().expect("temporary folder");
    let folders = Folders::locate(Some(&home.path().join("a/data"))).expect("folders");
    folders.create().expect("created");
    folders.create().expect("created again");
    assert_eq!(names(folders.data()), ["logs", "run"]);
    assert_eq!(
        folders.session(),
        folders.data().join("run").join("session.json")
    );
    assert!(folders.settings().is_absolute());
}

#[test]
fn a_relative_folder_is_bound_to_the_working_folder_of_now() {
    let folders = Folders::at(Path::new("data")).expect("folders");
    assert_eq!(
        folders.data(),
        std::env::current_dir()
            .expect("working folder")
            .join("data")
    );
}

#[test]
fn a_file_in_place_of_the_folder_is_named() {
    let home = tempfile::tempdir().expect("temporary folder");
    let path = home.path().join("data");
    fs::write(&path, "").expect("file");
    let error = Folders::at(&path)
        .and_then(|folders| folders.create())
        .expect_err("a file is in the way");
    let named = format!("the folder `{}` cannot be created: ", path.display());
    let cause = error.to_string().strip_prefix(&named).map(str::len);
    assert!(cause > Some(0), "the system's own words: {error}");
}

#[test]
fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("state.json");
    for text in ["first", "a longer second", ""] {
        write_atomic(&path, text.as_bytes(), Access::Usual).expect("written");
        assert_eq!(fs::read_to_string(&path).expect("read"), text);
    }
    assert_eq!(names(folder.path()), ["state.json"]);
}

#[test]
fn a_folder_in_place_of_the_file_stays_and_nothing_is_left_beside_it() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("state.json");
    fs::create_dir(&path).expect("folder");
    assert!(write_atomic(&path, b"text", Access::Owner).is_err());
    assert_eq!(names(folder.path()), ["state.json"]);
}

#[cfg(unix)]
mod rights {
    use super::*;
    use perpetua_fs::FileError;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("metadata").permissions().mode() & 0o777
    }

    #[test]
    fn new_folders_are_for_their_owner_only() {
        let home = tempfile::tempdir().expect("temporary folder");
        let folders = Folders::at(&home.path().join("data")).expect("folders");
        folders.create().expect("created");
        for folder in [folders.data(), &folders.logs(), &folders.run()] {
            assert_eq!(mode(folder), 0o700, "{}", folder.display());
        }
    }

    #[test]
    fn a_folder_that_everybody_may_write_to_is_refused_and_one_that_a_group_may_is_not() {
        let home = tempfile::tempdir().expect("temporary folder");
        let folders = Folders::at(&home.path().join("data")).expect("folders");
        folders.create().expect("created");
        let later = [folders.accounts(), folders.core()];
        for folder in &later {
            fs::create_dir(folder).expect("folder");
        }
        let first = [folders.data().to_owned(), folders.logs(), folders.run()];
        for folder in first.iter().chain(&later) {
            for open in [0o777, 0o1777, 0o702, 0o776] {
                fs::set_permissions(folder, fs::Permissions::from_mode(open)).expect("rights");
                let error = folders.create().expect_err("others may write there");
                let named = matches!(&error, FileError::OpenToOthers { path } if path == folder);
                assert!(named, "{open:o}: {error:?}");
            }
            for kept in [0o775, 0o755, 0o750, 0o700] {
                fs::set_permissions(folder, fs::Permissions::from_mode(kept)).expect("rights");
                folders.create().expect("nobody else may write there");
            }
        }
    }

    #[test]
    fn a_file_for_its_owner_becomes_so_whatever_it_was() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("secrets.json");
        fs::write(&path, "old").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("rights");
        write_atomic(&path, b"new", Access::Owner).expect("written");
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn an_ordinary_file_keeps_its_rights() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("perpetua.toml");
        fs::write(&path, "old").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("rights");
        write_atomic(&path, b"new", Access::Usual).expect("written");
        assert_eq!(mode(&path), 0o640);
    }

    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let (real, link) = (
            folder.path().join("real.toml"),
            folder.path().join("perpetua.toml"),
        );
        fs::write(&real, "old").expect("written");
        symlink(&real, &link).expect("link");
        write_atomic(&link, b"new", Access::Usual).expect("written");
        assert_eq!(fs::read_to_string(&real).expect("read"), "new");
        assert!(fs::symlink_metadata(&link).expect("metadata").is_symlink());
    }

    #[test]
    fn a_folder_that_is_not_writable_says_so_and_keeps_the_file() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("perpetua.toml");
        fs::write(&path, "old").expect("written");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).expect("rights");
        // The rights of a folder mean nothing to root, who finds a folder that takes no file in `/sys`.
        let is_root = fs::write(folder.path().join("probe"), "").is_ok();
        let refusing = if is_root {
            Path::new("/sys/perpetua.toml")
        } else {
            &path
        };
        let error = write_atomic(refusing, b"new", Access::Usual).expect_err("not writable");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("rights");
        assert!(matches!(error, FileError::NotWritable { .. }), "{error:?}");
        assert!(
            error.to_string().contains("this user may not write there"),
            "{error}"
        );
        assert_eq!(fs::read_to_string(&path).expect("read"), "old");
    }
}

#[cfg(windows)]
mod sharing {
    use super::*;
    use std::fs::OpenOptions;
    use std::os::windows::fs::OpenOptionsExt;
    use std::thread;
    use std::time::Duration;

    /// Opens a file as a virus scanner does: nobody else may replace it.
    fn hold(path: &Path) -> fs::File {
        OpenOptions::new()
            .read(true)
            .share_mode(0)
            .open(path)
            .expect("held open")
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "the passing time is what the test is about: another program lets go after a moment"
    )]
    fn a_file_held_for_a_moment_is_replaced_after_it() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("perpetua.toml");
        fs::write(&path, "old").expect("written");
        let held = hold(&path);
        let holder = thread::spawn(move || {
            thread::sleep(Duration::from_millis(100));
            drop(held);
        });
        write_atomic(&path, b"new", Access::Usual).expect("written");
        holder.join().expect("holder");
        assert_eq!(fs::read_to_string(&path).expect("read"), "new");
    }

    #[test]
    fn a_file_held_for_good_stays_as_it_was() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("perpetua.toml");
        fs::write(&path, "old").expect("written");
        let held = hold(&path);
        assert!(write_atomic(&path, b"new", Access::Usual).is_err());
        drop(held);
        assert_eq!(fs::read_to_string(&path).expect("read"), "old");
        assert_eq!(names(folder.path()), ["perpetua.toml"]);
    }
}
