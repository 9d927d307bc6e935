//! Writing and configuring sockets, the same for clients and upstreams.

use std::time::Duration;

use bytestring::ByteString;
use futures_util::{Sink, SinkExt};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message, Utf8Bytes,
        protocol::{
            CloseFrame, Role, WebSocketConfig,
            frame::{
                Frame,
                coding::{CloseCode, Data, OpCode},
            },
        },
    },
};

use crate::account::FRAME_LIMITS;

/// A frame or fragment that cannot be written within this time cuts its peer off.
pub(crate) const WRITE_LIMIT: Duration = Duration::from_secs(10);
/// How long a peer may take to read why it is being closed.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);
/// Larger messages go out in fragments of this size, so that a socket's buffer stays small and a
/// slow link is judged by its progress, not by the size of one message.
const FRAGMENT_BYTES: usize = 1 << 20;
/// A socket's reading buffer. Frames borrow from it while they wait, so a small one holds little back.
const READ_BUFFER_BYTES: usize = 16 << 10;
/// Frames gather up to here before they are written.
const WRITE_BUFFER_BYTES: usize = 64 << 10;

/// What every WebSocket of ours is set to.
pub(crate) fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_message_size(Some(FRAME_LIMITS.max_bytes))
        .max_frame_size(Some(FRAME_LIMITS.max_bytes))
}

/// The WebSocket on a connection that was upgraded by us.
pub(crate) async fn server<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    read_ahead: Vec<u8>,
) -> WebSocketStream<S> {
    WebSocketStream::from_partially_read(stream, read_ahead, Role::Server, Some(config())).await
}

/// Why a peer can no longer be written to.
#[derive(Debug)]
pub(crate) enum WriteFailed {
    /// It took longer than [`WRITE_LIMIT`].
    TooSlow,
    /// The socket is broken or closed.
    Broken(tungstenite::Error),
}

/// Puts one text message into the socket's buffer, writing as the buffer fills.
pub(crate) async fn write_text<S>(sink: &mut S, text: ByteString) -> Result<(), WriteFailed>
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    let mut rest = text.into_bytes();
    let mut opcode = OpCode::Data(Data::Text);
    loop {
        let part = rest.split_to(rest.len().min(FRAGMENT_BYTES));
        let frame = Frame::message(part, opcode, rest.is_empty());
        limited(sink.feed(Message::Frame(frame))).await?;
        if rest.is_empty() {
            return Ok(());
        }
        opcode = OpCode::Data(Data::Continue);
    }
}

/// Writes out what has gathered.
pub(crate) async fn flush<S>(sink: &mut S) -> Result<(), WriteFailed>
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    limited(sink.flush()).await
}

/// Sends a ping.
pub(crate) async fn ping<S>(sink: &mut S) -> Result<(), WriteFailed>
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    limited(sink.send(Message::Ping(tungstenite::Bytes::new()))).await
}

/// Tells the peer why the connection ends, if it listens. What it does with that does not matter.
pub(crate) async fn close<S>(sink: &mut S, code: u16, reason: &str)
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    let frame = CloseFrame {
        code: CloseCode::from(code),
        reason: Utf8Bytes::from(reason),
    };
    let _peer_gone = timeout(CLOSE_LIMIT, sink.send(Message::Close(Some(frame)))).await;
}

async fn limited(
    write: impl Future<Output = Result<(), tungstenite::Error>>,
) -> Result<(), WriteFailed> {
    match timeout(WRITE_LIMIT, write).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(WriteFailed::Broken(error)),
        Err(_elapsed) => Err(WriteFailed::TooSlow),
    }
}
