//! Accounts and clients that come and go.

use perpetua_schema::{
    AccountAdd, AccountRemove, ClientAdd, ClientAdded, ClientChange, ClientEdit, ClientRead,
    ClientRemove, ErrorCode, Framework, NewClientKind, NewUpstream, SetAccountEnabled, Status,
    TokenNew,
};
use perpetua_secrets::Secret;
use tokio::net::TcpListener;

use super::{SETTINGS, SOON, connect, done, listen, new_client, refused, started, text, token};
use crate::harness::Place;

#[tokio::test]
async fn a_first_account_and_its_clients_come_into_being() {
    let (place, node) = started("[api]\nlisten = \"127.0.0.1:0\" # any\n").await;
    let call = AccountAdd {
        name: None,
        upstream: NewUpstream::Simulator,
    };
    let added = done(&node, call).await;
    assert_eq!(added.account, "simulator");
    assert!(added.applied.pending.is_empty(), "{added:?}");
    let client = |framework| ClientAdd {
        account: "simulator".into(),
        listen: None,
        ..new_client(framework)
    };
    let mut listens = Vec::new();
    for (framework, name) in [
        (Framework::Nonebot, "nonebot"),
        (Framework::Nonebot, "nonebot-2"),
        (Framework::Other, "bot"),
    ] {
        let ClientAdded {
            client, applied, ..
        } = done(&node, client(framework)).await;
        assert_eq!(client, name);
        assert!(applied.pending.is_empty(), "{applied:?}");
        listens.push(listen(&node, name).await);
    }
    listens.dedup_by_key(|listen| listen.port());
    assert_eq!(listens.len(), 3);
    assert!(listens.iter().all(|listen| listen.port() >= 6700));
    assert!(text(&place).starts_with("[api]\nlisten = \"127.0.0.1:0\" # any\n\n[[accounts]]\n"));
    assert!(!text(&place).contains("token"), "it is in the store");
    node.drain().await;
}

#[tokio::test]
async fn a_client_that_is_dialled_is_added_with_its_token_in_the_store_and_goes_with_it() {
    let (place, node) = started(SETTINGS).await;
    let astrbot = ClientAdd {
        listen: None,
        url: Some("127.0.0.1:1/ws".into()),
        token: Some("s3cret".into()),
        format: Some("array".into()),
        ..new_client(Framework::Astrbot)
    };
    let added = done(&node, astrbot.clone()).await;
    assert_eq!(added.client, "astrbot");
    let written = "kind = \"reverse\"\nurl = \"ws://127.0.0.1:1/ws\"\ntoken = { secret = \"main-astrbot\" }\nframework = \"astrbot\"\nformat = \"array\"";
    assert!(text(&place).contains(written), "{}", text(&place));
    assert_eq!(token(&node, "astrbot").await, "s3cret");
    let names = ClientRead {
        account: "main".into(),
        client: "astrbot".into(),
    };
    let settings = done(&node, names).await;
    assert_eq!((&*settings.kind, settings.listen), ("reverse", None));
    assert_eq!(settings.url.as_deref(), Some("ws://127.0.0.1:1/ws"));
    // A token of the framework is not made here.
    let renew = TokenNew {
        account: "main".into(),
        client: Some("astrbot".into()),
    };
    let refused = refused(&node, renew).await;
    assert_eq!(refused.message.code, "rpc.token_of_framework");
    let remove = ClientRemove {
        account: "main".into(),
        client: "astrbot".into(),
    };
    let applied = done(&node, remove).await;
    assert!(applied.pending.is_empty(), "{applied:?}");
    assert!(!text(&place).contains("astrbot"), "{}", text(&place));
    // Its secret went with it: the next one has the name again.
    let again = done(&node, astrbot).await;
    assert_eq!(again.client, "astrbot");
    assert!(text(&place).contains("main-astrbot\""), "{}", text(&place));
    node.drain().await;
}

