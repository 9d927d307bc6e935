//! A relay that only relays: what the sockets alone cost, to measure the node against.
//!
//! `plain-relay UPSTREAM-URL LISTEN` dials the upstream, listens for clients and prints `ready`. Every text
//! frame of the upstream goes to every client, every text frame of a client to the upstream, unread.

use std::{
    io::Write as _,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, Result};
use futures_util::{Sink, SinkExt as _, Stream, StreamExt as _};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_tungstenite::{
    accept_async_with_config, client_async_with_config,
    tungstenite::{
        self, Message, Utf8Bytes, client::IntoClientRequest as _, protocol::WebSocketConfig,
    },
};

/// Frames that may wait for one peer: as many as the node's queues hold by default.
const QUEUE_FRAMES: usize = 4096;

/// The node's sockets have these sizes too (`perpetua-proxy`, `socket.rs`).
fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(16 << 10)
        .write_buffer_size(64 << 10)
        .max_message_size(Some(64 << 20))
        .max_frame_size(Some(64 << 20))
}

/// The queues of all connected clients.
type Clients = Arc<Mutex<Vec<mpsc::Sender<Utf8Bytes>>>>;

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments
        .next()
        .context("usage: plain-relay UPSTREAM-URL LISTEN")?;
    let listen: SocketAddr = arguments
        .next()
        .context("usage: plain-relay UPSTREAM-URL LISTEN")?
        .parse()?;

    let listener = TcpListener::bind(listen).await?;
    let clients = Clients::default();
    let (to_upstream, actions) = mpsc::channel(QUEUE_FRAMES);
    let upstream = tokio::spawn(serve_upstream(url, clients.clone(), actions));
    tokio::spawn(accept(listener, clients, to_upstream));
    std::io::stdout().write_all(b"ready\n")?;
    upstream.await?
}

async fn serve_upstream(
    url: String,
    clients: Clients,
    actions: mpsc::Receiver<Utf8Bytes>,
) -> Result<()> {
    let request = url.into_client_request()?;
    let address = request
        .uri()
        .authority()
        .context("the upstream's address has no host")?
        .as_str();
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (socket, _answer) = client_async_with_config(request, stream, Some(config())).await?;
    let (sink, mut stream) = socket.split();
    tokio::spawn(write(sink, actions));
    while let Some(text) = next_text(&mut stream).await {
        let mut clients = clients.lock().unwrap_or_else(PoisonError::into_inner);
        // A full queue loses the frame; the driver sees the gap and fails.
        clients.retain(|queue| {
            !matches!(
                queue.try_send(text.clone()),
                Err(mpsc::error::TrySendError::Closed(_))
            )
        });
    }
    Ok(())
}

async fn accept(
    listener: TcpListener,
    clients: Clients,
    to_upstream: mpsc::Sender<Utf8Bytes>,
) -> Result<()> {
    loop {
        let (stream, _peer) = listener.accept().await?;
        tokio::spawn(serve_client(stream, clients.clone(), to_upstream.clone()));
    }
}

async fn serve_client(
    stream: TcpStream,
    clients: Clients,
    to_upstream: mpsc::Sender<Utf8Bytes>,
) -> Result<()> {
    stream.set_nodelay(true)?;
    let (sink, mut stream) = accept_async_with_config(stream, Some(config()))
        .await?
        .split();
    let (queue, frames) = mpsc::channel(QUEUE_FRAMES);
    clients
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(queue);
    let forward = async {
        while let Some(text) = next_text(&mut stream).await {
            to_upstream.send(text).await?;
        }
        Ok(())
    };
    tokio::select! {
        forwarded = forward => forwarded,
        written = write(sink, frames) => Ok(written?),
    }
}

async fn next_text(
    stream: &mut (impl Stream<Item = Result<Message, tungstenite::Error>> + Unpin),
) -> Option<Utf8Bytes> {
    loop {
        if let Message::Text(text) = stream.next().await?.ok()? {
            return Some(text);
        }
    }
}

/// Writes what has gathered, then flushes once.
async fn write<S>(
    mut sink: S,
    mut frames: mpsc::Receiver<Utf8Bytes>,
) -> Result<(), tungstenite::Error>
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    let mut batch = Vec::new();
    while frames.recv_many(&mut batch, QUEUE_FRAMES).await > 0 {
        for text in batch.drain(..) {
            sink.feed(Message::Text(text)).await?;
        }
        sink.flush().await?;
    }
    Ok(())
}
