//! A start to which the disk refuses something: nothing of an account is forgotten for that, and it comes with a later one.

use std::{fs, time::SystemTime};

use perpetua_config::Config;
use perpetua_fs::faults::{
    DiskFault::{self, Full, ReadOnly, Unreadable},
    FaultyDisk,
};
use perpetua_lagrange::{AccountFolder, SessionBackup, backup_secret_name};

use super::{
    config,
    killed::{Disk, Part},
    managed, session, uin_of,
};
use crate::renames::{Register, orphans::session_of};

/// Accounts of these names and numbers.
fn accounts(names: &[(&str, u16)]) -> Config {
    let accounts = names
        .iter()
        .map(|(name, number)| managed(name, Some(*number)));
    config(&accounts.collect::<Vec<_>>())
}

/// Two accounts that have run as `a` and `b`.
fn two() -> Disk {
    let disk = Disk::new(&["a", "b"]);
    disk.start_well(&accounts(&[("a", 1), ("b", 2)]));
    disk
}

const ALL: [(DiskFault, Part); 6] = [
    (Full, Part::Accounts),
    (ReadOnly, Part::Accounts),
    (Unreadable, Part::Accounts),
    (Full, Part::State),
    (ReadOnly, Part::State),
    (Unreadable, Part::State),
];

#[test]
fn what_the_disk_refuses_at_a_start_comes_with_a_later_one() {
    for (fault, part) in ALL {
        for after in [
            [("b", 1), ("a", 2)],
            [("c", 1), ("b", 2)],
            [("b", 1), ("c", 2)],
        ] {
            for lives in [true, false] {
                let disk = two();
                let after_it = accounts(&after);
                disk.start_refused(&after_it, fault, part);
                if lives {
                    // The fault was short, and the settings change in some other way.
                    disk.live(&after_it);
                }
                disk.start_well(&after_it);
                for (name, number) in after {
                    let own = vec![Some(number.to_string())];
                    let found = disk.whose(name);
                    assert_eq!(found, own, "{fault:?} {part:?} {after:?} {lives} {name}");
                }
            }
        }
    }
}

/// An exchange whose tokens are on their way is gone on with once the list of them can be read again.
#[test]
fn steps_on_their_way_outlast_a_start_that_cannot_read_them() {
    let disk = two();
    let exchanged = accounts(&[("b", 1), ("a", 2)]);
    disk.start_refused(&exchanged, Full, Part::State);
    disk.start_refused(&exchanged, Unreadable, Part::Accounts);
    disk.live(&exchanged);
    disk.start_well(&exchanged);
    for (name, number) in [("b", 1), ("a", 2)] {
        assert_eq!(disk.whose(name), [Some(number.to_string())], "{name}");
    }
}

#[test]
fn a_file_that_is_damaged_is_kept_aside_and_told() {
    let disk = two();
    let folders = disk.folders();
    let path = folders.known_accounts();
    for kept in ["accounts.json.damaged", "accounts.json.damaged-2"] {
        fs::write(&path, "{ \"accounts\": [").expect("written");
        let told = Register::read(&folders).problem().expect("it is told");
        assert!(told.to_string().contains(kept), "{told}");
        let text = fs::read_to_string(path.with_file_name(kept));
        assert_eq!(text.expect("nothing is lost"), "{ \"accounts\": [");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_left_alone() {
    let disk = two();
    let folders = disk.folders();
    let before = fs::read(folders.known_accounts()).expect("readable");
    let faulty = FaultyDisk::under(folders.data());
    faulty.fail(Unreadable, "accounts.json");
    let mut register = Register::read(&folders);
    let told = register.problem().expect("it is told");
    assert_eq!(told.code, "node.known_unreadable");
    register.remember(&accounts(&[("c", 3)]), &folders);
    faulty.mend();
    assert_eq!(
        fs::read(folders.known_accounts()).expect("readable"),
        before
    );
}

/// What an account may have made for itself before its folder came.
#[derive(Clone, Copy, Debug)]
enum Login {
    Session,
    /// The session was set aside.
    Copies,
    Both,
}

#[test]
fn an_account_that_has_logged_in_anew_keeps_that_login_and_the_key_of_its_copies() {
    for login in [Login::Session, Login::Copies, Login::Both] {
        let disk = Disk::new(&["a"]);
        disk.start_well(&accounts(&[("a", 1)]));
        let renamed = accounts(&[("b", 1)]);
        disk.start_refused(&renamed, ReadOnly, Part::FolderOf("b"));
        disk.live(&renamed);
        let folders = disk.folders();
        session(folders.data(), "b", uin_of(1));
        let own = AccountFolder::new(folders.account("b"));
        let secrets = disk.secrets();
        let copies = SessionBackup::new(own.clone(), "b", secrets.clone());
        if !matches!(login, Login::Session) {
            copies.keep(SystemTime::UNIX_EPOCH).expect("a copy");
        }
        if matches!(login, Login::Copies) {
            fs::remove_file(own.keystore_file()).expect("set aside");
        }
        let key = |name: &str| {
            let key = secrets.get(&backup_secret_name(name)).expect("readable");
            key.map(|key| key.expose().to_owned())
        };
        let before = (key("a"), key("b"));
        disk.start_well(&renamed);
        assert_eq!((key("a"), key("b")), before, "{login:?}");
        assert_eq!(session_of(&folders, "a"), Some(uin_of(1)), "{login:?}");
        let listed = copies.list(SystemTime::UNIX_EPOCH).expect("readable");
        assert_eq!(listed.is_empty(), matches!(login, Login::Session));
    }
}
