//! Sessions, pictures and sealed copies on disk.

use std::fs;
use std::time::SystemTime;

use perpetua_lagrange::{
    AccountFolder, Device, Keystore, SessionBackup, SessionBackupError, backup_secret_name,
};
use perpetua_secrets::{Secret, SecretStore, generate_token};
use perpetua_words::{Message, login as words};
use tempfile::TempDir;

use crate::logins::{DEVICE, at, names, session};

fn why() -> Message {
    words::KeystoreEmpty.into()
}

fn logged_in() -> (TempDir, AccountFolder) {
    let folder = TempDir::new().expect("folder");
    let account = AccountFolder::new(folder.path());
    fs::write(account.keystore_file(), session(1)).expect("session");
    fs::write(account.device_file(), DEVICE).expect("device");
    (folder, account)
}

#[test]
fn a_device_is_judged_before_the_core_crashes_on_it() {
    let (_folder, account) = logged_in();
    let judge = |text: &str| {
        fs::write(account.device_file(), text).expect("device");
        account.device().expect("judged")
    };
    assert_eq!(judge(DEVICE), Device::Usable);
    assert_eq!(judge(&format!("\u{feff}{DEVICE}")), Device::Usable);
    for length in 0..DEVICE.len() {
        let cut = &DEVICE[..length];
        assert!(matches!(judge(cut), Device::Unreadable(_)), "{cut}");
    }
    for text in [
        "null",
        "{}",
        "[]",
        r#"{"Guid":"x","MacAddress":"AAECAwQF"}"#,
        r#"{"Guid":"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9","MacAddress":"!!"}"#,
        r#"{"Guid":"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"}"#,
    ] {
        assert!(matches!(judge(text), Device::Unreadable(_)), "{text}");
    }
    fs::remove_file(account.device_file()).expect("removed");
    assert_eq!(account.device().expect("judged"), Device::Absent);
}

#[test]
fn a_damaged_device_is_not_kept_as_if_it_were_good() {
    let (_folder, account) = logged_in();
    let backup = SessionBackup::new(account.clone(), "main", SecretStore::in_memory());
    for damaged in ["", "{", r#"{"Guid":"x"}"#] {
        fs::write(account.device_file(), damaged).expect("device");
        backup.keep(at(0)).expect("the session is kept");
        assert!(
            backup.restore_device(None, SystemTime::now()).is_err(),
            "{damaged}"
        );
        assert_eq!(fs::read_to_string(account.device_file()).unwrap(), damaged);
    }
}

#[test]
fn a_device_comes_back_without_touching_the_session() {
    let (_folder, account) = logged_in();
    let backup = SessionBackup::new(account.clone(), "main", SecretStore::in_memory());
    assert!(
        backup.restore_device(None, SystemTime::now()).is_err(),
        "there is no copy"
    );
    backup.keep(at(0)).expect("kept");
    fs::write(account.device_file(), "").expect("damaged");
    fs::write(account.keystore_file(), session(2)).expect("a newer session");
    backup
        .restore_device(None, SystemTime::now())
        .expect("restored");
    assert_eq!(fs::read_to_string(account.device_file()).unwrap(), DEVICE);
    let session_now = fs::read_to_string(account.keystore_file()).unwrap();
    assert_eq!(session_now, session(2));
}

