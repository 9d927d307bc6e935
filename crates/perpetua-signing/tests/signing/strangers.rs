//! Programs of this machine that come to the port of signatures and are no cores.

use std::{net::Ipv4Addr, sync::atomic::Ordering::Relaxed, time::Duration};

use tokio::{io::AsyncWriteExt as _, net::TcpStream, time::timeout};

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
        let signed = timeout(Duration::from_secs(2), core.is_signed("one"));
        signed
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
