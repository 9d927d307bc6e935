//! HTTP/1.1 as a test writes it: one request, one answer, every header seen.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tokio::io::{
    AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader,
};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a node may take to answer. The SDK gives up after this time.
const LIMIT: Duration = Duration::from_secs(3);

/// An answer to a request.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers in their order, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body; empty after an upgrade.
    pub body: String,
}

impl Answer {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find_map(|(key, value)| (key == name).then_some(value.as_str()))
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.body).with_context(|| format!("not JSON: `{}`", self.body))
    }

    /// Reads an answer up to the empty line before its body.
    pub(crate) async fn read_head(reader: &mut (impl AsyncBufRead + Unpin)) -> Result<Self> {
        let status_line = read_line(reader).await?;
        let status = status_line
            .strip_prefix("HTTP/1.1 ")
            .and_then(|rest| rest.get(..3))
            .and_then(|code| code.parse().ok())
            .with_context(|| format!("not a status line: `{status_line}`"))?;
        let mut headers = Vec::new();
        loop {
            let line = read_line(reader).await?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line
                .split_once(':')
                .with_context(|| format!("not a header: `{line}`"))?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        Ok(Self {
            status,
            headers,
            body: String::new(),
        })
    }
}

/// Asks with GET, with further headers, within a time limit.
pub async fn get(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Result<Answer> {
    timeout(LIMIT, exchange(address, path, headers))
        .await
        .with_context(|| format!("no answer to `GET {path}` within {LIMIT:?}"))?
        .with_context(|| format!("`GET {path}` at {address} failed"))
}

async fn exchange(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Result<Answer> {
    let stream = TcpStream::connect(address).await?;
    let mut reader = BufReader::new(stream);
    let mut headers = headers.to_vec();
    headers.push(("connection", "close"));
    reader
        .get_mut()
        .write_all(request(address, path, &headers).as_bytes())
        .await?;
    let mut answer = Answer::read_head(&mut reader).await?;
    reader.read_to_string(&mut answer.body).await?;
    Ok(answer)
}

/// Sends bytes as they are, and reads the answer, if it is one, to the end of the connection.
pub async fn send_raw(address: SocketAddr, bytes: &[u8]) -> Result<Option<Answer>> {
    let exchange = async {
        let mut reader = BufReader::new(TcpStream::connect(address).await?);
        reader.get_mut().write_all(bytes).await?;
        let Ok(mut answer) = Answer::read_head(&mut reader).await else {
            return Ok(None);
        };
        let length = answer.header("content-length").map_or(Ok(0), str::parse)?;
        let mut body = vec![0; length];
        reader.read_exact(&mut body).await?;
        answer.body = String::from_utf8(body)?;
        Ok(Some(answer))
    };
    timeout(LIMIT, exchange)
        .await
        .with_context(|| format!("{address} did not answer within {LIMIT:?}"))?
}

/// A request's text. A `host` among the headers stands in place of the address.
pub(crate) fn request(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> String {
    let mut lines = vec![format!("GET {path} HTTP/1.1")];
    if !headers.iter().any(|(name, _)| *name == "host") {
        lines.push(format!("host: {address}"));
    }
    lines.extend(
        headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}")),
    );
    lines.join("\r\n") + "\r\n\r\n"
}

/// One line of a head, without its end.
pub(crate) async fn read_line(reader: &mut (impl AsyncBufRead + Unpin)) -> Result<String> {
    let mut line = String::new();
    reader.read_line(&mut line).await?;
    ensure!(
        line.ends_with('\n'),
        "the answer ends in the middle of its head"
    );
    Ok(line.trim_end().to_owned())
}
