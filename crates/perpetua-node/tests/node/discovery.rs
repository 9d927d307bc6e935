//! The token of leased ports: what it let in ends as soon as the settings name another one, and not because
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
    format!(
        "[api]\nlisten = \"0.0.0.0:0\"\nallow-hosts = [{hosts}]\n\n\
         [discovery]\ntoken = {{ secret = \"{token}\" }}\n\n\
         [[accounts]]\nname = \"main\"\nupstream = {{ kind = \"simulator\" }}\n"
    )
}

async fn start() -> (Place, Node) {
    let place = Place::new(&settings("old", ""));
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
