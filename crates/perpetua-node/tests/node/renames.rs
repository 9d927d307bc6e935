//! Accounts that are called otherwise, and logins that nobody has: what comes along, when, and what is told.

use std::{fs, time::Duration};

use perpetua_node::Node;
use perpetua_schema::{
    AccountAdd, AccountRemove, ErrorCode, NewUpstream, RetryFailed, SettingsRead, SettingsWrite,
    Status,
};
use perpetua_secrets::Secret;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::harness::Place;

/// How long anything may take that waits for nobody.
const SOON: Duration = Duration::from_mins(1);

const UIN: u64 = 20002;
const TOKEN: &str = "client/haupt/bot";
const KEY: &str = "account/haupt/backup-key";

/// One managed account, whose core nobody starts, with one client.
fn settings(name: &str, uin: Option<u64>) -> String {
    several(&[(name, uin)])
}

/// Several of them.
fn several(accounts: &[(&str, Option<u64>)]) -> String {
    let accounts = accounts.iter().map(|(name, uin)| {
        let uin = uin.map(|uin| format!(", uin = {uin}")).unwrap_or_default();
        format!(
            "\n[[accounts]]\nname = \"{name}\"\nupstream = {{ kind = \"lagrange\", auto-start = false{uin} }}\n\n[[accounts.clients]]\nname = \"bot\"\nkind = \"forward\"\nlisten = \"127.0.0.1:0\"\n"
        )
    });
    let api =
        "[api]\nlisten = \"127.0.0.1:0\"\n\n[core]\nauto-install = false\ncheck-every = \"0s\"\n";
    format!("{api}{}", accounts.collect::<String>())
}

/// A folder with a session, which can be told from others by its mark.
fn session(place: &Place, folder: &str, mark: &str) {
    session_of(place, folder, UIN, mark);
}

fn session_of(place: &Place, folder: &str, uin: u64, mark: &str) {
    let folder = place.folders().account(folder);
    fs::create_dir_all(&folder).expect("a folder");
    let text = format!("{{\"Uin\":{uin},\"Session\":{{\"D2\":\"{mark}\"}}}}");
    fs::write(folder.join("keystore.json"), text).expect("written");
}

/// Whether a folder holds the session with this mark.
fn has(place: &Place, folder: &str, mark: &str) -> bool {
    let file = place.folders().account(folder).join("keystore.json");
    fs::read_to_string(file).is_ok_and(|text| text.contains(mark))
}

fn store(place: &Place, name: &str, text: &str) {
    place
        .keyring
        .store(name, Secret::new(text).expect("a secret"));
}

/// What the status says of all that is amiss.
async fn told(node: &Node) -> Vec<(String, String)> {
    let status = node.rpc().call(&Status {}).await.expect("a status");
    let told = status.problems.iter();
    told.map(|one| (one.code.to_string(), one.to_string()))
        .collect()
}

async fn is_told(node: &Node, code: &str) -> bool {
    told(node).await.iter().any(|(told, _)| told == code)
}

/// Waits until this is told, or is not any more.
async fn until(node: &Node, code: &str, wanted: bool) {
    let came = timeout(SOON, async {
        while is_told(node, code).await != wanted {
            // Files are looked at now and then; nothing tells of a look that found nothing.
            sleep(Duration::from_millis(20)).await;
        }
    });
    let has_come = came.await.is_ok();
    assert!(has_come, "{code} {wanted}: {:?}", told(node).await);
}

/// Runs a node for a moment.
async fn run_once(place: &Place) {
    let node = place.start().await.expect("started");
    node.drain().await;
}

/// Why not all of a renamed account came along.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// For the whole run.
    KeyringAbsent,
    /// For the start; then what was missing is made anew.
    KeyringLate,
    /// The folder was moved, and then the power was cut.
    PowerCut,
}

