//! What stands among the sealed copies of a login and is none.

use std::fs;
use std::path::Path;

use crate::logins::{DEVICE, Logins, at, session};

/// An account with one copy, and a session that is not the copy's.
fn kept() -> Logins {
    let logins = Logins::kept(&session(1), DEVICE);
    logins.put("{", DEVICE);
    logins
}

/// Makes something that is no copy under this name, and gives what it is.
fn put(path: &Path, what: &str) {
    match what {
        "folder" => fs::create_dir(path).expect("a folder"),
        "pipe" => {
            let made = std::process::Command::new("mkfifo").arg(path).status();
            assert!(made.expect("mkfifo").success());
        }
        text => fs::write(path, text).expect("written"),
    }
}

fn ways() -> Vec<&'static str> {
    let mut ways = vec!["", "no copy", "folder"];
    ways.extend(cfg!(unix).then_some("pipe"));
    ways
}

#[test]
fn what_is_no_copy_does_not_keep_the_next_one_from_being_restored() {
    for what in ways() {
        let logins = kept();
        let (backup, copies) = (&logins.backup, logins.copies());
        put(&copies.join("login-000009-20260101T000000Z.sealed"), what);
        backup.restore(None, at(1)).expect(what);
        assert_eq!(logins.login()[0], Some(session(1)), "{what}");
    }
}

#[test]
fn foreign_things_are_never_deleted() {
    let names = ["login-notes.sealed", "login-000001-20250101T000000Z.sealed"];
    for (what, name) in [
        ("folder", names[1]),
        ("folder", names[0]),
        ("mine", names[0]),
    ] {
        let logins = kept();
        let (backup, copies) = (&logins.backup, logins.copies());
        put(&copies.join(name), what);
        for number in 0..5 {
            logins.put(session(10 + number), DEVICE);
            backup.keep(at(10 + number)).expect("kept");
        }
        assert_eq!(backup.list(at(20)).expect("listed").len(), 3, "{what}");
        assert!(copies.join(name).exists(), "{what}");
        backup.forget().expect("forgotten");
        assert!(copies.join(name).exists(), "{what}");
    }
}
