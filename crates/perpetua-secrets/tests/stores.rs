//! The stores that need nothing of the system: memory and the file.

use std::fs;
use std::path::PathBuf;

use perpetua_secrets::{InvalidSecret, Secret, SecretError, SecretStore};

fn secret(text: &str) -> Secret {
    Secret::new(text).expect(text)
}

/// A file store in a folder of its own.
fn file_store() -> (tempfile::TempDir, PathBuf, SecretStore) {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("secrets.json");
    let store = SecretStore::file(path.clone());
    (folder, path, store)
}

/// A file store whose file somebody else wrote, with the rights of one of ours.
fn written(text: &str) -> (tempfile::TempDir, PathBuf, SecretStore) {
    let (folder, path, store) = file_store();
    perpetua_fs::write_atomic(&path, text.as_bytes(), perpetua_fs::Access::Owner).expect("written");
    (folder, path, store)
}

#[test]
fn what_some_keyring_does_not_take_is_refused_by_every_store() {
    let (_folder, _path, file) = file_store();
    for store in [SecretStore::in_memory(), file] {
        let longest = secret(&"a".repeat(1280));
        store.set("name", &longest).expect("kept");
        let error = store.set("name", &secret(&"b".repeat(1281)));
        let error = error.expect_err("too long");
        assert!(matches!(error, SecretError::TooLong { limit: 1280 }));
        assert_eq!(store.get("name").expect("read"), Some(longest));
    }
}

/// What every store does.
fn keeps_and_forgets(store: &SecretStore) {
    assert_eq!(store.get("main/bot").expect("read"), None);
    store.set("main/bot", &secret("one")).expect("kept");
    store.set("main/other", &secret("two")).expect("kept");
    store.set("main/bot", &secret("three")).expect("replaced");
    assert_eq!(store.get("main/bot").expect("read"), Some(secret("three")));
    store.remove("main/bot").expect("forgotten");
    store.remove("main/bot").expect("forgotten before");
    assert_eq!(store.get("main/bot").expect("read"), None);
    assert_eq!(store.get("main/other").expect("read"), Some(secret("two")));
    let made = store.get_or_generate("main/new").expect("made");
    assert_eq!(store.get_or_generate("main/new").expect("kept"), made);
}

#[test]
fn memory_keeps_and_forgets() {
    keeps_and_forgets(&SecretStore::in_memory());
}

#[test]
fn a_file_keeps_and_forgets_beyond_the_store() {
    let (_folder, path, store) = file_store();
    keeps_and_forgets(&store);
    let next_start = SecretStore::file(path);
    assert_eq!(
        next_start.get("main/other").expect("read"),
        Some(secret("two"))
    );
}

/// Two stores of one file stand in for two processes: the lock is the system's, on the file.
#[test]
fn changes_through_two_stores_of_one_file_are_all_kept() {
    let (_folder, path, store) = file_store();
    let other = SecretStore::file(path);
    let write = |store: &SecretStore, prefix: &str| {
        for number in 0..20 {
            let name = format!("{prefix}/{number}");
            store.set(&name, &secret("kept")).expect("written");
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| write(&store, "one"));
        scope.spawn(|| write(&other, "other"));
    });
    for number in 0..20 {
        for prefix in ["one", "other"] {
            let name = format!("{prefix}/{number}");
            assert_eq!(
                store.get(&name).expect("read"),
                Some(secret("kept")),
                "{name}"
            );
        }
    }
}

#[test]
fn changes_of_two_threads_are_both_kept() {
    let (_folder, _path, store) = file_store();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let store = &store;
            scope.spawn(move || {
                for entry in 0..10 {
                    store
                        .set(&format!("{thread}/{entry}"), &secret("x"))
                        .expect("kept");
                }
            });
        }
    });
    for (thread, entry) in (0..4).flat_map(|thread| (0..10).map(move |entry| (thread, entry))) {
        assert!(
            store
                .get(&format!("{thread}/{entry}"))
                .expect("read")
                .is_some(),
            "{thread}/{entry}"
        );
    }
}

#[test]
fn nothing_is_written_for_nothing() {
    let (_folder, path, store) = file_store();
    store.remove("main/bot").expect("nothing to forget");
    assert!(!path.exists());
}