#[tokio::test]
async fn what_does_not_come_along_with_a_name_comes_at_the_next_start() {
    for fault in [Fault::KeyringAbsent, Fault::KeyringLate, Fault::PowerCut] {
        let place = Place::new(&settings("main", Some(UIN)));
        session(&place, "main", "b3Vycw==");
        store(&place, "client/main/bot", "the-bot-knows-it");
        store(&place, "account/main/backup-key", "the-copies-need-it");
        run_once(&place).await;
        place.write(&settings("haupt", Some(UIN)));
        match fault {
            Fault::PowerCut => {
                let path = place.folders().known_accounts();
                let known = fs::read(&path).expect("readable");
                let mut known: Value = serde_json::from_slice(&known).expect("JSON");
                known["accounts"][0]["name"] = json!("haupt");
                known["carriages"] = json!([{
                    "from": "main", "to": "haupt", "clients": ["bot"],
                    "rename": { "from": "main", "to": "haupt", "keeps": false },
                    "left": ["folder", "backup-key", "tokens", "ports", "core"],
                }]);
                fs::write(path, known.to_string()).expect("written");
                let folder = |name| place.folders().account(name);
                fs::rename(folder("main"), folder("haupt")).expect("moved");
            }
            Fault::KeyringAbsent | Fault::KeyringLate => {
                place.keyring.set_absent(true);
                let node = place.start().await.expect("started");
                let said = told(&node).await;
                let said = said.iter().find(|(code, _)| code == "node.rename_failed");
                let (_, said) = said.unwrap_or_else(|| panic!("{fault:?} is not told"));
                assert!(said.contains("start perpetua again"), "{said}");
                if matches!(fault, Fault::KeyringLate) {
                    place.keyring.set_absent(false);
                    let retried = node.rpc().call(&RetryFailed {}).await;
                    assert!(retried.expect("tried").pending.is_empty());
                    assert!(place.keyring.kept().contains_key(TOKEN), "a new one");
                }
                node.drain().await;
                place.keyring.set_absent(false);
            }
        }

        let node = place.start().await.expect("started");
        assert!(!is_told(&node, "node.rename_failed").await, "{fault:?}");
        node.drain().await;
        let kept = place.keyring.kept();
        for (name, text) in [(TOKEN, "the-bot-knows-it"), (KEY, "the-copies-need-it")] {
            let secret = kept.get(name).map(Secret::expose);
            assert_eq!(secret, Some(text), "{fault:?}: {:?}", kept.keys());
        }
        let old = kept.keys().find(|name| name.contains("/main"));
        assert_eq!(old, None, "{fault:?}");
        assert!(has(&place, "haupt", "b3Vycw=="), "{fault:?}");
        let known = fs::read_to_string(place.folders().known_accounts());
        let known = known.expect("readable");
        assert!(!known.contains("main"), "{fault:?}: {known}");
    }
}

#[tokio::test]
async fn the_account_that_ran_last_goes_before_folders_that_were_left() {
    let place = Place::new(&settings("main", Some(UIN)));
    session(&place, "main", "b3Vycw==");
    session(&place, "old", "b2xk");
    run_once(&place).await;
    place.write(&settings("haupt", Some(UIN)));
    run_once(&place).await;
    assert!(has(&place, "haupt", "b3Vycw=="));
    assert!(has(&place, "old", "b2xk"));
}

#[tokio::test]
async fn where_several_folders_could_be_meant_all_are_told_until_one_is_left() {
    for uin in [Some(UIN), None] {
        let place = Place::new(&settings("haupt", uin));
        session(&place, "old", "b2xk");
        session(&place, "older", "b2xkZXI=");
        let node = place.start().await.expect("started");
        let said = told(&node).await;
        for folder in ["old", "older"] {
            let path = place.folders().account(folder);
            let path = format!("`{}`", path.display());
            let is_named = said.iter().any(|(_, text)| text.contains(&path));
            assert!(is_named, "{uin:?}, {folder}: {said:?}");
        }
        // Its owner does what was said, and the status follows.
        fs::remove_dir_all(place.folders().account("older")).expect("removed");
        if uin.is_some() {
            until(&node, "node.waiting_login", true).await;
            until(&node, "node.several_logins", false).await;
        } else {
            place.write(&settings("haupt", Some(UIN)));
            until(&node, "node.unused_login", false).await;
            until(&node, "node.waiting_login", true).await;
        }
        node.drain().await;
        let node = place.start().await.expect("started");
        assert_eq!(told(&node).await, [], "{uin:?}");
        assert!(has(&place, "haupt", "b2xk"), "{uin:?}");
        node.drain().await;
    }
}

