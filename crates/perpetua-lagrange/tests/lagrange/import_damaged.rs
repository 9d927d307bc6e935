//! Each file of an installation damaged in each way: what an import says it took is what the first start uses.

use std::{fs, path::Path};

use perpetua_lagrange::{
    AccountFolder, AppInfo, CoreProtocol, Device, Keystore, LagrangeSettings, SignerUrl,
    import::{ImportError, ReplaceLogin, plan, take_over},
    log::LogMark,
};
use perpetua_secrets::Secret;
use perpetua_words::Message;
use tempfile::TempDir;

const SESSION: &str = r#"{"Uin":10001,"Session":{"D2":"c2VjcmV0"}}"#;
const DEVICE: &str = r#"{"Guid":"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9","MacAddress":"AAECAwQF","DeviceName":"Lagrange-ABCDEF","SystemKernel":"Windows 10.0.19042","KernelVersion":"10.0.19042.0"}"#;
const SETTINGS: &str = r#"{
  "SignServerUrl": "https://sign.example/api/sign/30366",
  "Account": { "Uin": 10001, "Protocol": "Linux" },
  "Custom": 1,
  "Implementations": [
    { "Type": "ForwardWebSocket", "Host": "127.0.0.1", "Port": 8081, "AccessToken": "t" },
    { "Type": "ReverseWebSocket", "Host": "127.0.0.1", "Port": 8082, "Suffix": "/ws" }
  ]
}"#;

/// What may have become of a file; `None` is a folder in its place.
const DAMAGES: [(&str, Option<&[u8]>); 7] = [
    ("empty", Some(b"")),
    ("blank", Some(b" \n")),
    ("cut", Some(b"{\"Uin\":1,")),
    ("of another kind", Some(b"[1,2]")),
    ("a page", Some(b"<html></html>")),
    ("zeros", Some(&[0; 64])),
    ("a folder", None),
];

fn installation() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let info = AppInfo::built_in(CoreProtocol::Linux).to_json();
    for (name, text) in [
        ("appsettings.json", SETTINGS),
        ("keystore.json", SESSION),
        ("device.json", DEVICE),
        ("appinfo.json", &info),
        ("config.yml", "http:\n  port: 8099\n"),
    ] {
        fs::write(folder.path().join(name), text).expect("written");
    }
    folder
}

fn damage(path: &Path, content: Option<&[u8]>) {
    fs::remove_file(path).expect("there");
    match content {
        Some(content) => fs::write(path, content).expect("written"),
        None => fs::create_dir(path).expect("made"),
    }
}

/// The codes of what was said.
fn codes<'m>(said: impl IntoIterator<Item = &'m Message>) -> Vec<String> {
    let codes = said.into_iter().map(|message| message.code.to_string());
    codes.collect()
}

fn has(codes: &[String], wanted: &[&str]) -> bool {
    codes.iter().any(|code| wanted.contains(&code.as_str()))
}

/// A folder in the place of a file that is read cannot be read: nothing is taken then. One in the place of the session or
/// of the device is no file of that name.
const REFUSED: [(&str, &str); 3] = [
    ("appsettings.json", "a folder"),
    ("appinfo.json", "a folder"),
    ("config.yml", "a folder"),
];

/// The import is refused as a whole, and leaves no login behind.
fn is_refused(folder: &Path, damaged: &str) {
    let home = TempDir::new().expect("a folder");
    let target = AccountFolder::new(home.path().join("main"));
    let refused = plan(folder).and_then(|found| take_over(&found, &target, ReplaceLogin::No));
    assert!(
        matches!(refused, Err(ImportError::File(_))),
        "{damaged}: {refused:?}"
    );
    let keystore = target.keystore().expect("readable");
    assert!(matches!(keystore, Keystore::Absent), "{damaged}");
    assert!(!target.device_file().exists(), "{damaged}");
}

