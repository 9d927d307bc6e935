//! One open connection to an upstream, whoever dialled it.

mod ending;

use std::{pin::pin, slice, sync::OnceLock, time::Duration};

use futures_util::{Sink, Stream, StreamExt, future::join_all};
use perpetua_hub::{Hub, LinkFailure, Role};
use perpetua_onebot::{FrameKind, FrameLimits, Peek};
use perpetua_words::{connection as close_words, link as words};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Notify,
    time::{Instant, timeout},
};
use tokio_tungstenite::tungstenite::{self, Bytes, Message, protocol::frame::coding::CloseCode};
use tokio_util::sync::CancellationToken;

use self::ending::{End, Gone, closed_by_it, held_most, lost};
use super::{
    frames::{LostFrame, look},
    slot::{HalfLink, Pulse},
};
use crate::{
    AccountHandle,
    activity::LastActivity,
    budget::Meter,
    gate::SkippedFrames,
    socket::{self, CLOSE_LIMIT, GIVES_WAY_WITHIN, GatedSocket, WRITE_LIMIT, WriteFailed},
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
pub(super) const RETCODE_WRONG_TOKEN: i64 = 1403;

/// Serves a connection that carries everything until it ends; gives the reason. `check_now` asks for a
/// ping out of turn, and `write_limit` is how long the upstream may leave unread what is written to it.
pub(crate) async fn serve<S>(
    stream: GatedSocket<S>,
    account: &AccountHandle,
    activity: &LastActivity,
    check_now: &Notify,
    write_limit: Duration,
) -> LinkFailure
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let part = Part {
        role: Role::Universal,
        activity,
        check_now,
        write_limit,
        other_ended: CancellationToken::new(),
    };
    Box::pin(serve_part(stream, account, &part)).await
}

/// Serves a connection for actions and one for events, until one of them ends; gives its reason, and
/// ends the other.
pub(super) async fn serve_pair(halves: [HalfLink; 2], account: &AccountHandle) -> LinkFailure {
    let (ended, first) = (CancellationToken::new(), OnceLock::new());
    let serving = halves.map(async |half| {
        let Pulse {
            activity,
            check_now,
        } = &half.pulse;
        let part = Part {
            role: half.role,
            activity,
            check_now,
            write_limit: WRITE_LIMIT,
            other_ended: ended.clone(),
        };
        let failure = Box::pin(serve_part(*half.socket, account, &part)).await;
        // The other one ends because of this.
        let _it_was_first = first.set(failure);
        ended.cancel();
    });
    join_all(serving).await;
    let failure = first.into_inner();
    failure.unwrap_or_else(|| LinkFailure::Lost(words::Ended.into()))
}

/// What a connection carries of a link, and how it is watched.
struct Part<'a> {
    role: Role,
    activity: &'a LastActivity,
    check_now: &'a Notify,
    write_limit: Duration,
    /// The connection that carries the rest has ended.
    other_ended: CancellationToken,
}

async fn serve_part<S>(
    stream: GatedSocket<S>,
    account: &AccountHandle,
    part: &Part<'_>,
) -> LinkFailure
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let GatedSocket {
        socket,
        skipped,
        limits,
        meter,
    } = stream;
    let holding = account.hold_upstream(meter);
    let (mut sink, stream) = socket.split();
    let mut frames = Frames {
        stream,
        skipped,
        limits,
        account,
        meter: &holding.meter,
    };
    let end = tokio::select! {
        biased;
        () = holding.gives_way.cancelled() => held_most(),
        end = both_ways(&mut frames, &mut sink, part) => end,
    };
    frames.report_skipped();
    let whole = frames.stream.reunite(sink);
    let limit = if holding.gives_way.is_cancelled() {
        GIVES_WAY_WITHIN
    } else {
        CLOSE_LIMIT
    };
    drop(holding);
    if let Ok(socket) = whole {
        let close = end.close.map(|(code, reason)| (code, reason.to_string()));
        let close = close.as_ref().map(|(code, reason)| (*code, &**reason));
        let _over_either_way = socket::end_within(socket, close, limit).await;
    }
    match end.failure {
        // Nothing was sent over it that could have been too large.
        LinkFailure::RefusedSize(code, text) if part.role == Role::Event => {
            LinkFailure::Lost(closed_by_it(code, &text))
        }
        failure @ LinkFailure::RefusedSize(..) => {
            account.with(Hub::upstream_refused_size);
            failure
        }
        failure => failure,
    }
}