#[tokio::test]
async fn a_client_that_calls_over_http_is_added_with_a_port_and_a_token() {
    let (place, node) = started(SETTINGS).await;
    let script = ClientAdd {
        kind: Some(NewClientKind::Http),
        token: Some("s3cret".into()),
        ..new_client(Framework::Other)
    };
    let added = done(&node, script).await;
    let written = "kind = \"http\"\nlisten = \"127.0.0.1:0\"";
    assert!(text(&place).contains(written), "{}", text(&place));
    assert_eq!(token(&node, &added.client).await, "s3cret");
    let names = ClientRead {
        account: "main".into(),
        client: added.client.clone(),
    };
    let settings = done(&node, names).await;
    assert_eq!((&*settings.kind, settings.max_connections), ("http", 256));
    assert_ne!(listen(&node, &added.client).await.port(), 0);
    let nowhere = ClientAdd {
        kind: Some(NewClientKind::Reverse),
        name: Some("nowhere".into()),
        ..new_client(Framework::Other)
    };
    refused(&node, nowhere).await;
    node.drain().await;
}

#[tokio::test]
async fn a_client_is_let_in_by_the_token_that_was_given_or_made_for_it() {
    let (_place, node) = started(SETTINGS).await;
    let given = ClientAdd {
        token: Some("0123456789abcdef".into()),
        name: Some("mine".into()),
        profile: Some("perpetua".into()),
        ..new_client(Framework::Koishi)
    };
    assert_eq!(done(&node, given).await.client, "mine");
    assert_eq!(token(&node, "mine").await, "0123456789abcdef");
    connect(&node, "mine").await;
    let unusable = ClientAdd {
        token: Some("密码".into()),
        ..new_client(Framework::Koishi)
    };
    let error = refused(&node, unusable).await;
    assert_eq!(error.message.code, "edit.token_unusable");
    node.drain().await;
}

#[tokio::test]
async fn one_that_is_posted_to_has_its_secret_in_the_store_and_no_port() {
    let (place, node) = started(SETTINGS).await;
    let hook = ClientAdd {
        kind: Some(NewClientKind::Post),
        name: Some("hook".into()),
        listen: None,
        url: Some(" 127.0.0.1:1/onebot ".into()),
        token: Some("s3cret".into()),
        ..new_client(Framework::Nonebot)
    };
    assert_eq!(done(&node, hook.clone()).await.client, "hook");
    let written = text(&place);
    assert!(written.contains("kind = \"post\""), "{written}");
    assert!(
        written.contains("url = \"http://127.0.0.1:1/onebot\""),
        "{written}"
    );
    assert!(!written.contains("s3cret"), "{written}");
    assert_eq!(token(&node, "hook").await, "s3cret");
    let change = ClientChange {
        url: Some("https://bot.example/".into()),
        ..ClientChange::default()
    };
    let call = |change| ClientEdit {
        account: "main".into(),
        client: "hook".into(),
        change,
        instead_of: None,
    };
    let edited = done(&node, call(change)).await;
    assert_eq!(
        edited.undo.url.as_deref(),
        Some("http://127.0.0.1:1/onebot")
    );
    let websocket = ClientChange {
        url: Some("ws://127.0.0.1:1/".into()),
        ..ClientChange::default()
    };
    let error = refused(&node, call(websocket)).await;
    assert_eq!(error.message.code, "config.url_scheme");
    let nowhere = ClientAdd {
        name: Some("other".into()),
        url: None,
        ..hook
    };
    let error = refused(&node, nowhere).await;
    assert_eq!(error.message.code, "config.url_scheme");
    let renewed = TokenNew {
        account: "main".into(),
        client: Some("hook".into()),
    };
    let error = refused(&node, renewed).await;
    assert_eq!(error.message.code, "rpc.secret_of_framework");
    node.drain().await;
}

#[tokio::test]
async fn a_name_that_cannot_be_is_refused_in_words() {
    let (place, node) = started(SETTINGS).await;
    for name in ["🤖", "\u{202e}tob", &"a".repeat(64), "", "con", "../main"] {
        let upstream = NewUpstream::Simulator;
        let call = AccountAdd {
            name: Some(name.into()),
            upstream,
        };
        let error = refused(&node, call).await;
        assert!(error.message.code.starts_with("config.name_"), "{error}");
        let call = ClientAdd {
            name: Some(name.into()),
            ..new_client(Framework::Other)
        };
        let error = refused(&node, call).await;
        assert!(error.message.code.starts_with("config.name_"), "{error}");
    }
    let call = AccountAdd {
        name: Some("main".into()),
        upstream: NewUpstream::Simulator,
    };
    let error = refused(&node, call).await;
    assert_eq!(
        (error.code, &*error.message.code),
        (ErrorCode::Conflict, "config.edit_account_taken")
    );
    assert_eq!(text(&place), SETTINGS);
    node.drain().await;
}