/// Everything that was said to be taken is used at a start, and everything that is used was said.
fn said_and_done_agree(folder: &Path, damaged: &str) {
    let found = plan(folder).unwrap_or_else(|error| panic!("{damaged}: {error}"));
    let home = TempDir::new().expect("a folder");
    let target = AccountFolder::new(home.path().join("main"));
    let done = take_over(&found, &target, ReplaceLogin::No)
        .unwrap_or_else(|error| panic!("{damaged}: {error}"));
    let taken = codes(&done.taken);
    let not_taken = codes(found.remarks.iter().chain(&done.left));
    let keystore = target.keystore().expect("readable");
    let session = has(&taken, &["import.session", "import.session_of"]);
    assert_eq!(
        session,
        matches!(keystore, Keystore::Usable { .. }),
        "{damaged}: {keystore:?}"
    );
    assert_ne!(
        session,
        has(&not_taken, &["import.no_session"]),
        "{damaged}: {not_taken:?}"
    );
    let device = has(&taken, &["import.device"]);
    assert_eq!(
        device,
        matches!(target.device().expect("readable"), Device::Usable),
        "{damaged}"
    );
    assert_eq!(device, target.device_file().exists(), "{damaged}");
    assert_ne!(
        device,
        has(&not_taken, &["import.no_device", "import.device_unusable"]),
        "{damaged}: {not_taken:?}"
    );
    let info = AppInfo::read(target.path()).expect("readable").is_some();
    assert_eq!(
        has(&taken, &["import.app_info"]),
        info,
        "{damaged}: {taken:?}"
    );
    assert_ne!(
        info,
        has(&not_taken, &["import.app_info_unusable"]),
        "{damaged}: {not_taken:?}"
    );
    let settings = target.path().join("appsettings.json");
    assert_eq!(
        has(&taken, &["import.core_settings"]),
        settings.exists(),
        "{damaged}"
    );
    let written = first_start(target.path());
    assert!(
        written.is_empty(),
        "{damaged}: the first start says {written:?}"
    );
    let text = fs::read_to_string(&settings).expect("written");
    assert_eq!(
        text.contains("Custom"),
        has(&taken, &["import.core_settings"]),
        "{damaged}"
    );
}

/// What the first start says of the settings that it finds.
fn first_start(folder: &Path) -> Vec<String> {
    let settings = LagrangeSettings {
        port: 5700,
        token: Secret::new("t0ken").expect("a token"),
        uin: Some(10001),
        protocol: CoreProtocol::Linux,
        sign_server: SignerUrl::new("http://127.0.0.1:1/sign").expect("an address"),
        sign_proxy: None,
        log_mark: LogMark::new(7),
        extract_folder: folder.join("extract"),
    };
    codes(&settings.write(folder).expect("written").dropped)
}

#[test]
fn what_is_whole_is_taken_and_the_first_start_has_nothing_to_say() {
    let folder = installation();
    said_and_done_agree(folder.path(), "nothing");
    let found = plan(folder.path()).expect("found");
    assert_eq!(found.clients.len(), 2);
    assert!(found.remarks.is_empty(), "{:?}", found.remarks);
}

#[test]
fn every_file_damaged_in_turn_is_said_and_not_used() {
    for name in [
        "appsettings.json",
        "keystore.json",
        "device.json",
        "appinfo.json",
        "config.yml",
    ] {
        for (how, content) in DAMAGES {
            let folder = installation();
            damage(&folder.path().join(name), content);
            let damaged = format!("{name} is {how}");
            if REFUSED.contains(&(name, how)) {
                is_refused(folder.path(), &damaged);
            } else {
                said_and_done_agree(folder.path(), &damaged);
            }
        }
        let folder = installation();
        fs::remove_file(folder.path().join(name)).expect("there");
        let found = plan(folder.path()).expect("found");
        let home = TempDir::new().expect("a folder");
        let target = AccountFolder::new(home.path().join("main"));
        take_over(&found, &target, ReplaceLogin::No).expect("the rest is taken");
    }
}
