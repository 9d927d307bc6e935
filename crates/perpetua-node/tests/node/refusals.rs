//! Who was refused is in the status, where they knocked.

use std::time::{SystemTime, UNIX_EPOCH};

use perpetua_node::Node;
use perpetua_schema::{NodeStatus, NoticeStatus, Status};
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
"#;

async fn status(node: &Node) -> NodeStatus {
    node.rpc().call(&Status {}).await.expect("a status")
}

/// Asks for a WebSocket with one more header, and reads what is answered.
async fn knock(address: &str, header: &str) -> String {
    let address = address.rsplit('/').next().expect("an address");
    let mut stream = TcpStream::connect(address).await.expect("somebody listens");
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{header}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
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
