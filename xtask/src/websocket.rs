//! Just enough of a WebSocket client (RFC 6455) to see that a port answers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

/// Connecting, and each read; generous, because the node may run under Wine on a busy machine.
const TIME_LIMIT: Duration = Duration::from_secs(20);
/// The largest frame that is taken in; a lifecycle event has about a hundred bytes.
const FRAME_LIMIT: u64 = 64 * 1024;
/// The key of the RFC's own example, and the answer that the RFC computes for it.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const TEXT: u8 = 0x1;

/// An open connection, which only listens.
pub(crate) struct Connection<S> {
    stream: BufReader<S>,
}

/// Connects as a OneBot client does, with its token in the upgrade request.
pub(crate) fn connect(address: SocketAddr, token: &str) -> Result<Connection<TcpStream>> {
    let stream = TcpStream::connect_timeout(&address, TIME_LIMIT)
        .with_context(|| format!("nothing answers at `{address}`"))?;
    stream.set_read_timeout(Some(TIME_LIMIT))?;
    stream.set_write_timeout(Some(TIME_LIMIT))?;
    Connection::open(stream, &address.to_string(), token)
        .with_context(|| format!("no WebSocket at `{address}`"))
}

impl<S: Read + Write> Connection<S> {
    fn open(mut stream: S, host: &str, token: &str) -> Result<Self> {
        let request = format!(
            "GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\
             Authorization: Bearer {token}\r\n\r\n"
        );
        stream.write_all(request.as_bytes())?;
        let mut stream = BufReader::new(stream);
        let status = read_line(&mut stream)?;
        ensure!(
            status.starts_with("HTTP/1.1 101"),
            "it answered `{status}` to the upgrade"
        );
        let mut accepted = false;
        loop {
            let header = read_line(&mut stream)?;
            if header.is_empty() {
                break;
            }
            let (name, value) = header.split_once(':').unwrap_or((&header, ""));
            accepted |= name.eq_ignore_ascii_case("sec-websocket-accept") && value.trim() == ACCEPT;
        }
        ensure!(accepted, "it upgraded without proof that it read the key");
        Ok(Self { stream })
    }

    /// The next frame, which must be a whole text message.
    pub(crate) fn text(&mut self) -> Result<String> {
        let [first, second] = self.bytes()?;
        let (last, kind) = (first & 0x80 != 0, first & 0x0f);
        ensure!(
            last && kind == TEXT,
            "it sent a frame of kind {kind} (last: {last})"
        );
        ensure!(
            second & 0x80 == 0,
            "it sent a masked frame, which only clients do"
        );
        let length = match second {
            127 => u64::from_be_bytes(self.bytes()?),
            126 => u64::from(u16::from_be_bytes(self.bytes()?)),
            short => u64::from(short),
        };
        if length > FRAME_LIMIT {
            bail!("it sent a frame of {length} bytes");
        }
        let mut payload = Vec::new();
        self.stream
            .by_ref()
            .take(length)
            .read_to_end(&mut payload)?;
        ensure!(
            payload.len() as u64 == length,
            "it left in the middle of a frame"
        );
        String::from_utf8(payload).context("it sent a text frame of invalid UTF-8")
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.stream
            .read_exact(&mut bytes)
            .context("it sent no whole frame")?;
        Ok(bytes)
    }
}

fn read_line(stream: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    stream.take(FRAME_LIMIT).read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A peer that has its answer ready, and keeps what it is sent.
    struct Peer {
        answer: Cursor<Vec<u8>>,
        received: Vec<u8>,
    }

    impl Read for Peer {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.answer.read(buffer)
        }
    }

    impl Write for Peer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.received.write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn open(head: &str, frames: &[u8]) -> Result<Connection<Peer>> {
        let answer = Cursor::new([head.as_bytes(), frames].concat());
        Connection::open(
            Peer {
                answer,
                received: Vec::new(),
            },
            "127.0.0.1:1",
            "secret",
        )
    }

    fn upgraded(frames: &[u8]) -> Result<Connection<Peer>> {
        open(
            &format!("HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: {ACCEPT}\r\n\r\n"),
            frames,
        )
    }

    #[test]
    fn the_token_goes_with_the_upgrade() -> Result<()> {
        let connection = upgraded(&[])?;
        let request = String::from_utf8(connection.stream.into_inner().received)?;
        assert!(request.starts_with("GET / HTTP/1.1\r\n"), "{request}");
        assert!(
            request.contains("\r\nAuthorization: Bearer secret\r\n"),
            "{request}"
        );
        Ok(())
    }

    #[test]
    fn frames_of_each_length_form_are_read() -> Result<()> {
        let long = vec![b'x'; 300];
        let frames = [b"\x81\x02{}".as_slice(), b"\x81\x7e\x01\x2c", &long].concat();
        let mut connection = upgraded(&frames)?;
        assert_eq!(connection.text()?, "{}");
        assert_eq!(connection.text()?.len(), 300);
        assert!(connection.text().is_err(), "the peer has left");
        Ok(())
    }

    #[test]
    fn what_is_no_text_frame_is_named() -> Result<()> {
        let error = upgraded(b"\x88\x00")?.text().expect_err("a close frame");
        assert_eq!(error.to_string(), "it sent a frame of kind 8 (last: true)");
        Ok(())
    }

    #[test]
    fn a_refusal_is_shown() {
        let error = open("HTTP/1.1 403 Forbidden\r\n\r\n", &[])
            .err()
            .expect("no upgrade");
        assert_eq!(
            error.to_string(),
            "it answered `HTTP/1.1 403 Forbidden` to the upgrade"
        );
    }

    #[test]
    fn an_upgrade_without_the_right_proof_is_refused() {
        let head = "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: other\r\n\r\n";
        assert!(open(head, &[]).is_err());
    }
}
