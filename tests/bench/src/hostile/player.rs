//! The attacker: what is closed comes again.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::sleep,
};

use super::attack::Attack;
use crate::frame;

/// Before somebody comes again who was turned out.
const AGAIN_AFTER: Duration = Duration::from_millis(20);
/// What a frame without its end holds.
const UNFINISHED_BYTES: usize = 59_000_000;

/// Where the node, or nothing, can be reached.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Targets {
    pub(crate) api: SocketAddr,
    /// The port of the honest client.
    pub(crate) honest: SocketAddr,
    /// A port of the attacker's own, without a token.
    pub(crate) own: SocketAddr,
}

impl Targets {
    /// The same address for everything.
    pub(super) fn all_at(address: SocketAddr) -> Self {
        Self {
            api: address,
            honest: address,
            own: address,
        }
    }

    /// As they are handed to the attacker.
    pub(super) fn arguments(&self) -> [String; 3] {
        [self.api, self.honest, self.own].map(|address| format!("--at={address}"))
    }

    /// What [`arguments`](Self::arguments) made of them.
    pub(crate) fn parse(addresses: &[SocketAddr]) -> Result<Self> {
        let [api, honest, own] = *addresses else {
            anyhow::bail!("three addresses are needed");
        };
        Ok(Self { api, honest, own })
    }
}

/// Attacks until it is killed.
pub(crate) async fn play(attack: Attack, targets: Targets) -> Result<()> {
    let Targets { api, honest, own } = targets;
    match attack {
        Attack::Peace => std::future::pending().await,
        Attack::HalfRequests => crowd(300, async move |_| half_request(honest).await).await,
        Attack::HalfRequestsOfTheApi => crowd(300, async move |_| half_request(api).await).await,
        Attack::SilentSockets => {
            crowd(900, async move |number| {
                let stream = TcpStream::connect(if number % 3 == 0 { api } else { honest }).await?;
                until_closed(stream).await
            })
            .await
        }
        Attack::EndlessHeaders => crowd(256, async move |_| endless_headers(honest).await).await,
        Attack::Leases => {
            crowd(252, async move |number| {
                let last = u8::try_from(number + 2).unwrap_or(u8::MAX);
                lease(api, IpAddr::from([127, 0, 0, last])).await.map(drop)
            })
            .await
        }
        Attack::UnfinishedFrames => crowd(8, async move |_| unfinished(own).await).await,
        Attack::LeasedFrames => {
            crowd(12, async move |number| {
                let last = u8::try_from(number / 4 + 2).unwrap_or(u8::MAX);
                let port = lease(api, IpAddr::from([127, 0, 0, last])).await?;
                unfinished(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await
            })
            .await
        }
        Attack::HugeNames => {
            let name = "n".repeat(40_000_000);
            let action = format!(r#"{{"action":"set_client_name","params":{{"name":"{name}"}}}}"#);
            let sent = &message(&action);
            crowd(4, async move |_| {
                let mut stream = upgraded(own).await?;
                stream.write_all(sent).await?;
                until_closed(stream).await
            })
            .await
        }
        Attack::UnansweredEchoes => {
            let sent = &echoing(20_000_000);
            crowd(4, async move |_| {
                let mut stream = upgraded(own).await?;
                for _ in 0..3 {
                    stream.write_all(sent).await?;
                }
                until_closed(stream).await
            })
            .await
        }
        Attack::UnreadEchoes => {
            let sent = &echoing(30_000_000);
            crowd(4, async move |_| {
                let mut stream = upgraded(own).await?;
                loop {
                    stream.write_all(sent).await?;
                    sleep(AGAIN_AFTER).await;
                }
            })
            .await
        }
        Attack::Jam => {
            crowd(64, async move |_| {
                let _not_read = upgraded(own).await?;
                std::future::pending().await
            })
            .await
        }
    }
}

/// So many who do the same, again and again.
async fn crowd(count: usize, attack: impl AsyncFn(usize) -> Result<()>) -> Result<()> {
    let attack = &attack;
    let each = (0..count).map(|number| async move {
        loop {
            // Being turned out is what they are there for.
            let _turned_out = attack(number).await;
            sleep(AGAIN_AFTER).await;
        }
    });
    let never: Vec<()> = futures_util::future::join_all(each).await;
    anyhow::bail!("{} ended", never.len())
}

async fn until_closed(mut stream: TcpStream) -> Result<()> {
    let mut thrown_away = [0; 4096];
    while stream.read(&mut thrown_away).await? > 0 {}
    Ok(())
}

async fn half_request(address: SocketAddr) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        .await?;
    until_closed(stream).await
}

async fn endless_headers(address: SocketAddr) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(b"GET / HTTP/1.1\r\n").await?;
    let lines = format!("X-{}: {}\r\n", "a".repeat(10), "b".repeat(1000)).repeat(4);
    loop {
        stream.write_all(lines.as_bytes()).await?;
        sleep(Duration::from_millis(1)).await;
    }
}

/// A frame that lacks its last byte.
async fn unfinished(address: SocketAddr) -> Result<()> {
    let mut stream = upgraded(address).await?;
    let whole = message(&"x".repeat(UNFINISHED_BYTES));
    stream.write_all(&whole[..whole.len() - 1]).await?;
    drop(whole);
    until_closed(stream).await
}

fn echoing(bytes: usize) -> Vec<u8> {
    message(&format!(
        r#"{{"action":"get_status_of_nobody","echo":"{}"}}"#,
        "e".repeat(bytes)
    ))
}

/// A text message on the wire.
fn message(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame::write(&mut bytes, frame::End::Client, frame::TEXT, text.as_bytes());
    bytes
}

/// Asks for a port from this address.
async fn lease(api: SocketAddr, from: IpAddr) -> Result<u16> {
    #[derive(Deserialize)]
    struct Answer {
        data: Lease,
    }
    #[derive(Deserialize)]
    struct Lease {
        port: u16,
    }
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(from, 0))?;
    let mut stream = socket.connect(api).await?;
    let request =
        format!("GET /api/get_ws_port HTTP/1.1\r\nHost: {api}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let body = answer.split_once("\r\n\r\n").context("no answer")?.1;
    let body = &body[body.find('{').context("no JSON")?..=body.rfind('}').context("no JSON")?];
    Ok(serde_json::from_str::<Answer>(body)?.data.port)
}

async fn upgraded(address: SocketAddr) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    stream
        .write_all(upgrade_request(address).as_bytes())
        .await?;
    let mut head = [0; 12];
    stream.read_exact(&mut head).await?;
    ensure!(head == *b"HTTP/1.1 101", "turned away");
    Ok(stream)
}

/// Any 16 bytes are a key (RFC 6455, section 4.1).
pub(super) fn upgrade_request(address: SocketAddr) -> String {
    format!(
        "GET / HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: cGVycGV0dWEtYmVuY2ghIQ==\r\n\r\n"
    )
}
