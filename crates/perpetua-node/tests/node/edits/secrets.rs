//! Secrets that go with settings, and who is cut off when one changes.

use std::time::Duration;

use perpetua_schema::{
    AccountAdd, AccountChange, AccountEdit, ClientAdd, ClientCut, ErrorCode, Framework,
    NewUpstream, SecretRemove, SignerAdd, SignerRemove, Status, TokenNew,
};
use perpetua_secrets::Secret;
use perpetua_testkit::Dial;
use tokio::net::TcpListener;

use super::{SETTINGS, SOON, connect, done, listen, new_client, refused, started, text, token};

#[tokio::test]
async fn without_a_keyring_nothing_is_half_written() {
    let (place, node) = started(SETTINGS).await;
    place.keyring.set_absent(true);
    let error = refused(&node, new_client(Framework::Koishi)).await;
    assert_eq!(error.message.code, "secret.keyring_absent");
    assert_eq!(error.code, ErrorCode::Unavailable);
    let upstream = NewUpstream::Onebot {
        url: "ws://127.0.0.1:1".into(),
        token: Some("s3cret".into()),
    };
    let error = refused(
        &node,
        AccountAdd {
            name: None,
            upstream,
        },
    )
    .await;
    assert_eq!(error.message.code, "secret.keyring_absent");
    assert_eq!(text(&place), SETTINGS);
    place.keyring.set_absent(false);
    assert!(place.keyring.names().is_empty());
    node.drain().await;
}

#[tokio::test]
async fn a_secret_is_taken_back_when_the_settings_that_name_it_are_refused() {
    let (place, node) = started(SETTINGS).await;
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let taken = free.local_addr().expect("bound").to_string();
    drop(free);
    let first = ClientAdd {
        listen: Some(taken.clone()),
        ..new_client(Framework::Koishi)
    };
    done(&node, first).await;
    let (before, names) = (text(&place), place.keyring.names());
    let twice = ClientAdd {
        listen: Some(taken),
        ..new_client(Framework::Koishi)
    };
    let error = refused(&node, twice).await;
    assert_eq!(error.code, ErrorCode::InvalidSettings);
    assert_eq!(error.message.code, "config.address_taken");
    let nonsense = ClientAdd {
        profile: Some("nonsense".into()),
        ..new_client(Framework::Koishi)
    };
    assert_eq!(
        refused(&node, nonsense).await.message.code,
        "config.unknown_word"
    );
    assert_eq!((text(&place), place.keyring.names()), (before, names));
    node.drain().await;
}

#[tokio::test]
async fn the_token_of_an_upstream_is_replaced_in_the_store() {
    let (place, node) = started(SETTINGS).await;
    let upstream = NewUpstream::Onebot {
        url: "ws://127.0.0.1:1".into(),
        token: Some("first".into()),
    };
    done(
        &node,
        AccountAdd {
            name: None,
            upstream,
        },
    )
    .await;
    assert_eq!(place.keyring.names(), ["named/onebot-upstream"]);
    let edit = |token: &str| AccountEdit {
        account: "onebot".into(),
        change: AccountChange {
            token: Some(token.into()),
            ..AccountChange::default()
        },
        instead_of: None,
    };
    let edited = done(&node, edit("second")).await;
    assert_eq!(edited.undo, None);
    assert!(
        edited
            .applied
            .changes
            .iter()
            .any(|change| change.code == "node.upstream_changed")
    );
    assert_eq!(place.keyring.names(), ["named/onebot-upstream-2"]);
    done(&node, edit("")).await;
    assert!(place.keyring.names().is_empty());
    assert!(!text(&place).contains("second") && !text(&place).contains("token"));
    node.drain().await;
}

#[tokio::test]
async fn a_secret_that_is_not_there_is_not_said_to_be_removed() {
    let (place, node) = started(SETTINGS).await;
    done(&node, new_client(Framework::Koishi)).await;
    let before = place.keyring.names();
    // None of perpetua's own names is one that a person removes.
    for name in ["mistyped", "koishi", "client/main/koishi", ""] {
        let error = refused(&node, SecretRemove { name: name.into() }).await;
        assert_eq!(error.code, ErrorCode::NotFound);
        let said = error.message.to_string();
        assert!(said.contains(&format!("`{name}`")), "{said}");
    }
    assert_eq!(place.keyring.names(), before);
    let mine = Secret::new("hunter2").expect("a secret");
    place.keyring.store("named/mine", mine);
    let remove = SecretRemove {
        name: "mine".into(),
    };
    done(&node, remove.clone()).await;
    assert_eq!(refused(&node, remove).await.code, ErrorCode::NotFound);
    node.drain().await;
}