#[tokio::test]
async fn an_account_that_ran_before_it_named_its_number_gets_its_login() {
    let place = Place::new(&settings("haupt", None));
    session(&place, "main", "b3Vycw==");
    store(&place, "client/main/bot", "of-the-folder");
    let node = place.start().await.expect("started");
    assert!(is_told(&node, "node.unused_login").await);
    store(&place, TOKEN, "of-the-account");
    place.write(&settings("haupt", Some(UIN)));
    until(&node, "node.waiting_login", true).await;
    let said = told(&node).await;
    let keeps = |text: &str| text.contains("keeps its own tokens and ports");
    assert!(said.iter().any(|(_, text)| keeps(text)), "{said:?}");
    node.drain().await;
    let chosen = port(&place, "haupt");
    run_once(&place).await;
    assert!(has(&place, "haupt", "b3Vycw=="));
    assert_eq!(port(&place, "haupt"), chosen);
    let kept = place.keyring.kept();
    for (name, text) in [
        (TOKEN, "of-the-account"),
        ("client/main/bot", "of-the-folder"),
    ] {
        assert_eq!(kept.get(name).map(Secret::expose), Some(text), "{name}");
    }
}

#[tokio::test]
async fn a_rename_by_a_call_is_refused_and_says_that_nothing_is_saved() {
    let before = settings("main", Some(UIN));
    let place = Place::new(&before);
    let node = place.start().await.expect("started");
    let write = SettingsWrite {
        text: settings("haupt", Some(UIN)),
        instead_of: None,
        ..SettingsWrite::default()
    };
    let refused = node.rpc().call(&write).await.expect_err("refused");
    assert_eq!(refused.code, ErrorCode::InvalidSettings);
    assert_eq!(refused.message.code, "node.rename_not_saved");
    let text = node.rpc().call(&SettingsRead {}).await.expect("a text");
    assert_eq!(text.text, before);
    node.drain().await;
}

#[tokio::test]
async fn the_number_of_a_login_that_was_left_may_be_added_and_gets_it_at_the_next_start() {
    let place = Place::new(&settings("main", Some(30001)));
    session(&place, "old", "b2xk");
    let node = place.start().await.expect("started");
    let add = AccountAdd {
        name: Some("neu".into()),
        upstream: NewUpstream::Lagrange { uin: Some(20002) },
    };
    node.rpc().call(&add).await.expect("added");
    until(&node, "node.waiting_login", true).await;
    node.drain().await;
    run_once(&place).await;
    assert!(has(&place, "neu", "b2xk"));
}

#[tokio::test]
async fn no_core_is_kept_for_accounts_that_neither_the_settings_nor_a_folder_have() {
    let place = Place::new(&settings("main", Some(30001)));
    session(&place, "left", "b2xk");
    let online = json!({ "lasted": true, "turn": 1 });
    let entry = json!({
        "id": "v1", "program": "core", "sha256": "0".repeat(64), "origin": "here", "size": 1,
        "commit": null, "installed_at": 1, "files": [],
        "online": { "main": online, "left": online, "gone": online },
    });
    let record = json!({ "current": "v1", "previous": null, "installed": [entry] });
    let path = place.folders().core().join("versions.json");
    fs::create_dir_all(place.folders().core()).expect("a folder");
    fs::write(&path, record.to_string()).expect("written");
    run_once(&place).await;
    let record = fs::read(path).expect("readable");
    let record: Value = serde_json::from_slice(&record).expect("JSON");
    let online = record["installed"][0]["online"].as_object();
    let names: Vec<_> = online.expect("accounts").keys().collect();
    assert_eq!(names, ["left", "main"]);
}

/// Numbers of two accounts, with the marks of their sessions.
const TWO: [(u64, &str); 2] = [(20002, "b25l"), (20003, "dHdv")];

/// Two accounts that have run as `a` and `b`, each with all that is its own; gives their ports.
async fn two(place: &Place) -> Vec<Value> {
    for ((uin, mark), name) in TWO.iter().zip(["a", "b"]) {
        session_of(place, name, *uin, mark);
        store(place, &format!("client/{name}/bot"), &format!("bot-{uin}"));
        store(
            place,
            &format!("account/{name}/backup-key"),
            &format!("key-{uin}"),
        );
    }
    run_once(place).await;
    ["a", "b"].map(|name| port(place, name)).into()
}

fn port(place: &Place, name: &str) -> Value {
    let state = fs::read(place.folders().state()).expect("readable");
    let state: Value = serde_json::from_slice(&state).expect("JSON");
    state["clients"][format!("{name}/bot")].clone()
}

