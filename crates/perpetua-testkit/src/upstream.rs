//! A OneBot implementation's side of a node: one that is dialled, or one that dials.

use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::{accept_hdr_async_with_config, client_async_with_config};

use crate::PATIENCE;
use crate::event::lifecycle;
use crate::socket::{JsonReader, JsonSocket, JsonWriter, unlimited};

/// A OneBot server on a free port of the loopback address.
pub struct FakeUpstream {
    listener: TcpListener,
    address: SocketAddr,
}

impl FakeUpstream {
    /// Listens. Nobody is answered until [`accept`](Self::accept) is called.
    pub async fn bind() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .context("cannot listen on a free port")?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// What a node's `upstream.url` is to be.
    pub fn url(&self) -> String {
        format!("ws://{}/", self.address)
    }

    /// Waits for the node to dial, and upgrades. Nothing is sent yet.
    pub async fn accept(&self) -> Result<UpstreamLink> {
        let stream = self.accept_stream().await?;
        let mut request = None;
        #[expect(
            clippy::result_large_err,
            reason = "tungstenite's callback wants this type"
        )]
        let remember = |asked: &Request, response: Response| {
            request = Some((asked.uri().to_string(), asked.headers().clone()));
            Ok(response)
        };
        let upgrade = accept_hdr_async_with_config(stream, remember, Some(unlimited()));
        let stream = timeout(PATIENCE, upgrade)
            .await
            .with_context(|| format!("the node asked for no upgrade within {PATIENCE:?}"))??;
        let (path, headers) = request.context("an upgrade has a request")?;
        Ok(UpstreamLink {
            socket: JsonSocket::new(stream),
            path,
            authorization: headers
                .get("authorization")
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned),
        })
    }

    /// Waits for the node to dial and leaves the stream to the test: for servers that speak no WebSocket.
    pub async fn accept_stream(&self) -> Result<TcpStream> {
        let (stream, _peer) = timeout(PATIENCE, self.listener.accept())
            .await
            .with_context(|| format!("the node did not dial within {PATIENCE:?}"))??;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// One connection between a node and a fake upstream.
pub struct UpstreamLink {
    socket: JsonSocket,
    path: String,
    authorization: Option<String>,
}

impl UpstreamLink {
    /// Dials a node's `onebot-reverse` address, as an implementation does that is told to connect by itself.
    pub async fn dial(address: SocketAddr, token: &str, self_id: u64) -> Result<Self> {
        let mut request = format!("ws://{address}/").into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("authorization", format!("Bearer {token}").parse()?);
        headers.insert("x-self-id", self_id.into());
        headers.insert("x-client-role", "Universal".parse()?);
        let stream = TcpStream::connect(address)
            .await
            .with_context(|| format!("cannot reach the node at {address}"))?;
        stream.set_nodelay(true)?;
        let upgrade = client_async_with_config(request, stream, Some(unlimited()));
        let (stream, _response) = timeout(PATIENCE, upgrade)
            .await
            .with_context(|| format!("the node answered no upgrade within {PATIENCE:?}"))??;
        Ok(Self {
            socket: JsonSocket::new(stream),
            path: "/".to_owned(),
            authorization: None,
        })
    }

    /// The path and query that the node asked for.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The `Authorization` header that the node sent.
    pub fn authorization(&self) -> Option<&str> {
        self.authorization.as_deref()
    }

    /// Opens the connection as every OneBot implementation does, with a lifecycle event.
    pub async fn greet(&mut self, self_id: u64) -> Result<()> {
        self.socket.send(&lifecycle(self_id)).await
    }

    /// Sends an event.
    pub async fn emit(&mut self, event: &Value) -> Result<()> {
        self.socket.send(event).await
    }

    /// The next action that the node passes on.
    pub async fn next_action(&mut self) -> Result<Value> {
        self.socket.next().await
    }

    /// The next action of this name. Others before it are answered with success and no data, so that a
    /// node that asks for its own purposes (its login, its status) does not disturb a test.
    pub async fn expect_action(&mut self, name: &str) -> Result<Value> {
        loop {
            let action = self
                .next_action()
                .await
                .with_context(|| format!("while waiting for `{name}`"))?;
            if action["action"] == name {
                return Ok(action);
            }
            self.answer(&action, &Value::Null).await?;
        }
    }

    /// Answers an action with success.
    pub async fn answer(&mut self, action: &Value, data: &Value) -> Result<()> {
        self.socket.send(&answer_to(action, data)).await
    }

    /// The socket itself, for what a well-behaved upstream does not do.
    pub fn socket(&mut self) -> &mut JsonSocket {
        &mut self.socket
    }

    /// The two directions apart.
    pub fn split(self) -> (JsonWriter, JsonReader) {
        self.socket.split()
    }

    /// Closes properly.
    pub async fn close(self) -> Result<()> {
        self.socket.close().await
    }

    /// Vanishes without a word, as a killed process does.
    pub fn reset(self) -> Result<()> {
        self.socket.reset()
    }
}

/// The successful response to an action, with its echo.
pub fn answer_to(action: &Value, data: &Value) -> Value {
    json!({ "status": "ok", "retcode": 0, "data": data, "echo": action["echo"] })
}

/// The refusal of an action, with its echo.
pub fn refusal_of(action: &Value, retcode: i64, message: &str) -> Value {
    json!({
        "status": "failed",
        "retcode": retcode,
        "data": null,
        "message": message,
        "wording": message,
        "echo": action["echo"],
    })
}
