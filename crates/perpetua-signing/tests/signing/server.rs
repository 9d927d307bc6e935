//! A server that answers each request as a test says, and may stop in the middle.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What it says to a request.
#[derive(Clone)]
pub(crate) struct Answer {
    status: u16,
    /// Lines of its head.
    headers: String,
    body: String,
    wait: Wait,
    is_cut: bool,
}

#[derive(Clone, Copy)]
enum Wait {
    For(Duration),
    Forever,
}

impl Answer {
    pub(crate) fn new(status: u16, body: &str) -> Self {
        Self {
            status,
            headers: String::new(),
            body: body.to_owned(),
            wait: Wait::For(Duration::ZERO),
            is_cut: false,
        }
    }

    pub(crate) fn never() -> Self {
        Self {
            wait: Wait::Forever,
            ..Self::new(200, "")
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers = format!("{}{name}: {value}\r\n", self.headers);
        self
    }

    pub(crate) fn after(self, wait: Duration) -> Self {
        Self {
            wait: Wait::For(wait),
            ..self
        }
    }

    /// The connection ends in the middle of the body.
    pub(crate) fn cut(self) -> Self {
        Self {
            is_cut: true,
            ..self
        }
    }
}

/// Ends when it is dropped.
pub(crate) struct Server {
    /// `http://127.0.0.1:port`
    pub(crate) base: String,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
        let base = format!("http://{}", listener.local_addr().expect("address"));
        let answer = Arc::new(answer);
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, Arc::clone(&answer)));
            }
        });
        Self { base, task }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One request, with its body where it says how long that is.
async fn serve<A: Fn(&str) -> Answer>(mut socket: TcpStream, answer: Arc<A>) {
    let mut read = Vec::new();
    while !is_whole(&read) {
        let mut more = [0; 8192];
        match socket.read(&mut more).await {
            Ok(0) | Err(_) => return,
            Ok(length) => read.extend_from_slice(&more[..length]),
        }
    }
    let answer = answer(&String::from_utf8_lossy(&read));
    match answer.wait {
        // What a slow server is.
        Wait::For(wait) => tokio::time::sleep(wait).await,
        Wait::Forever => pending().await,
    }
    let length = answer.body.len();
    let head = format!(
        "HTTP/1.1 {} Words\r\n{}content-length: {length}\r\nconnection: close\r\n\r\n",
        answer.status, answer.headers
    );
    let body = if answer.is_cut {
        &answer.body[..length / 2]
    } else {
        &answer.body
    };
    // A client that has heard enough closes first.
    let _sent = socket.write_all(format!("{head}{body}").as_bytes()).await;
    let _closed = socket.shutdown().await;
}

fn is_whole(read: &[u8]) -> bool {
    let text = String::from_utf8_lossy(read).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.split("content-length: ").nth(1);
    let length = length.and_then(|rest| rest.lines().next()?.parse().ok());
    body.len() >= length.unwrap_or(0)
}
