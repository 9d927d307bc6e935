//! Serving the connections of one client's port.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{Sink, Stream, StreamExt};
use http::Request;
use perpetua_access::{AccessPolicy, NormalPath};
use perpetua_hub::{ClientProfile, DisconnectReason, Outgoing, Remaining, Role};
use perpetua_onebot::peek;
use perpetua_task::every;
use perpetua_words::connection as words;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message,
        error::{CapacityError, ProtocolError::ResetWithoutClosingHandshake},
    },
};
use tokio_util::sync::CancellationToken;
use tracing::{info, trace};

use crate::{
    AccountHandle, AccountTasks,
    account::{Connected, FRAME_LIMITS},
    listener::{Acceptor, PendingConnection},
    refused::{Place, Refused},
    socket::{self, WriteFailed},
    upgrade::{Upgraded, upgrade},
};

/// Pings find connections that broke without a word; the perpetua profile forbids them.
const PING_EVERY: Duration = Duration::from_secs(15);

/// Whose port it is, and by which rules.
#[derive(Clone, Debug)]
pub struct ClientListener {
    /// The account that it leads to.
    pub account: AccountHandle,
    /// The client's name; the account must know it, see [`AccountHandle::set_client`].
    pub client: String,
    /// Who may come in.
    pub access: AccessPolicy,
}

/// Serves a client's port until `stop`. The connections that it let in stay: they are the hub's to
/// end, or end with the account's tasks. Handshakes end with the port, and before this returns: who is
/// not in the hub by then does not come in by its rules.
pub async fn serve_clients(
    listener: TcpListener,
    port: ClientListener,
    stop: CancellationToken,
    tasks: AccountTasks,
) {
    let acceptor = Acceptor::new(listener);
    let handshakes = tasks.connections.sibling();
    while let Some(pending) = stop.run_until_cancelled(acceptor.next()).await {
        let (port, stop, tasks) = (port.clone(), stop.clone(), tasks.clone());
        handshakes.spawn("client handshake", async move {
            let handshake = stop.run_until_cancelled_owned(handshake(pending, port));
            let upgraded = tasks.cancel.run_until_cancelled(handshake).await;
            if let Some(upgraded) = upgraded.flatten().flatten() {
                let serve = tasks
                    .cancel
                    .clone()
                    .run_until_cancelled_owned(serve(upgraded));
                tasks.connections.spawn("client connection", serve);
            }
        });
    }
    drop(acceptor);
    handshakes.close();
    handshakes.wait().await;
}

async fn handshake(
    pending: PendingConnection,
    port: ClientListener,
) -> Option<Upgraded<Connected>> {
    let ClientListener {
        account,
        client,
        access,
    } = &port;
    // In the hub before the upgrade is answered: whoever has the answer misses nothing from there on.
    let admit =
        |request: Request<()>| std::future::ready(connect(account, client, request.uri().path()));
    let place = Place::Client {
        account: account.name(),
        client,
    };
    let note = |refused: &Refused, peer| {
        if let Some(notice) = refused.notice(peer, place) {
            account.note_client(client, notice);
        }
    };
    upgrade(pending, access, admit, note).await
}

/// Serves somebody who was let in.
pub(crate) async fn serve(upgraded: Upgraded<Connected>) {
    let stream = socket::server(upgraded.stream, upgraded.read_ahead).await;
    serve_socket(stream, upgraded.admitted).await;
}

/// Lets someone who asked for `path` in as a connection of a client.
pub(crate) fn connect(
    account: &AccountHandle,
    client: &str,
    path: &str,
) -> Result<Connected, Refused> {
    account.connect(client, role(path)).map_err(Refused::Client)
}

/// Serves one upgraded connection until either side ends it.
pub(crate) async fn serve_socket(stream: WebSocketStream<TcpStream>, connected: Connected) {
    let Connected {
        account, client, ..
    } = &connected;
    info!(account = account.name(), client, app_id = %connected.app_id, "client connected");
    let (mut sink, mut stream) = stream.split();
    // No order between these two: a client that sends without pause would starve the writing, and
    // an upstream that does would starve the reading.
    let both_ways = async {
        tokio::select! {
            ended = read(&mut stream, &connected) => ended,
            ended = write(&mut sink, &connected) => ended,
        }
    };
    let ended = tokio::select! {
        biased;
        () = connected.signals.cut.cancelled() => cut_reason(&connected),
        ended = both_ways => ended,
    };
    if let Ended::Disconnected(cut) = ended {
        // The hub does not know yet of a write that was too slow; it counts each cut once.
        account.with(|hub, _| hub.cut_connection(connected.id, cut));
    }
    info!(account = account.name(), client, app_id = %connected.app_id, %ended, "client left");
    drop(connected);
    if let Ok(stream) = stream.reunite(sink) {
        let reason = ended.close_reason();
        goodbye(
            stream,
            reason.as_ref().map(|(code, words)| (*code, words.as_str())),
        )
        .await;
    }
}

/// Closes a connection. A peer that takes nothing is reset: what the system still holds for it would
/// keep the connection alive for minutes.
async fn goodbye(mut stream: WebSocketStream<TcpStream>, reason: Option<(u16, &str)>) {
    if !socket::end(&mut stream, reason).await {
        let _gone_already = stream.get_ref().set_zero_linger();
    }
}

