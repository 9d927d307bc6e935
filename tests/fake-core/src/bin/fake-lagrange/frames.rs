//! WebSocket frames as .NET's `WebSocket` takes and gives them on a server's side.

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// What frames are, by their number.
const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

const FINAL: u8 = 0x80;
const RESERVED: u8 = 0x70;
const MASKED: u8 = 0x80;

/// The longest payload of a frame that is no part of a message.
const LONGEST_CONTROL: u64 = 125;

/// What a peer sends.
pub(crate) enum Incoming {
    /// A whole message. It is taken for text, whatever it is.
    Message(String),
    /// It wants this back.
    Ping(Vec<u8>),
    /// It leaves.
    Close,
}

/// Why nothing more is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The connection has ended.
    Gone,
    /// The peer breaks the rules of frames.
    Protocol,
    /// A text is no UTF-8.
    NotText,
}

/// Reads frames.
pub(crate) struct FrameReader<R> {
    io: R,
    /// The message that has begun, and whether it said that it is text.
    message: Option<(bool, Vec<u8>)>,
}

struct Frame {
    is_final: bool,
    kind: u8,
    payload: Vec<u8>,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    pub(crate) fn new(io: R) -> Self {
        Self { io, message: None }
    }

    /// The next message, Ping or Close.
    pub(crate) async fn next(&mut self) -> Result<Incoming, Broken> {
        loop {
            let frame = self.frame().await?;
            match frame.kind {
                PING => return Ok(Incoming::Ping(frame.payload)),
                PONG => {}
                CLOSE => return Ok(Incoming::Close),
                _ => {
                    if let Some(message) = self.part(frame)? {
                        return Ok(message);
                    }
                }
            }
        }
    }

    fn part(&mut self, frame: Frame) -> Result<Option<Incoming>, Broken> {
        let (is_text, bytes) = match (frame.kind, self.message.take()) {
            (CONTINUATION, Some((is_text, mut begun))) => {
                begun.extend_from_slice(&frame.payload);
                (is_text, begun)
            }
            (TEXT | BINARY, None) => (frame.kind == TEXT, frame.payload),
            _ => return Err(Broken::Protocol),
        };
        if !frame.is_final {
            self.message = Some((is_text, bytes));
            return Ok(None);
        }
        let text = if is_text {
            String::from_utf8(bytes).map_err(|_| Broken::NotText)?
        } else {
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Ok(Some(Incoming::Message(text)))
    }

    async fn frame(&mut self) -> Result<Frame, Broken> {
        let [first, second] = self.bytes().await?;
        let (is_final, kind) = (first & FINAL != 0, first & 0x0F);
        let length = match second & !MASKED {
            126 => u64::from(u16::from_be_bytes(self.bytes().await?)),
            127 => u64::from_be_bytes(self.bytes().await?),
            short => u64::from(short),
        };
        let is_control = matches!(kind, CLOSE | PING | PONG);
        let is_known = is_control || matches!(kind, CONTINUATION | TEXT | BINARY);
        let is_masked = second & MASKED != 0;
        let is_sound = first & RESERVED == 0
            && is_known
            && is_masked
            && (!is_control || (is_final && length <= LONGEST_CONTROL));
        if !is_sound {
            return Err(Broken::Protocol);
        }
        let mask: [u8; 4] = self.bytes().await?;
        let mut payload = vec![0; usize::try_from(length).map_err(|_| Broken::Protocol)?];
        self.io
            .read_exact(&mut payload)
            .await
            .map_err(|_| Broken::Gone)?;
        for (byte, key) in payload.iter_mut().zip(mask.iter().cycle()) {
            *byte ^= key;
        }
        Ok(Frame {
            is_final,
            kind,
            payload,
        })
    }

    async fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Broken> {
        let mut bytes = [0; N];
        self.io
            .read_exact(&mut bytes)
            .await
            .map_err(|_| Broken::Gone)?;
        Ok(bytes)
    }
}

/// A frame to a peer.
pub(crate) enum Outgoing {
    Event(Bytes),
    Answer(Bytes),
    Pong(Vec<u8>),
    /// The last one.
    Close(u16),
}

impl Outgoing {
    /// Writes it.
    pub(crate) async fn write(&self, io: &mut (impl AsyncWrite + Unpin)) -> std::io::Result<()> {
        let code;
        let (kind, payload) = match self {
            Self::Event(text) | Self::Answer(text) => (TEXT, &text[..]),
            Self::Pong(payload) => (PONG, &payload[..]),
            Self::Close(reason) => {
                code = reason.to_be_bytes();
                (CLOSE, &code[..])
            }
        };
        io.write_u8(FINAL | kind).await?;
        match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
            (Ok(short @ ..=125), _) => io.write_u8(short).await?,
            (_, Ok(length)) => {
                io.write_u8(126).await?;
                io.write_u16(length).await?;
            }
            _ => {
                io.write_u8(127).await?;
                io.write_u64(payload.len() as u64).await?;
            }
        }
        io.write_all(payload).await
    }
}
