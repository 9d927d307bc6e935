//! Two who change the same: the second is told, and nothing of the first is lost.

use perpetua_schema::{
    AccountAdd, AccountChange, AccountEdit, ClientChange, ClientEdit, ClientRead, ErrorCode,
    Framework, ListSigners, NetworkChange, NetworkEdit, NewUpstream, SignerAdd, SignerEdit,
};

use super::{SETTINGS, done, new_client, refused, started, text};

#[tokio::test]
async fn the_second_who_changes_a_client_is_told() {
    let (place, node) = started(SETTINGS).await;
    done(&node, new_client(Framework::Koishi)).await;
    let read = ClientRead {
        account: "main".into(),
        client: "koishi".into(),
    };
    let limit = |count| ClientChange {
        max_connections: Some(count),
        ..ClientChange::default()
    };
    let edit = |change: ClientChange, instead_of: &ClientChange| ClientEdit {
        account: "main".into(),
        client: "koishi".into(),
        change,
        instead_of: Some(instead_of.clone()),
    };
    let seen = limit(done(&node, read).await.max_connections);
    let first = done(&node, edit(limit(2), &seen)).await;
    let before = text(&place);
    let error = refused(&node, edit(limit(3), &seen)).await;
    assert_eq!(error.code, ErrorCode::Conflict);
    assert_eq!(error.message.code, "edit.changed_meanwhile");
    assert_eq!(text(&place), before);
    // Nor is it taken back over somebody else.
    done(&node, edit(limit(4), &first.now)).await;
    let error = refused(&node, edit(first.undo, &first.now)).await;
    assert_eq!(error.message.code, "edit.changed_meanwhile");
    node.drain().await;
}

#[tokio::test]
async fn the_second_who_changes_an_account_is_told() {
    let (place, node) = started(SETTINGS).await;
    let url = |port: u16| format!("ws://127.0.0.1:{port}/");
    let upstream = NewUpstream::Onebot {
        url: url(1),
        token: None,
    };
    let name = Some("other".to_owned());
    done(&node, AccountAdd { name, upstream }).await;
    let edit = |change: &AccountChange, instead_of: &AccountChange| AccountEdit {
        account: "other".into(),
        change: change.clone(),
        instead_of: Some(instead_of.clone()),
    };
    let [timeout, other_timeout, last_timeout] = [2.0, 3.0, 4.0].map(|seconds| AccountChange {
        action_timeout_s: Some(seconds),
        ..AccountChange::default()
    });
    let [address, other_address, last_address] = [2, 3, 4].map(|port| AccountChange {
        address: Some(url(port)),
        ..AccountChange::default()
    });
    let [uin, other_uin, last_uin] = [12_345, 23_456, 34_567].map(|uin| AccountChange {
        uin: Some(uin),
        ..AccountChange::default()
    });
    for (first, second, third) in [
        (timeout, other_timeout, last_timeout),
        (address, other_address, last_address),
        (uin, other_uin, last_uin),
    ] {
        let begun = AccountEdit {
            account: "other".into(),
            change: first,
            instead_of: None,
        };
        let begun = done(&node, begun).await;
        let seen = begun.now.clone();
        done(&node, edit(&second, &seen)).await;
        let before = text(&place);
        let error = refused(&node, edit(&third, &seen)).await;
        assert_eq!(error.code, ErrorCode::Conflict);
        assert_eq!(error.message.code, "edit.changed_meanwhile");
        let undo = begun.undo.expect("no secret was touched");
        let error = refused(&node, edit(&undo, &seen)).await;
        assert_eq!(error.message.code, "edit.changed_meanwhile");
        assert_eq!(text(&place), before);
    }
    // A token is nothing that could be seen; what is refused leaves none.
    let token = AccountChange {
        token: Some("hunter2".into()),
        ..AccountChange::default()
    };
    let wrong = AccountChange {
        uin: Some(1),
        ..AccountChange::default()
    };
    refused(&node, edit(&token, &wrong)).await;
    assert!(place.keyring.names().is_empty());
    done(&node, edit(&token, &AccountChange::default())).await;
    node.drain().await;
}

#[tokio::test]
async fn the_second_who_changes_an_address_of_a_signer_is_told() {
    let (place, node) = started(SETTINGS).await;
    let add = SignerAdd {
        name: Some("one".into()),
        url: "https://one.example/sign".into(),
    };
    done(&node, add).await;
    let seen = done(&node, ListSigners {}).await.remove(0).mark;
    let edit = |url: &str, seen: &str| SignerEdit {
        name: "one".into(),
        rename: None,
        url: Some(url.into()),
        instead_of: Some(seen.into()),
    };
    // The same host, and another key each time.
    done(&node, edit("https://one.example/hunter2/sign", &seen)).await;
    let now = done(&node, ListSigners {}).await.remove(0).mark;
    assert_ne!(now, seen);
    let (before, names) = (text(&place), place.keyring.names());
    let error = refused(&node, edit("https://one.example/swordfish/sign", &seen)).await;
    assert_eq!(error.code, ErrorCode::Conflict);
    assert_eq!(error.message.code, "edit.changed_meanwhile");
    assert_eq!((text(&place), place.keyring.names()), (before, names));
    done(&node, edit("https://one.example/swordfish/sign", &now)).await;
    node.drain().await;
}

#[tokio::test]
async fn a_network_setting_is_not_taken_back_over_somebody_else() {
    let (_place, node) = started(SETTINGS).await;
    let edit = |change: NetworkChange, instead_of: Option<NetworkChange>| NetworkEdit {
        change,
        instead_of,
        ..NetworkEdit::default()
    };
    let ports = |range: &str| NetworkChange {
        lease_ports: Some(range.into()),
        ..NetworkChange::default()
    };
    let first = done(&node, edit(ports(" 18100-18110 "), None)).await;
    assert_eq!(first.now, ports("18100-18110"));
    done(&node, edit(ports("18100-18120"), Some(first.now.clone()))).await;
    let undo = first.undo.expect("no secret");
    let error = refused(&node, edit(undo, Some(first.now))).await;
    assert_eq!(error.message.code, "edit.changed_meanwhile");
    node.drain().await;
}
