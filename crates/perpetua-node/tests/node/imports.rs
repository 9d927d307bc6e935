//! What is taken over of another program's installation, beside what a person has stored.

use std::fs;

use perpetua_schema::{ErrorCode, Import, Imported, Method, RpcError};
use perpetua_secrets::Secret;
use perpetua_words::Language;

use crate::harness::Place;

/// `main-bot` is named already, and not yet stored.
const SETTINGS: &str = r#"
[api]
listen = "127.0.0.1:0"

[core]
auto-install = false
check-every = "0s"

[[accounts]]
name = "other"
upstream = { kind = "simulator" }

[[accounts.clients]]
name = "bot"
kind = "forward"
listen = "127.0.0.1:0"
enabled = false
token = { secret = "main-bot" }
"#;

/// Of a bare Lagrange, with a key in its signer's address and a port with a token.
const INSTALLATION: &str = r#"{
  "SignServerUrl": "https://sign.example/api?key=theirs",
  "Account": { "Uin": 10001, "Protocol": "Linux" },
  "Implementations": [
    { "Type": "ForwardWebSocket", "Host": "127.0.0.1", "Port": 1, "AccessToken": "theirs" }
  ]
}"#;

const SESSION: &str = r#"{"Uin":10001,"Session":{"D2":"c2VjcmV0"}}"#;

const SIGNER: &str = "named/signer-sign-example";

fn secret(text: &str) -> Secret {
    Secret::new(text).expect("a secret")
}

fn import(place: &Place, account: &str) -> Import {
    let folder = place.folders().data().join("theirs");
    fs::create_dir_all(&folder).expect("a folder");
    for (name, text) in [
        ("appsettings.json", INSTALLATION),
        ("keystore.json", SESSION),
    ] {
        fs::write(folder.join(name), text).expect("written");
    }
    Import {
        folder: folder.to_str().expect("text").to_owned(),
        account: Some(account.to_owned()),
        disabled: false,
    }
}

#[tokio::test]
async fn a_secret_of_a_person_with_the_name_of_one_that_is_taken_over_stays() {
    let place = Place::new(SETTINGS);
    let node = place.start().await.expect("started");
    place.keyring.store(SIGNER, secret("mine"));
    let call = import(&place, "main");
    let imported = node.rpc().call(&call).await;
    assert_eq!(imported.expect(Import::NAME).account, "main");
    let settings = fs::read_to_string(place.settings_path()).expect("readable");
    for named in ["\"signer-sign-example-2\"", "\"main-bot-2\""] {
        assert!(settings.contains(named), "{settings}");
    }
    node.drain().await;
    let kept = place.keyring.kept();
    for (name, text) in [
        (SIGNER, "mine"),
        (
            &format!("{SIGNER}-2"),
            "https://sign.example/api?key=theirs",
        ),
        ("named/main-bot-2", "theirs"),
    ] {
        let secret = kept.get(name).map(Secret::expose);
        assert_eq!(secret, Some(text), "{name} of {:?}", kept.keys());
    }
    assert!(!kept.contains_key("named/main-bot"));
}

#[tokio::test]
async fn an_import_that_fails_takes_only_its_own_secrets_back() {
    let place = Place::new(SETTINGS);
    let node = place.start().await.expect("started");
    place.keyring.store(SIGNER, secret("mine"));
    let call = import(&place, "main");
    // What stands where the login would come to is in the way of it.
    fs::create_dir_all(place.folders().accounts()).expect("a folder");
    fs::write(place.folders().account("main"), "").expect("written");
    let refused = node.rpc().call(&call).await.expect_err("it cannot be");
    assert_ne!(refused.code, ErrorCode::Internal, "{refused}");
    node.drain().await;
    let kept = place.keyring.kept();
    let mine = kept.get(SIGNER).map(Secret::expose);
    assert_eq!(mine, Some("mine"));
    assert!(
        !kept.contains_key(&format!("{SIGNER}-2")),
        "{:?}",
        kept.keys()
    );
}

