//! Temporary files whose writers were killed.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use perpetua_fs::{Access, FolderLock, Folders, write_atomic_if};

fn left(path: &Path, age: Duration) {
    fs::write(path, "a secret").expect("written");
    let file = File::options().write(true).open(path).expect("it is there");
    let then = SystemTime::now() - age;
    file.set_modified(then).expect("an older one");
}

#[test]
fn the_next_owner_of_the_folder_removes_old_ones_of_ours_only() {
    let home = tempfile::tempdir().expect("temporary folder");
    let folders = Folders::at(home.path()).expect("folders");
    folders.create().expect("created");
    let copies = folders.account("main").join("backup");
    let downloads = folders.core().join("downloads");
    for folder in [&copies, &downloads] {
        fs::create_dir_all(folder).expect("created");
    }
    let hour = Duration::from_hours(1);
    let gone = [
        folders.data().join(".perpetua-AbC123.tmp"),
        folders.run().join(".perpetua-AbC123.tmp"),
        folders.account("main").join(".perpetua-x.tmp"),
        copies.join(".perpetua-x.tmp"),
        downloads.join(".perpetua-x.tmp"),
    ];
    let stay = [
        folders.data().join(".perpetua-notes.txt"),
        folders.data().join("perpetua-AbC123.tmp"),
        folders.data().join(".other.tmp"),
    ];
    gone.iter().chain(&stay).for_each(|path| left(path, hour));
    let young = folders.data().join(".perpetua-young.tmp");
    left(&young, Duration::ZERO);
    let folder = folders.data().join(".perpetua-folder.tmp");
    fs::create_dir(&folder).expect("created");
    let lock = FolderLock::acquire(&folders).expect("nobody else is here");
    assert!(!gone.iter().any(|path| path.exists()));
    assert!(stay.iter().all(|path| path.exists()) && young.exists() && folder.exists());
    // It grows old while the owner runs.
    left(&young, hour);
    drop(lock);
    assert!(stay.iter().all(|path| path.exists()) && !young.exists());
}

#[cfg(unix)]
#[test]
fn what_a_link_leads_to_is_not_ours() {
    let (home, elsewhere) = (tempfile::tempdir(), tempfile::tempdir());
    let (home, elsewhere) = (home.expect("a folder"), elsewhere.expect("another"));
    let folders = Folders::at(home.path()).expect("folders");
    folders.create().expect("created");
    fs::create_dir_all(folders.data().join("accounts")).expect("created");
    std::os::unix::fs::symlink(elsewhere.path(), folders.account("main")).expect("linked");
    let theirs = elsewhere.path().join(".perpetua-x.tmp");
    left(&theirs, Duration::from_hours(1));
    let _lock = FolderLock::acquire(&folders).expect("nobody else is here");
    assert!(theirs.exists());
}

#[test]
fn a_replacement_that_nobody_wants_any_more_leaves_nothing() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("perpetua.toml");
    fs::write(&path, "former").expect("written");
    // Somebody saves while the new text goes to the disk.
    let replaced = write_atomic_if(&path, b"ours", Access::Usual, || {
        fs::write(&path, "by hand").expect("written");
        fs::read(&path).is_ok_and(|now| now == b"former")
    });
    assert!(!replaced.expect("no failure"));
    assert_eq!(fs::read_to_string(&path).expect("readable"), "by hand");
    assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 1);
}

/// Windows lets nobody delete a file that is locked.
#[cfg(unix)]
#[test]
fn a_lock_whose_folder_is_gone_is_made_anew_and_keeps_others_out() {
    let home = tempfile::tempdir().expect("temporary folder");
    let folders = Folders::at(home.path()).expect("folders");
    folders.create().expect("created");
    let lock = FolderLock::acquire(&folders).expect("free");
    let pid = std::process::id();
    for _ in 0..2 {
        fs::remove_dir_all(folders.run()).expect("removed");
        assert!(!FolderLock::is_held_by(&folders, pid));
        lock.renew().expect("made anew");
        assert!(FolderLock::is_held_by(&folders, pid));
        let refused = FolderLock::acquire(&folders).expect_err("in use");
        assert!(refused.to_string().contains(&pid.to_string()), "{refused}");
        lock.renew().expect("nothing to do");
    }
    drop(lock);
    FolderLock::acquire(&folders).expect("free again");
}
