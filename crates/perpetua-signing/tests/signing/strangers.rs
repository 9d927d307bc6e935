//! Programs of this machine that come to the port of signatures and are no cores.

use std::{net::Ipv4Addr, sync::atomic::Ordering::Relaxed, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::core::{Core, Played};

/// What strangers send: nothing, half a request, and whole ones of cores that there are not.
const SENT: [&str; 3] = [
    "",
    "POST /guess HTTP/1.1\r\nhost: here\r\n",
    "POST /guess HTTP/1.1\r\nhost: here\r\ncontent-length: 900\r\n\r\n",
];
/// More than questions are answered at once.
const MANY: usize = 300;
/// How many wait at a port.
const AT_PORT: usize = 128;

#[tokio::test]
async fn however_many_come_a_core_is_signed() {
    let signer = Played::signing("signer").await;
    for sent in SENT {
        let core = Core::with(&[signer.resolved()]).await;
        let mut strangers = Vec::new();
        for _ in 0..MANY {
            let mut stranger = TcpStream::connect((Ipv4Addr::LOCALHOST, core.port))
                .await
                .expect("taken");
            stranger.write_all(sent.as_bytes()).await.expect("sent");
            strangers.push(stranger);
        }
        let in_time = timeout(Duration::from_secs(2), core.is_signed("one"));
        in_time
            .await
            .unwrap_or_else(|_| panic!("no core came in beside {sent:?}"));
        let many = if sent.ends_with("\r\n\r\n") {
            0
        } else {
            MANY - AT_PORT
        };
        assert!(core.gave_way.load(Relaxed) >= many, "{sent:?}");
    }
}

#[tokio::test]
async fn two_lines_where_one_may_stand_are_refused() {
    let signer = Played::signing("signer").await;
    let core = Core::with(&[signer.resolved()]).await;
    let url = core.url();
    let path = url.rsplit('/').next().expect("a secret");
    for (lines, status) in [
        ("Host: x\r\nContent-Length: 3", "200"),
        ("Host: x\r\nHost: x\r\nContent-Length: 3", "400"),
        (
            "Host: x\r\nOrigin: a\r\nOrigin: a\r\nContent-Length: 3",
            "400",
        ),
        ("Host: x\r\nContent-Length: 3\r\nContent-Length: 4", "400"),
    ] {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, core.port))
            .await
            .expect("taken");
        let asked = format!("POST /{path} HTTP/1.1\r\n{lines}\r\n\r\none");
        stream.write_all(asked.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        let _reset_is_well = stream.read_to_string(&mut answer).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{lines}: {answer}"
        );
    }
}