/// Imports a folder with these files; gives what was said, and the settings after it.
async fn imported(files: &[(&str, &[u8])]) -> (Result<Imported, RpcError>, String) {
    let place = Place::new(SETTINGS);
    let node = place.start().await.expect("started");
    let folder = place.folders().data().join("theirs");
    fs::create_dir_all(&folder).expect("a folder");
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).expect("written");
    }
    let call = Import {
        folder: folder.to_str().expect("text").to_owned(),
        account: None,
        disabled: true,
    };
    let outcome = node.rpc().call(&call).await;
    node.drain().await;
    let settings = fs::read_to_string(place.settings_path()).expect("readable");
    (outcome, settings)
}

#[tokio::test]
async fn where_nothing_can_be_used_no_account_is_left_and_the_cause_is_named() {
    let gbk = b"{\"Account\": \xd6\xd0\xce\xc4}";
    for (file, bytes, english, chinese) in [
        (
            "appsettings.json",
            &b"{ broken"[..],
            "no valid JSON from line 1",
            "第 1 行",
        ),
        (
            "appsettings.json",
            b"[]",
            "no JSON object",
            "没有 JSON 对象",
        ),
        ("appsettings.json", b"{}", "says nothing", "什么也没写"),
        ("appsettings.json", gbk, "most likely GBK", "很可能是 GBK"),
        (
            "config.yml",
            b"a: [b\n",
            "`config.yml` is damaged",
            "`config.yml` 第",
        ),
    ] {
        let (outcome, settings) = imported(&[(file, bytes)]).await;
        let refused = outcome.expect_err("nothing is there");
        assert_eq!(refused.code, ErrorCode::BadRequest, "{refused}");
        assert_eq!(refused.message.code, "import.nothing_usable", "{refused}");
        let said = refused.message.in_language(Language::English);
        assert!(said.contains(english), "{said}");
        let said = refused.message.in_language(Language::Chinese);
        assert!(said.contains(chinese), "{said}");
        assert!(!said.contains("token"), "{said}");
        assert_eq!(settings, SETTINGS, "an account was left");
    }
}

#[tokio::test]
async fn each_way_to_a_framework_becomes_a_client_or_is_told() {
    let settings = br#"{"Implementations":[
        {"Type":"ReverseWebSocket","Host":"127.0.0.1","Port":8080,"Suffix":"/ws","AccessToken":"theirs"},
        {"Type":"ReverseWebSocket","Host":"127.0.0.1","Port":8080,"Suffix":"/ws"},
        {"Type":"HttpPost","Host":"127.0.0.1","Port":8082,"Suffix":"/post","Secret":"signs"},
        {"Type":"Http","Host":"127.0.0.1","Port":8083},
        {"Type":"ReverseWebSocket","Host":"http://127.0.0.1","Port":8084},
        {"Type":"ForwardWebSocket","Host":"127.0.0.1","Port":99999},
        {"Type":"ForwardWebSocket","Host":"127.0.0.1","Port":0},
        {"Type":"Foo","Host":"127.0.0.1","Port":8085}
    ]}"#;
    let (outcome, text) = imported(&[("appsettings.json", settings)]).await;
    let imported = outcome.expect("imported");
    for part in [
        "kind = \"reverse\"\nurl = \"ws://127.0.0.1:8080/ws\"\ntoken = { secret = ",
        "kind = \"post\"\nurl = \"http://127.0.0.1:8082/post\"\nsecret = { secret = ",
        "kind = \"http\"\nlisten = \"127.0.0.1:8083\"",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(text.matches("[[accounts.clients]]").count(), 4, "{text}");
    assert!(
        !text.contains("theirs") && !text.contains("signs"),
        "{text}"
    );
    let codes = |messages: &[perpetua_words::Message]| {
        let codes = messages.iter().map(|message| message.code.to_string());
        codes.collect::<Vec<_>>()
    };
    let taken = codes(&imported.taken);
    for code in ["import.became_reverse", "import.became_post"] {
        assert!(taken.contains(&code.to_owned()), "{taken:?}");
    }
    let left = codes(&imported.not_taken);
    for (code, count) in [
        ("import.address_unusable", 2),
        ("import.bad_port", 1),
        ("import.unknown_kind", 1),
        ("import.no_client", 0),
    ] {
        let told = left.iter().filter(|left| *left == code).count();
        assert_eq!(told, count, "{code}: {left:?}");
    }
}
