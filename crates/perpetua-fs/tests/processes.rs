//! What only a second process can prove: the lock between two of them, and a disk that runs full.
//!
//! The tests start this test program again; a test that finds its own variable set plays the other process.

use std::env;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use perpetua_fs::{FolderLock, Folders, LockError};

/// Names the data folder to the other process.
const FOLDER: &str = "PERPETUA_TEST_FOLDER";

/// A folder of its own for one test.
fn folders() -> (tempfile::TempDir, Folders) {
    let home = tempfile::tempdir().expect("temporary folder");
    let folders = Folders::at(home.path()).expect("folders");
    folders.create().expect("created");
    (home, folders)
}

/// The folder that this process was started for, if it is the other one.
fn given_folders() -> Option<Folders> {
    env::var_os(FOLDER).map(|folder| Folders::at(folder.as_ref()).expect("folders"))
}

/// This test program, set to run one test as the other process.
fn other_process(program: &mut Command, test: &str, folders: &Folders) -> Child {
    let started = program
        .args([test, "--exact", "--nocapture"])
        .env(FOLDER, folders.data())
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    started.expect("this test program started again")
}

#[test]
fn two_handles_of_one_process_exclude_each_other_too() {
    let (_home, folders) = folders();
    let lock = FolderLock::acquire(&folders).expect("first");
    assert!(matches!(
        FolderLock::acquire(&folders),
        Err(LockError::Held { .. })
    ));
    drop(lock);
    assert!(
        !folders.run().join("pid").exists(),
        "nobody uses the folder"
    );
    FolderLock::acquire(&folders).expect("free again");
}

#[test]
fn a_folder_without_a_readable_process_number_is_still_held() {
    let (_home, folders) = folders();
    let _lock = FolderLock::acquire(&folders).expect("first");
    std::fs::write(folders.run().join("pid"), "garbage").expect("written");
    let error = FolderLock::acquire(&folders).expect_err("held");
    assert!(
        error.to_string().starts_with("another perpetua uses `"),
        "{error}"
    );
}

/// Whoever wants the lock is told at once that it is held, whatever stands in the place of the number.
#[cfg(unix)]
#[test]
fn a_number_that_never_ends_or_never_comes_is_not_waited_for() {
    for strange in ["pipe", "endless", "folder"] {
        let (_home, folders) = folders();
        let _lock = FolderLock::acquire(&folders).expect("first");
        let pid = folders.run().join("pid");
        std::fs::remove_file(&pid).expect("removed");
        match strange {
            "pipe" => {
                let made = Command::new("mkfifo").arg(&pid).status().expect("mkfifo");
                assert!(made.success());
            }
            "endless" => std::os::unix::fs::symlink("/dev/zero", &pid).expect("linked"),
            _ => std::fs::create_dir(&pid).expect("a folder"),
        }
        let held = FolderLock::acquire(&folders).expect_err("held");
        assert!(matches!(held, LockError::Held { pid: None, .. }), "{held}");
    }
}

/// What stands in the place of the lock itself is told, and not waited for.
#[cfg(unix)]
#[test]
fn a_lock_that_is_no_file_is_told_at_once() {
    for strange in ["pipe", "endless", "folder"] {
        let (_home, folders) = folders();
        let lock = folders.run().join("lock");
        match strange {
            "pipe" => {
                let made = Command::new("mkfifo").arg(&lock).status().expect("mkfifo");
                assert!(made.success());
            }
            "endless" => std::os::unix::fs::symlink("/dev/zero", &lock).expect("linked"),
            _ => std::fs::create_dir(&lock).expect("a folder"),
        }
        let refused = FolderLock::acquire(&folders).expect_err("no file");
        let words = refused.to_string();
        assert!(
            words.contains("it is not a regular file"),
            "{strange}: {words}"
        );
        assert!(!FolderLock::is_held_by(&folders, 1), "{strange}");
    }
}

#[test]
fn a_second_process_is_told_who_holds_the_folder_until_the_first_dies() {
    if let Some(folders) = given_folders() {
        let _lock = FolderLock::acquire(&folders).expect("the other process locks first");
        eprintln!("locked");
        // Until the first process kills this one: nothing is dropped.
        let _ = std::io::stdin().read(&mut [0]);
        return;
    }
    let (_home, folders) = folders();
    let this = "a_second_process_is_told_who_holds_the_folder_until_the_first_dies";
    let program = env::current_exe().expect("this test program");
    let mut other = other_process(&mut Command::new(program), this, &folders);
    let output = BufReader::new(other.stderr.take().expect("its output"));
    let locked = output
        .lines()
        .map_while(Result::ok)
        .any(|line| line.contains("locked"));
    assert!(locked, "the other process never locked the folder");

    let error = FolderLock::acquire(&folders).expect_err("held by the other process");
    let expected = format!(
        "another perpetua (process {}) uses `{}`; stop it first, or use another data folder",
        other.id(),
        folders.data().display()
    );
    assert_eq!(error.to_string(), expected);

    other.kill().expect("killed");
    other.wait().expect("ended");
    FolderLock::acquire(&folders).expect("a process that was killed holds nothing");
}

