//! Whatever a power cut, a bad disk or a person does to the files of a login: no good file is renamed, and the last
//! login can be had again.

use std::fs;

use perpetua_lagrange::{
    AccountFolder, Device, Keystore, LoginFile, Mended, SetAside, backup_secret_name,
};
use perpetua_words::{Message, login as words};

use crate::logins::{Logins, at, names};

/// As .NET writes them: in one line, `+` and letters beyond ASCII as escapes.
const KEYSTORE: &str = r#"{"Uin":10001,"Uid":"u_0000000000000000000001","PasswordMd5":"","Session":{"D2Key":"AAECAwQFBgcICQoLDA0ODw==","D2":"c2VjcmV0IG9mIGEgc2Vzc2lvbg==","Tgt":"dGlja2V0\u002B2dyYW50aW5n","SessionDate":"2026-01-31T23:59:59.1234567\u002B08:00","TempPassword":"dGVtcG9yYXJ5"},"Info":{"Age":0,"Gender":1,"Name":"\u5C0F\u52A9\u624B"}}"#;
const DEVICE: &str = r#"{"Guid":"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9","MacAddress":"AAECAwQF","DeviceName":"Lagrange-ABCDEF","SystemKernel":"Windows 10.0.19042","KernelVersion":"10.0.19042.0"}"#;

/// What takes the place of a byte: a hole in the file, a blank, an end of a string, of an object, no UTF-8.
const OTHER_BYTES: [u8; 5] = [0, b' ', b'"', b'}', 0xff];

/// An account that has logged in, and its copy.
fn logged_in() -> Logins {
    Logins::kept(KEYSTORE, DEVICE)
}

/// The session and the device.
fn files(logged_in: &Logins) -> [Vec<u8>; 2] {
    let read = |path| fs::read(path).expect("a file");
    [
        read(logged_in.account.keystore_file()),
        read(logged_in.account.device_file()),
    ]
}

/// The files that were renamed, which are deleted with this.
fn take_renamed(logged_in: &Logins) -> Vec<String> {
    let mut renamed = names(logged_in.account.path());
    renamed.retain(|name| name.contains(".broken-"));
    for name in &renamed {
        fs::remove_file(logged_in.account.path().join(name)).expect("removed");
    }
    renamed
}

/// Each beginning of a text, and each text with one other byte.
fn damages(text: &str) -> impl Iterator<Item = Vec<u8>> {
    let bytes = text.as_bytes();
    let cut = (0..bytes.len()).map(move |length| bytes[..length].to_vec());
    let changed = (0..bytes.len()).flat_map(move |place| {
        let other = move |byte| {
            let mut changed = bytes.to_vec();
            changed[place] = byte;
            changed
        };
        OTHER_BYTES.map(other)
    });
    cut.chain(changed.filter(move |changed| changed != bytes))
}

#[test]
fn of_a_damaged_session_the_copy_takes_its_place_and_the_device_stays() {
    let logged_in = logged_in();
    let good = [KEYSTORE, DEVICE].map(|text| text.as_bytes().to_vec());
    for damaged in damages(KEYSTORE) {
        logged_in.put(&damaged, DEVICE);
        let is_usable = matches!(
            logged_in.account.keystore().expect("judged"),
            Keystore::Usable { .. }
        );
        assert!(!is_usable || damaged.len() == KEYSTORE.len(), "it is cut");
        let mended = logged_in.backup.mend(None, at(1)).expect("mended");
        let renamed = take_renamed(&logged_in);
        if is_usable {
            assert_eq!((mended, renamed), (vec![], vec![]));
            assert_eq!(files(&logged_in), [damaged, good[1].clone()]);
        } else {
            assert!(
                matches!(mended[..], [Mended::Restored(LoginFile::Session, _)]),
                "{mended:?}"
            );
            assert_eq!(renamed.len(), 1, "only the damaged one: {renamed:?}");
            assert!(renamed[0].starts_with("keystore.json."), "{renamed:?}");
            assert_eq!(files(&logged_in), good);
        }
    }
}