#[test]
fn a_session_is_judged_before_the_core_crashes_on_it() {
    let (_folder, account) = logged_in();
    let judge = |text: &str| {
        fs::write(account.keystore_file(), text).expect("session");
        account.keystore().expect("judged")
    };
    let with_mark = format!("\u{feff}{}", session(1));
    assert_eq!(judge(&with_mark), Keystore::Usable { uin: Some(10001) });
    assert_eq!(
        judge(r#"{"Uin":0,"Session":{}}"#),
        Keystore::Usable { uin: None }
    );
    for text in [
        "",
        "  ",
        "{",
        "null",
        "{}",
        "[]",
        r#"{"Uin":1}"#,
        "{\"Uin\":1,\"Session\":{} // x\n}",
    ] {
        assert!(matches!(judge(text), Keystore::Unreadable(_)), "{text}");
    }
    let Keystore::Unreadable(why) = judge(r#"{"Uin":1,"Session":{"D2":"secret"#) else {
        panic!("cut");
    };
    assert!(!why.to_string().contains("secret"), "{why}");
    fs::remove_file(account.keystore_file()).expect("removed");
    assert_eq!(account.keystore().expect("judged"), Keystore::Absent);
}

#[test]
fn three_sessions_set_aside_are_kept() {
    let (folder, account) = logged_in();
    for number in 0..5 {
        fs::write(account.keystore_file(), session(number)).expect("session");
        let aside = account
            .set_session_aside(at(number), &why())
            .expect("set aside");
        assert_eq!(
            fs::read_to_string(aside.expect("path")).expect("file"),
            session(number)
        );
    }
    assert_eq!(
        account
            .set_session_aside(at(9), &why())
            .expect("nothing there"),
        None
    );
    let kept: Vec<String> = names(folder.path())
        .into_iter()
        .filter(|name| name.contains("broken"))
        .collect();
    assert_eq!(kept.len(), 3, "{kept:?}");
    assert!(kept[2].starts_with("keystore.json.broken-2025"), "{kept:?}");
    let newest = fs::read_to_string(folder.path().join(&kept[2])).expect("file");
    assert_eq!(newest, session(4));
}

#[test]
fn two_sessions_of_one_second_are_both_kept() {
    let (_folder, account) = logged_in();
    let one = account.set_session_aside(at(0), &why()).expect("set aside");
    fs::write(account.keystore_file(), session(2)).expect("session");
    assert_ne!(
        account.set_session_aside(at(0), &why()).expect("set aside"),
        one
    );
}

#[test]
fn old_pictures_are_deleted_and_other_files_stay() {
    let (folder, account) = logged_in();
    for name in [
        "qr-0.png",
        "qr-10001.png",
        "qr-code.png",
        "lagrange-10001.db",
    ] {
        fs::write(folder.path().join(name), "x").expect("file");
    }
    assert!(account.qr_picture(Some(10001)).exists() && account.qr_picture(None).exists());
    account.remove_stale_pictures().expect("removed");
    assert_eq!(
        names(folder.path()),
        [
            "device.json",
            "keystore.json",
            "lagrange-10001.db",
            "qr-code.png"
        ]
    );
    assert_eq!(
        account.legacy_database(Some(10001)),
        Some(folder.path().join("lagrange-10001.db"))
    );
    assert_eq!(account.legacy_database(None), None);
}

#[test]
fn a_login_comes_back_from_its_copy() {
    let (folder, account) = logged_in();
    let backup = SessionBackup::new(account.clone(), "main", SecretStore::in_memory());
    let kept = backup.keep(at(0)).expect("kept");
    assert_eq!(
        backup.keep(at(1)).expect("the same login"),
        kept,
        "is kept once"
    );
    fs::write(account.keystore_file(), "damaged").expect("session");
    fs::remove_file(account.device_file()).expect("device");
    assert_eq!(backup.restore(None, at(2)).expect("restored"), kept);
    assert_eq!(
        fs::read_to_string(account.keystore_file()).expect("session"),
        session(1)
    );
    assert_eq!(
        fs::read_to_string(account.device_file()).expect("device"),
        DEVICE
    );
    assert!(
        names(folder.path())
            .iter()
            .any(|name| name.contains("broken")),
        "the damaged one is set aside"
    );
}

#[test]
fn nothing_of_a_copy_can_be_read() {
    let (folder, account) = logged_in();
    let backup = SessionBackup::new(account, "main", SecretStore::in_memory());
    let kept = backup.keep(at(0)).expect("kept");
    let path = folder
        .path()
        .join("backup")
        .join(format!("{}.sealed", kept.name));
    let bytes = fs::read(&path).expect("copy");
    let text = String::from_utf8_lossy(&bytes);
    assert!(
        !text.contains("c2VjcmV0") && !text.contains("10001"),
        "{text}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            fs::metadata(&path).expect("copy").permissions().mode() & 0o777,
            0o600
        );
    }
}