#[tokio::test]
async fn who_came_in_by_the_former_token_is_cut_off() {
    let (_place, node) = started(SETTINGS).await;
    done(&node, new_client(Framework::Koishi)).await;
    done(&node, new_client(Framework::Nonebot)).await;
    let (mut cut, mut other) = (
        connect(&node, "koishi").await,
        connect(&node, "nonebot").await,
    );
    let former = token(&node, "koishi").await;
    let renew = TokenNew {
        account: "main".into(),
        client: Some("koishi".into()),
    };
    let renewed = done(&node, renew.clone()).await.token.expect("a new one");
    assert_ne!(renewed, former);
    let close = cut.ended(SOON).await.expect("cut off");
    assert_eq!(close.map(|close| u16::from(close.code)), Some(1012));
    assert_eq!(token(&node, "koishi").await, renewed);
    connect(&node, "koishi").await;
    let address = listen(&node, "koishi").await;
    assert!(
        Dial::to(address)
            .token(&former)
            .expect("a token")
            .connect()
            .await
            .is_err()
    );
    other
        .data_of("get_status", serde_json::json!({}))
        .await
        .expect("not touched");
    node.drain().await;
}

#[tokio::test]
async fn a_port_without_a_token_gets_one_and_keeps_its_comment() {
    let open = format!(
        "{SETTINGS}[[accounts.clients]]\nname = \"bot\"\nkind = \"forward\"\nlisten = \"127.0.0.1:0\"\ntoken = \"off\" # open\n"
    );
    let (place, node) = started(&open).await;
    let renew = TokenNew {
        account: "main".into(),
        client: Some("bot".into()),
    };
    let renewed = done(&node, renew).await.token.expect("a new one");
    assert_eq!(token(&node, "bot").await, renewed);
    assert!(
        text(&place).ends_with("listen = \"127.0.0.1:0\"\n# open\n"),
        "{}",
        text(&place)
    );
    connect(&node, "bot").await;
    node.drain().await;
}

#[tokio::test]
async fn a_secret_of_a_person_that_a_new_token_replaces_stays() {
    let bots = ["one", "two"].map(|name| {
        format!("[[accounts.clients]]\nname = \"{name}\"\nkind = \"forward\"\nlisten = \"127.0.0.1:0\"\ntoken = {{ secret = \"shared\" }}\n")
    });
    let (place, node) = started(&format!("{SETTINGS}{}", bots.concat())).await;
    let shared = Secret::new("hunter2").expect("a secret");
    place.keyring.store("named/shared", shared);
    let has_shared = || place.keyring.names().contains(&"named/shared".to_owned());
    for client in ["one", "two"] {
        let renew = TokenNew {
            account: "main".into(),
            client: Some(client.into()),
        };
        let renewed = done(&node, renew).await.token.expect("a new one");
        assert_eq!(token(&node, client).await, renewed);
        assert!(has_shared(), "{client}");
    }
    assert!(!text(&place).contains("secret"));
    node.drain().await;
}

#[tokio::test]
async fn a_connection_is_cut_and_may_come_again() {
    let (_place, node) = started(SETTINGS).await;
    done(&node, new_client(Framework::Koishi)).await;
    let (mut first, mut second) = (
        connect(&node, "koishi").await,
        connect(&node, "koishi").await,
    );
    let status = done(&node, Status {}).await;
    let connections = &status.accounts[0].clients[0].connections;
    assert_eq!(connections.len(), 2);
    let cut = |app_id: Option<String>| ClientCut {
        account: "main".into(),
        client: "koishi".into(),
        app_id,
    };
    let error = refused(&node, cut(Some("nobody".into()))).await;
    assert_eq!(error.message.code, "rpc.no_such_connection");
    done(&node, cut(Some(connections[0].app_id.clone()))).await;
    let (one, other) = tokio::join!(
        first.ended(Duration::from_secs(1)),
        second.ended(Duration::from_secs(1))
    );
    assert_eq!(
        [one.is_ok(), other.is_ok()]
            .iter()
            .filter(|ended| **ended)
            .count(),
        1
    );
    done(&node, cut(None)).await;
    connect(&node, "koishi").await;
    node.drain().await;
}

#[tokio::test]
async fn a_signer_whose_address_may_be_a_secret_is_kept_in_the_store() {
    let (place, node) = started(SETTINGS).await;
    let add = |url: &str| SignerAdd {
        name: None,
        url: url.into(),
    };
    let plain = done(&node, add("https://sign.example/api/sign/30366")).await;
    assert_eq!(plain.name, "sign-example");
    assert!(text(&place).contains("https://sign.example/api/sign/30366"));
    let error = refused(&node, add("https://sign.example/api/sign/30366")).await;
    assert_eq!(error.message.code, "edit.signer_known");
    let secret = done(&node, add("https://user:pass@sign.example/api")).await;
    assert_eq!(secret.name, "sign-example-2");
    assert_eq!(place.keyring.names(), ["named/signer-sign-example-2"]);
    assert!(!text(&place).contains("pass@"));
    let upstream = "kind = \"lagrange\", signers = [\"sign-example-2\"], auto-start = false";
    place.write(&text(&place).replace("kind = \"simulator\"", upstream));
    let remove = |name: &str| SignerRemove { name: name.into() };
    let error = refused(&node, remove("sign-example-2")).await;
    assert_eq!(error.message.code, "edit.signer_used");
    place.write(&text(&place).replace(upstream, "kind = \"simulator\""));
    done(&node, remove("sign-example-2")).await;
    assert!(place.keyring.names().is_empty());
    done(&node, remove("sign-example")).await;
    assert_eq!(
        refused(&node, add("sign.example")).await.code,
        ErrorCode::BadRequest
    );
    node.drain().await;
}
