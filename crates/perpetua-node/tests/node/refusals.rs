//! Who was refused is in the status, where they knocked.

use std::time::{SystemTime, UNIX_EPOCH};

use perpetua_node::Node;
use perpetua_schema::{ErrorCode, NodeStatus, NoticeStatus, Status, Token};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::harness::Place;

const SETTINGS: &str = r#"
[api]
listen = "127.0.0.1:0"

[[accounts]]
name = "main"
upstream = { kind = "onebot-reverse", listen = "127.0.0.1:0" }

[[accounts.clients]]
name = "bot"
kind = "forward"
listen = "127.0.0.1:0"

[[accounts.clients]]
name = "quiet"
kind = "forward"
listen = "127.0.0.1:0"

[[accounts]]
name = "sim"
upstream = { kind = "simulator" }
"#;

async fn status(node: &Node) -> NodeStatus {
    node.rpc().call(&Status {}).await.expect("a status")
}

/// Asks for a WebSocket with one more header, and reads what is answered.
async fn knock(address: &str, header: &str) -> String {
    let address = address.rsplit('/').next().expect("an address");
    let mut stream = TcpStream::connect(address).await.expect("somebody listens");
    stream
        .write_all(request(address, header).as_bytes())
        .await
        .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

fn request(address: &str, header: &str) -> String {
    format!(
        "GET / HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{header}\r\n\r\n"
    )
}

fn told(notices: &[NoticeStatus]) -> Vec<(&str, u64)> {
    let notices = notices.iter();
    notices
        .map(|notice| (&*notice.message.code, notice.count))
        .collect()
}

#[tokio::test]
async fn each_place_shows_who_was_refused_there() {
    let place = Place::new(SETTINGS);
    let node = place.start().await.expect("started");
    let before = status(&node).await;
    let account = &before.accounts[0];
    let upstream = account.upstream.address.as_deref().expect("it listens");
    let bot = account.clients[0].listen.as_deref().expect("it listens");
    knock(upstream, "Authorization: Bearer wrong").await;
    for _ in 0..3 {
        knock(bot, "Authorization: Bearer wrong").await;
    }
    knock(bot, "Accept: */*").await;
    knock(&before.api, "Origin: http://a.example\r\nConnection: close").await;
    let after = status(&node).await;
    let account = &after.accounts[0];
    let upstream = told(&account.upstream.notices);
    assert_eq!(upstream, [("refused.wrong_upstream_token", 1)]);
    assert_eq!(
        told(&account.clients[0].notices),
        [("refused.no_token", 1), ("refused.wrong_token", 3)]
    );
    assert_eq!(told(&account.clients[1].notices), []);
    assert_eq!(told(&after.notices), [("refused.api", 1)]);
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.expect("after 1970").as_secs().cast_signed();
    let last = after.notices[0].last_unix_s;
    assert!((now - 60..=now).contains(&last), "{last} and {now}");
    node.drain().await;
}

#[tokio::test]
async fn the_token_that_an_upstream_has_to_show_can_be_had() {
    let place = Place::new(SETTINGS);
    let node = place.start().await.expect("started");
    let of = |account: &str, client: Option<&str>| Token {
        account: account.into(),
        client: client.map(str::to_owned),
    };
    let shown = node.rpc().call(&of("main", None)).await.expect("a token");
    let client = node.rpc().call(&of("main", Some("bot"))).await;
    let (shown, client) = (shown.token, client.expect("a token").token);
    assert_ne!(shown, client, "each port has its own");
    let status = status(&node).await;
    let upstream = status.accounts[0].upstream.address.as_deref();
    let upstream = upstream.expect("it listens").rsplit('/').next();
    let address = upstream.expect("an address");
    let mut stream = TcpStream::connect(address).await.expect("somebody listens");
    let token = shown.expect("one was made");
    let request = request(address, &format!("Authorization: Bearer {token}"));
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut first = [0; 12];
    stream.read_exact(&mut first).await.expect("an answer");
    assert_eq!(&first, b"HTTP/1.1 101");
    for account in ["other", "sim"] {
        let refused = node.rpc().call(&of(account, None)).await;
        let refused = refused.map(|reply| reply.token.is_some());
        assert!(
            matches!(&refused, Err(refused) if refused.code == ErrorCode::NotFound),
            "{account}: {refused:?}"
        );
    }
    drop(stream);
    node.drain().await;
}