/// Reads and writes until one of them fails, or nothing has come for too long.
async fn both_ways<S>(
    frames: &mut Frames<'_, S>,
    sink: &mut (impl Sink<Message, Error = tungstenite::Error> + Unpin),
    part: &Part<'_>,
) -> End
where
    S: Stream<Item = Result<Message, tungstenite::Error>> + Unpin,
{
    let (account, meter) = (frames.account, frames.meter);
    let mut read = pin!(frames.read(part.role));
    tokio::select! {
        biased;
        // Writing stops when nothing waits; an upstream that sends without pause never lets reading stop.
        failed = write(sink, account, part, meter) => match failed {
            WriteFailed::TooSlow => LinkFailure::GivenUp(words::StoppedReading.into()).into(),
            // What it had sent before may say why it closed.
            WriteFailed::Broken(error) => timeout(REASON_LIMIT, read).await.unwrap_or_else(|_| lost(&error).into()),
        },
        end = &mut read => end,
        () = part.activity.silence(SILENCE_LIMIT, account.gaps()) => LinkFailure::Silent(SILENCE_LIMIT.as_secs()).into(),
        () = part.other_ended.cancelled() => End {
            failure: LinkFailure::Lost(words::Ended.into()),
            close: Some((1012, close_words::HalfLeft.into())),
        },
    }
}

/// What comes from an upstream: its messages, and beside them those that are too large.
struct Frames<'a, S> {
    stream: S,
    skipped: SkippedFrames,
    limits: FrameLimits,
    account: &'a AccountHandle,
    meter: &'a Meter,
}

impl<S: Stream<Item = Result<Message, tungstenite::Error>> + Unpin> Frames<'_, S> {
    /// Reads until the connection ends. Until the first OneBot frame has come, anything else shows that
    /// this is no OneBot upstream; after it, a foreign frame is the loss of one frame. Where only events
    /// come, nothing may come for long.
    async fn read(&mut self, role: Role) -> End {
        if role != Role::Event {
            let gaps = self.account.gaps();
            let first = gaps.within(FIRST_FRAME_LIMIT, Instant::now(), self.first());
            let Some(first) = first.await else {
                return LinkFailure::NotOneBot(words::SentNothing.into()).into();
            };
            if let Err(end) = first {
                return end;
            }
        }
        let Self {
            stream,
            skipped,
            limits,
            account,
            meter,
        } = self;
        let mut batches = stream.ready_chunks(READ_BATCH);
        loop {
            let batch = tokio::select! {
                biased;
                Some(frame) = skipped.recv() => {
                    LostFrame::skipped(&frame, limits, account.name()).report(account);
                    continue;
                }
                batch = batches.next() => batch,
            };
            let taken = match batch {
                Some(batch) => take_batch(account, batch, limits, meter),
                None => Err(Gone::Ended.end(limits)),
            };
            if let Err(end) = taken {
                return end;
            }
        }
    }

    /// Takes the first OneBot frame. One that is broken or too large may come before it: what has
    /// begun as an object is no other protocol.
    async fn first(&mut self) -> Result<(), End> {
        loop {
            let bytes = self.next_content().await.map_err(|gone| match gone {
                // How LLBot refuses a token. Later on, 1008 may mean anything that its rules forbid.
                Gone::Closed(Some(close)) if close.code == CloseCode::Policy => {
                    LinkFailure::WrongToken.into()
                }
                gone => gone.end(&self.limits),
            })?;
            match look(self.account, &bytes, &self.limits) {
                // Later on it is an answer like any other: the upstream has let us in.
                Ok(peek) if refuses_token(&peek) => return Err(LinkFailure::WrongToken.into()),
                Ok(peek) if is_onebot(&peek) => {
                    take(self.account, slice::from_ref(&bytes), &self.limits);
                    return Ok(());
                }
                Ok(_) => return Err(not_onebot(words::SentOtherJson)),
                Err(_) if !bytes.trim_ascii_start().starts_with(b"{") => {
                    return Err(match std::str::from_utf8(&bytes) {
                        Ok(_) => not_onebot(words::SentOtherText),
                        Err(_) => not_onebot(words::SentBinary),
                    });
                }
                Err(frame) => frame.report(self.account),
            }
        }
    }

    /// Tells of the frames that were skipped and not told of yet. What ended the connection stood behind them.
    fn report_skipped(&mut self) {
        while let Ok(frame) = self.skipped.try_recv() {
            LostFrame::skipped(&frame, &self.limits, self.account.name()).report(self.account);
        }
    }

    /// The next message that is not the library's own business.
    async fn next_content(&mut self) -> Result<Bytes, Gone> {
        loop {
            let message = tokio::select! {
                biased;
                Some(frame) = self.skipped.recv() => {
                    LostFrame::skipped(&frame, &self.limits, self.account.name()).report(self.account);
                    continue;
                }
                message = self.stream.next() => message.ok_or(Gone::Ended)?,
            };
            if let Some(bytes) = content(message)? {
                self.meter.taken(bytes.len());
                return Ok(bytes);
            }
        }
    }
}

