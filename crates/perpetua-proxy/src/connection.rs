//! One open connection of a client, from the upgrade to the goodbye.

mod liveness;
mod reading;
mod writing;

use std::{io::ErrorKind, time::Duration};

use futures_util::{StreamExt as _, stream::iter};
use perpetua_hub::{DisconnectReason, LogLine, Remaining, close_reason};
use perpetua_words::{Message, notice as words};
use tokio::{net::TcpStream, time::sleep};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{self, protocol::frame::coding::CloseCode},
};
use tracing::info;

use crate::{
    account::Connected,
    activity::LastActivity,
    dialling::OverTcp,
    gate::{FrameGate, GateRules},
    peer::PeerMachine,
    socket::{self, GatedSocket, Parting, WriteFailed},
    upgrade::Upgraded,
};
use liveness::Liveness;
pub(crate) use liveness::Patience;
#[cfg(target_os = "linux")]
pub(crate) use {liveness::UNANSWERED_LIMIT, writing::PING_EVERY};

/// A client's WebSocket.
pub(crate) type Socket<S> = WebSocketStream<FrameGate<S>>;

/// Serves somebody who was let in until either side ends it. `activity` notes when something came from it.
pub(crate) async fn serve(upgraded: Upgraded<Connected>, activity: LastActivity) {
    let connected = upgraded.admitted;
    let account = &connected.account;
    let rules = GateRules::of_client(account.frame_limits());
    let stream = activity.watch(upgraded.stream);
    let meter = connected.signals.meter.clone();
    let stream = socket::server(stream, upgraded.read_ahead, rules, meter).await;
    let patience = Patience::WITH_CALLERS;
    let (socket, ended) = serve_socket(stream, None, activity, &connected, patience).await;
    drop(connected);
    if let Some(socket) = socket {
        goodbye(socket, &ended, socket::CLOSE_LIMIT).await;
    }
}

/// Serves a connection that is in the hub, from the first message that was read of it, until either side ends it;
/// gives it back, to be closed.
pub(crate) async fn serve_socket<S: OverTcp>(
    stream: GatedSocket<S>,
    first: Option<tungstenite::Message>,
    activity: LastActivity,
    connected: &Connected,
    patience: Patience,
) -> (Option<Socket<S>>, Ended) {
    let account = &connected.account;
    if let Some(LogLine { left_out }) = account.client_line() {
        info!(account = account.name(), client = connected.client, app_id = %connected.app_id, left_out, "client connected");
    }
    let (socket, ended) = both_ways(stream, first, activity, connected, patience).await;
    note(connected, &ended);
    if let Some(LogLine { left_out }) = account.client_line() {
        info!(account = account.name(), client = connected.client, app_id = %connected.app_id, left_out, %ended, "client left");
    }
    (socket, ended)
}

/// Reads and writes until the connection is over; gives it back, to be closed.
async fn both_ways<S: OverTcp>(
    stream: GatedSocket<S>,
    first: Option<tungstenite::Message>,
    activity: LastActivity,
    connected: &Connected,
    patience: Patience,
) -> (Option<Socket<S>>, Ended) {
    let GatedSocket {
        socket,
        mut skipped,
        limits,
        meter: _,
    } = stream;
    let machine = PeerMachine::of(tcp(&socket));
    let liveness = Liveness::new(activity, machine, patience);
    let (mut sink, mut stream) = socket.split();
    let mut messages = iter(first).map(Ok).chain(&mut stream);
    // No order among these: a client that sends without pause would starve the writing, and
    // an upstream that does would starve the reading.
    let until_one_ends = async {
        tokio::select! {
            ended = reading::read(&mut messages, &mut skipped, &limits, connected) => ended,
            ended = writing::write(&mut sink, &liveness, connected) => ended,
            ended = liveness.lost(connected) => ended,
        }
    };
    let ended = tokio::select! {
        biased;
        () = connected.signals.cut.cancelled() => cut_reason(connected),
        ended = until_one_ends => ended,
    };
    // The frames that were being written are gone with whoever wrote them.
    connected.signals.meter.wrote();
    // Whatever has ended it, what it did before counts.
    while let Ok(frame) = skipped.try_recv() {
        reading::refuse_skipped(&frame, &limits, connected);
    }
    (stream.reunite(sink).ok(), ended)
}

/// What a client's WebSocket stands on.
fn tcp<S: OverTcp>(socket: &Socket<S>) -> &TcpStream {
    socket.get_ref().get_ref().tcp()
}

/// Tells the hub of an end that it does not know of. It counts each cut once.
pub(crate) fn note(connected: &Connected, ended: &Ended) {
    if let Ended::Disconnected(cut) = *ended {
        let account = &connected.account;
        account.with(|hub, _| hub.cut_connection(connected.id, cut));
    }
    if let Some(notice) = notice(ended) {
        connected.account.note_client(&connected.client, notice);
    }
}

/// What the owner is shown of an end that is the client's own fault or bad luck.
fn notice(ended: &Ended) -> Option<Message> {
    let cause = match ended {
        Ended::Disconnected(cut) => return cut.notice(),
        Ended::BadFrame { reason, .. } => reason.clone(),
        Ended::TooLargeForPeer(text) => {
            let reason = close_reason(CloseCode::Size.into(), text);
            return Some(words::ClientRefusedSize { reason }.into());
        }
        Ended::Gone => return Some(words::ClientGone.into()),
        Ended::ByPeer | Ended::Closed { .. } | Ended::Broken(_) => return None,
    };
    Some(words::ClientClosed { cause }.into())
}

