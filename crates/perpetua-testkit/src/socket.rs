//! One WebSocket that carries JSON in text frames, with a limit on every wait.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::PATIENCE;

/// A fake's limits are wider than the node's: it is the node's that are tested.
pub(crate) fn unlimited() -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(None)
        .max_frame_size(None)
}

/// An open WebSocket, on either side of it.
pub struct JsonSocket {
    stream: WebSocketStream<TcpStream>,
}

impl JsonSocket {
    pub(crate) fn new(stream: WebSocketStream<TcpStream>) -> Self {
        Self { stream }
    }

    /// Sends a JSON value as one text frame.
    pub async fn send(&mut self, value: &Value) -> Result<()> {
        self.send_message(Message::text(value.to_string())).await
    }

    /// Sends a message of any kind as it is.
    pub async fn send_message(&mut self, message: Message) -> Result<()> {
        send(&mut self.stream, message).await
    }

    /// The next text frame, as JSON. Fails when the connection ends or stays silent.
    pub async fn next(&mut self) -> Result<Value> {
        parse(&self.next_text().await?)
    }

    /// The next text frame, as it came.
    pub async fn next_text(&mut self) -> Result<String> {
        match next_text(&mut self.stream, PATIENCE).await? {
            Some(text) => Ok(text),
            None => bail!("the connection ended while a frame was expected"),
        }
    }

    /// Reads until the connection ends, at most for `limit`, and says how: with the peer's Close frame, if it sent one.
    pub async fn ended(&mut self, limit: Duration) -> Result<Option<CloseFrame>> {
        let last = async {
            let mut close = None;
            while let Some(Ok(message)) = self.stream.next().await {
                if let Message::Close(frame) = message {
                    close = frame;
                }
            }
            close
        };
        timeout(limit, last)
            .await
            .with_context(|| format!("the connection was still open after {limit:?}"))
    }

    /// Closes properly, and waits for the other side to do the same.
    pub async fn close(mut self) -> Result<()> {
        match self.stream.close(None).await {
            Ok(()) | Err(Error::ConnectionClosed) => {}
            Err(error) => return Err(error).context("cannot send a Close frame"),
        }
        self.ended(PATIENCE).await.map(drop)
    }

    /// Tears the connection down as a killed process or a cut line does: the peer's next read fails.
    pub fn reset(self) -> Result<()> {
        self.reset_when_dropped()
    }

    /// From now on, dropping the socket, or both its halves, is a [`reset`](Self::reset).
    pub fn reset_when_dropped(&self) -> Result<()> {
        self.stream
            .get_ref()
            .set_zero_linger()
            .context("cannot set the connection to be reset")
    }

    /// The two directions apart, for tests that send under load while they read.
    pub fn split(self) -> (JsonWriter, JsonReader) {
        let (sink, stream) = self.stream.split();
        (JsonWriter { sink }, JsonReader { stream })
    }
}

/// The sending half of a [`JsonSocket`].
pub struct JsonWriter {
    sink: SplitSink<WebSocketStream<TcpStream>, Message>,
}

impl JsonWriter {
    /// Sends a JSON value as one text frame.
    pub async fn send(&mut self, value: &Value) -> Result<()> {
        send(&mut self.sink, Message::text(value.to_string())).await
    }
}

/// The reading half of a [`JsonSocket`].
pub struct JsonReader {
    stream: SplitStream<WebSocketStream<TcpStream>>,
}

impl JsonReader {
    /// The next text frame, as JSON; `None` when the connection has ended, in whatever way.
    pub async fn next(&mut self) -> Result<Option<Value>> {
        match next_text(&mut self.stream, PATIENCE).await? {
            Some(text) => parse(&text).map(Some),
            None => Ok(None),
        }
    }
}

async fn send(
    sink: &mut (impl SinkExt<Message, Error = Error> + Unpin),
    message: Message,
) -> Result<()> {
    timeout(PATIENCE, sink.send(message))
        .await
        .with_context(|| format!("the other side took no frame for {PATIENCE:?}"))?
        .context("cannot send a frame")
}

async fn next_text(
    stream: &mut (impl StreamExt<Item = Result<Message, Error>> + Unpin),
    limit: Duration,
) -> Result<Option<String>> {
    let text = async {
        loop {
            match stream.next().await {
                Some(Ok(Message::Text(text))) => return Ok(Some(text.to_string())),
                Some(Ok(Message::Binary(_))) => {
                    bail!("a binary frame came, where OneBot has only text")
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(None),
            }
        }
    };
    timeout(limit, text)
        .await
        .with_context(|| format!("no frame came within {limit:?}"))?
}

fn parse(text: &str) -> Result<Value> {
    serde_json::from_str(text).with_context(|| format!("the node sent what is not JSON: `{text}`"))
}