#[test]
fn a_file_without_an_end_is_refused_before_it_is_read_whole() {
    let (_folder, path, store) = written("{}");
    let file = fs::File::options().write(true).open(&path);
    let file = file.expect("a file");
    for bytes in [16 * 1024 * 1024 + 1, 1 << 40] {
        file.set_len(bytes).expect("long");
        let error = store.get("one").expect_err("too long");
        assert!(
            matches!(error, SecretError::UnreadableFile { .. }),
            "{bytes}: {error}"
        );
    }
}

#[test]
fn a_damaged_file_names_the_place_and_shows_nothing_of_it() {
    for (text, place) in [
        (
            "{\n  \"main/bot\": \"hunter2\"\n  oops\n}",
            "line 3, column 3",
        ),
        ("\"hunter2\"", "line 1, column 9"),
        ("{\"main/bot\": [\"hunter2\"]}", "line 1, column 13"),
        ("", "line 1, column 0"),
    ] {
        let (_folder, path, store) = written(text);
        let error = store.get("main/bot").expect_err("damaged");
        assert!(
            error
                .to_string()
                .contains(&format!("is damaged at {place}; repair it")),
            "{error}"
        );
        assert!(
            !format!("{error} {error:?}").contains("hunter2"),
            "{error:?}"
        );
        assert!(store.set("main/bot", &secret("new")).is_err());
        assert_eq!(
            fs::read_to_string(&path).expect("read"),
            text,
            "a damaged file is not written over"
        );
    }
}

#[test]
fn an_entry_that_is_nothing_is_named_and_no_other_is_shown() {
    let (_folder, _path, store) =
        written("{\"main/bot\": \" \", \"main/other\": \"hunter2 and more\"}");
    let error = store.get("main/bot").expect_err("damaged");
    assert!(
        error
            .to_string()
            .starts_with("the stored secret `main/bot` is damaged"),
        "{error}"
    );
    assert!(
        !format!("{error} {error:?}").contains("hunter2"),
        "{error:?}"
    );
}

/// It may sign something; as a token it is refused where it is asked for.
#[test]
fn an_entry_that_is_no_token_is_kept_as_it_is() {
    let (_folder, _path, store) = written("{\"named/hook\": \"hunter2 and more\"}");
    let key = store.get("named/hook").expect("readable").expect("there");
    assert_eq!(key.expose(), "hunter2 and more");
    assert_eq!(key.as_token().err(), Some(InvalidSecret::Unprintable));
    assert!(!format!("{key:?}").contains("hunter2"), "{key:?}");
}

#[cfg(unix)]
#[test]
fn the_file_is_for_its_owner_only_and_refused_otherwise() {
    use perpetua_secrets::SecretError;
    use std::os::unix::fs::PermissionsExt;

    let (_folder, path, store) = file_store();
    store.set("main/bot", &secret("one")).expect("kept");
    assert_eq!(
        fs::metadata(&path).expect("metadata").permissions().mode() & 0o777,
        0o600
    );
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("rights");
    let error = store.get("main/bot").expect_err("others can read it");
    assert!(
        matches!(error, SecretError::ExposedFile { .. }),
        "{error:?}"
    );
    assert!(error.to_string().contains("chmod 600"), "{error}");
}

/// Written by hand, or by a program that knows nothing of rights: other rights would not make it good.
#[cfg(unix)]
#[test]
fn a_damaged_file_that_others_can_read_is_told_as_damaged_first_and_stays() {
    use std::os::unix::fs::PermissionsExt;

    let text = "{ \"main/bot\": ";
    let (_folder, path, store) = written(text);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("rights");
    let set = store.set("main/bot", &secret("new"));
    for refused in [store.get("main/bot").map(drop), set] {
        let error = refused.expect_err("damaged");
        assert!(
            matches!(error, SecretError::DamagedFile { .. }),
            "{error:?}"
        );
    }
    assert_eq!(fs::read_to_string(&path).expect("read"), text);
    // Repaired, its rights are what is left to be made good.
    fs::write(&path, "{ \"main/bot\": \"one\" }").expect("repaired");
    let error = store.get("main/bot").expect_err("others can read it");
    assert!(
        matches!(error, SecretError::ExposedFile { .. }),
        "{error:?}"
    );
}

#[test]
fn the_debug_form_of_a_store_shows_no_secret() {
    let memory = SecretStore::in_memory();
    memory.set("main/bot", &secret("hunter2")).expect("kept");
    assert!(!format!("{memory:?}").contains("hunter2"), "{memory:?}");
}
