//! A folder that is imported and means more than itself: nothing outside of it is read, and no key comes along.

use std::fs;
use std::path::Path;

use perpetua_lagrange::AccountFolder;
use perpetua_lagrange::import::{ReplaceLogin, plan, take_over};
use perpetua_words::Message;
use tempfile::TempDir;

use crate::texts;

const SESSION: &str = r#"{"Uin":10001,"Session":{"D2":"b3V0c2lkZQ=="}}"#;
const DEVICE: &str = r#"{"Guid":"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9","MacAddress":"AAECAwQF","DeviceName":"outside"}"#;

fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, text).expect("written");
}

/// A folder to import with files of somebody else beside it.
fn place() -> TempDir {
    let above = TempDir::new().expect("a folder");
    let settings = r#"{"Account":{"Uin":20002}}"#;
    put(&above.path().join("old/appsettings.json"), settings);
    put(&above.path().join("outside/session.json"), SESSION);
    put(&above.path().join("outside/keystore.json"), SESSION);
    put(&above.path().join("outside/device.json"), DEVICE);
    put(
        &above.path().join("outside/config.yml"),
        "http:\n  port: 4711\n",
    );
    put(
        &above.path().join("outside/appsettings.json"),
        r#"{"Account":{"Uin":10001},"outside":1,
            "Implementations":[{"Type":"ForwardWebSocket","Port":4711}]}"#,
    );
    above
}

/// Imports it; gives what was said, after a look that nothing came from outside.
fn imported(above: &Path, what: &str) -> String {
    let found = plan(&above.join("old")).expect(what);
    assert_ne!(found.uin, Some(10001), "{what}");
    assert_eq!(found.node.api_port, None, "{what}");
    assert!(found.clients.is_empty(), "{what}: {:?}", found.clients);
    let target = AccountFolder::new(above.join("accounts/main"));
    let took = take_over(&found, &target, ReplaceLogin::No).expect(what);
    for entry in fs::read_dir(target.path()).expect("a folder") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a file");
        for outside in ["\"outside\"", "b3V0c2lkZQ", "10001"] {
            assert!(
                !text.contains(outside),
                "{what}: `{}`: {text}",
                path.display()
            );
        }
    }
    texts(&found.remarks) + &texts(&took.left)
}

#[test]
fn settings_that_name_files_elsewhere_are_not_followed() {
    for key in ["Keystore", "DeviceInfo"] {
        let file = if key == "Keystore" {
            "session.json"
        } else {
            "device.json"
        };
        let above = place();
        let absolute = above.path().join("outside").join(file);
        for named in [
            format!("../outside/{file}"),
            format!("./../outside/{file}"),
            format!("deeper/../../outside/{file}"),
            absolute.to_str().expect("text").to_owned(),
        ] {
            let above = place();
            fs::create_dir(above.path().join("old/deeper")).expect("a folder");
            let settings = serde_json::json!({ "ConfigPath": { key: named } });
            put(
                &above.path().join("old/appsettings.json"),
                &settings.to_string(),
            );
            let said = imported(above.path(), &named);
            let words = format!("`{named}` leads out of the folder and was not read");
            assert!(said.contains(&words), "{named}: {said}");
        }
    }
}