/// Closes a connection. A peer that takes nothing is reset: what the system still holds for it would
/// keep the connection alive for minutes. `limit` is for all of it, but for who gives its memory back.
pub(crate) async fn goodbye<S: OverTcp>(socket: Socket<S>, ended: &Ended, limit: Duration) {
    let limit = given_way(ended).map_or(limit, |sooner| limit.min(sooner));
    match end(socket, ended, sleep(limit)).await {
        Parting::Untold(stream) => reset(&stream),
        Parting::Told(_) | Parting::Ended => {}
    }
}

/// Closes a connection to a peer that is dialled again: one that has not ended its side when `enough` is over is reset,
/// so that it never has two.
pub(crate) async fn part<S: OverTcp>(
    socket: Socket<S>,
    ended: &Ended,
    enough: impl Future<Output = ()>,
) {
    let enough = async {
        match given_way(ended) {
            Some(limit) => sleep(limit).await,
            None => enough.await,
        }
    };
    match end(socket, ended, enough).await {
        Parting::Untold(stream) | Parting::Told(stream) => reset(&stream),
        Parting::Ended => {}
    }
}

async fn end<S: OverTcp>(
    socket: Socket<S>,
    ended: &Ended,
    enough: impl Future<Output = ()>,
) -> Parting<S> {
    if matches!(ended, Ended::Gone) {
        return Parting::Untold(socket.into_inner());
    }
    let reason = ended.close_reason();
    let reason = reason.as_ref().map(|(code, words)| (*code, words.as_str()));
    socket::end_until(socket, reason, enough).await
}

/// How long who gives its memory back may take.
fn given_way(ended: &Ended) -> Option<Duration> {
    let gives_way = matches!(ended, Ended::Disconnected(DisconnectReason::HeldMost));
    gives_way.then_some(socket::GIVES_WAY_WITHIN)
}

fn reset<S: OverTcp>(stream: &FrameGate<S>) {
    let _gone_already = stream.get_ref().tcp().set_zero_linger();
}

/// Why a connection is over.
#[derive(Debug)]
pub(crate) enum Ended {
    ByPeer,
    /// By the peer, with a code and perhaps words.
    Closed {
        code: u16,
        text: String,
    },
    /// By the peer, over the size of a frame of ours; its words.
    TooLargeForPeer(String),
    Disconnected(DisconnectReason),
    /// Its machine, or the way there, takes nothing any more.
    Gone,
    Broken(Message),
    BadFrame {
        code: u16,
        reason: Message,
    },
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Closed { code, text } => {
                write!(
                    f,
                    "it closed the connection ({})",
                    close_reason(*code, text)
                )
            }
            Self::ByPeer => f.write_str("it closed the connection"),
            Self::TooLargeForPeer(_) => f.write_str("a frame was too large for it"),
            Self::Disconnected(reason) => write!(f, "disconnected: {reason}"),
            Self::Gone => f.write_str("its machine takes nothing any more"),
            Self::Broken(error) => write!(f, "the connection broke: {error}"),
            Self::BadFrame { reason, .. } => write!(f, "disconnected: {reason}"),
        }
    }
}

impl Ended {
    /// By the system or the line below us.
    fn broken(error: &tungstenite::Error) -> Self {
        match error {
            tungstenite::Error::Io(error) if is_timeout(error.kind()) => Self::Gone,
            error => Self::Broken(socket::cause(error)),
        }
    }

    /// What the peer is told at last, unless it knows.
    pub(crate) fn close_reason(&self) -> Option<(u16, String)> {
        match self {
            Self::ByPeer
            | Self::Closed { .. }
            | Self::TooLargeForPeer(_)
            | Self::Gone
            | Self::Broken(_) => None,
            Self::Disconnected(cut) => Some((cut.close_code(), cut.to_string())),
            Self::BadFrame { code, reason } => Some((*code, reason.to_string())),
        }
    }
}

impl From<WriteFailed> for Ended {
    fn from(failed: WriteFailed) -> Self {
        match failed {
            WriteFailed::TooSlow => Self::Disconnected(DisconnectReason::WriteTooSlow),
            WriteFailed::Broken(error) => Self::broken(&error),
        }
    }
}

/// Whether the system has given a peer up that acknowledged nothing. It names what its packets met on the
/// way, if anything.
fn is_timeout(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TimedOut | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable
    )
}

/// Why the hub has ended a connection.
pub(crate) fn cut_reason(connected: &Connected) -> Ended {
    match connected
        .account
        .with(|hub, now| hub.take(connected.id, now, &mut Vec::new()))
    {
        Remaining::Disconnect(cut) => Ended::Disconnected(cut),
        _ => Ended::ByPeer,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use tokio_tungstenite::tungstenite;

    use super::{Ended, notice};
    use crate::socket::WriteFailed;

    fn broken(kind: ErrorKind) -> Ended {
        WriteFailed::Broken(tungstenite::Error::Io(Error::from(kind))).into()
    }

    #[test]
    fn a_peer_that_the_system_has_given_up_is_shown_and_one_that_left_is_not() {
        for kind in [
            ErrorKind::TimedOut,
            ErrorKind::HostUnreachable,
            ErrorKind::NetworkUnreachable,
        ] {
            let notice = notice(&broken(kind)).expect("it is shown").to_string();
            assert!(notice.contains("takes nothing any more"), "{notice}");
        }
        for kind in [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe] {
            assert_eq!(notice(&broken(kind)), None, "{kind}");
        }
    }
}
