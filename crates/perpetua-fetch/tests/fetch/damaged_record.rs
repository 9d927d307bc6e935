//! A damaged record costs no core, and leads nowhere out of its folder.

use std::fs;
use std::path::PathBuf;

use perpetua_fetch::{Installed, Versions, VersionsError};
use serde_json::{Value, json};

use crate::bench::Bench;

/// A folder with two versions, the second of which is the current one.
async fn two() -> (Bench, Installed, Installed) {
    let bench = Bench::new(Vec::new());
    let first = bench.install_program(b"1").await;
    let second = bench.install_program(b"2").await;
    (bench, first, second)
}

fn path(bench: &Bench) -> PathBuf {
    bench.versions.folder().join("versions.json")
}

fn codes(versions: &Versions) -> Vec<String> {
    let told = versions.problems().into_iter();
    told.map(|message| message.code.to_string()).collect()
}

/// Opens the folder as the next start does.
fn open_again(bench: &mut Bench) -> Vec<String> {
    bench.versions = Versions::open(bench.versions.folder()).expect("it starts");
    codes(&bench.versions)
}

/// Changes the record as somebody does by hand.
fn edit(bench: &Bench, change: impl FnOnce(&mut Value)) {
    let text = fs::read(path(bench)).expect("a record");
    let mut record = serde_json::from_slice(&text).expect("json");
    change(&mut record);
    fs::write(path(bench), record.to_string()).expect("written");
}

fn ids(bench: &Bench) -> Vec<String> {
    let list = bench.versions.list().expect("a record").into_iter();
    let mut ids: Vec<String> = list.map(|one| one.id).collect();
    ids.sort();
    ids
}

/// Puts something else in the place of the record.
fn damage(bench: &Bench, how: &str) {
    let path = path(bench);
    match how {
        "gone" => fs::remove_file(path).expect("removed"),
        "folder" => {
            fs::remove_file(&path).expect("removed");
            fs::create_dir(path).expect("a folder");
        }
        "pipe" => {
            fs::remove_file(&path).expect("removed");
            let made = std::process::Command::new("mkfifo").arg(path).status();
            assert!(made.expect("mkfifo").success());
        }
        text => fs::write(path, text).expect("written"),
    }
}

#[tokio::test]
async fn whatever_stands_in_the_place_of_the_record_no_core_is_lost() {
    let mut ways = vec![
        "",
        "{",
        "null",
        "[]",
        r#"{"installed":{}}"#,
        "gone",
        "folder",
    ];
    ways.extend(cfg!(unix).then_some("pipe"));
    for how in ways {
        let (mut bench, first, second) = two().await;
        let mut wanted = vec![first.id.clone(), second.id.clone()];
        wanted.sort();
        damage(&bench, how);
        let told = open_again(&mut bench);
        let is_kept = bench.names().contains(&"versions.json.damaged".to_owned());
        assert_eq!(is_kept, how != "gone", "{how}");
        assert_eq!(told.contains(&"install.record_damaged".to_owned()), is_kept);
        assert!(told.contains(&"install.versions_found".to_owned()), "{how}");
        assert_eq!(ids(&bench), wanted, "{how}");
        assert_eq!(bench.versions.current().expect("a record"), None, "{how}");
        // Nor is it lost later.
        assert_eq!(open_again(&mut bench), [""; 0], "{how}");
        bench.install_program(b"3").await;
        open_again(&mut bench);
        assert!(first.program.exists() && second.program.exists(), "{how}");
        bench.versions.use_version(&first.id).expect("chosen");
        assert_eq!(bench.current_program(), b"1", "{how}");
        bench.versions.remove(&second.id).expect("removed");
        assert!(!second.program.exists(), "{how}");
    }
}

#[tokio::test]
async fn an_entry_that_lacks_something_costs_only_itself() {
    for field in ["program", "sha256", "files", "size"] {
        let (mut bench, first, second) = two().await;
        edit(&bench, |record| {
            let entry = record["installed"][0].as_object_mut();
            entry.expect("an entry").remove(field);
        });
        let told = open_again(&mut bench);
        assert_eq!(told, ["install.record_damaged", "install.versions_found"]);
        assert_eq!(bench.current_program(), b"2", "{field}");
        assert!(first.program.exists() && ids(&bench).contains(&first.id));
        assert!(second.program.exists());
    }
}

#[tokio::test]
async fn what_a_newer_program_noted_is_no_damage() {
    let (mut bench, ..) = two().await;
    edit(&bench, |record| {
        record["installed"][1]["voucher"] = json!("notary");
        record["installed"][1]["of_tomorrow"] = json!({});
        record["rolled_back"] = json!([{ "of_tomorrow": 1 }]);
    });
    assert_eq!(open_again(&mut bench), [""; 0]);
    assert_eq!(bench.current_program(), b"2");
    let current = bench.versions.current().expect("a record");
    assert_eq!(current.expect("a version").voucher, None);
}

#[tokio::test]
async fn no_name_leads_out_of_the_folder() {
    let strange = [
        "../victim",
        "..",
        ".",
        "",
        "/tmp/victim",
        "a/../../victim",
        "a\\b",
        ".cache",
    ];
    for id in strange {
        let (mut bench, _first, second) = two().await;
        let victim = bench.folder.path().join("victim");
        fs::create_dir(&victim).expect("a folder");
        fs::write(victim.join("letters"), "mine").expect("written");
        edit(&bench, |record| record["installed"][0]["id"] = json!(id));
        // A handle that was open before, and one that opens now.
        for _ in 0..2 {
            let refused = bench.versions.remove(id);
            assert!(
                matches!(refused, Err(VersionsError::NotInstalled { .. })),
                "{id}"
            );
            open_again(&mut bench);
        }
        bench.install_program(b"3").await;
        assert!(victim.join("letters").exists(), "{id}");
        assert!(second.program.exists(), "{id}");
    }
}

#[tokio::test]
async fn a_program_outside_its_version_is_not_run() {
    for program in ["../../victim", "/bin/sh", ".."] {
        let (mut bench, _first, second) = two().await;
        edit(&bench, |record| {
            record["installed"][0]["program"] = json!(program);
        });
        assert!(open_again(&mut bench).contains(&"install.record_damaged".to_owned()));
        let list = bench.versions.list().expect("a record");
        let core = bench.versions.folder();
        assert!(
            list.iter()
                .all(|one| one.program.parent() == Some(&*core.join(&one.id)))
        );
        assert!(list.contains(&second));
    }
}

#[tokio::test]
async fn in_the_place_of_a_current_one_that_is_gone_comes_the_one_that_was_online_last() {
    for (online, wanted) in [(Some(0), 0), (Some(1), 1), (None, 1)] {
        let (mut bench, first, second) = two().await;
        let both = [first, second];
        if let Some(online) = online {
            let noted = bench.versions.note_online(&both[online].id, "main", true);
            noted.expect("noted");
        }
        edit(&bench, |record| {
            record["current"] = json!("nightly-00000000");
            record["previous"] = json!(null);
        });
        let told = open_again(&mut bench);
        assert_eq!(told, ["install.current_gone"]);
        let current = bench.versions.current().expect("a record");
        assert_eq!(current.expect("a version").id, both[wanted].id);
        assert_eq!(open_again(&mut bench), [""; 0]);
    }
}
