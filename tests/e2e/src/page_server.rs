//! A web server of a test: it gives pages to a browser, and takes what they report.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::http::read_line;

/// Reports that nobody has taken yet; each page makes one.
const REPORTS: usize = 64;

/// Pages under `/page/NAME`, and reports to `/report`. Dropping it closes it.
pub struct PageServer {
    address: SocketAddr,
    pages: Pages,
    reports: mpsc::Receiver<Value>,
    serving: JoinHandle<()>,
}

type Pages = Arc<Mutex<BTreeMap<String, String>>>;

impl PageServer {
    /// Listens on a free port of the loopback address.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let pages = Pages::default();
        let (sender, reports) = mpsc::channel(REPORTS);
        let serving = tokio::spawn(serve(listener, Arc::clone(&pages), sender));
        Ok(Self {
            address,
            pages,
            reports,
            serving,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Gives this page under `/page/NAME` from now on.
    pub fn show(&self, name: &str, html: String) {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.insert(format!("/page/{name}"), html);
    }

    /// The next report of a page.
    pub async fn report(&mut self, limit: Duration) -> Result<Value> {
        timeout(limit, self.reports.recv())
            .await
            .with_context(|| format!("no page reported within {limit:?}"))?
            .context("the server has ended")
    }
}

impl Drop for PageServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, pages: Pages, reports: mpsc::Sender<Value>) {
    while let Ok((stream, _peer)) = listener.accept().await {
        let (pages, reports) = (Arc::clone(&pages), reports.clone());
        tokio::spawn(async move {
            // A browser opens connections that it then does not use.
            let _ = answer(stream, &pages, &reports).await;
        });
    }
}

async fn answer(stream: TcpStream, pages: &Pages, reports: &mpsc::Sender<Value>) -> Result<()> {
    let mut stream = BufReader::new(stream);
    let first = read_line(&mut stream).await?;
    let path = first.split(' ').nth(1).context("a request has a path")?;
    let mut length = 0;
    loop {
        let line = read_line(&mut stream).await?.to_ascii_lowercase();
        if let Some(told) = line.strip_prefix("content-length:") {
            length = told.trim().parse()?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    if path == "/report" {
        reports.send(serde_json::from_slice(&body)?).await?;
    }
    let page = pages
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get(path)
        .cloned();
    let (status, page) = page.map_or(("404 Not Found", String::new()), |page| ("200 OK", page));
    let head = [
        &format!("HTTP/1.1 {status}"),
        "content-type: text/html; charset=utf-8",
        "connection: close",
        &format!("content-length: {}", page.len()),
    ]
    .join("\r\n");
    let text = format!("{head}\r\n\r\n{page}");
    stream.get_mut().write_all(text.as_bytes()).await?;
    stream.get_mut().shutdown().await?;
    Ok(())
}
