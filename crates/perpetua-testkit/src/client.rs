//! A bot framework's side of a node.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::client_async_with_config;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::PATIENCE;
use crate::socket::{JsonReader, JsonSocket, JsonWriter, unlimited};

/// How a client connects: where, with what path, token and further headers.
pub struct Dial {
    address: SocketAddr,
    path: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    receive_buffer: Option<u32>,
}

impl Dial {
    /// To `/` of this address, without a token.
    pub fn to(address: SocketAddr) -> Self {
        Self {
            address,
            path: "/".to_owned(),
            headers: Vec::new(),
            receive_buffer: None,
        }
    }

    /// With this path and query instead of `/`.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// With `Authorization: Bearer <token>`.
    pub fn token(self, token: &str) -> Result<Self> {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With a further header.
    pub fn header(mut self, name: &'static str, value: &str) -> Result<Self> {
        let value = value
            .parse()
            .with_context(|| format!("`{name}` cannot be `{value}`"))?;
        self.headers.push((HeaderName::from_static(name), value));
        Ok(self)
    }

    /// With a receive buffer of about this many bytes, so that a client that does not read is felt soon.
    #[must_use]
    pub fn receive_buffer(mut self, bytes: u32) -> Self {
        self.receive_buffer = Some(bytes);
        self
    }

    /// Connects and upgrades.
    pub async fn connect(self) -> Result<Client> {
        let address = self.address;
        timeout(PATIENCE, self.upgrade())
            .await
            .with_context(|| format!("no upgrade at {address} within {PATIENCE:?}"))?
            .with_context(|| format!("cannot connect to {address}"))
    }

    /// Connects as soon as somebody listens and accepts, trying for as long as [`PATIENCE`].
    pub async fn connect_when_ready(self) -> Result<Client> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let failure = match self.upgrade().await {
                Ok(client) => return Ok(client),
                Err(failure) => failure,
            };
            if Instant::now() >= deadline {
                return Err(failure.context(format!(
                    "nobody let a client in at {} within {PATIENCE:?}",
                    self.address
                )));
            }
            // Nobody tells when a port opens: it is knocked at again.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn upgrade(&self) -> Result<Client> {
        let mut request = format!("ws://{}{}", self.address, self.path).into_client_request()?;
        request.headers_mut().extend(self.headers.iter().cloned());
        let stream = self.stream().await?;
        stream.set_nodelay(true)?;
        let (stream, _response) =
            client_async_with_config(request, stream, Some(unlimited())).await?;
        Ok(Client {
            socket: JsonSocket::new(stream),
            unread: VecDeque::new(),
            calls: 0,
        })
    }

    async fn stream(&self) -> Result<TcpStream> {
        let socket = if self.address.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        if let Some(bytes) = self.receive_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        Ok(socket.connect(self.address).await?)
    }
}

/// A connected client. What arrives while it waits for something else is kept and read later, in order.
pub struct Client {
    socket: JsonSocket,
    unread: VecDeque<Value>,
    calls: u64,
}

impl Client {
    /// Connects to `/` of this address with this token.
    pub async fn connect(address: SocketAddr, token: &str) -> Result<Self> {
        Dial::to(address).token(token)?.connect().await
    }

    /// The next frame, of any kind.
    pub async fn next(&mut self) -> Result<Value> {
        match self.unread.pop_front() {
            Some(frame) => Ok(frame),
            None => self.socket.next().await,
        }
    }

    /// The next frame that is `wanted`; those before it stay unread. `what` names it in the error.
    pub async fn next_where(
        &mut self,
        what: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        if let Some(found) = self.unread.iter().position(&wanted) {
            return self
                .unread
                .remove(found)
                .context("the position is within the queue");
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            let frame = timeout_at(deadline, self.socket.next())
                .await
                .with_context(|| {
                    format!(
                        "{what} did not come within {PATIENCE:?}; unread: {:?}",
                        self.unread
                    )
                })?
                .with_context(|| format!("{what} did not come; unread: {:?}", self.unread))?;
            if wanted(&frame) {
                return Ok(frame);
            }
            self.unread.push_back(frame);
        }
    }

    /// The next message event whose text contains `text`.
    pub async fn heard(&mut self, text: &str) -> Result<Value> {
        self.next_where(&format!("a message with `{text}`"), |frame| {
            frame["post_type"] == "message"
                && frame["raw_message"]
                    .as_str()
                    .is_some_and(|raw| raw.contains(text))
        })
        .await
    }

    /// Calls an action and waits for its response. The echo is a string, `call-<n>`.
    pub async fn call(&mut self, action: &str, params: Value) -> Result<Value> {
        let echo = self.ask(action, params).await?;
        self.response(&json!(echo)).await
    }

    /// Sends an action without waiting, and gives the echo it carries.
    pub async fn ask(&mut self, action: &str, params: Value) -> Result<String> {
        self.calls += 1;
        let echo = format!("call-{}", self.calls);
        self.socket
            .send(&json!({ "action": action, "params": params, "echo": echo }))
            .await?;
        Ok(echo)
    }

    /// The next response with this echo.
    pub async fn response(&mut self, echo: &Value) -> Result<Value> {
        self.next_where(&format!("the response with echo `{echo}`"), |frame| {
            frame.get("post_type").is_none() && frame["echo"] == *echo
        })
        .await
    }

    /// Calls an action that must succeed, and gives the `data` of its response.
    pub async fn data_of(&mut self, action: &str, params: Value) -> Result<Value> {
        let mut response = self.call(action, params).await?;
        if response["status"] != "ok" {
            bail!("`{action}` was refused: {response}");
        }
        Ok(response["data"].take())
    }

    /// The socket itself, for what a well-behaved client does not do.
    pub fn socket(&mut self) -> &mut JsonSocket {
        &mut self.socket
    }

    /// Waits until the node ends the connection, at most for `limit`, and gives its Close frame if there was one.
    pub async fn ended(&mut self, limit: Duration) -> Result<Option<CloseFrame>> {
        self.socket.ended(limit).await
    }

    /// Leaves properly.
    pub async fn close(self) -> Result<()> {
        self.socket.close().await
    }

    /// Vanishes without a word.
    pub fn reset(self) -> Result<()> {
        self.socket.reset()
    }

    /// The two directions apart. What has been kept unread is dropped.
    pub fn split(self) -> (JsonWriter, JsonReader) {
        self.socket.split()
    }
}