#[test]
fn the_newest_three_copies_are_kept_and_each_can_be_named() {
    let (_folder, account) = logged_in();
    let backup = SessionBackup::new(account.clone(), "main", SecretStore::in_memory());
    for number in 0..5 {
        fs::write(account.keystore_file(), session(number)).expect("session");
        // The last two within one second.
        backup.keep(at(number.min(3))).expect("kept");
    }
    let copies = backup.list(SystemTime::now()).expect("copies");
    assert_eq!(copies.len(), 3, "{copies:?}");
    for (copy, number) in copies.iter().zip([4, 3, 2]) {
        backup.restore(Some(&copy.name), at(10)).expect("restored");
        assert_eq!(
            fs::read_to_string(account.keystore_file()).expect("session"),
            session(number)
        );
    }
    let Err(SessionBackupError::NoSuchCopy { others, .. }) =
        backup.restore(Some("../keystore"), at(11))
    else {
        panic!("no copy has this name");
    };
    assert_eq!(others.len(), 3);
}

#[test]
fn a_login_that_is_none_is_not_kept() {
    let folder = TempDir::new().expect("folder");
    let account = AccountFolder::new(folder.path());
    let backup = SessionBackup::new(account.clone(), "main", SecretStore::in_memory());
    assert!(matches!(
        backup.keep(at(0)),
        Err(SessionBackupError::NothingToKeep(_))
    ));
    assert!(matches!(
        backup.restore(None, at(0)),
        Err(SessionBackupError::NothingKept)
    ));
    fs::write(account.keystore_file(), "{").expect("session");
    assert!(matches!(
        backup.keep(at(0)),
        Err(SessionBackupError::NothingToKeep(_))
    ));
    assert_eq!(backup.list(SystemTime::now()).expect("copies"), []);
}

#[test]
fn a_copy_that_does_not_open_changes_nothing() {
    let (folder, account) = logged_in();
    let secrets = SecretStore::in_memory();
    let backup = SessionBackup::new(account.clone(), "main", secrets.clone());
    let kept = backup.keep(at(0)).expect("kept");
    let path = folder
        .path()
        .join("backup")
        .join(format!("{}.sealed", kept.name));
    let whole = fs::read(&path).expect("copy");
    let key = secrets
        .get(&backup_secret_name("main"))
        .expect("store")
        .expect("key");
    let set = |key: &Secret| secrets.set(&backup_secret_name("main"), key).expect("set");
    fs::write(account.keystore_file(), session(9)).expect("session");

    set(&generate_token().expect("token"));
    assert!(matches!(
        backup.restore(None, at(1)),
        Err(SessionBackupError::Closed(_))
    ));
    set(&Secret::new("short").expect("secret"));
    assert!(matches!(
        backup.restore(None, at(1)),
        Err(SessionBackupError::NoKey(_))
    ));
    secrets
        .remove(&backup_secret_name("main"))
        .expect("removed");
    assert!(matches!(
        backup.restore(None, at(1)),
        Err(SessionBackupError::KeyMissing(_))
    ));

    set(&key);
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).expect("copy");
        let error = backup.restore(None, at(1)).expect_err("cut");
        assert!(
            matches!(
                error,
                SessionBackupError::Closed(_) | SessionBackupError::Damaged(_)
            ),
            "{length}: {error}"
        );
    }
    for place in 0..whole.len() {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        fs::write(&path, changed).expect("copy");
        backup.restore(None, at(1)).expect_err("changed");
    }
    assert_eq!(
        fs::read_to_string(account.keystore_file()).expect("session"),
        session(9)
    );
    fs::write(&path, whole).expect("copy");
    backup.restore(None, at(1)).expect("whole again");
}

#[test]
fn a_store_of_secrets_that_fails_is_said_and_nothing_is_lost() {
    let (folder, account) = logged_in();
    let path = folder.path().join("secrets.json");
    fs::write(&path, "damaged").expect("store");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("rights");
    }
    let backup = SessionBackup::new(account.clone(), "main", SecretStore::file(path));
    let error = backup.keep(at(0)).expect_err("no key");
    assert!(matches!(error, SessionBackupError::Secret(_)), "{error}");
    assert!(error.to_string().contains("damaged"), "{error}");
    assert_eq!(
        fs::read_to_string(account.keystore_file()).expect("session"),
        session(1)
    );
    assert!(!folder.path().join("backup").exists());
}
