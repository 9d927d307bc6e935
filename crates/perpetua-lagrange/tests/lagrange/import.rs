//! Installations of others.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::texts;
use perpetua_lagrange::import::{
    ImportError, InstallationOrigin, ReplaceLogin, SuggestedClient, plan, take_over,
};
use perpetua_lagrange::{AccountFolder, CoreProtocol, Device, Keystore};
use perpetua_words::Message;
use tempfile::TempDir;

const SESSION: &str = r#"{"Uin":10001,"Session":{"D2":"c2VjcmV0"}}"#;
const DEVICE: &str = r#"{"Guid":"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9","MacAddress":"AAECAwQF","DeviceName":"Lagrange-ABCDEF"}"#;

const CONFIG: &str = "#\t perpetua
log:
  level: \"debug\"
ntqq-impl:
  external-web-socket: \"ws://127.0.0.1:5700/onebot/v11/ws\"
  external-access-token: \"hunter2\"
  update: { enable: false, updated-at: \"0001-01-01T00:00:00Z\" }
http:
  port: 8099
web-socket:
  timeout: 15s
  range-port:
    enabled: true
    start: 8100
    end: 8110
reverse-web-socket:
  - url: 'ws://127.0.0.1:9000/onebot/v11/ws?access_token=hunter2'
    access-token: 'hunter2'
  - url: ''
http-post:
  - url: 'http://127.0.0.1:9001/'
    secret: 'hunter2'
msg-expire-time: 30m
";

/// The settings that the original perpetua writes, with sections instead of a list.
const SECTIONS: &str = r#"{
  "SignServerUrl": "https://sign.example/api/sign/30366",
  "SignProxyUrl": "http://10.0.0.1:3128",
  "Account": { "Uin": "20002", "Protocol": "Linux" },
  "Custom": 1, // mine
  "Implementation": {
    "ForwardWebSocket": { "Host": "*", "Port": "8081", "AccessToken": "hunter2" },
    "Http": { "Host": "", "Port": 0 },
    "HttpPost": { "Host": "127.0.0.1", "Port": 8080, "Suffix": "/onebot/v11/http" }
  },
}"#;

fn put(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("parent")).expect("folder");
    fs::write(&path, text).expect("file");
    path
}

/// Every file below a folder, to show that nothing was changed.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            all.extend(contents(&path));
        } else {
            all.insert(path.clone(), fs::read(&path).expect("file"));
        }
    }
    all
}

fn perpetua() -> (TempDir, PathBuf) {
    let root = TempDir::new().expect("folder");
    let config = root.path().join("config");
    put(&config, "config.yml", CONFIG);
    put(&config, "appsettings.json", SECTIONS);
    put(&config, "keystore.json", SESSION);
    put(&config, "device.json", DEVICE);
    put(&config, "lagrange-20002-db/.realm", "x");
    put(&config, "lagrange-20002.db", "x");
    put(&config, "Lagrange.OneBot/Lagrange.OneBot", "program");
    (root, config)
}

#[test]
fn an_original_perpetua_is_recognised_from_its_folder_or_the_one_above() {
    let (root, config) = perpetua();
    for folder in [root.path(), &config] {
        let found = plan(folder).expect("found");
        assert_eq!(
            (found.origin, &found.folder),
            (InstallationOrigin::Perpetua, &config)
        );
        assert_eq!(found.uin, Some(10001), "the session knows best");
        assert_eq!(found.protocol, CoreProtocol::Linux);
        assert_eq!(
            found.program,
            Some(config.join("Lagrange.OneBot/Lagrange.OneBot"))
        );
        let signer = found.signer.as_ref().expect("signer");
        assert_eq!(signer.url.expose(), "https://sign.example/api/sign/30366");
        assert!(signer.proxy.is_some());
        assert_eq!(found.node.api_port, Some(8099));
        assert_eq!(found.node.lease_range, Some((8100, 8110)));
        let external = found.node.external.as_ref().expect("external");
        assert_eq!(external.token.as_ref().expect("token").expose(), "hunter2");
        let clients: Vec<String> = found
            .clients
            .iter()
            .map(|client| Message::from(client).to_string())
            .collect();
        assert_eq!(
            clients,
            [
                "the WebSocket port `0.0.0.0:8081`",
                "the events posted to `http://127.0.0.1:8080/onebot/v11/http`",
                "the dialled client `ws://127.0.0.1:9000/onebot/v11/ws`",
                "the events posted to `http://127.0.0.1:9001/`",
            ]
        );
        let Some(SuggestedClient::Forward(port)) = found.clients.first() else {
            panic!("{:?}", found.clients);
        };
        let token = port.token.clone().usable();
        assert_eq!(token.expect("token").expose(), "hunter2");
        let remarks = texts(&found.remarks);
        for part in [
            "lagrange-20002-db",
            "lagrange-20002.db",
            "ws://127.0.0.1:5700",
        ] {
            assert!(remarks.contains(part), "{part}: {remarks}");
        }
        assert!(!format!("{found:?}").contains("hunter2"));
    }
}