#[tokio::test]
async fn a_port_that_somebody_else_has_is_told_with_what_was_applied() {
    let (_place, node) = started(SETTINGS).await;
    let taken = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = taken.local_addr().expect("bound").to_string();
    let call = ClientAdd {
        listen: Some(address.clone()),
        ..new_client(Framework::Koishi)
    };
    let added = done(&node, call).await;
    let pending = added.applied.pending.iter().map(ToString::to_string);
    assert!(
        pending.into_iter().any(|one| one.contains(&address)),
        "{added:?}"
    );
    // It is no business of who changes something else.
    let other = done(&node, new_client(Framework::Nonebot)).await;
    assert!(other.applied.pending.is_empty(), "{other:?}");
    node.drain().await;
}

#[tokio::test]
async fn a_removed_account_takes_its_folder_and_what_perpetua_has_stored_along() {
    let shared = "[[accounts]]\nname = \"other\"\nupstream = { kind = \"onebot\", url = \"ws://127.0.0.1:1\", token = { secret = \"shared\" } }\n";
    let own = "[[accounts]]\nname = \"onebot\"\nupstream = { kind = \"onebot\", url = \"ws://127.0.0.1:1\", token = { secret = \"own\" } }\n[[accounts.clients]]\nname = \"bot\"\nkind = \"forward\"\nlisten = \"127.0.0.1:0\"\ntoken = { secret = \"shared\" }\n";
    let place = Place::new(&format!("{SETTINGS}{shared}{own}"));
    for name in [
        "named/shared",
        "named/own",
        "client/onebot/bot",
        "login/other",
        "client/other/bot",
    ] {
        place
            .keyring
            .store(name, Secret::new("s3cret").expect("a secret"));
    }
    let folders = place.folders();
    for account in ["onebot", "other"] {
        std::fs::create_dir_all(folders.account(account)).expect("created");
        std::fs::write(folders.account(account).join("keystore.json"), "{}").expect("written");
    }
    let node = place.start().await.expect("started");
    let account = "onebot".to_owned();
    let applied = done(&node, AccountRemove { account }).await;
    let of_edits = applied.pending.iter().map(|one| &*one.code);
    let of_edits: Vec<_> = of_edits.filter(|code| code.starts_with("edit.")).collect();
    assert_eq!(of_edits, ["edit.secret_kept"], "a person has stored it");
    assert_eq!(
        place.keyring.names(),
        [
            "client/other/bot",
            "login/other",
            "named/own",
            "named/shared"
        ]
    );
    assert!(!folders.account("onebot").exists() && folders.account("other").exists());
    assert_eq!(text(&place), format!("{SETTINGS}{shared}"));
    let account = "onebot".to_owned();
    assert_eq!(
        refused(&node, AccountRemove { account }).await.code,
        ErrorCode::NotFound
    );
    node.drain().await;
}

#[tokio::test]
async fn a_client_goes_with_its_token_and_an_account_rests() {
    let (place, node) = started(SETTINGS).await;
    done(&node, new_client(Framework::Koishi)).await;
    assert_eq!(place.keyring.names(), ["client/main/koishi"]);
    let mut connected = connect(&node, "koishi").await;
    let set = |enabled| SetAccountEnabled {
        account: "main".into(),
        enabled,
    };
    done(&node, set(false)).await;
    connected.ended(SOON).await.expect("told goodbye");
    assert!(!done(&node, Status {}).await.accounts[0].enabled);
    done(&node, set(true)).await;
    connect(&node, "koishi").await;
    let remove = ClientRemove {
        account: "main".into(),
        client: "koishi".into(),
    };
    done(&node, remove).await;
    assert!(place.keyring.names().is_empty());
    assert!(done(&node, Status {}).await.accounts[0].clients.is_empty());
    node.drain().await;
}