/// Whatever of the lock's files is deleted under a node, and whether another one comes before it looks again.
#[test]
fn a_lock_that_was_deleted_is_taken_anew_or_its_loss_is_told() {
    if let Some(folders) = given_folders() {
        let _lock = FolderLock::acquire(&folders).expect("the deleted lock is free");
        eprintln!("locked");
        let _ = std::io::stdin().read(&mut [0]);
        return;
    }
    let this = "a_lock_that_was_deleted_is_taken_anew_or_its_loss_is_told";
    let pid_of = |folders: &Folders| std::fs::read_to_string(folders.run().join("pid"));
    for (deleted, comes_another) in [("", false), ("lock", false), ("", true), ("lock", true)] {
        let (_home, folders) = folders();
        let lock = FolderLock::acquire(&folders).expect("first");
        let watch = lock.watch();
        lock.renew().expect("all is there");
        match deleted {
            "" => std::fs::remove_dir_all(folders.run()),
            file => std::fs::remove_file(folders.run().join(file)),
        }
        .expect("deleted");
        folders.create().expect("created");
        let own = std::process::id().to_string();
        if !comes_another {
            for _ in 0..2 {
                lock.renew().expect("taken anew");
                assert_eq!(watch.problem(), None, "{deleted}");
                assert_eq!(pid_of(&folders).expect("it is told"), own, "{deleted}");
                FolderLock::acquire(&folders).expect_err("held");
            }
            drop(lock);
            pid_of(&folders).expect_err("nobody uses the folder");
            continue;
        }
        let program = env::current_exe().expect("this test program");
        let mut other = other_process(&mut Command::new(program), this, &folders);
        let output = BufReader::new(other.stderr.take().expect("its output"));
        let mut lines = output.lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains("locked")), "{deleted}");
        let others = other.id().to_string();
        for _ in 0..2 {
            lock.renew().expect_err("another node has the folder");
            let problem = watch.problem().expect("it is told").to_string();
            assert!(problem.contains(&others), "{problem}");
        }
        assert_eq!(pid_of(&folders).expect("it stays"), others, "{deleted}");
        drop(lock);
        assert_eq!(pid_of(&folders).expect("it stays"), others, "{deleted}");
        FolderLock::acquire(&folders).expect_err("the other one holds it");
        other.kill().expect("killed");
        other.wait().expect("ended");
    }
}

/// A limit on the size of files stands in for a full disk: the write fails half way, as there.
#[cfg(unix)]
#[test]
fn a_full_disk_keeps_the_old_file() {
    use perpetua_fs::{Access, FileError, write_atomic};

    if let Some(folders) = given_folders() {
        let error = write_atomic(&folders.settings(), &vec![b'x'; 100_000], Access::Usual)
            .expect_err("no room");
        assert!(matches!(error, FileError::DiskFull { .. }), "{error:?}");
        assert!(
            error
                .to_string()
                .contains("cannot be written: the disk is full. Nothing was changed"),
            "{error}"
        );
        return;
    }
    let (_home, folders) = folders();
    std::fs::write(folders.settings(), "old").expect("written");
    let mut shell = Command::new("sh");
    let limited = "trap '' XFSZ; ulimit -f 16; exec \"$0\" \"$@\"";
    shell
        .arg("-c")
        .arg(limited)
        .arg(env::current_exe().expect("this test program"));
    let other = other_process(&mut shell, "a_full_disk_keeps_the_old_file", &folders);
    let output = other.wait_with_output().expect("ended");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(
        std::fs::read_to_string(folders.settings()).expect("read"),
        "old"
    );
    let left = std::fs::read_dir(folders.data()).expect("folder").count();
    assert_eq!(left, 3, "`logs`, `run`, `perpetua.toml` and nothing else");
}

/// Whoever may open a lock file may hold it.
#[cfg(unix)]
#[test]
fn lock_files_are_their_owners_also_where_they_were_made_otherwise() {
    use std::os::unix::fs::PermissionsExt as _;

    let (_home, folders) = folders();
    let mode = |path: &std::path::Path| {
        let metadata = std::fs::metadata(path).expect("there");
        metadata.permissions().mode() & 0o777
    };
    let _lock = FolderLock::acquire(&folders).expect("first");
    assert_eq!(mode(&folders.run().join("lock")), 0o600);
    for (name, made_with) in [
        ("new.lock", None),
        ("old.lock", Some(0o644)),
        ("open.lock", Some(0o666)),
    ] {
        let path = folders.data().join(name);
        if let Some(rights) = made_with {
            std::fs::write(&path, "").expect("made");
            let rights = std::fs::Permissions::from_mode(rights);
            std::fs::set_permissions(&path, rights).expect("set");
        }
        let _held = perpetua_fs::lock_file(&path).expect("nobody holds it");
        assert_eq!(mode(&path), 0o600, "{name}");
    }
}
