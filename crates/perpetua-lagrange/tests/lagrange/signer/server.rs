//! A server that answers each request as a test says, and may stop in the middle.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What it says to a request.
#[derive(Clone)]
pub(super) struct Answer {
    status: u16,
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
    pub(super) fn new(status: u16, body: &str) -> Self {
        Self {
            status,
            body: body.to_owned(),
            wait: Wait::For(Duration::ZERO),
            is_cut: false,
        }
    }

    pub(super) fn never() -> Self {
        Self {
            wait: Wait::Forever,
            ..Self::new(200, "")
        }
    }

    pub(super) fn after(self, wait: Duration) -> Self {
        Self {
            wait: Wait::For(wait),
            ..self
        }
    }

    /// The connection ends in the middle of the body.
    pub(super) fn cut(self) -> Self {
        Self {
            is_cut: true,
            ..self
        }
    }
}

/// Ends when it is dropped.
pub(super) struct Server {
    /// `http://127.0.0.1:port`
    pub(super) base: String,
    task: JoinHandle<()>,
}

impl Server {
    pub(super) async fn start(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
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

/// One request: its head in one read, as small as it is.
async fn serve<A: Fn(&str) -> Answer>(mut socket: TcpStream, answer: Arc<A>) {
    let mut head = vec![0; 8192];
    let length = socket.read(&mut head).await.unwrap_or(0);
    let answer = answer(&String::from_utf8_lossy(&head[..length]));
    match answer.wait {
        // What a slow server is.
        Wait::For(wait) => tokio::time::sleep(wait).await,
        Wait::Forever => pending().await,
    }
    let length = answer.body.len();
    let head = format!(
        "HTTP/1.1 {} Words\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n",
        answer.status
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
