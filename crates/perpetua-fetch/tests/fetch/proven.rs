//! What a version has proved, for whom, and whom one account's failures may take it from.

use std::{fs, time::SystemTime};

use perpetua_fetch::Versions;
use perpetua_words::Message;
use serde_json::Value;

use crate::bench::Bench;

fn note(versions: &Versions, id: &str, account: &str, lasted: bool) {
    versions.note_online(id, account, lasted).expect("noted");
}

fn is_on_trial(versions: &Versions, id: &str, account: &str) -> bool {
    versions.is_on_trial(id, account).expect("a record")
}

/// The record as a program wrote it that noted nobody.
fn make_old(bench: &Bench) {
    let path = bench.versions.folder().join("versions.json");
    let text = fs::read_to_string(&path).expect("a record");
    let mut record: Value = serde_json::from_str(&text).expect("JSON");
    for entry in record["installed"].as_array_mut().expect("a list") {
        entry.as_object_mut().expect("an entry").remove("online");
    }
    fs::write(&path, record.to_string()).expect("written");
}

#[tokio::test]
async fn what_an_older_program_has_installed_is_never_on_trial_whomever_it_brings_online() {
    let bench = Bench::new(Vec::new());
    bench.install_program(b"1").await;
    let current = bench.install_program(b"2").await.id;
    make_old(&bench);
    for (account, lasted) in [
        ("one", false),
        ("two", false),
        ("one", true),
        ("two", false),
    ] {
        note(&bench.versions, &current, account, lasted);
        let again = Versions::open(bench.versions.folder()).expect("opened again");
        for account in ["one", "two", "new"] {
            assert!(!is_on_trial(&again, &current, account), "{account}");
        }
    }
    // One that is installed now has to prove itself.
    let new = bench.install_program(b"3").await.id;
    assert!(is_on_trial(&bench.versions, &new, "one"));
    // And the old one may still be gone back to when its accounts are gone.
    for account in ["one", "two"] {
        bench.versions.forget_account(account).expect("forgotten");
    }
    let previous = bench.versions.previous().expect("a record");
    assert_eq!(previous.map(|one| one.id), Some(current));
}

/// One account has been online with both versions, the last time with the first; what another one has come to with the
/// second decides.
#[tokio::test]
async fn a_version_that_keeps_another_account_online_is_not_taken_from_it() {
    let why = Message::from(perpetua_words::io::TimedOut);
    // With which versions the other one was online, in order, and whether that lasted.
    let cases: [(&[(usize, bool)], bool); 6] = [
        (&[(2, true)], true),
        (&[(1, true), (2, true)], true),
        (&[(2, true), (1, true), (2, false)], true),
        (&[(2, false)], false),
        (&[(2, true), (1, false)], false),
        (&[], false),
    ];
    for (was_online, stays) in cases {
        let bench = Bench::new(Vec::new());
        let first = bench.install_program(b"1").await;
        note(&bench.versions, &first.id, "main", true);
        let second = bench.install_program(b"2").await;
        for (version, lasted) in was_online {
            let id = [&first.id, &second.id][version - 1];
            note(&bench.versions, id, "other", *lasted);
        }
        note(&bench.versions, &second.id, "main", false);
        let on_trial = is_on_trial(&bench.versions, &second.id, "main");
        assert_eq!(on_trial, !stays, "{was_online:?}");
        let back = bench
            .versions
            .roll_back_from(&second.id, "main", &why, SystemTime::now());
        let back = back.expect("it can be read").map(|version| version.id);
        let current = bench.versions.current().expect("a record").expect("one");
        let told = bench.versions.rolled_back(second.sha256).expect("a record");
        if stays {
            assert_eq!((back, current.id), (None, second.id), "{was_online:?}");
            assert_eq!(told, None, "it may be installed as before");
        } else {
            assert_eq!(back.as_ref(), Some(&first.id), "{was_online:?}");
            assert_eq!(current.id, first.id);
            assert!(told.is_some());
        }
        assert!(second.program.exists() && first.program.exists());
    }
}
