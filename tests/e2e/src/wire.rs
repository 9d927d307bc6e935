//! WebSocket at the level of frames, for what no library would send and for what a library would hide.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::http::{Answer, request};

/// How long an upgrade may take.
const UPGRADE_LIMIT: Duration = Duration::from_secs(5);

/// The key of RFC 6455's example, and what must be answered to it.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// Any key masks; a fixed one keeps failures repeatable.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opcode {
    /// A further part of the message before.
    Continuation = 0x0,
    /// Text.
    Text = 0x1,
    /// Bytes.
    Binary = 0x2,
    /// The end.
    Close = 0x8,
    /// A question for life.
    Ping = 0x9,
    /// Its answer.
    Pong = 0xa,
}

impl Opcode {
    fn from_bits(bits: u8) -> Result<Self> {
        Ok(match bits {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xa => Self::Pong,
            _ => bail!("{bits:#x} is no opcode"),
        })
    }
}

/// One frame as it stands on the wire.
#[derive(Debug)]
pub struct Frame {
    /// Whether its message ends with it.
    pub last: bool,
    /// What it is.
    pub opcode: Opcode,
    /// What it carries.
    pub payload: Vec<u8>,
}

impl Frame {
    /// The code of a Close frame, if it has one.
    pub fn close_code(&self) -> Option<u16> {
        let code = self.payload.first_chunk::<2>()?;
        (self.opcode == Opcode::Close).then(|| u16::from_be_bytes(*code))
    }
}

/// How a request to upgrade went.
pub enum Upgrade {
    /// The connection is a WebSocket now.
    Open(WireSocket),
    /// It was refused, with this answer.
    Refused(Answer),
}

impl Upgrade {
    /// Asks for an upgrade with these headers beside those that every upgrade has.
    pub async fn ask(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Result<Self> {
        timeout(UPGRADE_LIMIT, ask(address, path, headers))
            .await
            .with_context(|| format!("{address} answered no upgrade within {UPGRADE_LIMIT:?}"))?
    }

    /// The socket; fails when the upgrade was refused.
    pub fn open(self) -> Result<WireSocket> {
        match self {
            Self::Open(socket) => Ok(socket),
            Self::Refused(answer) => bail!("the upgrade was refused: {answer:?}"),
        }
    }

    /// The status with which it was answered.
    pub fn status(&self) -> u16 {
        match self {
            Self::Open(_) => 101,
            Self::Refused(answer) => answer.status,
        }
    }
}

async fn ask(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Result<Upgrade> {
    let mut all = vec![
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", KEY),
    ];
    all.extend_from_slice(headers);
    let stream = TcpStream::connect(address)
        .await
        .with_context(|| format!("cannot connect to {address}"))?;
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    stream
        .get_mut()
        .write_all(request(address, path, &all).as_bytes())
        .await?;
    let mut answer = Answer::read_head(&mut stream).await?;
    if answer.status == 101 {
        ensure!(
            answer.header("sec-websocket-accept") == Some(ACCEPT),
            "a wrong accept key: {answer:?}"
        );
        // aiohttp, on which NoneBot stands, takes no further word beside it.
        ensure!(
            answer
                .header("connection")
                .is_some_and(|value| value.eq_ignore_ascii_case("upgrade")),
            "`connection` is to be `Upgrade` and nothing else: {answer:?}"
        );
        ensure!(
            answer.header("sec-websocket-extensions").is_none(),
            "an extension that was not offered"
        );
        return Ok(Upgrade::Open(WireSocket { stream }));
    }
    let length = answer.header("content-length").map_or(Ok(0), str::parse)?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    answer.body = String::from_utf8(body)?;
    Ok(Upgrade::Refused(answer))
}

/// An open WebSocket whose frames the test writes and reads itself.
pub struct WireSocket {
    stream: BufReader<TcpStream>,
}

impl WireSocket {
    /// Sends one whole message.
    pub async fn send(&mut self, opcode: Opcode, payload: &[u8]) -> Result<()> {
        self.send_frame(true, opcode, payload).await
    }

    /// Sends one frame, masked as a client's must be.
    pub async fn send_frame(&mut self, last: bool, opcode: Opcode, payload: &[u8]) -> Result<()> {
        self.send_bytes(&masked(last, opcode, payload)).await
    }

    /// Sends bytes as they are.
    pub async fn send_bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream
            .get_mut()
            .write_all(bytes)
            .await
            .context("the node takes no more bytes")
    }

    /// Reads at most this many bytes of whatever has come; none when the connection has ended.
    pub async fn read_bytes(&mut self, limit: usize) -> Result<usize> {
        let mut bytes = vec![0; limit];
        Ok(self.stream.read(&mut bytes).await?)
    }

    /// The next frame within `limit`; `None` when the connection has ended.
    pub async fn next(&mut self, limit: Duration) -> Result<Option<Frame>> {
        timeout(limit, self.read())
            .await
            .with_context(|| format!("no frame within {limit:?}"))?
    }

    /// Reads until a Close frame comes or the connection ends, at most for `limit`.
    pub async fn ended(&mut self, limit: Duration) -> Result<Option<Frame>> {
        let close = async {
            loop {
                match self.read().await {
                    Ok(Some(frame)) if frame.opcode != Opcode::Close => {}
                    Ok(end) => return end,
                    Err(_reset) => return None,
                }
            }
        };
        timeout(limit, close)
            .await
            .with_context(|| format!("the connection was still open after {limit:?}"))
    }

    /// The next frame, whenever it comes; `None` when the connection has ended.
    pub(crate) async fn read(&mut self) -> Result<Option<Frame>> {
        let mut head = [0; 2];
        match self.stream.read_exact(&mut head).await {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let [first, second] = head;
        ensure!(first & 0x70 == 0, "reserved bits are set");
        ensure!(second & 0x80 == 0, "a server's frame is masked");
        let length = match second {
            126 => u64::from(self.stream.read_u16().await?),
            127 => self.stream.read_u64().await?,
            short => u64::from(short),
        };
        let mut payload = vec![0; usize::try_from(length)?];
        self.stream.read_exact(&mut payload).await?;
        Ok(Some(Frame {
            last: first & 0x80 != 0,
            opcode: Opcode::from_bits(first & 0x0f)?,
            payload,
        }))
    }
}

/// A client's frame as it stands on the wire.
pub fn masked(last: bool, opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut bytes = header(last, opcode, payload.len() as u64);
    bytes.extend(
        payload
            .iter()
            .zip(MASK.iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
    bytes
}

/// The header of a masked frame, mask included.
fn header(last: bool, opcode: Opcode, length: u64) -> Vec<u8> {
    const LAST: u8 = 0x80;
    const MASKED: u8 = 0x80;
    const LENGTH_IN_16_BITS: u8 = 0x7e;
    const LENGTH_IN_64_BITS: u8 = 0x7f;

    let mut bytes = vec![opcode as u8 | if last { LAST } else { 0 }];
    if let Ok(length) = u8::try_from(length)
        && length < LENGTH_IN_16_BITS
    {
        bytes.push(MASKED | length);
    } else if let Ok(length) = u16::try_from(length) {
        bytes.push(MASKED | LENGTH_IN_16_BITS);
        bytes.extend(length.to_be_bytes());
    } else {
        bytes.push(MASKED | LENGTH_IN_64_BITS);
        bytes.extend(length.to_be_bytes());
    }
    bytes.extend(MASK);
    bytes
}
