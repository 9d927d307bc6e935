//! A web server with every bad habit: slow, cut, silent, forgetful, lying.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// As it stands in the request: a path, or a whole address when we are the proxy.
    pub(crate) target: String,
    /// With names in lower case.
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
    /// How many requests of the same target came before it.
    pub(crate) nth: usize,
}

/// How the body is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Manner {
    Whole,
    /// The connection ends after so many bytes.
    Cut(usize),
    /// Nothing comes after so many bytes.
    Stall(usize),
    /// So many bytes at a time, with a pause between them.
    Slow(usize),
    /// Without a length, until the connection ends.
    Lengthless,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) manner: Manner,
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
            manner: Manner::Whole,
        }
    }

    pub(crate) fn page(status: u16) -> Self {
        Self::new(status, "<!DOCTYPE html><title>Sorry</title>").header("Content-Type", "text/html")
    }

    pub(crate) fn redirect(to: &str) -> Self {
        Self::new(302, "").header("Location", to)
    }

    /// A file, or what a range asks of it, as servers with `ETag`s do.
    pub(crate) fn file(request: &Request, body: &[u8], etag: &str) -> Self {
        let etag = format!("\"{etag}\"");
        let range = request.headers.get("range");
        let same = request
            .headers
            .get("if-range")
            .is_none_or(|had| *had == etag);
        let first = range.filter(|_| same).map(|range| {
            let first = range
                .strip_prefix("bytes=")
                .and_then(|range| range.strip_suffix('-'));
            first
                .expect("an open range")
                .parse::<usize>()
                .expect("a number")
        });
        let reply = match first {
            None => Self::new(200, body),
            Some(first) if first >= body.len() => Self::new(416, ""),
            Some(first) => Self::new(206, &body[first..]).header(
                "Content-Range",
                &format!("bytes {first}-{}/{}", body.len() - 1, body.len()),
            ),
        };
        reply.header("ETag", &etag)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn manner(mut self, manner: Manner) -> Self {
        self.manner = manner;
        self
    }
}

/// The server; it ends when it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    log: Arc<Mutex<Vec<Request>>>,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let log = Arc::new(Mutex::new(Vec::new()));
        let (answer, kept) = (Arc::new(answer), Arc::clone(&log));
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (answer, log) = (Arc::clone(&answer), Arc::clone(&kept));
                // A client that went away is none of the server's failures.
                tokio::spawn(async move { serve(socket, &*answer, &log).await.ok() });
            }
        });
        Self { address, log, task }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// All requests, in order.
    pub(crate) fn all_requests(&self) -> Vec<Request> {
        self.log.lock().expect("the log").clone()
    }

    /// The requests for this target, in order.
    pub(crate) fn requests(&self, target: &str) -> Vec<Request> {
        let log = self.log.lock().expect("the log");
        log.iter()
            .filter(|request| request.target == target)
            .cloned()
            .collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An address where nobody listens.
pub(crate) async fn nowhere(path: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    format!("http://{address}{path}")
}

async fn serve(
    mut socket: TcpStream,
    answer: &(dyn Fn(&Request) -> Reply + Send + Sync),
    log: &Mutex<Vec<Request>>,
) -> std::io::Result<()> {
    let Some(mut request) = read(&mut socket).await? else {
        return Ok(());
    };
    {
        let mut log = log.lock().expect("the log");
        request.nth = log
            .iter()
            .filter(|before| before.target == request.target)
            .count();
        log.push(request.clone());
    }
    let reply = answer(&request);
    let length = ("Content-Length".to_owned(), reply.body.len().to_string());
    let length = Some(&length).filter(|_| reply.manner != Manner::Lengthless);
    let headers = reply.headers.iter().chain(length);
    let headers: Vec<String> = headers
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let head = format!(
        "HTTP/1.1 {} X\r\nConnection: close\r\n{}\r\n",
        reply.status,
        headers.concat()
    );
    socket.write_all(head.as_bytes()).await?;
    send(&mut socket, &reply).await
}

async fn send(socket: &mut TcpStream, reply: &Reply) -> std::io::Result<()> {
    match reply.manner {
        Manner::Whole | Manner::Lengthless => socket.write_all(&reply.body).await,
        Manner::Cut(at) => {
            socket
                .write_all(&reply.body[..at.min(reply.body.len())])
                .await
        }
        Manner::Stall(at) => {
            socket
                .write_all(&reply.body[..at.min(reply.body.len())])
                .await?;
            // Until the client gives up.
            socket.read(&mut [0]).await.map(drop)
        }
        Manner::Slow(step) => {
            for piece in reply.body.chunks(step) {
                socket.write_all(piece).await?;
                // The slowness is what is tested.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Ok(())
        }
    }
}

async fn read(socket: &mut TcpStream) -> std::io::Result<Option<Request>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if socket.read(&mut byte).await? == 0 {
            return Ok(None);
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head);
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let mut word = || first.next().unwrap_or_default().to_owned();
    let (method, target) = (word(), word());
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers.get("content-length");
    let mut body = vec![0; length.and_then(|text| text.parse().ok()).unwrap_or(0)];
    socket.read_exact(&mut body).await?;
    Ok(Some(Request {
        method,
        target,
        headers,
        body,
        nth: 0,
    }))
}
