//! The WebSocket server: who is connected, what they are sent, and what they ask.

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fake_core::{Report, Scenario};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use uuid::Uuid;

use crate::actions::{self, Account};
use crate::handshake;
use crate::link::Reporter;
use crate::log::{Level, Log};
use crate::settings::ForwardWebSocket;
use crate::signer::Signer;
use crate::wire::{self, Response, dotnet_json};

/// The category of the server's records.
pub(crate) const CATEGORY: &str = "Lagrange.OneBot.Core.Network.Service.ForwardWSService";

/// Frames that wait for one connection. Lagrange has no bound; here whoever sends has to wait, so that
/// nothing is lost either.
const FRAMES: usize = 256;

type Stream = WebSocketStream<TokioIo<Upgraded>>;

/// What all connections share.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) entry: ForwardWebSocket,
    shared: Arc<Shared>,
}

/// What the server needs of the core around it.
pub(crate) struct Shared {
    pub(crate) account: Account,
    pub(crate) signer: Signer,
    pub(crate) log: Log,
    pub(crate) reporter: Reporter,
    pub(crate) scenario: Scenario,
    /// The process does nothing any more.
    pub(crate) hung: watch::Receiver<bool>,
    /// Nothing is sent but answers.
    pub(crate) silent: watch::Receiver<bool>,
    /// Counts how often all sockets were cut.
    pub(crate) cuts: watch::Receiver<u64>,
    pub(crate) listeners: Mutex<Vec<mpsc::Sender<Utf8Bytes>>>,
}

impl Shared {
    /// Sends an event to everyone who listens.
    pub(crate) async fn broadcast(&self, event: &str) {
        if *self.silent.borrow() {
            return;
        }
        let frame = Utf8Bytes::from(event);
        let listeners = self.lock().clone();
        for listener in listeners {
            let _gone = listener.send(frame.clone()).await;
        }
        self.lock().retain(|listener| !listener.is_closed());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<mpsc::Sender<Utf8Bytes>>> {
        self.listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns at once, unless the process hangs: then never.
    async fn alive(&self) {
        let mut hung = self.hung.clone();
        let _alive = hung.wait_for(|hung| !hung).await;
    }
}

impl Server {
    /// Binds the entry's port and serves in the background.
    pub(crate) async fn start(entry: ForwardWebSocket, shared: Arc<Shared>) -> io::Result<()> {
        let host = match entry.host.as_str() {
            "*" | "+" | "0.0.0.0" => Ipv4Addr::UNSPECIFIED.to_string(),
            named => named.to_owned(),
        };
        let listener = TcpListener::bind((host, entry.port)).await?;
        let server = Self { entry, shared };
        tokio::spawn(async move {
            while let Ok((stream, _peer)) = listener.accept().await {
                server.shared.alive().await;
                let _delayed = stream.set_nodelay(true);
                tokio::spawn(handshake::serve(stream, server.clone()));
            }
        });
        Ok(())
    }

    /// A record of this class.
    pub(crate) fn say(&self, level: Level, id: u32, sentence: &str) {
        self.shared.log.write(level, CATEGORY, id, sentence);
    }
}

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
    stream: Stream,
    place: Place,
    id: Uuid,
}

/// An action as it is asked.
#[derive(Deserialize)]
struct Request<'a> {
    #[serde(default)]
    action: String,
    #[serde(default)]
    params: Value,
    #[serde(borrow)]
    echo: Option<&'a RawValue>,
}

impl Socket {
    pub(crate) fn new(stream: Stream, place: Place, id: Uuid) -> Self {
        Self { stream, place, id }
    }

