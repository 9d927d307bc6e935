//! One open connection to an upstream, whoever dialled it.

use std::{pin::pin, time::Duration};

use futures_util::{Sink, Stream, StreamExt};
use perpetua_hub::LinkFailure;
use perpetua_onebot::{FrameKind, Peek, peek};
use perpetua_words::link as words;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Notify,
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Bytes, Message, Utf8Bytes,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};
use tracing::{debug, trace};

use super::activity::LastActivity;
use crate::{
    AccountHandle,
    account::FRAME_LIMITS,
    socket::{self, WriteFailed},
};

/// Whoever lives answers a ping, so silence is told from peace.
const PING_EVERY: Duration = Duration::from_secs(10);
/// Silence after which the link counts as cut: with the ping before it, under 40 s.
const SILENCE_LIMIT: Duration = Duration::from_secs(25);
/// How long a new upstream may take to send its first OneBot frame.
const FIRST_FRAME_LIMIT: Duration = Duration::from_secs(15);
/// How long an upstream that can no longer be written to is still listened to.
const REASON_LIMIT: Duration = Duration::from_secs(1);
/// Frames that are taken together when they came together: enough to spread the cost of locking and
/// waking, few enough that the first is not held up by the last.
const READ_BATCH: usize = 64;
/// The `retcode` with which NapCat and LLBot refuse a token after the upgrade.
const RETCODE_WRONG_TOKEN: i64 = 1403;

/// Serves a connection until it ends; gives the reason. `check_now` asks for a ping out of turn.
pub(crate) async fn serve<S>(
    stream: WebSocketStream<S>,
    account: &AccountHandle,
    activity: &LastActivity,
    check_now: &Notify,
) -> LinkFailure
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut sink, mut stream) = stream.split();
    let failure = both_ways(&mut stream, &mut sink, account, activity, check_now).await;
    if let Ok(mut socket) = stream.reunite(sink) {
        let reason = match &failure {
            LinkFailure::NotOneBot(_) => Some((1002, "this is not OneBot v11")),
            _ => None,
        };
        socket::end(&mut socket, reason).await;
    }
    failure
}

/// Reads and writes until one of them fails, or nothing has come for too long.
async fn both_ways(
    stream: &mut (impl Stream<Item = Result<Message, tungstenite::Error>> + Unpin),
    sink: &mut (impl Sink<Message, Error = tungstenite::Error> + Unpin),
    account: &AccountHandle,
    activity: &LastActivity,
    check_now: &Notify,
) -> LinkFailure {
    let mut read = pin!(read(stream, account));
    tokio::select! {
        biased;
        // Writing stops when nothing waits; an upstream that sends without pause never lets reading stop.
        failed = write(sink, account, check_now) => match failed {
            WriteFailed::TooSlow => LinkFailure::Lost(words::StoppedReading.into()),
            // What it had sent before may say why it closed.
            WriteFailed::Broken(error) => timeout(REASON_LIMIT, read).await.unwrap_or_else(|_| lost(&error)),
        },
        failure = &mut read => failure,
        () = activity.silence(SILENCE_LIMIT) => LinkFailure::Silent(SILENCE_LIMIT.as_secs()),
    }
}

/// Reads until the connection ends. Until the first OneBot frame has come, anything else shows that
/// this is no OneBot upstream; after it, foreign frames are only counted.
async fn read(
    stream: &mut (impl Stream<Item = Result<Message, tungstenite::Error>> + Unpin),
    account: &AccountHandle,
) -> LinkFailure {
    let Ok(first) = timeout(FIRST_FRAME_LIMIT, first_frame(stream, account)).await else {
        return LinkFailure::NotOneBot(words::SentNothing.into());
    };
    if let Err(failure) = first {
        return failure;
    }
    let mut batches = stream.ready_chunks(READ_BATCH);
    while let Some(batch) = batches.next().await {
        if let Err(failure) = take_batch(account, batch) {
            return failure;
        }
    }
    Gone::Ended.into()
}

/// How a connection ended while something was expected from it.
enum Gone {
    Closed(Option<CloseFrame>),
    Broken(tungstenite::Error),
    Ended,
}

impl From<Gone> for LinkFailure {
    fn from(gone: Gone) -> Self {
        match gone {
            Gone::Closed(None) => Self::Lost(words::WithoutReason.into()),
            Gone::Closed(Some(close)) => {
                let (code, text) = (u16::from(close.code), close.reason.as_str());
                Self::Lost(words::CloseReason { code, text }.into())
            }
            Gone::Broken(error) => lost(&error),
            Gone::Ended => Self::Lost(words::Ended.into()),
        }
    }
}