#[test]
fn a_login_is_taken_over_and_the_source_is_not_changed() {
    let (root, _) = perpetua();
    let before = contents(root.path());
    let home = TempDir::new().expect("folder");
    let target = AccountFolder::new(home.path().join("accounts/main"));
    let found = plan(root.path()).expect("found");
    let result = take_over(&found, &target, ReplaceLogin::No).expect("taken");
    assert_eq!(
        fs::read_to_string(target.keystore_file()).expect("session"),
        SESSION
    );
    assert_eq!(
        fs::read_to_string(target.device_file()).expect("device"),
        DEVICE
    );
    let settings = fs::read_to_string(target.path().join("appsettings.json")).expect("settings");
    assert!(settings.contains("\"Custom\": 1, // mine"));
    assert_eq!(result.taken.len(), 3, "{result:?}");
    assert_eq!(result.left, Vec::new());
    assert_eq!(contents(root.path()), before);
    assert!(!target.path().join("lagrange-20002.db").exists());
}

#[test]
fn a_login_of_the_target_is_only_replaced_when_that_is_said() {
    let (root, config) = perpetua();
    let home = TempDir::new().expect("folder");
    let target = AccountFolder::new(home.path());
    fs::write(target.keystore_file(), "its own").expect("session");
    let found = plan(root.path()).expect("found");
    let refused = take_over(&found, &target, ReplaceLogin::No);
    assert!(
        matches!(refused, Err(ImportError::LoginThere(_))),
        "{refused:?}"
    );
    assert_eq!(contents(home.path()).len(), 1);
    take_over(&found, &target, ReplaceLogin::Yes).expect("taken");
    let kept: Vec<Vec<u8>> = contents(home.path()).into_values().collect();
    assert!(
        kept.contains(&b"its own".to_vec()),
        "the old one is set aside"
    );
    let same = take_over(&found, &AccountFolder::new(config), ReplaceLogin::Yes);
    assert!(matches!(same, Err(ImportError::SameFolder(_))), "{same:?}");
}

