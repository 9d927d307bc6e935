//! Where a node posts its notices: an address of the operator's.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, ensure};
use perpetua_testkit::PATIENCE;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::http::read_line;

/// Notices that nobody has asked for yet; no test has as many.
const UNREAD: usize = 64;

/// What was posted.
#[derive(Debug)]
pub struct Posted {
    /// The path that was posted to.
    pub path: String,
    /// The value of `Authorization`, if there was one.
    pub authorization: Option<String>,
    /// The body.
    pub notice: Value,
}

/// A server that accepts every notice.
pub struct HookServer {
    address: SocketAddr,
    posted: mpsc::Receiver<Posted>,
    unread: Vec<Posted>,
}

impl HookServer {
    /// Listens on a free port of the loopback address.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (sender, posted) = mpsc::channel(UNREAD);
        tokio::spawn(async move {
            while let Ok((stream, _peer)) = listener.accept().await {
                let Ok(notice) = accept(stream).await else {
                    continue;
                };
                if sender.send(notice).await.is_err() {
                    return;
                }
            }
        });
        Ok(Self {
            address,
            posted,
            unread: Vec::new(),
        })
    }

    /// Its address with this path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Waits for a notice of this event; others stay unread.
    pub async fn told(&mut self, event: &str) -> Result<Posted> {
        let is_it = |posted: &Posted| posted.notice["event"] == event;
        if let Some(found) = self.unread.iter().position(is_it) {
            return Ok(self.unread.remove(found));
        }
        let wait = async {
            while let Some(posted) = self.posted.recv().await {
                if is_it(&posted) {
                    return Ok(posted);
                }
                self.unread.push(posted);
            }
            anyhow::bail!("the server has ended")
        };
        let found = timeout(PATIENCE, wait).await;
        found.with_context(|| format!("`{event}` was not told; unread: {:?}", self.unread))?
    }

    /// What has come and was not waited for.
    pub fn unread(&mut self) -> &[Posted] {
        while let Ok(posted) = self.posted.try_recv() {
            self.unread.push(posted);
        }
        &self.unread
    }
}

async fn accept(stream: TcpStream) -> Result<Posted> {
    let mut stream = BufReader::new(stream);
    let request = read_line(&mut stream).await?;
    let path = request
        .strip_prefix("POST ")
        .and_then(|rest| rest.split(' ').next())
        .with_context(|| format!("not a POST: `{request}`"))?
        .to_owned();
    let (mut authorization, mut length) = (None, 0);
    loop {
        let line = read_line(&mut stream).await?;
        let Some((name, value)) = line.split_once(':') else {
            ensure!(line.is_empty(), "not a header: `{line}`");
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "authorization" => authorization = Some(value.trim().to_owned()),
            "content-length" => length = value.trim().parse()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let answer = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
    stream.get_mut().write_all(answer).await?;
    Ok(Posted {
        path,
        authorization,
        notice: serde_json::from_slice(&body)?,
    })
}
