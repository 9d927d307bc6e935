//! A disk that fails as a test orders it, and what is said and kept then.
#![cfg(feature = "faults")]

use std::fs;
use std::path::Path;

use perpetua_fs::faults::{DiskFault, FaultyDisk};
use perpetua_fs::{
    Access, FileAction, FileError, create_private_folder, free_space, permit, rename, write_atomic,
    write_changed,
};

/// What is asked of a disk for one file.
type Deed = fn(&Path) -> Result<(), FileError>;

fn write(path: &Path) -> Result<(), FileError> {
    write_atomic(path, b"new", Access::Owner)
}

fn write_other(path: &Path) -> Result<(), FileError> {
    write_changed(path, b"new", Access::Usual).map(drop)
}

fn make_folder(path: &Path) -> Result<(), FileError> {
    create_private_folder(&path.join("inner"))
}

fn put_in_place(path: &Path) -> Result<(), FileError> {
    rename(&path.with_extension("aside"), path)
}

fn read(path: &Path) -> Result<(), FileError> {
    permit(FileAction::Read, path).map_err(|cause| FileError::new(FileAction::Read, path, cause))
}

#[test]
fn each_fault_is_named_and_leaves_what_was_there() {
    let full = "the disk is full";
    let (no_write, no_read) = ("may not write there", "may not read it");
    let table: [(Deed, DiskFault, Option<&str>); 15] = [
        (write, DiskFault::Full, Some(full)),
        (write, DiskFault::ReadOnly, Some(no_write)),
        (write, DiskFault::Unreadable, None),
        (write_other, DiskFault::Full, Some(full)),
        (write_other, DiskFault::ReadOnly, Some(no_write)),
        (write_other, DiskFault::Unreadable, None),
        (make_folder, DiskFault::Full, Some(full)),
        (make_folder, DiskFault::ReadOnly, Some(no_write)),
        (make_folder, DiskFault::Unreadable, None),
        (put_in_place, DiskFault::Full, None),
        (put_in_place, DiskFault::ReadOnly, Some(no_write)),
        (put_in_place, DiskFault::Unreadable, None),
        (read, DiskFault::Full, None),
        (read, DiskFault::ReadOnly, None),
        (read, DiskFault::Unreadable, Some(no_read)),
    ];
    for (number, (deed, fault, said)) in table.into_iter().enumerate() {
        let folder = tempfile::tempdir().expect("temporary folder");
        // A folder of its own for the deed that makes one below it.
        let path = folder.path().join(format!("{number}.json"));
        if number / 3 == 2 {
            fs::create_dir(&path).expect("made");
        } else {
            fs::write(&path, "old").expect("written");
        }
        fs::write(path.with_extension("aside"), "new").expect("written");
        let disk = FaultyDisk::under(folder.path());
        disk.fail(fault, "");
        match (deed(&path), said) {
            (Ok(()), None) => {}
            (Err(error), Some(said)) => {
                assert!(error.is_refusal(), "{number}: {error:?}");
                assert!(error.to_string().contains(said), "{number}: {error}");
                if path.is_file() {
                    assert_eq!(fs::read_to_string(&path).expect("read"), "old", "{number}");
                }
                disk.fail(fault, "something else");
                deed(&path).expect("another place is none of its business");
            }
            (outcome, said) => panic!("{number}: {outcome:?}, not {said:?}"),
        }
        disk.mend();
        deed(&path)
            .or_else(|error| match number / 3 {
                // Its file is in place already.
                3 => Ok(()),
                _ => Err(error),
            })
            .expect("all is well again");
    }
}

#[test]
fn a_file_that_says_this_already_is_left_alone_by_a_full_disk_and_by_a_good_one() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("appinfo.json");
    assert!(write_changed(&path, b"one", Access::Usual).expect("written"));
    let disk = FaultyDisk::under(folder.path());
    disk.fail(DiskFault::Full, "");
    assert!(!write_changed(&path, b"one", Access::Usual).expect("nothing to write"));
    let error = write_changed(&path, b"two", Access::Usual).expect_err("full");
    assert!(error.is_full(), "{error}");
    assert_eq!(fs::read(&path).expect("read"), b"one");
    disk.mend();
    assert!(write_changed(&path, b"two", Access::Usual).expect("written"));
    assert_eq!(fs::read(&path).expect("read"), b"two");
}

#[test]
fn a_folder_that_is_gone_is_made_anew_for_its_owner() {
    let home = tempfile::tempdir().expect("temporary folder");
    let path = home.path().join("accounts/main/backup/login.sealed");
    for _ in 0..2 {
        write_atomic(&path, b"sealed", Access::Owner).expect("written");
        assert_eq!(fs::read(&path).expect("read"), b"sealed");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let folder = fs::metadata(home.path().join("accounts")).expect("there");
            assert_eq!(folder.permissions().mode() & 0o777, 0o700);
        }
        fs::remove_dir_all(home.path().join("accounts")).expect("removed");
    }
}

#[test]
fn what_is_written_and_what_is_free_is_as_the_test_says() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let disk = FaultyDisk::under(folder.path());
    let real = free_space(folder.path());
    disk.leave_free(1_234);
    assert_eq!(free_space(folder.path()), Some(1_234));
    disk.fail(DiskFault::Full, "");
    assert_eq!(free_space(folder.path()), Some(0));
    disk.watch();
    assert!(free_space(folder.path()).is_some() == real.is_some());
    for name in ["a.json", "b/c.json", "a.json"] {
        write_atomic(&folder.path().join(name), b"x", Access::Usual).expect("written");
    }
    assert_eq!(disk.written(), ["a.json", "b/c.json"]);
}
