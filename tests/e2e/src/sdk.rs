//! A client with the quirks of perpetua-sdk-for-java: it fails where the SDK fails.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use crate::http::get;
use crate::wire::{Opcode, Upgrade, WireSocket};

/// The SDK's buffer for one frame.
const FRAME_LIMIT: usize = 8 * 1024 * 1024;

/// What a part of a larger message may have.
const PART_LIMIT: usize = 1024 * 1024;

/// How long the SDK waits for a response.
pub(crate) const CALL_LIMIT: Duration = Duration::from_secs(10);

/// A session of the SDK. It speaks on a leased port or on that of a client with the perpetua profile.
pub struct SdkSession {
    socket: WireSocket,
    unread: Vec<Value>,
}

impl SdkSession {
    /// Leases a port as the SDK does, and gives its address.
    pub async fn lease(api: SocketAddr) -> Result<SocketAddr> {
        let answer = get(api, "/api/get_ws_port", &[]).await?;
        ensure!(
            answer.status == 200,
            "the SDK reads only answers with status 200: {answer:?}"
        );
        let body = answer.json()?;
        ensure!(
            body["status"] == "ok" && body["retcode"] == 0,
            "no port: {body}"
        );
        let port = body["data"]["port"]
            .as_u64()
            .context("a port is a number")?;
        Ok(SocketAddr::from((
            Ipv4Addr::LOCALHOST,
            u16::try_from(port)?,
        )))
    }

    /// Upgrades with the SDK's headers: its own host as Origin, and its token, if it has one, without a scheme.
    pub async fn connect(address: SocketAddr, token: Option<&str>) -> Result<Self> {
        let origin = format!("http://{address}");
        let mut headers = vec![("origin", origin.as_str())];
        headers.extend(token.map(|token| ("authorization", token)));
        let socket = Upgrade::ask(address, "/", &headers).await?.open()?;
        Ok(Self {
            socket,
            unread: Vec::new(),
        })
    }

    /// Leases a port and connects to it.
    pub async fn start(api: SocketAddr) -> Result<Self> {
        Self::connect(Self::lease(api).await?, None).await
    }

    /// Calls an action with a UUID as echo, and waits for the response as long as the SDK does.
    pub async fn call(&mut self, action: &str, params: Value) -> Result<Value> {
        let echo = Uuid::new_v4().to_string();
        let frame = json!({ "action": action, "params": params, "echo": echo });
        self.send(&frame).await?;
        let response = self
            .next_where(
                &format!("the response to `{action}`"),
                CALL_LIMIT,
                |frame| frame["echo"] == echo,
            )
            .await?;
        ensure!(
            response["retcode"].is_i64(),
            "the SDK reads `retcode` as an integer: {response}"
        );
        Ok(response)
    }

    /// Sends a frame that the test made.
    pub async fn send(&mut self, frame: &Value) -> Result<()> {
        self.socket
            .send(Opcode::Text, frame.to_string().as_bytes())
            .await
    }

    /// The first frame that is `wanted` within `limit`; others stay unread. `what` names it in the error.
    pub async fn next_where(
        &mut self,
        what: &str,
        limit: Duration,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        if let Some(found) = self.unread.iter().position(&wanted) {
            return Ok(self.unread.remove(found));
        }
        let deadline = Instant::now() + limit;
        loop {
            let frame = timeout_at(deadline, self.receive())
                .await
                .with_context(|| {
                    format!(
                        "{what} did not come within {limit:?}; unread: {:?}",
                        self.unread
                    )
                })?
                .with_context(|| format!("{what} did not come"))?
                .with_context(|| format!("{what} did not come before the end"))?;
            if wanted(&frame) {
                return Ok(frame);
            }
            self.unread.push(frame);
        }
    }

    /// The next frame within `limit`, in the order in which the node sent them.
    pub async fn next(&mut self, limit: Duration) -> Result<Value> {
        self.next_where("a frame", limit, |_| true).await
    }

    /// Reads for this long, and gives what came. Fails on whatever the SDK fails on.
    pub async fn listen_for(&mut self, time: Duration) -> Result<Vec<Value>> {
        let deadline = Instant::now() + time;
        let mut frames = std::mem::take(&mut self.unread);
        while let Ok(frame) = timeout_at(deadline, self.receive()).await {
            frames.push(frame?.context("the connection ended while the SDK listened")?);
        }
        Ok(frames)
    }

    /// Reads until the node ends the connection, at most for `limit`, and gives the code of its Close frame.
    pub async fn ended(&mut self, limit: Duration) -> Result<Option<u16>> {
        let close = self.socket.ended(limit).await?;
        Ok(close.and_then(|frame| frame.close_code()))
    }

    /// Leaves as the SDK does: a Close frame, and no wait for the answer.
    pub async fn leave(mut self) -> Result<()> {
        self.socket
            .send(Opcode::Close, &1000_u16.to_be_bytes())
            .await
    }

    /// One message, put together from its frames. It is not to be cancelled within a message, so only
    /// the last wait of a session has a limit that may strike there.
    async fn receive(&mut self) -> Result<Option<Value>> {
        let mut message = Vec::new();
        let mut parts = 0;
        loop {
            let Some(frame) = self.socket.read().await? else {
                return Ok(None);
            };
            match frame.opcode {
                Opcode::Close => return Ok(None),
                Opcode::Text if parts == 0 => {}
                Opcode::Continuation if parts > 0 => {}
                other => bail!("the SDK fails on a frame of kind {other:?}"),
            }
            let length = frame.payload.len();
            ensure!(
                length < FRAME_LIMIT,
                "the SDK's buffer holds no frame of {length} bytes"
            );
            parts += 1;
            ensure!(
                length <= PART_LIMIT || (parts == 1 && frame.last),
                "a part of {length} bytes is larger than a part may be"
            );
            message.extend(frame.payload);
            if frame.last {
                return check(&message).map(Some);
            }
        }
    }
}

/// A message as JSON, if the SDK can take it: an event has no key `echo`, by which it tells responses.
fn check(message: &[u8]) -> Result<Value> {
    let value: Value = serde_json::from_slice(message).context("the SDK reads only JSON")?;
    if value.get("post_type").is_some() {
        ensure!(
            value.get("echo").is_none(),
            "the SDK takes an event with `echo` for a response: {value}"
        );
    }
    Ok(value)
}
