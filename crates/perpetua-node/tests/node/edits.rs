//! Single settings that are changed over RPC: what is written, what is kept, what is refused.

mod broken_off;
mod coming;
mod core_sources;
mod data;
mod disk;
mod network;
mod opening;
mod overtaken;
mod saving;
mod secrets;
mod signers;
mod values;

use std::{net::SocketAddr, time::Duration};

use perpetua_node::Node;
use perpetua_schema::{ClientAdd, Framework, Method, RpcError, Status, Token};
use perpetua_testkit::{Client, Dial};

use crate::harness::Place;

/// How long anything may take that waits for nobody.
const SOON: Duration = Duration::from_secs(20);

const SETTINGS: &str = r#"# 我的机器人
[api]
listen = "127.0.0.1:0" # any

[[accounts]]
name = "main"
upstream = { kind = "simulator" } # built in
"#;

async fn started(settings: &str) -> (Place, Node) {
    let place = Place::new(settings);
    let node = place.start().await.expect("started");
    (place, node)
}

async fn done<M: Method>(node: &Node, call: M) -> M::Reply {
    match node.rpc().call(&call).await {
        Ok(reply) => reply,
        Err(error) => panic!("`{}`: {error}", M::NAME),
    }
}

async fn refused<M: Method>(node: &Node, call: M) -> RpcError {
    match node.rpc().call(&call).await {
        Err(refused) => refused,
        Ok(_) => panic!("`{}` is not refused", M::NAME),
    }
}

fn new_client(framework: Framework) -> ClientAdd {
    ClientAdd {
        account: "main".into(),
        name: None,
        framework,
        kind: None,
        // The next free one may be taken by a test beside this one.
        listen: Some("127.0.0.1:0".into()),
        url: None,
        token: None,
        profile: None,
        format: None,
    }
}

async fn listen(node: &Node, name: &str) -> SocketAddr {
    let status = done(node, Status {}).await;
    let mut clients = status.accounts[0].clients.iter();
    let client = clients.find(|client| client.name == name);
    let listen = client.and_then(|client| client.listen.clone());
    listen.expect("it listens").parse().expect("an address")
}

async fn token(node: &Node, client: &str) -> String {
    let call = Token {
        account: "main".into(),
        client: Some(client.into()),
    };
    done(node, call).await.token.expect("it has one")
}

async fn connect(node: &Node, client: &str) -> Client {
    let token = token(node, client).await;
    let dial = Dial::to(listen(node, client).await).token(&token);
    dial.expect("a token").connect().await.expect("let in")
}

fn text(place: &Place) -> String {
    std::fs::read_to_string(place.settings_path()).expect("readable")
}
