//! A disk that is full, or takes and gives nothing, at each file of an account: nothing is lost, and all goes on when
//! it is well again.

use std::fs;
use std::time::SystemTime;

use perpetua_fs::FileError;
use perpetua_fs::faults::{DiskFault, FaultyDisk};
use perpetua_lagrange::{
    AppInfo, CoreProtocol, Keystore, LagrangeSettings, LoginFile, Mended, SessionBackupError,
    SignerUrl,
};
use perpetua_secrets::Secret;

use crate::logins::{DEVICE, Logins, at, names, session};
use crate::recording::mark;

const FAULTS: [DiskFault; 2] = [DiskFault::Full, DiskFault::ReadOnly];

/// An account that has logged in, its copy, and the disk under both.
fn account() -> (Logins, FaultyDisk) {
    let logins = Logins::kept(&session(1), DEVICE);
    let disk = FaultyDisk::under(logins.folder.path());
    (logins, disk)
}

fn good() -> [Option<String>; 2] {
    [session(1), DEVICE.to_owned()].map(Some)
}

fn is_refusal(error: &SessionBackupError) -> bool {
    matches!(error, SessionBackupError::File(error) if error.is_refusal())
}

#[test]
fn a_damaged_login_that_cannot_be_put_back_now_is_put_back_later_and_nothing_is_set_aside() {
    for fault in FAULTS {
        for (keystore, device) in [("", DEVICE), (&*session(1), ""), ("", "")] {
            let (account, disk) = account();
            account.put(keystore, device);
            let damaged = account.login();
            disk.fail(fault, "");
            for round in 1..4 {
                let error = account.backup.mend(None, at(round)).expect_err("it cannot");
                assert!(error.is_refusal(), "{error}");
                assert_eq!(account.login(), damaged, "{fault:?}");
            }
            assert_eq!(account.account.set_aside().expect("read"), []);
            disk.mend();
            let mended = account.backup.mend(None, at(9)).expect("mended");
            assert!(
                mended
                    .iter()
                    .all(|file| matches!(file, Mended::Restored(..))),
                "{mended:?}"
            );
            assert_eq!(account.login(), good(), "{fault:?}");
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_now_is_not_judged() {
    for (part, file) in [
        ("keystore.json", LoginFile::Session),
        ("device.json", LoginFile::Device),
    ] {
        let (account, disk) = account();
        let before = account.login();
        disk.fail(DiskFault::Unreadable, part);
        let error = account
            .backup
            .mend(None, at(1))
            .expect_err("nobody may read it");
        assert!(matches!(error, FileError::NotReadable { .. }), "{error:?}");
        assert!(error.to_string().contains("may not read"), "{error}");
        assert_eq!(account.login(), before, "{}", file.name());
        disk.mend();
        assert_eq!(account.backup.mend(None, at(2)).expect("read"), []);
    }
}

#[test]
fn a_copy_that_is_restored_onto_a_disk_that_refuses_costs_neither_session() {
    for fault in FAULTS {
        for part in ["", "keystore.json", "device.json"] {
            let (account, disk) = account();
            let other = DEVICE.replace("0a1b2c3d", "ffffffff");
            account.put(session(2), &other);
            let before = account.login();
            disk.fail(fault, part);
            let error = account.backup.restore(None, at(1)).expect_err("it cannot");
            assert!(is_refusal(&error), "{error}");
            assert_eq!(account.login(), before, "{fault:?} {part}");
            disk.mend();
            account.backup.restore(None, at(2)).expect("restored");
            assert_eq!(account.login(), good());
            let unfinished = |name: &String| name.contains(".new") || name.contains(".tmp");
            assert!(!names(account.account.path()).iter().any(unfinished));
        }
    }
}

#[test]
fn a_copy_that_cannot_be_kept_leaves_the_older_ones_and_can_be_kept_later() {
    for fault in FAULTS {
        let (account, disk) = account();
        let copies = account.backup.list(SystemTime::now()).expect("listed");
        account.put(session(2), DEVICE);
        disk.fail(fault, "backup");
        let error = account.backup.keep(at(1)).expect_err("it cannot");
        assert!(is_refusal(&error), "{error}");
        assert_eq!(
            account.backup.list(SystemTime::now()).expect("listed"),
            copies
        );
        disk.mend();
        let kept = account.backup.keep(at(2)).expect("kept");
        assert_eq!(
            account.backup.list(SystemTime::now()).expect("listed")[0],
            kept
        );
        // The folder of the copies may be gone.
        fs::remove_dir_all(account.copies()).expect("removed");
        account.backup.keep(at(3)).expect("kept in a new folder");
    }
}

/// What each start writes is the same each time, but for the port, which the core is told otherwise.
#[test]
fn a_full_disk_does_not_keep_an_account_from_starting_again() {
    let (account, disk) = account();
    let folder = account.account.path();
    let settings = |port| LagrangeSettings {
        port,
        token: Secret::new("token").expect("token"),
        uin: Some(10_001),
        protocol: CoreProtocol::Linux,
        sign_server: SignerUrl::new("http://127.0.0.1:9/").expect("address"),
        sign_proxy: None,
        log_mark: mark(),
        extract_folder: account.folder.path().join("extracted"),
    };
    let info = AppInfo::built_in(CoreProtocol::Linux);
    settings(1000).write(folder).expect("written");
    info.write(folder).expect("written");
    disk.fail(DiskFault::Full, "");
    for port in [1000, 2000] {
        settings(port).write(folder).expect("nothing to write");
        let variables = settings(port).environment();
        let told = |(name, value): &(std::ffi::OsString, std::ffi::OsString)| {
            name == "Implementations__0__Port" && *value == *port.to_string()
        };
        assert!(variables.iter().any(told));
    }
    info.write(folder).expect("nothing to write");
    assert!(matches!(
        account.account.keystore().expect("read"),
        Keystore::Usable { .. }
    ));
    // Another client of QQ is another file.
    let other = AppInfo::built_in(CoreProtocol::Windows);
    let error = other.write(folder).expect_err("there is no room");
    assert!(error.is_full(), "{error}");
    disk.mend();
    other.write(folder).expect("written");
}
