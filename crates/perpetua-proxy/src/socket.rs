//! Writing and configuring sockets, the same for clients and upstreams.

use std::{
    future::poll_fn,
    pin::pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{Sink, SinkExt};
use perpetua_hub::FrameSize;
use perpetua_onebot::FrameLimits;
use perpetua_words::{connection as words, link as link_words};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, sink},
    time::{Instant, sleep, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message, Utf8Bytes,
        error::ProtocolError,
        protocol::{
            CloseFrame, Role, WebSocketConfig,
            frame::{
                Frame,
                coding::{CloseCode, Data, OpCode},
            },
        },
    },
};

use crate::{
    budget::Meter,
    gate::{FrameGate, GateRules, SkippedFrames, max_skipped_bytes},
};

/// A frame or fragment that cannot be written within this time cuts its peer off.
pub(crate) const WRITE_LIMIT: Duration = Duration::from_secs(10);
/// How long a peer may take to read why it is being closed, and to close its own side.
pub(crate) const CLOSE_LIMIT: Duration = Duration::from_secs(1);
/// How long who gives way may take to be told why: what it sent is in memory until then, and others wait for its room.
pub(crate) const GIVES_WAY_WITHIN: Duration = Duration::from_millis(100);
/// A timer that comes so much too late says that this process was stopped, or its machine asleep.
const STOOD_STILL: Duration = Duration::from_secs(2);
/// Larger messages go out in fragments of this size, so that a socket's buffer stays small (it never
/// shrinks again) and a slow link is judged by its progress, not by the size of one message. The
/// perpetua profile asks for at most 1 MiB.
const FRAGMENT_BYTES: usize = 64 << 10;
/// A socket's reading buffer. Frames borrow from it while they wait, so a small one holds little back.
const READ_BUFFER_BYTES: usize = 16 << 10;
/// Frames gather up to here before they are written.
const WRITE_BUFFER_BYTES: usize = 64 << 10;
/// No more may ever gather. Our own frames are written as they come; what is beyond them are answers
/// to the pings of a peer that does not read.
const MAX_WRITE_BUFFER_BYTES: usize = WRITE_BUFFER_BYTES + 4 * FRAGMENT_BYTES;

/// A WebSocket without the frames that are larger than its limits allow.
#[derive(Debug)]
pub(crate) struct GatedSocket<S> {
    pub(crate) socket: WebSocketStream<FrameGate<S>>,
    /// The frames that were skipped.
    pub(crate) skipped: SkippedFrames,
    /// What its frames are held to for as long as it is open.
    pub(crate) limits: FrameLimits,
    /// Counts what its messages hold.
    pub(crate) meter: Meter,
}

/// How far a connection has come to its end.
#[derive(Debug)]
pub(crate) enum Parting<S> {
    /// The peer has ended its side, too.
    Ended,
    /// It was told why, and has not.
    Told(FrameGate<S>),
    /// It did not even take the reason.
    Untold(FrameGate<S>),
}

/// What every WebSocket of ours is set to.
pub(crate) fn config(limits: FrameLimits) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(MAX_WRITE_BUFFER_BYTES)
        .max_message_size(Some(limits.max_bytes))
        .max_frame_size(Some(limits.max_bytes))
}

/// The WebSocket on a connection that was upgraded by us.
pub(crate) async fn server<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    read_ahead: Vec<u8>,
    rules: GateRules,
    meter: Meter,
) -> GatedSocket<S> {
    let (gate, skipped) = FrameGate::of_frames(stream, read_ahead, rules, meter.clone());
    let config = Some(config(rules.limits));
    GatedSocket {
        socket: WebSocketStream::from_raw_socket(gate, Role::Server, config).await,
        skipped,
        limits: rules.limits,
        meter,
    }
}

/// Why a peer can no longer be written to.
#[derive(Debug)]
pub(crate) enum WriteFailed {
    /// It took longer than it may, or the peer pings without reading the answers.
    TooSlow,
    /// The socket is broken or closed.
    Broken(tungstenite::Error),
}

