//! A server that events are posted to, of the kind that people write themselves: it reads by `Content-Length`, and says
//! what its test wants, be that HTTP or not.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, timeout};

use crate::PATIENCE;

/// Requests that no test leaves unread: beyond it the target would stop answering.
const WAITING: usize = 10_000;

/// An HTTP server that is posted to.
pub struct FakeTarget {
    address: SocketAddr,
    requests: tokio::sync::Mutex<mpsc::Receiver<PostedRequest>>,
    script: Arc<Script>,
    /// Ended with it: listening and every connection.
    task: JoinHandle<()>,
}

/// What a target does once it has read a request.
#[derive(Clone, Debug)]
pub enum TargetAnswer {
    /// Writes these bytes, and closes.
    Bytes(Vec<u8>),
    /// The same after this time.
    Late(Duration, Vec<u8>),
    /// Writes these bytes, and then more and more of a body.
    Endless(Vec<u8>),
    /// Nothing; it keeps the connection.
    Silence,
    /// Resets the connection before it has read the body.
    ResetAtHead,
}

/// One request as it came.
#[derive(Clone, Debug)]
pub struct PostedRequest {
    /// Request line and headers.
    pub head: String,
    /// As many bytes as `Content-Length` says.
    pub body: Vec<u8>,
    /// When it was read.
    pub at: Instant,
}

struct Script {
    next: Mutex<VecDeque<TargetAnswer>>,
    always: Mutex<TargetAnswer>,
    connections: AtomicUsize,
}

impl TargetAnswer {
    /// A whole answer with this status and body.
    pub fn status(status: &str, headers: &str, body: &str) -> Self {
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n");
        Self::Bytes((head + body).into_bytes())
    }

    /// `204`, as frameworks that have nothing to say.
    pub fn taken() -> Self {
        Self::Bytes(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec())
    }

    /// `200` with this JSON.
    pub fn json(body: &Value) -> Self {
        let kind = "content-type: application/json\r\n";
        Self::status("200 OK", kind, &body.to_string())
    }
}

impl PostedRequest {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }

    /// The event in it.
    pub fn event(&self) -> Result<Value> {
        Ok(serde_json::from_slice(&self.body)?)
    }
}

impl FakeTarget {
    /// Listens on a free port of the loopback address.
    pub async fn start() -> Result<Self> {
        Self::start_at(([127, 0, 0, 1], 0).into()).await
    }

    /// Listens there: a target that was ended, started again.
    pub async fn start_at(address: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}"))?;
        let address = listener.local_addr()?;
        let script = Arc::new(Script {
            next: Mutex::default(),
            always: Mutex::new(TargetAnswer::taken()),
            connections: AtomicUsize::new(0),
        });
        let (posts, requests) = mpsc::channel(WAITING);
        let task = tokio::spawn(accept(listener, posts, Arc::clone(&script)));
        Ok(Self {
            address,
            requests: tokio::sync::Mutex::new(requests),
            script,
            task,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a client's `url` is to be for this path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers the next request that has no answer yet so.
    pub fn answers(&self, answer: TargetAnswer) {
        let mut next = self
            .script
            .next
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        next.push_back(answer);
    }

    /// Answers so whenever nothing else was said.
    pub fn always_answers(&self, answer: TargetAnswer) {
        *self
            .script
            .always
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = answer;
    }

    /// The next request.
    pub async fn next(&self) -> Result<PostedRequest> {
        let mut requests = self.requests.lock().await;
        let next = timeout(PATIENCE, requests.recv()).await;
        next.with_context(|| format!("the node did not post within {PATIENCE:?}"))?
            .context("the target has ended")
    }

    /// The next request whose event is like this; those before it are passed over.
    pub async fn next_where(
        &self,
        what: &str,
        is_it: impl Fn(&Value) -> bool,
    ) -> Result<PostedRequest> {
        loop {
            let request = self.next().await.with_context(|| what.to_owned())?;
            if is_it(&request.event()?) {
                return Ok(request);
            }
        }
    }

    /// A request that has come already, if one has.
    pub async fn came(&self) -> Option<PostedRequest> {
        self.requests.lock().await.try_recv().ok()
    }

    /// The connections that there have been.
    pub fn connections(&self) -> usize {
        self.script.connections.load(Ordering::SeqCst)
    }

    /// Ends it with all its connections; its address is free then.
    pub async fn stop(mut self) {
        self.task.abort();
        let _aborted = (&mut self.task).await;
    }
}

impl Drop for FakeTarget {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Script {
    fn answer(&self) -> TargetAnswer {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        next.pop_front().unwrap_or_else(|| {
            let always = self.always.lock();
            always.unwrap_or_else(PoisonError::into_inner).clone()
        })
    }
}

async fn accept(listener: TcpListener, posts: mpsc::Sender<PostedRequest>, script: Arc<Script>) {
    // Ends them all when the listening ends.
    let mut connections = JoinSet::new();
    while let Ok((stream, _node)) = listener.accept().await {
        script.connections.fetch_add(1, Ordering::SeqCst);
        connections.spawn(serve(stream, posts.clone(), Arc::clone(&script)));
        while connections.try_join_next().is_some() {}
    }
}

/// Serves one connection. Its end is whatever it is: tests look at what the node makes of it.
async fn serve(
    mut stream: TcpStream,
    posts: mpsc::Sender<PostedRequest>,
    script: Arc<Script>,
) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
    };
    let answer = script.answer();
    if matches!(answer, TargetAnswer::ResetAtHead) {
        stream.set_zero_linger()?;
        return Ok(());
    }
    let mut request = PostedRequest {
        head: String::from_utf8_lossy(&bytes[..head]).into_owned(),
        body: Vec::new(),
        at: Instant::now(),
    };
    let length: usize = request.header("content-length").unwrap_or("0").parse()?;
    while bytes.len() < head + length {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
    }
    request.body = bytes.split_off(head);
    posts.send(request).await?;
    match answer {
        TargetAnswer::Bytes(answer) => stream.write_all(&answer).await?,
        TargetAnswer::Late(wait, answer) => {
            sleep(wait).await;
            stream.write_all(&answer).await?;
        }
        TargetAnswer::Endless(answer) => {
            stream.write_all(&answer).await?;
            loop {
                stream.write_all(&[b'x'; 16 << 10]).await?;
            }
        }
        TargetAnswer::Silence => {
            // Until the node has had enough.
            let _ended = stream.read_to_end(&mut Vec::new()).await;
        }
        TargetAnswer::ResetAtHead => {}
    }
    stream.shutdown().await?;
    Ok(())
}
