//! Who is whom, in settings and folders as people have them.

mod killed;
mod refused;

use std::path::Path;

use perpetua_config::Config;
use perpetua_fs::Folders;

use super::{Register, Rename, known::KnownAccount, matching::unclear, objection};

/// One account: its name, what stands in its upstream, and the port of its client.
fn account(name: &str, upstream: &str, port: u16) -> String {
    format!(
        "[[accounts]]\nname = \"{name}\"\nupstream = {{ {upstream} }}\n[[accounts.clients]]\nname = \"bot\"\nkind = \"forward\"\nlisten = \"127.0.0.1:{port}\"\n"
    )
}

fn config(accounts: &[String]) -> Config {
    let text = accounts.concat();
    perpetua_config::parse(&text).unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}

fn session(folder: &Path, name: &str, uin: u64) {
    let folder = folder.join("accounts").join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    let text = format!("{{\"Uin\":{uin},\"Session\":{{}}}}");
    std::fs::write(folder.join("keystore.json"), text).expect("written");
}

/// The `uin` of an account that a test counts.
fn uin_of(number: u16) -> u64 {
    20_000 + u64::from(number)
}

/// The old and the new names that are found.
fn found(before: &[String], after: &[String], folder: &Path) -> Vec<(String, String)> {
    let folders = Folders::at(folder).expect("a folder");
    let found = Register::of(&config(before)).renames(&config(after), &folders);
    let pair = |Rename { from, to, .. }| (from, to);
    let mut found: Vec<_> = found.into_iter().map(pair).collect();
    found.sort();
    found
}

const MANAGED: &str = "kind = \"lagrange\"";

/// A managed account with its `uin`, and its number as the port of its client, or with neither.
fn managed(name: &str, number: Option<u16>) -> String {
    let upstream = number.map_or_else(
        || MANAGED.to_owned(),
        |number| format!("{MANAGED}, uin = {}", uin_of(number)),
    );
    account(name, &upstream, number.unwrap_or(0))
}

#[test]
fn an_account_is_known_by_its_uin_its_session_or_its_settings() {
    let folder = tempfile::tempdir().expect("a folder");
    let of = |uin: u64| format!("{MANAGED}, uin = {uin}");
    let dialled = "kind = \"onebot\", url = \"ws://127.0.0.1:1/\"";
    let renamed = [("main".to_owned(), "haupt".to_owned())];
    for (before, after) in [
        // Other settings too.
        (
            account("main", &of(20002), 1),
            account("haupt", &of(20002), 2),
        ),
        (account("main", MANAGED, 1), account("haupt", MANAGED, 1)),
        (account("main", dialled, 1), account("haupt", dialled, 1)),
    ] {
        assert_eq!(found(&[before], &[after], folder.path()), renamed);
    }
    session(folder.path(), "main", 20002);
    let after = account("haupt", &of(20002), 2);
    let before = account("main", MANAGED, 1);
    assert_eq!(
        found(&[before], std::slice::from_ref(&after), folder.path()),
        renamed
    );
    // It was taken out of the settings long ago.
    assert_eq!(found(&[], &[after], folder.path()), renamed);
}

#[test]
fn another_account_is_not_taken_for_a_former_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let of = |uin: u64| format!("{MANAGED}, uin = {uin}");
    session(folder.path(), "main", 20002);
    session(folder.path(), "own", 30001);
    for (before, after) in [
        (
            vec![account("main", &of(20002), 1)],
            vec![account("haupt", &of(20009), 1)],
        ),
        (
            vec![account("main", MANAGED, 1)],
            vec![account("haupt", MANAGED, 2)],
        ),
        (
            vec![account("main", MANAGED, 1)],
            vec![account("haupt", "kind = \"simulator\"", 1)],
        ),
        // It has a login of its own.
        (
            vec![account("main", MANAGED, 1)],
            vec![account("own", MANAGED, 1)],
        ),
        // One of two, and nobody knows which.
        (
            vec![account("main", MANAGED, 0), account("other", MANAGED, 0)],
            vec![account("haupt", MANAGED, 0)],
        ),
        // It is still there, and only the other one names its number.
        (
            vec![account("main", MANAGED, 1)],
            vec![account("main", MANAGED, 1), account("haupt", &of(20002), 2)],
        ),
        // A login that is left does not take the place of another one.
        (
            vec![account("own", &of(30001), 1)],
            vec![account("own", &of(20002), 1)],
        ),
    ] {
        assert_eq!(found(&before, &after, folder.path()), [], "{after:?}");
    }
}

/// The number of an account, and its name before and after.
type Named = (u16, &'static str, &'static str);

const REARRANGED: [(&str, &[Named]); 5] = [
    ("an exchange", &[(1, "a", "b"), (2, "b", "a")]),
    ("a chain", &[(1, "a", "b"), (2, "b", "c")]),
    (
        "a longer one",
        &[(1, "a", "b"), (2, "b", "c"), (3, "c", "d"), (4, "e", "e")],
    ),
    (
        "a circle",
        &[(1, "a", "b"), (2, "b", "c"), (3, "c", "a"), (4, "d", "d")],
    ),
    (
        "two exchanges",
        &[(1, "a", "b"), (2, "b", "a"), (3, "c", "d"), (4, "d", "c")],
    ),
];

