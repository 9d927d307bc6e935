//! Signers that are changed and ordered.

use perpetua_schema::{
    ErrorCode, ListSigners, SettingsRead, SignerAdd, SignerEdit, SignerTest, SignersOrder,
};

use super::{SETTINGS, done, refused, started, text};

fn add(name: &str, url: &str) -> SignerAdd {
    SignerAdd {
        name: Some(name.into()),
        url: url.into(),
    }
}

fn edit(name: &str, rename: Option<&str>, url: Option<&str>) -> SignerEdit {
    SignerEdit {
        name: name.into(),
        rename: rename.map(Into::into),
        url: url.map(Into::into),
        instead_of: None,
    }
}

fn order(names: &[&str], instead_of: Option<&[&str]>) -> SignersOrder {
    let texts = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    SignersOrder {
        names: texts(names),
        instead_of: instead_of.map(texts),
    }
}

#[tokio::test]
async fn another_address_keeps_name_and_place_and_a_key_in_it_is_a_secret() {
    let (place, node) = started(SETTINGS).await;
    done(&node, add("one", "https://one.example/api/sign")).await;
    done(&node, add("two", "https://two.example/sign")).await;
    let key = "https://one.example/hunter2hunter2/sign";
    done(&node, edit("one", None, Some(key))).await;
    assert!(!text(&place).contains("hunter2"));
    assert_eq!(place.keyring.names(), ["named/signer-one"]);
    let list = done(&node, ListSigners {}).await;
    let shown: Vec<_> = list.iter().map(|one| (&*one.name, &*one.host)).collect();
    assert_eq!(shown, [("one", "one.example"), ("two", "two.example")]);
    assert!(!format!("{list:?}").contains("hunter2"));

    let other = "https://one.example/swordfish99/sign";
    done(&node, edit("one", None, Some(other))).await;
    assert_eq!(place.keyring.names(), ["named/signer-one-2"]);
    done(&node, edit("one", None, Some("https://one.example/sign"))).await;
    assert!(place.keyring.names().is_empty());
    done(&node, edit("one", None, Some("https://one.example/sign"))).await;
    node.drain().await;
}

#[tokio::test]
async fn a_secret_that_the_owner_named_is_not_removed() {
    let settings = SETTINGS.to_owned()
        + "\n[[signers]]\nname = \"one\"\nurl = { secret = \"mykey\" }\n\
           [[signers]]\nname = \"two\"\nurl = { secret = \"signer-two-x\" }\n";
    let (place, node) = started(&settings).await;
    for own in ["named/mykey", "named/signer-two-x"] {
        let secret = perpetua_secrets::Secret::new("https://one.example/hunter2/sign");
        place.keyring.store(own, secret.expect("a secret"));
    }
    let applied = done(&node, edit("one", None, Some("https://one.example/sign"))).await;
    assert!(
        applied
            .pending
            .iter()
            .any(|one| one.code == "edit.secret_kept")
    );
    let two = perpetua_schema::SignerRemove { name: "two".into() };
    let applied = done(&node, two).await;
    assert!(
        applied
            .pending
            .iter()
            .any(|one| one.code == "edit.secret_kept")
    );
    assert_eq!(place.keyring.names(), ["named/mykey", "named/signer-two-x"]);
    node.drain().await;
}

#[tokio::test]
async fn what_an_address_said_before_is_not_said_of_another_one() {
    let (_place, node) = started(SETTINGS).await;
    done(&node, add("one", "http://127.0.0.1:9/api")).await;
    let test = SignerTest {
        name: Some("one".into()),
        url: None,
    };
    assert!(done(&node, test).await.problem.is_some());
    assert!(done(&node, ListSigners {}).await[0].report.is_some());
    done(&node, edit("one", None, Some("http://127.0.0.1:9/sign"))).await;
    assert_eq!(done(&node, ListSigners {}).await[0].report, None);
    node.drain().await;
}

