//! Programs that call a port over HTTP: what they are answered, and what they hold.

mod calls;
mod held;
mod keep_alive;
mod polls;
mod refusals;
mod streams;

use std::{net::SocketAddr, sync::Arc};

use anyhow::{Context as _, Result};
use perpetua_access::Auth;
use perpetua_hub::{AccountLimits, ClientSettings};
use perpetua_proxy::{Embedded, FrameBudget};
use perpetua_secrets::Secret;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};
use tokio_util::sync::CancellationToken;

use crate::{
    wire::{header, read_head},
    world::{World, answer, parse},
};

/// The token of guarded ports.
const TOKEN: &str = "s3cret";

/// An account with a port for calls, its upstream online.
struct Scene {
    world: World,
    port: SocketAddr,
    stop: CancellationToken,
    upstream: Arc<Embedded>,
}

impl Scene {
    async fn open() -> Result<Self> {
        Self::with(ClientSettings::default(), AccountLimits::default()).await
    }

    async fn with(settings: ClientSettings, limits: AccountLimits) -> Result<Self> {
        let world = World::with_limits(limits);
        Self::in_world(world, settings, Auth::Open).await
    }

    async fn guarded() -> Result<Self> {
        let auth = Auth::Token(Secret::new(TOKEN)?);
        Self::in_world(World::new(), ClientSettings::default(), auth).await
    }

    async fn with_budget(limits: AccountLimits, budget: FrameBudget) -> Result<Self> {
        let world = World::with_budget(limits, budget);
        Self::in_world(world, ClientSettings::default(), Auth::Open).await
    }

    async fn in_world(world: World, settings: ClientSettings, auth: Auth) -> Result<Self> {
        let upstream = Arc::new(world.embedded_with(None).await);
        let settings = ClientSettings {
            max_connections: settings.max_connections.max(256),
            ..settings
        };
        let (port, stop) = world.http_port(settings, auth).await?;
        Ok(Self {
            world,
            port,
            stop,
            upstream,
        })
    }

    /// From now on the upstream says what it was asked, or that it does not have it.
    fn answers(&self) {
        let upstream = Arc::clone(&self.upstream);
        tokio::spawn(async move {
            while Arc::strong_count(&upstream) > 1 {
                let asked = parse(&upstream.next_action().await);
                upstream.send(&told(&asked).to_string());
            }
        });
    }

    async fn caller(&self) -> Result<Caller> {
        Caller::connect(self.port).await
    }

    /// The codes of what the owner is told, newest first.
    fn notices(&self) -> Vec<String> {
        let notices = self.world.client().notices;
        let codes = notices.iter().map(|notice| notice.message.code.to_string());
        codes.collect()
    }
}

fn told(asked: &Value) -> Value {
    let failed = |retcode| json!({ "status": "failed", "retcode": retcode, "data": null, "echo": asked["echo"] });
    match asked["action"].as_str() {
        Some("no_such") => return failed(1404),
        Some("no_such_of_lagrange") => return failed(404),
        Some("not_now") => return failed(1400),
        _ => {}
    }
    answer(
        asked,
        &json!({ "action": asked["action"], "params": asked["params"] }),
    )
}

/// A program's socket.
struct Caller {
    stream: TcpStream,
}

/// An answer of a port.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    /// What the upstream was asked.
    fn params(&self) -> Value {
        self.json()["data"]["params"].clone()
    }
}

impl Caller {
    async fn connect(port: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(port).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream })
    }

    /// One whose system takes little before it is read.
    async fn narrow(port: SocketAddr) -> Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_recv_buffer_size(4096)?;
        let stream = socket.connect(port).await?;
        Ok(Self { stream })
    }

    async fn send(&mut self, bytes: impl AsRef<[u8]>) -> Result<()> {
        Ok(self.stream.write_all(bytes.as_ref()).await?)
    }

    async fn answer(&mut self) -> Result<Answer> {
        let head = read_head(&mut self.stream).await?;
        let status = head.split(' ').nth(1).context("a status")?.parse()?;
        let length = header(&head, "content-length").context("a length")?;
        let mut body = vec![0; length.parse()?];
        self.stream.read_exact(&mut body).await?;
        Ok(Answer {
            status,
            head,
            body: String::from_utf8(body)?,
        })
    }

    async fn ask(&mut self, bytes: impl AsRef<[u8]>) -> Result<Answer> {
        self.send(bytes).await?;
        self.answer().await
    }

    async fn get(&mut self, target: &str) -> Result<Answer> {
        self.ask(get(target, "")).await
    }

    async fn post(&mut self, target: &str, kind: &str, body: &str) -> Result<Answer> {
        self.ask(post(target, kind, body)).await
    }

    /// Whether the other side has ended its own.
    async fn is_closed(&mut self) -> Result<()> {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).await?;
        anyhow::ensure!(rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
        Ok(())
    }
}

/// A request without a body, with these further lines, each with its end.
fn get(target: &str, lines: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nhost: 127.0.0.1\r\n{lines}\r\n")
}

/// A request with a body; without a `kind`, nothing says what it is.
fn post(target: &str, kind: &str, body: &str) -> String {
    let kind = match kind {
        "" => String::new(),
        kind => format!("content-type: {kind}\r\n"),
    };
    let length = body.len();
    format!(
        "POST {target} HTTP/1.1\r\nhost: 127.0.0.1\r\n{kind}content-length: {length}\r\n\r\n{body}"
    )
}
