//! The worst page: every call with what makes no sense. Each is answered in a sentence that can be read, and the
//! settings and the secrets are as they were.

use std::{fs, time::Duration};

use perpetua_node::Node;
use perpetua_schema::{
    AccountAdd, Call, ClientAdd, ClientRead, ErrorCode, NewUpstream, PortCheck, RpcError,
    SignInToken, Status,
};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::Place;

const SETTINGS: &str = r#"
[api]
listen = "127.0.0.1:0"

[[accounts]]
name = "main"
upstream = { kind = "simulator" }

[[accounts.clients]]
name = "bot"
kind = "forward"
listen = "127.0.0.1:0"
"#;

/// Far beyond what anything here takes.
const LIMIT: Duration = Duration::from_mins(1);
/// The longest sentence that a person is shown, in bytes: what is quoted is cut before.
const SENTENCE: usize = 40_000;
/// These ask servers of others.
const ASK_OTHERS: [&str; 2] = ["core_check", "core_install"];
/// These do what they are asked when only the names are right.
const OBEY: [&str; 4] = ["account_remove", "client_add", "client_remove", "token_new"];

/// Whatever a page may send in the place of a name or a number.
fn junk() -> Vec<Value> {
    vec![
        json!(""),
        json!("\0\u{7}\n"),
        json!("\u{202e}名字🤖"),
        json!("a".repeat(100_000)),
        json!("127.0.0.1:65536"),
        json!(-1),
        json!(u64::MAX),
        json!(null),
        json!([]),
        json!({}),
    ]
}

/// Every key that a call has somewhere.
const KEYS: [&str; 24] = [
    "account", "client", "name", "url", "token", "text", "chat", "speaker", "version", "folder",
    "address", "listen", "lines", "limit", "minutes", "index", "line", "picture", "before", "from",
    "upstream", "change", "enabled", "event",
];

fn readable(name: &str, error: &RpcError) {
    let said = error.message.to_string();
    assert!(said.len() < SENTENCE, "{name}: {} bytes", said.len());
    assert!(!said.contains(char::is_control), "{name}: {said:?}");
    assert_ne!(error.code, ErrorCode::Internal, "{name}: {said}");
}

/// What a node answers, within a time.
async fn ask(node: &Node, name: &str, body: &Value) {
    let body = serde_json::to_vec(body).expect("JSON");
    match Call::parse(name, &body) {
        Ok(call) => {
            let answer = timeout(LIMIT, node.rpc().dispatch(call)).await;
            if let Err(error) = answer.unwrap_or_else(|_| panic!("{name} takes too long")) {
                readable(name, &error);
            }
        }
        Err(error) => readable(name, &error),
    }
}

#[tokio::test]
async fn calls_that_make_no_sense_are_answered_and_change_nothing() {
    let place = Place::new(SETTINGS);
    let node = place.start().await.expect("started");
    let path = place.folders().settings();
    let before = fs::read_to_string(&path).expect("settings");
    // The first who asks for it makes it.
    node.rpc().call(&SignInToken {}).await.expect("a token");
    let secrets = place.keyring.names();
    let calls = Call::NAMES
        .iter()
        .filter(|name| !ASK_OTHERS.contains(*name));
    for name in calls {
        for body in [json!(null), json!([]), json!("x"), json!(5)] {
            ask(&node, name, &body).await;
        }
        for value in junk() {
            let all = KEYS.map(|key| (key.to_owned(), value.clone()));
            ask(&node, name, &Value::Object(all.into_iter().collect())).await;
            if OBEY.contains(name) {
                continue;
            }
            // Names that are there, with junk beside them.
            let mut named = json!({ "account": "main", "client": "bot", "framework": "other" });
            for key in KEYS.into_iter().skip(2) {
                named[key] = value.clone();
            }
            ask(&node, name, &named).await;
        }
    }
    let after = fs::read_to_string(&path).expect("settings");
    assert_eq!(before, after);
    assert_eq!(place.keyring.names(), secrets);
    let status = node.rpc().call(&Status {}).await.expect("a status");
    assert!(status.problems.is_empty(), "{:?}", status.problems);
    node.drain().await;
}

#[tokio::test]
async fn names_that_cannot_be_names_are_refused_with_the_rule() {
    let place = Place::new(SETTINGS);
    let node = place.start().await.expect("started");
    let before = fs::read_to_string(place.folders().settings()).expect("settings");
    for name in [
        "🤖",
        "\u{202e}a",
        "a\0b",
        "名字",
        "con",
        "-a",
        "a/b",
        &"a".repeat(65),
    ] {
        let account = AccountAdd {
            name: Some(name.to_owned()),
            upstream: NewUpstream::Simulator,
        };
        let refused = node.rpc().call(&account).await.expect_err(name);
        readable(name, &refused);
        let client = json!({ "account": "main", "name": name, "framework": "other" });
        let client: ClientAdd = serde_json::from_value(client).expect("a call");
        let refused = node.rpc().call(&client).await.expect_err(name);
        readable(name, &refused);
    }
    for listen in ["127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1", "x:1", ""] {
        let check = PortCheck {
            listen: listen.to_owned(),
            account: None,
            client: None,
        };
        let refused = node.rpc().call(&check).await;
        if let Err(refused) = refused {
            readable(listen, &refused);
        }
    }
    let after = fs::read_to_string(place.folders().settings()).expect("settings");
    assert_eq!(before, after);
    node.drain().await;
}

#[tokio::test]
async fn many_callers_at_once_lose_no_change_of_another() {
    let place = Place::new(SETTINGS);
    let node = place.start().await.expect("started");
    let add = |number: usize| {
        let rpc = node.rpc();
        let client =
            json!({ "account": "main", "name": format!("c{number}"), "framework": "other" });
        async move {
            let client: ClientAdd = serde_json::from_value(client).expect("a call");
            rpc.call(&client).await.expect("added")
        }
    };
    futures_util::future::join_all((0..12).map(add)).await;
    for number in 0..12 {
        let call = ClientRead {
            account: "main".into(),
            client: format!("c{number}"),
        };
        node.rpc().call(&call).await.expect("it is there");
    }
    let status = node.rpc().call(&Status {}).await.expect("a status");
    let mut ports: Vec<_> = status.accounts[0]
        .clients
        .iter()
        .map(|one| one.listen.clone())
        .collect();
    ports.sort();
    ports.dedup();
    assert_eq!(ports.len(), 13, "each has a port of its own");
    node.drain().await;
}
