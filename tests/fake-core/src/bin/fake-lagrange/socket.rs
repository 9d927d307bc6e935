//! One WebSocket, from its greeting to its end.

use std::sync::Arc;
use std::time::Duration;

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader, BufWriter};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at};
use uuid::Uuid;

use crate::calls::Call;
use crate::frames::{Broken, FrameReader, Incoming, Outgoing};
use crate::lateness::Lateness;
use crate::log::Level;
use crate::server::{Listener, Server, Shared};
use crate::wire;

/// Frames that wait for one connection. Lagrange has no bound; here whoever sends has to wait when there are
/// more than any test leaves unread, so that nothing is lost either.
const FRAMES: usize = 65_536;

/// The codes of Close frames: asked for, frames against the rules, text that is none.
const NORMAL: u16 = 1000;
const PROTOCOL_ERROR: u16 = 1002;
const INVALID_TEXT: u16 = 1007;

/// What a connection is for, by its path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Actions,
    Events,
    Both,
}

impl Place {
    pub(crate) fn of(path: &str) -> Self {
        match path {
            "/api" | "/api/" => Self::Actions,
            "/event" | "/event/" => Self::Events,
            _ => Self::Both,
        }
    }
}

/// One WebSocket.
pub(crate) struct Socket {
    stream: TokioIo<Upgraded>,
    place: Place,
    id: Uuid,
}

impl Socket {
    pub(crate) fn new(stream: TokioIo<Upgraded>, place: Place, id: Uuid) -> Self {
        Self { stream, place, id }
    }

    /// From the greeting to the end.
    pub(crate) async fn live(self, server: Server) {
        let (frames, outgoing) = mpsc::channel(FRAMES);
        let (reader, writer) = tokio::io::split(self.stream);
        let shared = server.shared.clone();
        let mut cuts = shared.cuts.clone();
        cuts.mark_unchanged();
        let listener = Listener {
            frames: frames.clone(),
            lateness: Arc::new(Lateness::default()),
        };
        let hears_events = self.place != Place::Actions;
        if hears_events {
            let greeting = wire::lifecycle(shared.account.self_id);
            let _gone = listener.hear(greeting.into()).await;
            shared.listen(listener.clone());
        }
        let heartbeat = server.entry.heartbeat.filter(|_| hears_events);
        let limit = Duration::from_millis(shared.scenario.late_ms);
        tokio::select! {
            () = write(writer, outgoing, &listener.lateness, &shared) => {}
            () = beat(&listener, heartbeat, &shared) => {}
            never = listener.lateness.tell(limit, &shared.log) => never,
            () = read(reader, self.place, &frames, &server) => {}
            _ = cuts.changed() => {}
        }
        let sentence = format!("Disconnect({})", self.id);
        server.say(Level::Information, 14, &sentence);
    }
}

/// Writes until a Close frame is written, or nobody is there any more. From time to time there is a Pong.
async fn write(
    writer: impl AsyncWrite + Unpin,
    mut outgoing: mpsc::Receiver<Outgoing>,
    lateness: &Lateness,
    shared: &Shared,
) {
    let mut writer = BufWriter::new(writer);
    let distance = Duration::from_millis(shared.scenario.pong_ms.max(1));
    let mut pongs = interval_at(Instant::now() + distance, distance);
    pongs.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let frame = tokio::select! {
            biased;
            frame = outgoing.recv() => frame,
            _ = pongs.tick() => Some(Outgoing::Pong(Vec::new())),
        };
        let Some(frame) = frame else { return };
        shared.alive().await;
        if frame.write(&mut writer).await.is_err() {
            return;
        }
        if outgoing.is_empty() && writer.flush().await.is_err() {
            return;
        }
        match frame {
            Outgoing::Event(_) => lateness.written(),
            Outgoing::Answer(_) | Outgoing::Pong(_) => {}
            Outgoing::Close(_) => {
                let _gone = writer.shutdown().await;
                return;
            }
        }
    }
}

async fn beat(listener: &Listener, every: Option<u64>, shared: &Shared) {
    let Some(every) = every else {
        return std::future::pending().await;
    };
    let mut ticks = interval(Duration::from_millis(every.max(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let silent = *shared.silent.borrow();
        let frame = wire::heartbeat(shared.account.self_id, every);
        if !silent && listener.hear(frame.into()).await.is_err() {
            return;
        }
    }
}

/// Reads until there is nothing to read, or the Close frame that is the answer to it is written.
async fn read(
    reader: impl AsyncRead + Unpin,
    place: Place,
    frames: &mpsc::Sender<Outgoing>,
    server: &Server,
) {
    let mut reader = FrameReader::new(BufReader::new(reader));
    let shared = &server.shared;
    let close = loop {
        let incoming = reader.next().await;
        shared.alive().await;
        match incoming {
            Ok(Incoming::Message(text)) if place != Place::Events => {
                if let Some(call) = Call::read(&text, shared) {
                    let signed = call.sign(shared).await;
                    tokio::spawn(call.answer(signed, frames.clone(), shared.clone()));
                }
            }
            Ok(Incoming::Message(_)) => {}
            Ok(Incoming::Ping(payload)) => {
                let _gone = frames.send(Outgoing::Pong(payload)).await;
            }
            Ok(Incoming::Close) => break NORMAL,
            Err(Broken::Gone) => return,
            Err(Broken::Protocol) => break PROTOCOL_ERROR,
            Err(Broken::NotText) => break INVALID_TEXT,
        }
    };
    if close != NORMAL {
        let exception = "ReceiveException(System.Net.WebSockets.WebSocketException)";
        server.say(Level::Error, 995, exception);
    }
    let _gone = frames.send(Outgoing::Close(close)).await;
    std::future::pending::<()>().await;
}