#[test]
fn names_that_change_hands_are_known_by_the_number_or_the_session() {
    for (what, accounts) in REARRANGED {
        for (named_before, has_session) in [(true, true), (true, false), (false, true)] {
            let folder = tempfile::tempdir().expect("a folder");
            let (mut before, mut after, mut renamed) = (Vec::new(), Vec::new(), Vec::new());
            for (number, former, next) in accounts {
                before.push(managed(former, named_before.then_some(*number)));
                after.push(managed(next, Some(*number)));
                if has_session {
                    session(folder.path(), former, uin_of(*number));
                }
                if former != next {
                    renamed.push(((*former).to_owned(), (*next).to_owned()));
                }
            }
            let found = found(&before, &after, folder.path());
            assert_eq!(found, renamed, "{what}, {named_before}, {has_session}");
        }
    }
}

#[test]
fn names_that_change_hands_are_known_beside_others_that_come_and_go() {
    let folder = tempfile::tempdir().expect("a folder");
    for (number, name) in [(1, "a"), (2, "b"), (9, "old")] {
        session(folder.path(), name, uin_of(number));
    }
    let simulator = |name: &str| account(name, "kind = \"simulator\"", 7);
    let pairs = |pairs: &[(&str, &str)]| -> Vec<_> {
        let pairs = pairs.iter();
        pairs
            .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()))
            .collect()
    };
    for (before, after, renamed) in [
        // The other one is taken out.
        (
            vec![managed("a", Some(1)), managed("b", Some(2))],
            vec![managed("b", Some(1))],
            pairs(&[("a", "b")]),
        ),
        // A folder that was left holds another login.
        (
            vec![managed("a", Some(1))],
            vec![managed("old", Some(1))],
            pairs(&[("a", "old")]),
        ),
        // The old name is another, new account's.
        (
            vec![managed("a", Some(1))],
            vec![managed("a", Some(5)), managed("c", Some(1))],
            pairs(&[("a", "c")]),
        ),
        // Only one of two names its number, and the other is known by its settings.
        (
            vec![managed("a", Some(1)), account("b", MANAGED, 6)],
            vec![account("a", MANAGED, 6), managed("b", Some(1))],
            pairs(&[("a", "b"), ("b", "a")]),
        ),
        // Kinds without numbers.
        (
            vec![managed("a", Some(1)), simulator("s")],
            vec![simulator("a"), managed("s", Some(1))],
            pairs(&[("a", "s"), ("s", "a")]),
        ),
        // A login that was left goes where one has gone.
        (
            vec![managed("a", Some(1))],
            vec![managed("a", Some(9)), managed("c", Some(1))],
            pairs(&[("a", "c"), ("old", "a")]),
        ),
    ] {
        assert_eq!(found(&before, &after, folder.path()), renamed, "{after:?}");
    }
}

#[test]
fn where_no_number_tells_names_from_settings_nothing_is_guessed_and_that_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    session(folder.path(), "a", uin_of(1));
    session(folder.path(), "b", uin_of(2));
    let one = |name: &str, port| account(name, MANAGED, port);
    for (before, after, told) in [
        (
            vec![one("a", 6), one("b", 7)],
            vec![one("a", 7), one("b", 6)],
            vec![("a", "b"), ("b", "a")],
        ),
        (
            vec![one("a", 6), one("b", 7)],
            vec![one("b", 6)],
            vec![("b", "a")],
        ),
        // Nothing of another one.
        (
            vec![one("a", 6), one("b", 7)],
            vec![one("a", 6), one("b", 8)],
            vec![],
        ),
        (vec![one("a", 6), one("b", 7)], vec![one("b", 7)], vec![]),
        (
            vec![managed("a", Some(1)), managed("b", Some(2))],
            vec![managed("a", Some(2)), managed("b", Some(1))],
            vec![],
        ),
    ] {
        let (ran, wanted) = (config(&before), config(&after));
        let (ran, wanted) = (KnownAccount::all(&ran), KnownAccount::all(&wanted));
        let unclear = unclear(&ran, &wanted);
        let pairs = unclear.iter().map(|one| (&*one.account, &*one.former));
        assert_eq!(pairs.collect::<Vec<_>>(), told, "{after:?}");
        if !told.is_empty() {
            assert_eq!(found(&before, &after, folder.path()), [], "{after:?}");
        }
    }
}

#[test]
fn while_it_runs_only_a_change_of_the_name_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let folders = Folders::at(folder.path()).expect("a folder");
    let one = |name: &str, port| config(&[account(name, MANAGED, port)]);
    let both = config(&[account("main", MANAGED, 1), account("more", MANAGED, 2)]);
    let refused = |former: Config, next: Config| {
        objection(&former, &next, &folders).map(|said| said.waits().to_string())
    };
    let words = refused(one("main", 1), one("haupt", 1)).expect("refused");
    assert!(
        words.contains("`main`") && words.contains("`haupt`"),
        "{words}"
    );
    for next in [one("main", 2), both, config(&[])] {
        assert_eq!(refused(one("main", 1), next), None);
    }
    assert_eq!(refused(config(&[]), one("main", 1)), None, "added again");
    let pair = |a, b| config(&[managed("a", a), managed("b", b)]);
    let words = refused(pair(Some(1), Some(2)), pair(Some(2), Some(1))).expect("refused");
    for said in ["`a` → `b`", "`b` → `a`"] {
        assert!(words.contains(said), "{words}");
    }
    for next in [pair(Some(1), Some(3)), pair(Some(4), Some(3))] {
        assert_eq!(refused(pair(Some(1), Some(2)), next), None, "other numbers");
    }
}