/// The bytes of a message that is not the library's own business. Whether they are text is looked at
/// later: the gate has made every text frame a binary one.
fn content(message: Result<Message, tungstenite::Error>) -> Result<Option<Bytes>, Gone> {
    match message {
        Ok(Message::Binary(bytes)) => Ok(Some(bytes)),
        Ok(Message::Text(text)) => Ok(Some(text.into())),
        Ok(Message::Close(close)) => Err(Gone::Closed(close)),
        Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => Ok(None),
        Err(error) => Err(Gone::Broken(error)),
    }
}

fn is_onebot(peek: &Peek<'_>) -> bool {
    matches!(peek.kind(), FrameKind::Event | FrameKind::Response)
}

fn not_onebot(cause: impl Into<perpetua_words::Message>) -> End {
    LinkFailure::NotOneBot(cause.into()).into()
}

/// Hands all that one read brought to the hub at once: the account is locked, and its clients are
/// woken, once for all of it.
fn take_batch(
    account: &AccountHandle,
    batch: Vec<Result<Message, tungstenite::Error>>,
    limits: &FrameLimits,
    meter: &Meter,
) -> Result<(), End> {
    let mut frames = Vec::with_capacity(batch.len());
    let mut gone = None;
    for message in batch {
        match content(message) {
            Ok(bytes) => frames.extend(bytes),
            // The first reason is the true one: what follows a Close frame is only its echo.
            Err(reason) => gone = gone.or(Some(reason)),
        }
    }
    take(account, &frames, limits);
    meter.taken(frames.iter().map(Bytes::len).sum());
    gone.map_or(Ok(()), |gone| Err(gone.end(limits)))
}

/// Hands frames to the hub, in order.
fn take(account: &AccountHandle, frames: &[Bytes], limits: &FrameLimits) {
    // Nothing is read or formatted under the lock: a frame may hold 50 MB, and everybody else would wait.
    let looked: Vec<_> = frames
        .iter()
        .map(|bytes| look(account, bytes, limits))
        .collect();
    account.with(|hub, now| {
        for (bytes, looked) in frames.iter().zip(&looked) {
            match looked {
                Ok(peek) => hub.from_upstream(bytes.clone(), peek, now),
                Err(frame) => frame.lose(hub, now),
            }
        }
    });
}

/// The answer to a connection whose token is wrong: it answers no action, so it has no echo.
fn refuses_token(peek: &Peek<'_>) -> bool {
    peek.kind() == FrameKind::Response
        && peek.retcode == Some(RETCODE_WRONG_TOKEN)
        && peek.echo().is_none_or(|echo| echo == "null")
}

/// Writes actions as the hub has them, where actions go, and pings.
async fn write<S>(
    sink: &mut S,
    account: &AccountHandle,
    part: &Part<'_>,
    meter: &Meter,
) -> WriteFailed
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    let mut pings = tokio::time::interval(PING_EVERY);
    pings.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let written = tokio::select! {
            biased;
            () = account.upstream_woken(), if part.role != Role::Event => {
                write_actions(sink, account, part.write_limit, meter).await
            }
            _ = pings.tick() => socket::ping(sink, part.write_limit).await,
            () = part.check_now.notified() => socket::ping(sink, part.write_limit).await,
        };
        if let Err(failed) = written {
            return failed;
        }
    }
}

async fn write_actions<S>(
    sink: &mut S,
    account: &AccountHandle,
    limit: Duration,
    meter: &Meter,
) -> Result<(), WriteFailed>
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    while let Some(action) = account.with(Hub::take_action) {
        meter.writes(slice::from_ref(&action));
        let text = meter.brought_out(action).await;
        socket::write_text(sink, text, limit).await?;
    }
    meter.writes(&[]);
    socket::flush(sink, limit).await
}