async fn first_frame(
    stream: &mut (impl Stream<Item = Result<Message, tungstenite::Error>> + Unpin),
    account: &AccountHandle,
) -> Result<(), LinkFailure> {
    let text = match next_text(stream).await {
        Ok(Some(text)) => text,
        Ok(None) => return Err(LinkFailure::NotOneBot(words::SentBinary.into())),
        // How LLBot refuses a token. Later on, 1008 may mean anything that its rules forbid.
        Err(Gone::Closed(Some(close))) if close.code == CloseCode::Policy => {
            return Err(LinkFailure::WrongToken);
        }
        Err(gone) => return Err(gone.into()),
    };
    match peek(&text, &FRAME_LIMITS) {
        Ok(peek) if matches!(peek.kind(), FrameKind::Event | FrameKind::Response) => {}
        Ok(_) => {
            return Err(LinkFailure::NotOneBot(words::SentOtherJson.into()));
        }
        Err(_) => {
            return Err(LinkFailure::NotOneBot(words::SentOtherText.into()));
        }
    }
    take(account, &[text])
}

/// The next text frame; `None` for a binary one.
async fn next_text(
    stream: &mut (impl Stream<Item = Result<Message, tungstenite::Error>> + Unpin),
) -> Result<Option<Utf8Bytes>, Gone> {
    loop {
        let message = stream.next().await.ok_or(Gone::Ended)?;
        match content(message)? {
            Content::Text(text) => return Ok(Some(text)),
            Content::Binary => return Ok(None),
            Content::Control => {}
        }
    }
}

/// What a message means to us.
enum Content {
    Text(Utf8Bytes),
    Binary,
    Control,
}

fn content(message: Result<Message, tungstenite::Error>) -> Result<Content, Gone> {
    match message {
        Ok(Message::Text(text)) => Ok(Content::Text(text)),
        Ok(Message::Binary(_)) => Ok(Content::Binary),
        Ok(Message::Close(close)) => Err(Gone::Closed(close)),
        Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => Ok(Content::Control),
        Err(error) => Err(Gone::Broken(error)),
    }
}

/// Hands all that one read brought to the hub at once: the account is locked, and its clients are
/// woken, once for all of it.
fn take_batch(
    account: &AccountHandle,
    batch: Vec<Result<Message, tungstenite::Error>>,
) -> Result<(), LinkFailure> {
    let mut texts = Vec::with_capacity(batch.len());
    let mut gone = None;
    for message in batch {
        match content(message) {
            Ok(Content::Text(text)) => texts.push(text),
            Ok(Content::Binary) => account.with(|hub, _| hub.count_foreign_frame()),
            Ok(Content::Control) => {}
            // The first reason is the true one: what follows a Close frame is only its echo.
            Err(reason) => gone = gone.or(Some(reason)),
        }
    }
    take(account, &texts)?;
    gone.map_or(Ok(()), |gone| Err(gone.into()))
}

/// Hands frames to the hub, in order; fails at one that says that our token is wrong.
fn take(account: &AccountHandle, texts: &[Utf8Bytes]) -> Result<(), LinkFailure> {
    // Nothing is formatted under the lock: a frame may hold 50 MB, and everybody else would wait.
    let peeked: Vec<_> = texts.iter().map(|text| look(account, text)).collect();
    account.with(|hub, now| {
        for (text, peeked) in texts.iter().zip(&peeked) {
            match peeked {
                Some(peek) if refuses_token(peek) => return Err(LinkFailure::WrongToken),
                Some(peek) => hub.from_upstream(Bytes::from(text.clone()), peek, now),
                None => hub.count_foreign_frame(),
            }
        }
        Ok(())
    })
}

/// What a frame is, if it is one.
fn look<'a>(account: &AccountHandle, text: &'a str) -> Option<Peek<'a>> {
    trace!(account = account.name(), frame = text, "from upstream");
    let peeked = peek(text, &FRAME_LIMITS);
    peeked
        .inspect_err(|malformed| {
            debug!(account = account.name(), reason = %malformed, "the upstream sent a malformed frame");
        })
        .ok()
}

/// The answer to a connection whose token is wrong: it answers no action, so it has no echo.
fn refuses_token(peek: &Peek<'_>) -> bool {
    peek.kind() == FrameKind::Response
        && peek.retcode == Some(RETCODE_WRONG_TOKEN)
        && peek.echo().is_none_or(|echo| echo == "null")
}

/// Writes actions as the hub has them.
async fn write<S>(sink: &mut S, account: &AccountHandle, check_now: &Notify) -> WriteFailed
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    let mut pings = tokio::time::interval(PING_EVERY);
    pings.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let written = tokio::select! {
            biased;
            () = account.upstream_woken() => write_actions(sink, account).await,
            _ = pings.tick() => socket::ping(sink).await,
            () = check_now.notified() => socket::ping(sink).await,
        };
        if let Err(failed) = written {
            return failed;
        }
    }
}

async fn write_actions<S>(sink: &mut S, account: &AccountHandle) -> Result<(), WriteFailed>
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    while let Some(action) = account.with(|hub, _| hub.take_action()) {
        socket::write_text(sink, action.into_bytes()).await?;
    }
    socket::flush(sink).await
}

fn lost(error: &tungstenite::Error) -> LinkFailure {
    LinkFailure::Lost(socket::cause(error))
}