#[tokio::test]
async fn another_name_is_taken_over_by_who_named_it() {
    let upstream = "kind = \"lagrange\", signers = [\"two\", \"one\"], auto-start = false";
    let settings = SETTINGS.replace("kind = \"simulator\"", upstream)
        + "\n[[signers]]\nname = \"one\"\nurl = \"https://one.example\" # mine\n\
           [[signers]]\nname = \"two\"\nurl = \"https://two.example\"\n";
    let (place, node) = started(&settings).await;
    done(
        &node,
        edit("one", Some(" first "), Some("https://one.example/sign")),
    )
    .await;
    let expected = settings
        .replace("\"one\"", "\"first\"")
        .replace("https://one.example", "https://one.example/sign");
    assert_eq!(text(&place), expected);

    for (call, code) in [
        (edit("one", None, None), "config.edit_no_signer"),
        (edit("first", Some("two"), None), "config.edit_signer_taken"),
        (
            edit("first", None, Some("https://two.example")),
            "edit.signer_known",
        ),
    ] {
        assert_eq!(refused(&node, call).await.message.code, code);
    }
    for call in [
        edit("first", Some("not a name!"), None),
        edit("first", Some(""), None),
        edit("first", None, Some("one.example")),
        edit("first", None, Some("")),
    ] {
        assert_eq!(refused(&node, call).await.code, ErrorCode::BadRequest);
    }
    assert_eq!(text(&place), expected);
    node.drain().await;
}

#[tokio::test]
async fn without_a_keyring_a_key_is_not_written_anywhere() {
    let (place, node) = started(SETTINGS).await;
    done(&node, add("one", "https://one.example/sign")).await;
    let before = text(&place);
    place.keyring.set_absent(true);
    let key = edit(
        "one",
        Some("other"),
        Some("https://one.example/hunter2/sign"),
    );
    let error = refused(&node, key).await;
    assert_eq!(error.message.code, "secret.keyring_absent");
    assert_eq!(text(&place), before);
    place.keyring.set_absent(false);
    assert!(place.keyring.names().is_empty());
    node.drain().await;
}

#[tokio::test]
async fn an_order_is_refused_when_the_list_is_another_one_by_now() {
    let (place, node) = started(SETTINGS).await;
    for name in ["a", "b", "c"] {
        done(&node, add(name, &format!("https://{name}.example"))).await;
    }
    done(&node, order(&["c", "a", "b"], Some(&["a", "b", "c"]))).await;
    let list = done(&node, ListSigners {}).await;
    let names: Vec<_> = list.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["c", "a", "b"]);

    let before = text(&place);
    for call in [
        order(&["b", "a", "c"], Some(&["a", "b", "c"])),
        order(&["c", "a"], None),
        order(&["c", "a", "a"], None),
        order(&["c", "a", "b", "d"], None),
    ] {
        let error = refused(&node, call).await;
        assert_eq!(error.code, ErrorCode::Conflict);
        assert_eq!(error.message.code, "config.edit_other_signers");
    }
    let error = refused(&node, order(&["c", "a", "no name!"], None)).await;
    assert_eq!(error.code, ErrorCode::BadRequest);
    assert_eq!(text(&place), before);
    let read = done(&node, SettingsRead {}).await;
    assert_eq!(read.text, before);
    node.drain().await;
}

#[tokio::test]
async fn a_host_that_makes_no_name_is_a_numbered_signer() {
    let (_place, node) = started(SETTINGS).await;
    for (url, name) in [
        ("http://[::1]:80/", "signer"),
        ("http://-a/", "signer-2"),
        ("http://con/", "signer-3"),
        ("http://a.example/", "a-example"),
    ] {
        let call = SignerAdd {
            name: None,
            url: url.into(),
        };
        assert_eq!(done(&node, call).await.name, name, "{url}");
    }
    node.drain().await;
}