    /// From the greeting to the end.
    pub(crate) async fn live(self, server: Server) {
        let (frames, outgoing) = mpsc::channel(FRAMES);
        let (sink, stream) = self.stream.split();
        let shared = server.shared.clone();
        let mut cuts = shared.cuts.clone();
        cuts.mark_unchanged();
        if self.place != Place::Actions {
            let greeting = wire::lifecycle(shared.account.self_id);
            let _gone = frames.send(greeting.into()).await;
            shared.lock().push(frames.clone());
        }
        let beats = self.place != Place::Actions;
        let heartbeat = server.entry.heartbeat.filter(|_| beats);
        tokio::select! {
            () = write(sink, outgoing, &shared) => {}
            () = beat(&frames, heartbeat, &shared) => {}
            () = read(stream, self.place, &frames, &shared) => {}
            _ = cuts.changed() => {}
        }
        let sentence = format!("Disconnect({})", self.id);
        server.say(Level::Information, 14, &sentence);
    }
}

async fn write(
    mut sink: SplitSink<Stream, Message>,
    mut outgoing: mpsc::Receiver<Utf8Bytes>,
    shared: &Shared,
) {
    while let Some(frame) = outgoing.recv().await {
        shared.alive().await;
        if sink.send(Message::Text(frame)).await.is_err() {
            return;
        }
    }
}

async fn beat(frames: &mpsc::Sender<Utf8Bytes>, every: Option<u64>, shared: &Shared) {
    let Some(every) = every else {
        return std::future::pending().await;
    };
    let mut ticks = interval(Duration::from_millis(every.max(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let silent = *shared.silent.borrow();
        let frame = wire::heartbeat(shared.account.self_id, every);
        if !silent && frames.send(frame.into()).await.is_err() {
            return;
        }
    }
}

async fn read(
    mut stream: SplitStream<Stream>,
    place: Place,
    frames: &mpsc::Sender<Utf8Bytes>,
    shared: &Arc<Shared>,
) {
    loop {
        let message = stream.next().await;
        shared.alive().await;
        let text = match message {
            Some(Ok(Message::Text(text))) => text.to_string(),
            // Taken for text, whatever it is.
            Some(Ok(Message::Binary(bytes))) => String::from_utf8_lossy(&bytes).into_owned(),
            // A Ping or Close frame is answered while the next message is waited for.
            Some(Ok(_)) => continue,
            Some(Err(_)) | None => return,
        };
        if place != Place::Events {
            // Each by itself: answers may pass each other.
            tokio::spawn(react(text, frames.clone(), shared.clone()));
        }
    }
}

/// Answers one frame, or does not, as Lagrange's `OperationService.cs`.
async fn react(text: String, frames: mpsc::Sender<Utf8Bytes>, shared: Arc<Shared>) {
    let request: Request<'_> = match serde_json::from_str(&text) {
        Ok(Some(request)) => request,
        Ok(None) => return,
        Err(error) => {
            let exception = format!("System.Text.Json.JsonException: {error}");
            shared.log.write_with(
                Level::Warning,
                "Lagrange.OneBot.Core.Operation.OperationService",
                0,
                "Json Serialization failed for such action",
                Some(&exception),
            );
            return;
        }
    };
    let action = request.action.as_str();
    let signed = !actions::is_send(action)
        || shared
            .signer
            .sign("MessageSvc.PbSendMsg", "Message.SendMessageEvent")
            .await
            .is_ok();
    let outcome = shared.account.answer(action, &request.params, signed);
    if shared.scenario.shuffle_ms > 0 {
        // Within this time answers pass each other, as the scenario wants.
        sleep(Duration::from_millis(fastrand::u64(
            ..shared.scenario.shuffle_ms,
        )))
        .await;
    }
    let response = Response {
        status: if outcome.retcode == 0 { "ok" } else { "failed" },
        retcode: outcome.retcode,
        data: outcome.data,
        echo: request.echo,
    };
    let _gone = frames.send(dotnet_json(&response).into()).await;
    let report = Report::Called {
        action: action.to_owned(),
        params: request.params,
        retcode: response.retcode,
    };
    shared.reporter.tell(report).await;
}
