//! What is taken over of another program's installation, beside what a person has stored.

use std::fs;

use perpetua_schema::{ErrorCode, Import, Method};
use perpetua_secrets::Secret;

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