/// Sees that all that is the account's of this number (the first or the second) is under this name.
fn is_at(place: &Place, number: usize, name: &str, ports: &[Value]) {
    let (uin, mark) = TWO[number];
    assert!(has(place, name, mark), "{name}");
    let kept = place.keyring.kept();
    for (secret, text) in [
        (format!("client/{name}/bot"), format!("bot-{uin}")),
        (format!("account/{name}/backup-key"), format!("key-{uin}")),
    ] {
        let found = kept.get(&secret).map(Secret::expose);
        assert_eq!(found, Some(&*text), "{secret}");
    }
    assert_eq!(port(place, name), ports[number], "{name}");
}

#[tokio::test]
async fn names_that_change_hands_take_all_along_at_the_start() {
    let before = several(&[("a", Some(TWO[0].0)), ("b", Some(TWO[1].0))]);
    for (first, second) in [("b", Some("a")), ("b", Some("c")), ("b", None)] {
        let place = Place::new(&before);
        let ports = two(&place).await;
        let mut after = vec![(first, Some(TWO[0].0))];
        after.extend(second.map(|name| (name, Some(TWO[1].0))));
        place.write(&several(&after));
        // A second start changes nothing any more.
        for _start in 0..2 {
            let node = place.start().await.expect("started");
            assert_eq!(told(&node).await, [], "{second:?}");
            node.drain().await;
            is_at(&place, 0, first, &ports);
            // Where it would have been lost, it has a name of its own.
            is_at(&place, 1, second.unwrap_or("b-2"), &ports);
        }
        if second.is_none() {
            // It is added again.
            place.write(&several(&[("b", Some(TWO[0].0)), ("new", Some(TWO[1].0))]));
            run_once(&place).await;
            is_at(&place, 1, "new", &ports);
        }
    }
}

#[tokio::test]
async fn an_exchange_without_a_keyring_is_finished_when_there_is_one() {
    let place = Place::new(&several(&[("a", Some(TWO[0].0)), ("b", Some(TWO[1].0))]));
    let ports = two(&place).await;
    place.write(&several(&[("a", Some(TWO[1].0)), ("b", Some(TWO[0].0))]));
    place.keyring.set_absent(true);
    let node = place.start().await.expect("started");
    assert!(is_told(&node, "node.rename_failed").await);
    // The logins are where they have to be.
    assert!(has(&place, "a", TWO[1].1) && has(&place, "b", TWO[0].1));
    node.drain().await;
    place.keyring.set_absent(false);
    let node = place.start().await.expect("started");
    assert_eq!(told(&node).await, []);
    node.drain().await;
    is_at(&place, 0, "b", &ports);
    is_at(&place, 1, "a", &ports);
}

#[tokio::test]
async fn names_on_their_way_are_nobody_elses_and_end_with_their_account() {
    let place = Place::new(&settings("main", Some(UIN)));
    session(&place, "main", "b3Vycw==");
    store(&place, "client/main/bot", "the-bot-knows-it");
    run_once(&place).await;
    place.write(&settings("haupt", Some(UIN)));
    place.keyring.set_absent(true);
    let node = place.start().await.expect("started");
    assert!(is_told(&node, "node.rename_failed").await);
    let write = SettingsWrite {
        text: several(&[("haupt", Some(UIN)), ("main", Some(30001))]),
        instead_of: None,
        ..SettingsWrite::default()
    };
    let refused = node.rpc().call(&write).await.expect_err("refused");
    assert_eq!(refused.message.code, "node.name_on_its_way");
    let remove = AccountRemove {
        account: "haupt".into(),
    };
    let refused = node.rpc().call(&remove).await.expect_err("refused");
    assert_eq!(refused.message.code, "node.name_on_its_way");
    assert!(has(&place, "haupt", "b3Vycw=="));
    // Somebody takes it out of the file: nobody misses anything.
    place.write(&several(&[("other", Some(30002))]));
    until(&node, "node.rename_failed", false).await;
    node.drain().await;
    let node = place.start().await.expect("started");
    assert!(!is_told(&node, "node.rename_failed").await);
    node.drain().await;
    place.keyring.set_absent(false);
    // It is added again.
    place.write(&settings("haupt", Some(UIN)));
    run_once(&place).await;
    let kept = place.keyring.kept();
    let token = kept.get(TOKEN).map(Secret::expose);
    assert_eq!(token, Some("the-bot-knows-it"));
}

