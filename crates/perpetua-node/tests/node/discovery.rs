//! Leased ports, switched off and with a token: what it let in ends as soon as the settings name another one, and not because
//! the keyring is locked for a while.

use std::net::SocketAddr;

use perpetua_node::Node;
use perpetua_schema::{Applied, SettingsWrite, Status};
use perpetua_secrets::Secret;
use perpetua_testkit::Client;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::Duration,
};

use crate::harness::Place;

const TOKENS: [(&str, &str); 2] = [("old", "the-old-token-01"), ("new", "the-new-token-01")];

/// How long what was revoked may still be there: a locked keyring is not waited for.
const SOON: Duration = Duration::from_secs(20);

fn settings(token: &str, hosts: &str) -> String {
    let discovery = format!("token = {{ secret = \"{token}\" }}");
    settings_at("0.0.0.0:0", &discovery, hosts)
}

fn settings_at(listen: &str, discovery: &str, hosts: &str) -> String {
    format!(
        "[api]\nlisten = \"{listen}\"\nallow-hosts = [{hosts}]\n\n\
         [discovery]\n{discovery}\n\n\
         [[accounts]]\nname = \"main\"\nupstream = {{ kind = \"simulator\" }}\n"
    )
}

async fn start() -> (Place, Node) {
    start_by(&settings("old", "")).await
}

async fn start_by(settings: &str) -> (Place, Node) {
    let place = Place::new(settings);
    for (name, token) in TOKENS {
        let token = Secret::new(token).expect("a token");
        place.keyring.store(&format!("named/{name}"), token);
    }
    let node = place.start().await.expect("started");
    (place, node)
}

async fn write(node: &Node, text: String) -> Applied {
    let write = SettingsWrite {
        text,
        ..SettingsWrite::default()
    };
    let written = node.rpc().call(&write).await;
    written.expect("written")
}

/// The answer to somebody who asks for a port with this token.
async fn ask(node: &Node, token: &str) -> String {
    let status = node.rpc().call(&Status {}).await.expect("a status");
    let api: SocketAddr = status
        .api
        .rsplit('/')
        .next()
        .expect("one")
        .parse()
        .expect("an address");
    let api = SocketAddr::from(([127, 0, 0, 1], api.port()));
    let mut stream = TcpStream::connect(api).await.expect("reachable");
    let request = format!(
        "GET /api/get_ws_port HTTP/1.1\r\nhost: {api}\r\nconnection: close\r\n\
         authorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("answered");
    answer
}

/// A program at a port that it has leased with this token.
async fn leased(node: &Node, token: &str) -> Client {
    let answer = ask(node, token).await;
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    let port = body["data"]["port"].as_u64().expect("a port");
    let port = SocketAddr::from(([127, 0, 0, 1], u16::try_from(port).expect("a port")));
    Client::connect(port, token).await.expect("let in")
}

#[tokio::test]
async fn a_token_of_another_place_revokes_the_former_one_also_while_it_cannot_be_had() {
    for (next, is_locked) in [("new", false), ("new", true), ("none", false)] {
        let (place, node) = start().await;
        let mut inside = leased(&node, TOKENS[0].1).await;
        if is_locked {
            place.keyring.lock();
        }
        write(&node, settings(next, "")).await;
        let ended = inside.ended(SOON).await;
        ended.unwrap_or_else(|error| panic!("{next} {is_locked}: {error}"));
        let refused = ask(&node, TOKENS[0].1).await;
        assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
        place.keyring.unlock();
        node.drain().await;
    }
}

#[tokio::test]
async fn a_keyring_that_is_locked_for_a_while_ends_nothing() {
    let (place, node) = start().await;
    let mut inside = leased(&node, TOKENS[0].1).await;
    place.keyring.lock();
    write(&node, settings("old", "\"bot.example\"")).await;
    let status = inside.data_of("get_status", serde_json::json!({})).await;
    status.expect("still there");
    place.keyring.unlock();
    node.drain().await;
}

const HERE: &str = "127.0.0.1:0";
const WITH_TOKEN: &str = "token = { secret = \"old\" }";
const OFF: &str = "enabled = false";

#[tokio::test]
async fn on_loopback_a_token_that_is_set_is_asked_for_and_revoked_like_any() {
    let (_place, node) = start_by(&settings_at(HERE, "", "")).await;
    let mut former = leased(&node, "").await;
    write(&node, settings_at(HERE, WITH_TOKEN, "")).await;
    former.ended(SOON).await.expect("it showed no token");
    for shown in ["", TOKENS[1].1] {
        let refused = ask(&node, shown).await;
        assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
    }
    let answer = ask(&node, TOKENS[0].1).await;
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    let port = body["data"]["port"].as_u64().expect("a port");
    let port = SocketAddr::from(([127, 0, 0, 1], u16::try_from(port).expect("a port")));
    assert!(Client::connect(port, TOKENS[1].1).await.is_err());
    let mut inside = Client::connect(port, TOKENS[0].1).await.expect("let in");
    write(&node, settings_at(HERE, "token = { secret = \"new\" }", "")).await;
    inside.ended(SOON).await.expect("its token is another");
    node.drain().await;
}

#[tokio::test]
async fn switched_off_nothing_is_leased_and_what_was_ends() {
    for (from, token) in [("", ""), (WITH_TOKEN, TOKENS[0].1)] {
        let (_place, node) = start_by(&settings_at(HERE, from, "")).await;
        let mut inside = leased(&node, token).await;
        write(&node, settings_at(HERE, &format!("{from}\n{OFF}"), "")).await;
        inside.ended(SOON).await.expect("it was leased");
        let refused = ask(&node, token).await;
        assert!(refused.contains("`enabled`"), "{refused}");
        write(&node, settings_at(HERE, from, "")).await;
        leased(&node, token).await;
        node.drain().await;
    }
    let (_place, node) = start_by(&settings_at(HERE, OFF, "")).await;
    let refused = ask(&node, "").await;
    assert!(refused.contains("`enabled`"), "{refused}");
    node.drain().await;
}