#[cfg(unix)]
#[test]
fn no_link_is_followed_out_of_the_folder() {
    use std::os::unix::fs::symlink;
    for name in [
        "keystore.json",
        "device.json",
        "appsettings.json",
        "appinfo.json",
        "config.yml",
        "config.yaml",
    ] {
        let above = place();
        let link = above.path().join("old").join(name);
        if name == "appsettings.json" {
            fs::remove_file(&link).expect("made room");
            put(&above.path().join("old/keystore.json"), r#"{"Uin":20002}"#);
        }
        let target = match name {
            "appinfo.json" | "config.yaml" => "config.yml",
            name => name,
        };
        symlink(above.path().join("outside").join(target), link).expect("a link");
        let said = imported(above.path(), name);
        let words = format!("`{name}` leads out of the folder and was not read");
        assert!(said.contains(&words), "{name}: {said}");
    }
}

#[cfg(unix)]
#[test]
fn folders_that_lead_elsewhere_are_not_followed_either() {
    use std::os::unix::fs::symlink;
    let above = place();
    symlink("../outside", above.path().join("old/login")).expect("a link");
    put(
        &above.path().join("old/appsettings.json"),
        r#"{"ConfigPath":{"Keystore":"login/session.json","DeviceInfo":"login/device.json"}}"#,
    );
    let said = imported(above.path(), "a folder");
    for name in ["login/session.json", "login/device.json"] {
        let words = format!("`{name}` leads out of the folder and was not read");
        assert!(said.contains(&words), "{said}");
    }
    // The original perpetua has everything in `config`.
    let above = place();
    symlink("../outside", above.path().join("old/config")).expect("a link");
    imported(above.path(), "config");
}

#[cfg(unix)]
#[test]
fn links_within_the_folder_are_its_own_business() {
    use std::os::unix::fs::symlink;
    let above = place();
    let old = above.path().join("old");
    put(
        &old.join("login/mine.json"),
        r#"{"Uin":30003,"Session":{"D2":"c2VjcmV0"}}"#,
    );
    symlink("login/mine.json", old.join("keystore.json")).expect("a link");
    let found = plan(&old).expect("found");
    assert_eq!(found.keystore, Some(old.join("login/mine.json")));
    assert_eq!(found.uin, Some(30003));
}

#[test]
fn no_key_of_a_signer_comes_along_in_whatever_spelling() {
    const KEY: &str = "hunter2";
    for spelt in [
        r#""SignServerUrl": "https://sign.example/?key=hunter2""#,
        r#""signserverurl": "https://sign.example/?key=hunter2""#,
        r#""SIGNSERVERURL": "https://hunter2@sign.example/""#,
        r#""SignServerUrl": "https://sign.example/?key=hunter2", "signServerUrl": "hunter2""#,
        "\"SignServerUrl\": // the key\n \"https://sign.example/hunter2\"",
        r#""SignServerUrl": ["hunter2"]"#,
        r#""SignServerUrl:Inner": "hunter2""#,
        r#""Sign\u0053erverUrl": "https://sign.example/hunter2""#,
        r#""SignProxyUrl": "http://me:hunter2@proxy.example:3128""#,
        r#""signproxyurl": "http://me:hunter2@proxy.example:3128""#,
    ] {
        let above = place();
        let settings = format!("{{ {spelt}, \"Custom\": 1 }}");
        put(&above.path().join("old/appsettings.json"), &settings);
        let found = plan(&above.path().join("old")).expect("found");
        let target = AccountFolder::new(above.path().join("accounts/main"));
        take_over(&found, &target, ReplaceLogin::No).expect("taken over");
        let copied = target.path().join("appsettings.json");
        let copied = fs::read_to_string(copied).expect("copied");
        assert!(!copied.contains(KEY), "{spelt}: {copied}");
        assert!(copied.contains("\"Custom\": 1"), "{copied}");
    }
}

#[test]
fn hosts_are_what_dotnet_takes_them_for() {
    for (host, kind, expected) in [
        (
            "\"::\"",
            "ForwardWebSocket",
            "the WebSocket port `[::]:8081`",
        ),
        (
            "\"::1\"",
            "ForwardWebSocket",
            "the WebSocket port `[::1]:8081`",
        ),
        (
            "\"[::]\"",
            "ForwardWebSocket",
            "the WebSocket port `[::]:8081`",
        ),
        (
            "\"::ffff:127.0.0.1\"",
            "Http",
            "the HTTP port `[::ffff:127.0.0.1]:8081`",
        ),
        (
            "\"*\"",
            "ForwardWebSocket",
            "the WebSocket port `0.0.0.0:8081`",
        ),
        ("\"+\"", "Http", "the HTTP port `0.0.0.0:8081`"),
        (
            "\"localhost\"",
            "ForwardWebSocket",
            "the WebSocket port `localhost:8081`",
        ),
        (
            "\" 127.0.0.1 \"",
            "ForwardWebSocket",
            "the WebSocket port `127.0.0.1:8081`",
        ),
        (
            "null",
            "ForwardWebSocket",
            "the WebSocket port `127.0.0.1:8081`",
        ),
        ("1", "HttpPost", "the events posted to `http://1:8081`"),
        (
            "\"::1\"",
            "ReverseWebSocket",
            "the dialled client `ws://[::1]:8081`",
        ),
    ] {
        let folder = TempDir::new().expect("a folder");
        let settings = format!(
            "{{\"Implementations\":[{{\"Type\":\"{kind}\",\"Host\":{host},\"Port\":8081}}]}}"
        );
        put(&folder.path().join("appsettings.json"), &settings);
        let found = plan(folder.path()).expect("found");
        let clients: Vec<String> = found
            .clients
            .iter()
            .map(|client| Message::from(client).to_string())
            .collect();
        assert_eq!(clients, [expected], "{host}");
    }
}

#[test]
fn what_is_switched_off_is_what_the_core_takes_for_off() {
    for (enable, is_there, is_told) in [
        ("\"false\"", false, false),
        ("false", true, true),
        ("\"False\"", true, true),
        ("true", true, false),
        ("\"true\"", true, false),
        ("0", true, false),
        ("null", true, false),
    ] {
        let folder = TempDir::new().expect("a folder");
        let settings = format!(
            "{{\"Implementation\":{{\"ForwardWebSocket\":{{\"Port\":8081,\"Enable\":{enable}}}}}}}"
        );
        put(&folder.path().join("appsettings.json"), &settings);
        let found = plan(folder.path()).expect("found");
        assert_eq!(!found.clients.is_empty(), is_there, "{enable}");
        let said = texts(&found.remarks);
        assert_eq!(
            said.contains("takes it for on"),
            is_told,
            "{enable}: {said}"
        );
    }
}