#[tokio::test]
async fn an_exchange_is_refused_while_it_runs_and_comes_with_the_next_start() {
    let before = several(&[("a", Some(TWO[0].0)), ("b", Some(TWO[1].0))]);
    let after = several(&[("a", Some(TWO[1].0)), ("b", Some(TWO[0].0))]);
    let place = Place::new(&before);
    let ports = two(&place).await;
    let node = place.start().await.expect("started");
    let write = SettingsWrite {
        text: after.clone(),
        instead_of: None,
        ..SettingsWrite::default()
    };
    let refused = node.rpc().call(&write).await.expect_err("refused");
    assert_eq!(refused.message.code, "node.renames_not_saved");
    place.write(&after);
    until(&node, "node.accounts_renamed", true).await;
    // Its owner thinks better of it.
    place.write(&before);
    until(&node, "node.accounts_renamed", false).await;
    place.write(&after);
    until(&node, "node.accounts_renamed", true).await;
    node.drain().await;
    is_at(&place, 0, "a", &ports);
    run_once(&place).await;
    is_at(&place, 0, "b", &ports);
}

#[tokio::test]
async fn settings_that_change_hands_without_a_number_are_told_with_what_to_do() {
    let port = |name: &str, port: u16| {
        let text = settings(name, None);
        let (_, account) = text.split_once("[[accounts]]").expect("an account");
        let account = account.replace("127.0.0.1:0", &format!("127.0.0.{port}:0"));
        format!("[[accounts]]{account}")
    };
    let head = several(&[]);
    let before = format!("{head}{}{}", port("a", 2), port("b", 3));
    let after = format!("{head}{}{}", port("a", 3), port("b", 2));
    for runs in [true, false] {
        let place = Place::new(&before);
        let ports = two(&place).await;
        let node = place.start().await.expect("started");
        assert!(!is_told(&node, "node.names_unclear").await);
        let node = if runs {
            place.write(&after);
            node
        } else {
            node.drain().await;
            place.write(&after);
            place.start().await.expect("started")
        };
        until(&node, "node.names_unclear", true).await;
        node.drain().await;
        is_at(&place, 0, "a", &ports);
    }
}

#[tokio::test]
async fn where_a_folder_holds_another_login_the_one_that_fits_is_told() {
    let place = Place::new(&settings("haupt", Some(UIN)));
    session_of(&place, "haupt", 30001, "ZWxzZQ==");
    session(&place, "old", "b2xk");
    session_of(&place, "other", 30002, "b3RoZXI=");
    let node = place.start().await.expect("started");
    let said = told(&node).await;
    let [(code, text)] = &said[..] else {
        panic!("{said:?}");
    };
    assert_eq!(code, "node.login_elsewhere");
    let path = |name: &str| format!("`{}`", place.folders().account(name).display());
    assert!(
        text.contains(&path("old")) && text.contains(&path("haupt")),
        "{text}"
    );
    assert!(!text.contains(&path("other")), "{text}");
    // Its owner does what was said.
    node.drain().await;
    let haupt = place.folders().account("haupt");
    fs::rename(&haupt, haupt.with_file_name(".elsewhere")).expect("moved");
    run_once(&place).await;
    assert!(has(&place, "haupt", "b2xk"));
}

#[tokio::test]
async fn accounts_before_which_the_file_ends_are_told_until_it_is_changed_again() {
    let whole = several(&[("a", None), ("b", None), ("c", None)]);
    let before = |name: &str| {
        let account = format!("\n[[accounts]]\nname = \"{name}\"");
        let (cut, _) = whole.split_once(&account).expect("cut");
        cut
    };
    let place = Place::new(&whole);
    let node = place.start().await.expect("started");
    // The last one alone is taken out on purpose.
    place.write(before("c"));
    sees(&node, 2).await;
    assert!(!is_told(&node, "node.accounts_lost").await);
    place.write(&whole);
    sees(&node, 3).await;
    place.write(before("b"));
    until(&node, "node.accounts_lost", true).await;
    let said = told(&node).await;
    let is_named = said.iter().any(|(_, text)| text.contains("`b`, `c`"));
    assert!(is_named, "{said:?}");
    place.write(&whole);
    until(&node, "node.accounts_lost", false).await;
    // Taken out of the middle.
    place.write(&several(&[("a", None), ("c", None)]));
    sees(&node, 2).await;
    assert!(!is_told(&node, "node.accounts_lost").await);
    node.drain().await;
}

/// Waits until so many accounts run.
async fn sees(node: &Node, count: usize) {
    let came = timeout(SOON, async {
        loop {
            let status = node.rpc().call(&Status {}).await.expect("a status");
            if status.accounts.len() == count {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(came.await.is_ok(), "not {count} accounts");
}