#[test]
fn a_bare_core_is_recognised_by_any_of_its_files() {
    let folder = TempDir::new().expect("folder");
    assert!(matches!(plan(folder.path()), Err(ImportError::Nothing(_))));
    assert!(matches!(
        plan(&folder.path().join("none")),
        Err(ImportError::NoFolder(_))
    ));
    // A release that was unpacked where it is: a folder has the name of the program.
    let program = "Lagrange.OneBot/bin/Release/net9.0/linux-x64/publish/Lagrange.OneBot";
    let program = put(folder.path(), program, "program");
    let found = plan(folder.path()).expect("found");
    assert_eq!(
        (found.origin, found.program),
        (InstallationOrigin::Lagrange, Some(program))
    );
    assert_eq!((found.keystore, found.uin), (None, None));

    put(
        folder.path(),
        "appsettings.json",
        r#"{"SignServerUrl":"https://sign.lagrangecore.org/api/sign/30366",
            "Account":{"Uin":20002,"Protocol":"Solaris"},
            "ConfigPath":{"Keystore":"login/session.json"},
            "Implementations":[
              {"Type":"ReverseWebSocket","Host":"127.0.0.1","Port":8080,"Suffix":"/ws","AccessToken":""},
              {"Type":"ReverseWebSocket","Host":"wss://bot.example","Port":443,"Suffix":"/ws"},
              {"Type":"ForwardWebSocket","Host":"127.0.0.1","Port":8081,"Enable":"false"},
              {"Type":"Unknown","Port":1}]}"#,
    );
    let session = put(folder.path(), "login/session.json", SESSION);
    let found = plan(folder.path()).expect("found");
    assert_eq!((found.keystore, found.uin), (Some(session), Some(10001)));
    assert_eq!(found.signer, None, "the one that was switched off");
    let clients: Vec<String> = found
        .clients
        .iter()
        .map(|client| Message::from(client).to_string())
        .collect();
    assert_eq!(
        clients,
        [
            "the dialled client `ws://127.0.0.1:8080/ws`",
            "the dialled client `wss://bot.example:443/ws`",
        ]
    );
    let remarks = texts(&found.remarks);
    assert!(
        remarks.contains("switched off") && remarks.contains("Solaris"),
        "{remarks}"
    );
}

#[test]
fn what_is_damaged_becomes_a_remark_and_the_rest_is_taken() {
    let (root, config) = perpetua();
    put(&config, "keystore.json", "{\"Uin\":1,");
    put(&config, "appsettings.json", "{ no");
    put(
        &config,
        "config.yml",
        "http:\n  port: 8080\n bad: [hunter2\n",
    );
    fs::remove_file(config.join("device.json")).expect("device");
    let found = plan(root.path()).expect("found");
    assert_eq!(found.origin, InstallationOrigin::Perpetua);
    let remarks = texts(&found.remarks);
    for part in [
        "`config.yml` is damaged at line",
        "`appsettings.json` is damaged",
        "a new login is needed",
    ] {
        assert!(remarks.contains(part), "{part}: {remarks}");
    }
    assert!(!remarks.contains("hunter2"), "{remarks}");
    let home = TempDir::new().expect("folder");
    let target = AccountFolder::new(home.path());
    let result = take_over(&found, &target, ReplaceLogin::No).expect("taken");
    assert!(!target.keystore_file().exists());
    assert_eq!(result.left.len(), 2, "{result:?}");
}

#[test]
fn each_file_is_judged_as_at_a_start_and_one_never_costs_the_other() {
    let broken = [
        "",
        "{",
        "[]",
        "null",
        "\0\0\0",
        r#"{"DeviceName":"x"}"#,
        r#"{"Guid":"x","MacAddress":"AA=="}"#,
    ];
    for (device, keystore) in broken
        .iter()
        .map(|device| (*device, SESSION))
        .chain(["", "{", "[]"].map(|keystore| (DEVICE, keystore)))
    {
        let (old, new) = (
            TempDir::new().expect("folder"),
            TempDir::new().expect("folder"),
        );
        put(old.path(), "appsettings.json", "{}");
        put(old.path(), "device.json", device);
        put(old.path(), "keystore.json", keystore);
        let before = contents(old.path());
        let target = AccountFolder::new(new.path().join("main"));
        let found = plan(old.path()).expect("looked at");
        let took = take_over(&found, &target, ReplaceLogin::No).expect("taken over");
        let (taken, left) = (texts(&took.taken), texts(&took.left));
        // What is said is what was done, and what the next start will find.
        assert_eq!(taken.contains("device.json"), device == DEVICE, "{taken}");
        assert_eq!(left.contains("`device.json`"), device != DEVICE, "{left}");
        assert_eq!(
            taken.contains("keystore.json"),
            keystore == SESSION,
            "{taken}"
        );
        assert!(!left.contains("no device file"), "{left}");
        let is_usable = |one: Keystore| matches!(one, Keystore::Usable { .. });
        assert_eq!(
            is_usable(target.keystore().expect("judged")),
            keystore == SESSION
        );
        assert!(!matches!(
            target.device().expect("judged"),
            Device::Unreadable(_)
        ));
        assert_eq!(contents(old.path()), before);
    }
}
