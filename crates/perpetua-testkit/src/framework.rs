//! A bot framework that waits for a node to dial it, and reads what comes by itself, so that pings are answered
//! whatever a test does meanwhile.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, mpsc};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use tokio_tungstenite::accept_hdr_async_with_config;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Message, http::HeaderMap};

use crate::PATIENCE;
use crate::socket::unlimited;

/// Connections and frames that no test leaves unread: beyond it the framework would stop reading.
const WAITING: usize = 10_000;

/// A framework's WebSocket server.
pub struct FakeFramework {
    address: SocketAddr,
    links: Mutex<mpsc::Receiver<FrameworkLink>>,
    open: Arc<Open>,
    /// Ended with it: listening and every connection.
    task: JoinHandle<()>,
}

/// How many connections there are.
#[derive(Default)]
struct Open {
    now: AtomicUsize,
    most: AtomicUsize,
    ever: AtomicUsize,
}

impl FakeFramework {
    /// Listens on a free port of the loopback address.
    pub async fn start() -> Result<Self> {
        Self::start_at(([127, 0, 0, 1], 0).into()).await
    }

    /// Listens there: a framework that was ended, started again.
    pub async fn start_at(address: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}"))?;
        let address = listener.local_addr()?;
        let (found, links) = mpsc::channel(WAITING);
        let open = Arc::new(Open::default());
        let task = tokio::spawn(accept(listener, found, Arc::clone(&open)));
        Ok(Self {
            address,
            links: Mutex::new(links),
            open,
            task,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a client's `url` is to be for this path.
    pub fn url(&self, path: &str) -> String {
        format!("ws://{}{path}", self.address)
    }

    /// The next connection of the node.
    pub async fn next(&self) -> Result<FrameworkLink> {
        let mut links = self.links.lock().await;
        let next = timeout(PATIENCE, links.recv()).await;
        next.with_context(|| format!("the node did not dial within {PATIENCE:?}"))?
            .context("the framework has ended")
    }

    /// Ends it with all its connections; its address is free then.
    pub async fn stop(mut self) {
        self.task.abort();
        let _aborted = (&mut self.task).await;
    }

    /// The most connections that there have been at once.
    pub fn most_at_once(&self) -> usize {
        self.open.most.load(Ordering::SeqCst)
    }

    /// The connections that there have been.
    pub fn ever(&self) -> usize {
        self.open.ever.load(Ordering::SeqCst)
    }
}

impl Drop for FakeFramework {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, found: mpsc::Sender<FrameworkLink>, open: Arc<Open>) {
    // Ends them all when the listening ends.
    let mut links = JoinSet::new();
    while let Ok((stream, _node)) = listener.accept().await {
        links.spawn(serve(stream, found.clone(), Arc::clone(&open)));
    }
}

/// Serves one connection until it ends.
async fn serve(
    stream: TcpStream,
    found: mpsc::Sender<FrameworkLink>,
    open: Arc<Open>,
) -> Result<()> {
    let counted = Counted::new(open);
    stream.set_nodelay(true)?;
    let mut request = None;
    #[expect(
        clippy::result_large_err,
        reason = "tungstenite's callback wants this type"
    )]
    let remember = |asked: &Request, response: Response| -> Result<Response, ErrorResponse> {
        request = Some((asked.uri().to_string(), asked.headers().clone()));
        Ok(response)
    };
    let mut socket = accept_hdr_async_with_config(stream, remember, Some(unlimited())).await?;
    let (path, headers) = request.context("an upgrade has a request")?;
    let (heard, frames) = mpsc::channel(WAITING);
    let (say, mut to_say) = mpsc::channel::<Message>(WAITING);
    let link = FrameworkLink {
        path,
        headers,
        frames,
        say,
        calls: 0,
    };
    found.send(link).await?;
    loop {
        let message = tokio::select! {
            Some(message) = to_say.recv() => {
                socket.send(message).await?;
                continue;
            }
            message = socket.next() => message,
        };
        match message {
            Some(Ok(Message::Text(text))) => {
                let frame = serde_json::from_str(&text).context("the node sends JSON")?;
                let _nobody_listens = heard.send(Heard::Frame(frame)).await;
            }
            Some(Ok(Message::Close(close))) => {
                let _nobody_listens = heard.send(Heard::Closed(close)).await;
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => break,
        }
    }
    drop(socket);
    drop(counted);
    Ok(())
}

/// One of the open connections, from the moment it is taken.
struct Counted(Arc<Open>);

impl Counted {
    fn new(open: Arc<Open>) -> Self {
        let now = open.now.fetch_add(1, Ordering::SeqCst) + 1;
        open.most.fetch_max(now, Ordering::SeqCst);
        open.ever.fetch_add(1, Ordering::SeqCst);
        Self(open)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}

/// What came over a connection.
enum Heard {
    Frame(Value),
    Closed(Option<CloseFrame>),
}

/// One connection of a node to a [`FakeFramework`].
pub struct FrameworkLink {
    path: String,
    headers: HeaderMap,
    frames: mpsc::Receiver<Heard>,
    say: mpsc::Sender<Message>,
    calls: u64,
}

impl FrameworkLink {
    /// The path and query that the node asked for.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// A header of the node's request, where there is exactly one such line.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    }

    /// The next frame that is `wanted`; those before it are thrown away. `what` names it in the error.
    pub async fn next_where(
        &mut self,
        what: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let found = async {
            loop {
                match self.frames.recv().await {
                    Some(Heard::Frame(frame)) if wanted(&frame) => return Ok(frame),
                    Some(Heard::Frame(_)) => {}
                    Some(Heard::Closed(_)) | None => bail!("{what} did not come before the end"),
                }
            }
        };
        timeout(PATIENCE, found)
            .await
            .with_context(|| format!("{what} did not come within {PATIENCE:?}"))?
    }

    /// Waits for the lifecycle event with which a connection begins.
    pub async fn greeted(&mut self) -> Result<Value> {
        let is_connect = |frame: &Value| frame["sub_type"] == "connect";
        self.next_where("the lifecycle event", is_connect).await
    }

    /// Calls an action and waits for its response. The echo is an object, as that of aiocqhttp.
    pub async fn call(&mut self, action: &str, params: Value) -> Result<Value> {
        self.calls += 1;
        let echo = json!({ "seq": self.calls });
        let frame = json!({ "action": action, "params": params, "echo": echo });
        self.say.send(Message::text(frame.to_string())).await?;
        let what = format!("the response to `{action}`");
        self.next_where(&what, |frame| frame["echo"] == echo).await
    }

    /// Says goodbye: the node ends the connection then.
    pub async fn close(&mut self) -> Result<()> {
        self.say.send(Message::Close(None)).await?;
        Ok(())
    }

    /// Waits until the connection has ended, and gives the node's Close frame, if it sent one.
    pub async fn ended(&mut self) -> Result<Option<CloseFrame>> {
        let last = async {
            let mut close = None;
            while let Some(heard) = self.frames.recv().await {
                if let Heard::Closed(frame) = heard {
                    close = frame;
                }
            }
            close
        };
        timeout(PATIENCE, last)
            .await
            .with_context(|| format!("the connection was still open after {PATIENCE:?}"))
    }
}
