//! A connection of the driver: the handshake, then frames.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::frame::{self, End, Frame};

/// Many frames fit, so that a busy driver asks the system rarely.
const READ_BYTES: usize = 256 << 10;
/// Any 16 bytes do (RFC 6455, section 4.1).
const KEY: &str = "cGVycGV0dWEtYmVuY2ghIQ==";
const KEY_HEADER: &str = "sec-websocket-key";

/// The side that frames come from.
#[derive(Debug)]
pub(crate) struct Reader {
    stream: OwnedReadHalf,
    buffer: Box<[u8]>,
    begin: usize,
    end: usize,
}

/// The side that bytes go to.
#[derive(Debug)]
pub(crate) struct Writer {
    stream: OwnedWriteHalf,
    end: End,
    buffer: Vec<u8>,
}

/// Dials a WebSocket server.
pub(crate) async fn dial(address: SocketAddr) -> Result<(Reader, Writer)> {
    let stream = TcpStream::connect(address)
        .await
        .with_context(|| format!("cannot dial `{address}`"))?;
    let (mut reader, mut writer) = split(stream, End::Client)?;
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
    );
    writer.stream.write_all(request.as_bytes()).await?;
    let answer = reader.head().await?;
    ensure!(
        answer.starts_with("HTTP/1.1 101 "),
        "`{address}` did not upgrade: {answer}"
    );
    Ok((reader, writer))
}

/// Upgrades a connection that was dialled to us.
pub(crate) async fn upgrade(stream: TcpStream) -> Result<(Reader, Writer)> {
    let (mut reader, mut writer) = split(stream, End::Server)?;
    let request = reader.head().await?;
    let mut headers = request.lines().filter_map(|line| line.split_once(':'));
    let key = headers.find(|(name, _)| name.eq_ignore_ascii_case(KEY_HEADER));
    let (_, key) = key.with_context(|| format!("the request has no `{KEY_HEADER}`: {request}"))?;
    let accept = derive_accept_key(key.trim().as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    writer.stream.write_all(answer.as_bytes()).await?;
    Ok((reader, writer))
}

fn split(stream: TcpStream, end: End) -> Result<(Reader, Writer)> {
    stream.set_nodelay(true)?;
    let (read, write) = stream.into_split();
    let reader = Reader {
        stream: read,
        buffer: vec![0; READ_BYTES].into(),
        begin: 0,
        end: 0,
    };
    let writer = Writer {
        stream: write,
        end,
        buffer: Vec::new(),
    };
    Ok((reader, writer))
}

impl Reader {
    /// Waits for more bytes.
    pub(crate) async fn fill(&mut self) -> Result<()> {
        if self.begin > 0 {
            self.buffer.copy_within(self.begin..self.end, 0);
            self.end -= self.begin;
            self.begin = 0;
        }
        ensure!(
            self.end < self.buffer.len(),
            "a frame is larger than {READ_BYTES} bytes"
        );
        let read = self.stream.read(&mut self.buffer[self.end..]).await?;
        ensure!(read > 0, "the connection was closed");
        self.end += read;
        Ok(())
    }

    /// Takes a message that has come whole.
    pub(crate) fn next(&mut self) -> Option<Frame<'_>> {
        let (frame, taken) = frame::read(&mut self.buffer[self.begin..self.end])?;
        self.begin += taken;
        Some(frame)
    }

    /// Reads the head of an HTTP message.
    async fn head(&mut self) -> Result<String> {
        const END: &[u8] = b"\r\n\r\n";
        loop {
            self.fill().await?;
            let bytes = &self.buffer[..self.end];
            if let Some(at) = bytes.windows(END.len()).position(|window| window == END) {
                self.begin = at + END.len();
                return Ok(std::str::from_utf8(&bytes[..at])?.to_owned());
            }
        }
    }
}

impl Writer {
    /// Sends one message.
    pub(crate) async fn send(&mut self, opcode: u8, payload: &[u8]) -> Result<()> {
        self.gather(opcode, payload);
        self.flush().await
    }

    /// Keeps a message for the next [`flush`](Self::flush).
    pub(crate) fn gather(&mut self, opcode: u8, payload: &[u8]) {
        frame::write(&mut self.buffer, self.end, opcode, payload);
    }

    /// Sends what has gathered.
    pub(crate) async fn flush(&mut self) -> Result<()> {
        self.stream.write_all(&self.buffer).await?;
        self.buffer.clear();
        Ok(())
    }
}

/// What a frame that is no text asks for: the answer to a ping. A close is an error here.
pub(crate) fn control(frame: &Frame<'_>) -> Result<Option<Vec<u8>>> {
    match frame.opcode {
        frame::PING => Ok(Some(frame.payload.to_vec())),
        frame::PONG => Ok(None),
        frame::CLOSE => bail!(
            "closed with `{}`",
            String::from_utf8_lossy(frame.payload.get(2..).unwrap_or_default())
        ),
        other => bail!("an unexpected frame of kind {other}"),
    }
}