#[test]
fn of_a_damaged_device_the_copy_takes_its_place_and_the_session_stays() {
    let logged_in = logged_in();
    let good = [KEYSTORE, DEVICE].map(|text| text.as_bytes().to_vec());
    for damaged in damages(DEVICE) {
        logged_in.put(KEYSTORE, &damaged);
        let is_usable = logged_in.account.device().expect("judged") == Device::Usable;
        assert!(!is_usable || damaged.len() == DEVICE.len(), "it is cut");
        let mended = logged_in.backup.mend(None, at(1)).expect("mended");
        assert_eq!(take_renamed(&logged_in), [""; 0], "no good file is renamed");
        if is_usable {
            assert_eq!(mended, []);
            assert_eq!(files(&logged_in), [good[0].clone(), damaged]);
        } else {
            assert!(
                matches!(mended[..], [Mended::Restored(LoginFile::Device, _)]),
                "{mended:?}"
            );
            assert_eq!(files(&logged_in), good);
        }
    }
}

#[test]
fn restoring_brings_back_what_the_last_login_left_whatever_is_damaged() {
    let logged_in = logged_in();
    let good = [KEYSTORE, DEVICE].map(|text| text.as_bytes().to_vec());
    for length in (0..DEVICE.len()).step_by(7) {
        logged_in.put(&KEYSTORE.as_bytes()[..length], &DEVICE.as_bytes()[..length]);
        logged_in.backup.restore(None, at(1)).expect("restored");
        assert_eq!(files(&logged_in), good);
    }
}

