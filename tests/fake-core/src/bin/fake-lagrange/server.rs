//! The WebSocket server: who is connected, and what they all are sent.

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use fake_core::Scenario;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

use crate::actions::Account;
use crate::files::Database;
use crate::frames::Outgoing;
use crate::handshake;
use crate::lateness::Lateness;
use crate::link::Reporter;
use crate::log::{Level, Log};
use crate::settings::ForwardWebSocket;
use crate::signer::Signer;

/// The category of the server's records.
pub(crate) const CATEGORY: &str = "Lagrange.OneBot.Core.Network.Service.ForwardWSService";

/// What all connections share.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) entry: ForwardWebSocket,
    pub(crate) shared: Arc<Shared>,
}

/// What the server needs of the core around it.
pub(crate) struct Shared {
    pub(crate) account: Account,
    pub(crate) signer: Signer,
    pub(crate) database: Database,
    pub(crate) log: Log,
    pub(crate) reporter: Reporter,
    pub(crate) scenario: Scenario,
    /// The process does nothing any more.
    pub(crate) hung: watch::Receiver<bool>,
    /// Nothing is sent but answers.
    pub(crate) silent: watch::Receiver<bool>,
    /// Counts how often all sockets were cut.
    pub(crate) cuts: watch::Receiver<u64>,
    pub(crate) listeners: Mutex<Vec<Listener>>,
}

/// A connection that hears events.
#[derive(Clone)]
pub(crate) struct Listener {
    pub(crate) frames: mpsc::Sender<Outgoing>,
    pub(crate) lateness: Arc<Lateness>,
}

impl Listener {
    /// Sends it an event; fails when it is gone.
    pub(crate) async fn hear(&self, event: Bytes) -> Result<(), ()> {
        let place = self.frames.reserve().await.map_err(drop)?;
        self.lateness.queued();
        place.send(Outgoing::Event(event));
        Ok(())
    }
}

impl Shared {
    /// Sends an event to everyone who listens.
    pub(crate) async fn broadcast(&self, event: &str) {
        if *self.silent.borrow() {
            return;
        }
        let frame = Bytes::copy_from_slice(event.as_bytes());
        let listeners = self.lock().clone();
        for listener in listeners {
            let _gone = listener.hear(frame.clone()).await;
        }
        self.lock().retain(|listener| !listener.frames.is_closed());
    }

    /// From now on it hears what is broadcast.
    pub(crate) fn listen(&self, listener: Listener) {
        self.lock().push(listener);
    }

    /// Returns at once, unless the process hangs: then never.
    pub(crate) async fn alive(&self) {
        let mut hung = self.hung.clone();
        let _alive = hung.wait_for(|hung| !hung).await;
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Listener>> {
        self.listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
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