/// Puts text messages into the socket's buffer, each whole, for as long as it takes them at once and `next` has one.
/// What it gives is small: at most a fragment.
pub(crate) async fn write_at_once<S>(
    sink: &mut S,
    mut next: impl FnMut() -> Option<Bytes>,
) -> Result<(), WriteFailed>
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    let mut feed = |context: &mut Context<'_>| {
        while sink.poll_ready_unpin(context)?.is_ready() {
            let Some(text) = next() else { break };
            let frame = Frame::message(text, OpCode::Data(Data::Text), true);
            sink.start_send_unpin(Message::Frame(frame))?;
        }
        Poll::Ready(Ok(()))
    };
    poll_fn(|context| feed(context)).await.map_err(failed)
}

/// Puts one text message, which is UTF-8, into the socket's buffer, writing as the buffer fills. `limit` is the
/// time for each fragment, as it is for the other writes below.
pub(crate) async fn write_text<S>(
    sink: &mut S,
    text: Bytes,
    limit: Duration,
) -> Result<(), WriteFailed>
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    let mut rest = text;
    let mut opcode = OpCode::Data(Data::Text);
    loop {
        let part = rest.split_to(rest.len().min(FRAGMENT_BYTES));
        let mut frame = Some(Message::Frame(Frame::message(
            part,
            opcode,
            rest.is_empty(),
        )));
        limited(|context| poll_feed(sink, &mut frame, context), limit).await?;
        if rest.is_empty() {
            return Ok(());
        }
        opcode = OpCode::Data(Data::Continue);
    }
}

/// Writes out what has gathered.
pub(crate) async fn flush<S>(sink: &mut S, limit: Duration) -> Result<(), WriteFailed>
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    limited(|context| sink.poll_flush_unpin(context), limit).await
}

/// Sends a ping.
pub(crate) async fn ping<S>(sink: &mut S, limit: Duration) -> Result<(), WriteFailed>
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    let mut ping = Some(Message::Ping(Bytes::new()));
    let send = |context: &mut Context<'_>| {
        ready!(poll_feed(sink, &mut ping, context))?;
        sink.poll_flush_unpin(context)
    };
    limited(send, limit).await
}

/// Puts a message into the sink as soon as there is room, and takes it from where it waits.
fn poll_feed<S>(
    sink: &mut S,
    message: &mut Option<Message>,
    context: &mut Context<'_>,
) -> Poll<Result<(), tungstenite::Error>>
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    if message.is_some() {
        ready!(sink.poll_ready_unpin(context))?;
    }
    Poll::Ready(
        message
            .take()
            .map_or(Ok(()), |one| sink.start_send_unpin(one)),
    )
}

/// Ends a connection in good order: tells the peer why (without a reason: answers its own Close
/// frame), ends our direction, and reads on until the peer has ended its own. Closing on unread bytes
/// would reset the connection, and our reason might be lost with it. What was read of a message is let go
/// before that.
pub(crate) async fn end<S>(
    socket: WebSocketStream<FrameGate<S>>,
    reason: Option<(u16, &str)>,
) -> Parting<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    end_within(socket, reason, CLOSE_LIMIT).await
}

/// The same with another limit.
pub(crate) async fn end_within<S>(
    socket: WebSocketStream<FrameGate<S>>,
    reason: Option<(u16, &str)>,
    limit: Duration,
) -> Parting<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    end_until(socket, reason, sleep(limit)).await
}

/// The same for as long as `enough` is not over.
pub(crate) async fn end_until<S>(
    mut socket: WebSocketStream<FrameGate<S>>,
    reason: Option<(u16, &str)>,
    enough: impl Future<Output = ()>,
) -> Parting<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut enough = pin!(enough);
    let told = tokio::select! {
        biased;
        told = tell(&mut socket, reason) => told.is_ok(),
        () = &mut enough => false,
    };
    let mut stream = socket.into_inner();
    stream.let_go();
    if !told {
        return Parting::Untold(stream);
    }
    let goodbye = async {
        stream.shutdown().await?;
        tokio::io::copy(&mut stream, &mut sink()).await
    };
    let has_ended = tokio::select! {
        biased;
        _either_way = goodbye => true,
        () = &mut enough => false,
    };
    if has_ended {
        Parting::Ended
    } else {
        Parting::Told(stream)
    }
}