/// `System.Text.Json` gives the core no value of another kind.
#[test]
fn a_value_of_another_kind_is_named() {
    let logged_in = logged_in();
    let judge = |from: &str, to: &str| {
        let text = KEYSTORE.replacen(from, to, 1);
        assert_ne!(text, KEYSTORE, "{from}");
        logged_in.put(text.as_bytes(), DEVICE);
        logged_in.account.keystore().expect("judged")
    };
    for (from, to, key) in [
        (r#""Uin":10001"#, r#""Uin":"10001""#, "Uin"),
        (r#""Uin":10001"#, r#""Uin":-1"#, "Uin"),
        (r#""Uin":10001"#, r#""Uin":1.5"#, "Uin"),
        (r#""Uin":10001"#, r#""Uin":4294967296"#, "Uin"),
        (r#""Uin":10001"#, r#""Uin":null"#, "Uin"),
        (r#""PasswordMd5":"""#, r#""PasswordMd5":5"#, "PasswordMd5"),
        ("ODw==", "ODw=", "Session.D2Key"),
        (r#""D2":""#, r#""D2":"!"#, "Session.D2"),
        ("T23:59", "T25:59", "Session.SessionDate"),
        ("2026-01-31T", "2026-01-31 ", "Session.SessionDate"),
        (r#""Age":0"#, r#""Age":"0""#, "Info.Age"),
    ] {
        let expected = Message::from(words::BadValue { key });
        assert_eq!(judge(from, to), Keystore::Unreadable(expected), "{to}");
    }
    for (from, to) in [
        (r#""Uin":10001,"#, r#""Uin":10001,"New":[1,{}],"#),
        (r#""Uid":"u_0000000000000000000001","#, ""),
        (r#""TempPassword":"dGVtcG9yYXJ5""#, r#""TempPassword":null"#),
        (
            r#"{"Age":0,"Gender":1,"Name":"\u5C0F\u52A9\u624B"}"#,
            "null",
        ),
        (
            r"2026-01-31T23:59:59.1234567\u002B08:00",
            "0001-01-01T00:00:00",
        ),
        (r"59.1234567\u002B08:00", "59Z"),
    ] {
        let uin = Some(10001);
        assert_eq!(judge(from, to), Keystore::Usable { uin }, "{to}");
    }
}

#[test]
fn what_is_set_aside_is_known_until_a_login_has_come() {
    let logged_in = logged_in();
    let key = backup_secret_name("main");
    let secret = logged_in.secrets.get(&key).expect("store").expect("key");
    logged_in.secrets.remove(&key).expect("locked away");
    logged_in.put("{", "");
    let mended = logged_in.backup.mend(None, at(5)).expect("mended");
    assert!(
        matches!(
            mended[..],
            [
                Mended::SetAside(LoginFile::Session, _),
                Mended::SetAside(LoginFile::Device, _)
            ]
        ),
        "{mended:?}"
    );
    // Another run of the node.
    let account = AccountFolder::new(logged_in.account.path());
    let aside = account.set_aside().expect("noted");
    let told: Vec<_> = aside.iter().map(|one| (one.file, one.time)).collect();
    assert_eq!(
        told,
        [(LoginFile::Session, at(5)), (LoginFile::Device, at(5))]
    );
    let content = |one: &SetAside| fs::read(account.path().join(&one.name)).expect("a file");
    assert_eq!(content(&aside[0]), b"{");
    assert_eq!(aside[1].why, words::KeystoreEmpty.into());

    logged_in.secrets.set(&key, &secret).expect("unlocked");
    logged_in.backup.restore(None, at(6)).expect("restored");
    assert_eq!(account.set_aside().expect("noted"), []);
    assert_eq!(files(&logged_in)[0], KEYSTORE.as_bytes());

    let why = Message::from(words::KeystoreEmpty);
    for seconds in 7..9 {
        logged_in.put("", DEVICE);
        account
            .set_session_aside(at(seconds), &why)
            .expect("renamed");
    }
    let times: Vec<_> = account.set_aside().expect("noted");
    assert_eq!(times.len(), 1, "of a file the latest");
    assert_eq!(times[0].time, at(8));
    account.forget_set_aside().expect("a login has come");
    assert_eq!(account.set_aside().expect("noted"), []);
}

#[test]
fn a_copy_that_is_damaged_gives_way_to_the_one_before_it() {
    let logged_in = logged_in();
    logged_in.put(
        KEYSTORE.replace("10001", "10002").as_bytes(),
        DEVICE.as_bytes(),
    );
    let newest = logged_in.backup.keep(at(1)).expect("kept");
    let path = logged_in.account.path().join("backup");
    fs::write(path.join(format!("{}.sealed", newest.name)), "cut").expect("damaged");
    logged_in.put("", "");
    let mended = logged_in.backup.mend(None, at(2)).expect("mended");
    assert!(
        matches!(mended[..], [Mended::Restored(LoginFile::Session, _)]),
        "{mended:?}"
    );
    assert_eq!(files(&logged_in), [KEYSTORE, DEVICE].map(str::as_bytes));
}

/// What stands where a file of a login should, and cannot be read as one.
fn stand_ins() -> Vec<fn(&std::path::Path)> {
    let folder: fn(&std::path::Path) = |path| {
        fs::create_dir(path).expect("folder");
        fs::write(path.join("inside"), "").expect("a file in it");
    };
    let huge: fn(&std::path::Path) = |path| {
        let file = fs::File::create(path).expect("file");
        file.set_len(100 * 1024 * 1024).expect("room");
    };
    [folder, huge].into_iter().chain(pipes()).collect()
}

/// From which reading would never end.
#[cfg(unix)]
fn pipes() -> Vec<fn(&std::path::Path)> {
    let pipe: fn(&std::path::Path) = |path| {
        let made = std::process::Command::new("mkfifo").arg(path).status();
        assert!(made.expect("mkfifo").success());
    };
    vec![pipe]
}

/// There are none in folders of Windows.
#[cfg(not(unix))]
fn pipes() -> Vec<fn(&std::path::Path)> {
    Vec::new()
}

#[test]
fn what_is_no_file_gives_way_to_the_copy_again_and_again() {
    for stand_in in stand_ins() {
        let logged_in = logged_in();
        // More often than former ones are kept.
        for round in 1..=5 {
            for path in [
                logged_in.account.keystore_file(),
                logged_in.account.device_file(),
            ] {
                fs::remove_file(&path).expect("removed");
                stand_in(&path);
            }
            let keystore = logged_in.account.keystore().expect("judged");
            assert!(matches!(keystore, Keystore::Unreadable(_)), "{keystore:?}");
            let device = logged_in.account.device().expect("judged");
            assert!(matches!(device, Device::Unreadable(_)), "{device:?}");
            logged_in.backup.mend(None, at(round)).expect("mended");
            assert_eq!(files(&logged_in), [KEYSTORE.as_bytes(), DEVICE.as_bytes()]);
        }
    }
}

#[test]
fn notes_that_are_a_folder_keep_nothing_from_being_set_aside() {
    let logged_in = logged_in();
    fs::create_dir(logged_in.account.path().join("set-aside.json")).expect("folder");
    let why = Message::from(words::KeystoreEmpty);
    let aside = logged_in.account.set_session_aside(at(1), &why);
    assert!(aside.expect("set aside").is_some());
    let told = logged_in.account.set_aside().expect("told");
    assert_eq!(told.len(), 1, "{told:?}");
}
