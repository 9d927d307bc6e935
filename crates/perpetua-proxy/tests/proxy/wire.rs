//! A WebSocket frame by frame, on either side: what well-behaved libraries hide or do not do.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

pub(crate) const CONTINUED: u8 = 0;
pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;

/// One frame as it stood on the wire, unmasked.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) last: bool,
    pub(crate) opcode: u8,
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    /// The code and the words of a Close frame.
    pub(crate) fn close_reason(&self) -> Result<(u16, &str)> {
        ensure!(self.opcode == CLOSE, "no Close frame: {self:?}");
        let (code, words) = self.payload.split_at_checked(2).context("no close code")?;
        Ok((
            u16::from_be_bytes([code[0], code[1]]),
            std::str::from_utf8(words)?,
        ))
    }
}

/// An upgraded connection. It answers no ping and reads only when it is told to.
pub(crate) struct Wire {
    pub(crate) stream: TcpStream,
    /// Clients mask what they send.
    masks: bool,
}

impl Wire {
    /// Asks for an upgrade as a framework does, with these further header lines.
    pub(crate) async fn dial(address: SocketAddr, path: &str, headers: &[&str]) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        // What is sent is there at once, however time stands.
        stream.set_nodelay(true)?;
        Self::upgrade(stream, path, headers).await
    }

    /// As [`dial`](Self::dial), with a small receive buffer, so that not reading is felt soon.
    pub(crate) async fn dial_narrow(address: SocketAddr) -> Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_recv_buffer_size(4096)?;
        Self::upgrade(socket.connect(address).await?, "/", &[]).await
    }

    async fn upgrade(mut stream: TcpStream, path: &str, headers: &[&str]) -> Result<Self> {
        let answer = ask(&mut stream, "GET", path, headers).await?;
        if !answer.starts_with("HTTP/1.1 101 ") {
            let mut body = String::new();
            stream.read_to_string(&mut body).await?;
            bail!("{answer}{body}");
        }
        Ok(Self {
            stream,
            masks: true,
        })
    }

    /// Upgrades a connection of someone who dials us; gives the request's head too.
    pub(crate) async fn accept(mut stream: TcpStream) -> Result<(Self, String)> {
        let head = read_head(&mut stream).await?;
        let key = header(&head, "sec-websocket-key").context("no key")?;
        let accept = derive_accept_key(key.as_bytes());
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: {accept}\r\n\r\n"
        );
        stream.write_all(answer.as_bytes()).await?;
        Ok((
            Self {
                stream,
                masks: false,
            },
            head,
        ))
    }

    pub(crate) async fn send(&mut self, opcode: u8, payload: &[u8]) -> Result<()> {
        let mut frame = self.header(opcode, payload.len());
        frame.extend_from_slice(payload);
        Ok(self.stream.write_all(&frame).await?)
    }

    pub(crate) async fn send_json(&mut self, value: &Value) -> Result<()> {
        self.send(TEXT, value.to_string().as_bytes()).await
    }

    /// A last frame's header. The mask, where there has to be one, is zero: it changes nothing.
    pub(crate) fn header(&self, opcode: u8, length: usize) -> Vec<u8> {
        let mut header = vec![0x80 | opcode];
        let mask_bit = if self.masks { 0x80 } else { 0 };
        match length {
            0..126 => header.push(mask_bit | u8::try_from(length).expect("below 126")),
            126..0x1_0000 => {
                header.push(mask_bit + 126);
                header.extend(u16::try_from(length).expect("below 2^16").to_be_bytes());
            }
            _ => {
                header.push(mask_bit + 127);
                header.extend((length as u64).to_be_bytes());
            }
        }
        header.extend(&[0; 4][..if self.masks { 4 } else { 0 }]);
        header
    }

    /// The next frame. Safe to cancel only when nothing is on its way.
    pub(crate) async fn frame(&mut self) -> Result<Frame> {
        let [first, second] = [self.stream.read_u8().await?, self.stream.read_u8().await?];
        let length = match second & 0x7f {
            126 => u64::from(self.stream.read_u16().await?),
            127 => self.stream.read_u64().await?,
            short => u64::from(short),
        };
        let mut mask = [0; 4];
        if second & 0x80 != 0 {
            self.stream.read_exact(&mut mask).await?;
        }
        let mut payload = vec![0; usize::try_from(length)?];
        self.stream.read_exact(&mut payload).await?;
        for (byte, mask) in payload.iter_mut().zip(mask.iter().cycle()) {
            *byte ^= mask;
        }
        Ok(Frame {
            last: first & 0x80 != 0,
            opcode: first & 0x0f,
            payload,
        })
    }

    /// The next frame that is JSON text.
    pub(crate) async fn json(&mut self) -> Result<Value> {
        loop {
            let frame = self.frame().await?;
            match frame.opcode {
                TEXT if frame.last => return Ok(serde_json::from_slice(&frame.payload)?),
                PING | PONG => {}
                _ => bail!("no JSON: {frame:?}"),
            }
        }
    }

    /// The next JSON that is `wanted`; what comes before it is thrown away.
    pub(crate) async fn json_where(&mut self, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        loop {
            let json = self.json().await?;
            if wanted(&json) {
                return Ok(json);
            }
        }
    }

    /// The next frame of this kind; what comes before it is thrown away.
    pub(crate) async fn frame_of(&mut self, opcode: u8) -> Result<Frame> {
        loop {
            let frame = self.frame().await?;
            if frame.opcode == opcode {
                return Ok(frame);
            }
        }
    }

    /// Cuts the connection as a killed process does.
    pub(crate) fn reset(self) -> Result<()> {
        Ok(self.stream.set_zero_linger()?)
    }
}

/// Sends a request that asks for an upgrade, and gives the head of the answer.
pub(crate) async fn ask(
    stream: &mut TcpStream,
    method: &str,
    path: &str,
    headers: &[&str],
) -> Result<String> {
    let request = request(stream.peer_addr()?, method, path, headers);
    stream.write_all(request.as_bytes()).await?;
    read_head(stream).await
}

/// A request that asks for an upgrade. A `host` among `headers` takes the place of the usual one.
pub(crate) fn request(address: SocketAddr, method: &str, path: &str, headers: &[&str]) -> String {
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    );
    if !headers.iter().any(|line| line.starts_with("host:")) {
        request.extend(["host: ", &address.to_string(), "\r\n"]);
    }
    for line in headers {
        request.extend([line, "\r\n"]);
    }
    request + "\r\n"
}

pub(crate) async fn read_head(stream: &mut TcpStream) -> Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8(head)?)
}

/// The value of a header in a request or answer.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    let mut named = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
    named.next().map(|(_, value)| value.trim())
}
