//! What stands in a file's place is exchanged between a look at it and its opening.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use perpetua_fs::{open_regular, open_unlinked, read_bounded};

/// How often each of the two has to be found, opened or refused.
const TIMES: usize = 5000;

/// Opens a path again and again while a file and a pipe take turns there; whether it never waited for the pipe.
fn is_never_waited_for(folder: &Path, open: fn(&Path) -> bool) -> bool {
    let path = folder.join("state.json");
    let (file, pipe) = (folder.join("file"), folder.join("pipe"));
    let stop = AtomicBool::new(false);
    let (told, tell) = mpsc::sync_channel(1);
    thread::scope(|scope| {
        scope.spawn(|| {
            let next = folder.join("next");
            while !stop.load(Ordering::Relaxed) {
                for one in [&file, &pipe] {
                    fs::hard_link(one, &next).expect("another name");
                    fs::rename(&next, &path).expect("exchanged");
                }
            }
        });
        let opened = path.clone();
        thread::spawn(move || {
            let (mut files, mut others) = (0, 0);
            while files < TIMES || others < TIMES {
                if open(&opened) {
                    files += 1;
                } else {
                    others += 1;
                }
            }
            let _ = told.send(());
        });
        let ended = tell.recv_timeout(Duration::from_mins(1));
        stop.store(true, Ordering::Relaxed);
        ended.is_ok()
    })
}

#[test]
fn a_pipe_that_comes_between_look_and_opening_is_not_waited_for() {
    let ways: [fn(&Path) -> bool; 3] = [
        |path| open_regular(path).is_ok_and(|file| file.is_some()),
        |path| open_unlinked(path).is_ok_and(|file| file.is_some()),
        |path| read_bounded(path, 100).is_ok_and(|bytes| bytes.is_some()),
    ];
    for open in ways {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("file"), "{}").expect("written");
        let pipe = folder.path().join("pipe");
        let made = Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("mkfifo").success());
        assert!(is_never_waited_for(folder.path(), open), "it waits");
    }
}

#[test]
fn a_link_is_opened_only_by_who_follows_links() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, link) = (folder.path().join("file"), folder.path().join("link"));
    fs::write(&file, "{}").expect("written");
    symlink(&file, &link).expect("a link");
    assert!(open_regular(&link).expect("followed").is_some());
    assert!(open_unlinked(&file).expect("a file").is_some());
    let said = open_unlinked(&link).expect_err("a link").to_string();
    assert!(said.contains("it is not a regular file"), "{said}");
    symlink(folder.path().join("none"), folder.path().join("dangling")).expect("a link");
    let dangling = folder.path().join("dangling");
    assert!(open_regular(&dangling).expect("nothing").is_none());
    assert!(open_unlinked(&dangling).is_err());
}