/// Why a connection is over.
#[derive(Debug)]
enum Ended {
    ByPeer,
    Disconnected(DisconnectReason),
    Broken(perpetua_words::Message),
    BadFrame {
        code: u16,
        reason: perpetua_words::Message,
    },
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ByPeer => f.write_str("it closed the connection"),
            Self::Disconnected(reason) => write!(f, "disconnected: {reason}"),
            Self::Broken(error) => write!(f, "the connection broke: {error}"),
            Self::BadFrame { reason, .. } => write!(f, "disconnected: {reason}"),
        }
    }
}

impl Ended {
    /// What the peer is told at last, unless it knows.
    fn close_reason(&self) -> Option<(u16, String)> {
        match self {
            Self::ByPeer | Self::Broken(_) => None,
            Self::Disconnected(cut) => Some((cut.close_code(), cut.to_string())),
            Self::BadFrame { code, reason } => Some((*code, reason.to_string())),
        }
    }
}

impl From<WriteFailed> for Ended {
    fn from(failed: WriteFailed) -> Self {
        match failed {
            WriteFailed::TooSlow => Self::Disconnected(DisconnectReason::WriteTooSlow),
            WriteFailed::Broken(error) => Self::Broken(socket::cause(&error)),
        }
    }
}

/// Reads actions until the connection ends.
async fn read(
    mut stream: impl Stream<Item = Result<Message, tungstenite::Error>> + Unpin,
    connected: &Connected,
) -> Ended {
    while let Some(message) = stream.next().await {
        match message {
            Ok(Message::Text(text)) => {
                trace!(app_id = %connected.app_id, frame = %text, "from client");
                let peeked = peek(&text, &FRAME_LIMITS);
                let bytes = Bytes::from(text.clone());
                connected
                    .account
                    .with(|hub, now| hub.from_client(connected.id, &bytes, &peeked, now));
            }
            Ok(Message::Binary(_)) => {
                let reason = words::BinaryFrame.into();
                return Ended::BadFrame { code: 1003, reason };
            }
            Ok(Message::Close(_)) => return Ended::ByPeer,
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
            Err(error) => return read_failed(&error),
        }
    }
    Ended::ByPeer
}

fn read_failed(error: &tungstenite::Error) -> Ended {
    match error {
        tungstenite::Error::Capacity(CapacityError::MessageTooLong { .. }) => Ended::BadFrame {
            code: 1009,
            reason: words::FrameTooLarge.into(),
        },
        tungstenite::Error::Utf8(_) => Ended::BadFrame {
            code: 1007,
            reason: words::NotUtf8.into(),
        },
        tungstenite::Error::Protocol(error) if *error != ResetWithoutClosingHandshake => {
            Ended::BadFrame {
                code: 1002,
                reason: words::ProtocolViolation.into(),
            }
        }
        tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed => Ended::ByPeer,
        other => Ended::Broken(socket::cause(other)),
    }
}

/// Writes what the hub has for the connection, its heartbeats included.
async fn write<S>(sink: &mut S, connected: &Connected) -> Ended
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    let mut batch = Vec::new();
    let mut beats = every(connected.settings.heartbeat);
    let mut pings = every(PING_EVERY);
    loop {
        // The timers come first: a queue that never empties must not hold them up.
        let written = tokio::select! {
            biased;
            _ = beats.tick() => {
                connected.account.with(|hub, _| hub.heartbeat(connected.id));
                continue;
            }
            _ = pings.tick(), if connected.settings.profile == ClientProfile::Standard => {
                socket::ping(sink).await.map_err(Ended::from)
            }
            () = connected.signals.wake.notified() => write_batch(sink, connected, &mut batch).await,
        };
        if let Err(ended) = written {
            return ended;
        }
    }
}

/// Writes some of what waits, and flushes once nothing does.
async fn write_batch<S>(
    sink: &mut S,
    connected: &Connected,
    batch: &mut Vec<Outgoing>,
) -> Result<(), Ended>
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    let taken = connected
        .account
        .with(|hub, now| hub.take(connected.id, now, batch));
    for frame in batch.drain(..) {
        socket::write_text(sink, frame.into_bytes()).await?;
    }
    match taken {
        Remaining::More => connected.signals.wake.notify_one(),
        Remaining::Emptied => socket::flush(sink).await?,
        Remaining::Disconnect(cut) => return Err(Ended::Disconnected(cut)),
        Remaining::Gone => return Err(Ended::ByPeer),
    }
    Ok(())
}

fn cut_reason(connected: &Connected) -> Ended {
    match connected
        .account
        .with(|hub, now| hub.take(connected.id, now, &mut Vec::new()))
    {
        Remaining::Disconnect(cut) => Ended::Disconnected(cut),
        _ => Ended::ByPeer,
    }
}

/// Which half of OneBot a path asks for (OneBot v11, "正向 WebSocket").
fn role(path: &str) -> Role {
    match NormalPath::new(path).as_bytes() {
        b"/api" => Role::Api,
        b"/event" => Role::Event,
        _ => Role::Universal,
    }
}