async fn tell<S>(
    socket: &mut WebSocketStream<S>,
    reason: Option<(u16, &str)>,
) -> Result<(), tungstenite::Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Some((code, reason)) = reason else {
        return socket.flush().await;
    };
    let frame = CloseFrame {
        code: CloseCode::from(code),
        reason: Utf8Bytes::from(reason),
    };
    socket.send(Message::Close(Some(frame))).await
}

/// What a peer is told that is closed over the size of what it sent.
pub(crate) fn too_large_words(bytes: usize, limits: &FrameLimits) -> perpetua_words::Message {
    let limit = FrameSize::limit(limits.max_bytes).to_string();
    if is_one_frame(bytes, limits) {
        words::FrameFarTooLarge { limit }.into()
    } else {
        words::MessageTooLarge { limit }.into()
    }
}

/// Whether what is too large for a reader behind a gate is a frame that the gate let through, because it
/// announces senselessly much; else it is a message of several.
pub(crate) fn is_one_frame(bytes: usize, limits: &FrameLimits) -> bool {
    bytes as u64 > max_skipped_bytes(limits.max_bytes)
}

/// What broke a socket, as far as its system or its protocol says.
pub(crate) fn cause(error: &tungstenite::Error) -> perpetua_words::Message {
    match error {
        tungstenite::Error::Io(error) => error.into(),
        tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            link_words::Vanished.into()
        }
        other => perpetua_words::io::Other {
            text: other.to_string(),
        }
        .into(),
    }
}

/// Most writes only fill a buffer: they are tried before a clock is looked at, and what waits is in a place of its own,
/// so that nothing large is moved for them.
async fn limited(
    mut write: impl FnMut(&mut Context<'_>) -> Poll<Result<(), tungstenite::Error>>,
    limit: Duration,
) -> Result<(), WriteFailed> {
    let at_once = poll_fn(|context| Poll::Ready(write(context))).await;
    let written = match at_once {
        Poll::Ready(written) => Some(written),
        Poll::Pending => Box::pin(in_time(write, limit)).await,
    };
    match written {
        Some(written) => written.map_err(failed),
        None => Err(WriteFailed::TooSlow),
    }
}

fn failed(error: tungstenite::Error) -> WriteFailed {
    match error {
        tungstenite::Error::WriteBufferFull(_) => WriteFailed::TooSlow,
        error => WriteFailed::Broken(error),
    }
}

/// What comes of a write within this time. While this process stood still, nobody could take anything: then the time
/// begins anew.
async fn in_time<R>(
    mut write: impl FnMut(&mut Context<'_>) -> Poll<R>,
    limit: Duration,
) -> Option<R> {
    loop {
        let begun = Instant::now();
        let written = timeout(limit, poll_fn(&mut write)).await;
        if written.is_ok() || begun.elapsed() < limit + STOOD_STILL {
            return written.ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{task::Poll, time::Duration};

    use futures_util::FutureExt as _;
    use tokio::time::advance;

    use super::{WriteFailed, limited};

    const LIMIT: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn a_process_that_stood_still_gives_its_peer_the_time_again() {
        let mut write = std::pin::pin!(limited(|_| Poll::Pending, LIMIT));
        assert!(write.as_mut().now_or_never().is_none());
        advance(Duration::from_secs(15)).await;
        assert!(write.as_mut().now_or_never().is_none(), "it was asleep");
        advance(LIMIT).await;
        let written = write.as_mut().now_or_never();
        assert!(matches!(written, Some(Err(WriteFailed::TooSlow))));
    }
}
