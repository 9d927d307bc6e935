//! The head of the request that somebody sends to a port of ours: what HTTP libraries refuse without a word.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Buf as _, Bytes, BytesMut};
use http::Response;
use perpetua_access::SINGLE_LINES;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf, sink},
    net::TcpStream,
    time::timeout,
};

use crate::refused::Refused;

/// The longest head that is read: more than cookies and proxies ever make of one.
const MAX_HEAD: usize = 64 << 10;
/// The most header lines, which is also hyper's limit.
const MAX_HEADERS: usize = 100;
/// The room for a head as bot frameworks send it.
const USUAL_HEAD: usize = 1 << 10;
/// How long a peer may take to read why it is refused.
const FAREWELL_LIMIT: Duration = Duration::from_secs(1);
/// The first byte of a TLS handshake (RFC 8446, section 5.1).
const TLS_HANDSHAKE: u8 = 22;

/// A stream of which something was read already; it is read again.
#[derive(Debug)]
pub(crate) struct Rewound {
    pub(crate) ahead: Bytes,
    pub(crate) stream: TcpStream,
    fault: Option<Refused>,
}

/// What can be said of what was read of a head.
enum Head {
    Unfinished,
    Whole,
    Faulty(Refused),
}

impl Rewound {
    /// Reads until the head on `stream` is complete, or can be judged without its end. `None` when the peer
    /// left before.
    pub(crate) async fn after_head(mut stream: TcpStream) -> Option<Self> {
        let mut ahead = BytesMut::with_capacity(USUAL_HEAD);
        loop {
            let before = ahead.len();
            match stream.read_buf(&mut ahead).await {
                Ok(1..) => {}
                Ok(0) | Err(_) => return None,
            }
            let fault = match judge(&ahead, before) {
                Head::Unfinished => continue,
                Head::Whole => None,
                Head::Faulty(refused) => Some(refused),
            };
            let ahead = ahead.freeze();
            return Some(Self {
                ahead,
                stream,
                fault,
            });
        }
    }

    /// Why no request can come of what was read, if that is certain.
    pub(crate) fn fault(&self) -> Option<Refused> {
        self.fault.clone()
    }

    /// Answers in words, and ends the connection. Closing on unread bytes would reset it, and the
    /// answer might be lost with it.
    pub(crate) async fn refuse(self, answer: Response<String>) {
        let Self { mut stream, .. } = self;
        let farewell = async {
            stream.write_all(&written(answer)).await?;
            stream.shutdown().await?;
            tokio::io::copy(&mut stream, &mut sink()).await
        };
        let _over_either_way = timeout(FAREWELL_LIMIT, farewell).await;
    }
}

/// Judges what was read, of which the bytes from `before` on are new. Only the end of a line changes the
/// judgement, so a head that comes byte by byte is not looked through for each of them.
fn judge(read: &[u8], before: usize) -> Head {
    if read.first() == Some(&TLS_HANDSHAKE) {
        return Head::Faulty(Refused::Tls);
    }
    let is_full = read.len() >= MAX_HEAD;
    if !is_full && !read[before..].contains(&b'\n') {
        return Head::Unfinished;
    }
    let line = read.split(|byte| *byte == b'\n').next();
    if line.is_some_and(has_bare_target) {
        return Head::Faulty(Refused::TargetWithoutSlash);
    }
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(read) {
        Ok(httparse::Status::Complete(_)) => {
            faulty_lines(&request).map_or(Head::Whole, Head::Faulty)
        }
        Ok(httparse::Status::Partial) if !is_full => Head::Unfinished,
        Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => {
            Head::Faulty(Refused::HeadTooLarge)
        }
        Err(httparse::Error::HeaderName | httparse::Error::HeaderValue) => {
            Head::Faulty(Refused::BadHeader)
        }
        Err(_) => Head::Faulty(Refused::NotHttp),
    }
}

/// What is wrong with the lines of a whole head, each of which is right.
fn faulty_lines(request: &httparse::Request<'_, '_>) -> Option<Refused> {
    let has = |name: &str| {
        let mut lines = request.headers.iter();
        lines.any(|line| line.name.eq_ignore_ascii_case(name))
    };
    if let Some(name) = doubled_line(request.headers) {
        return Some(Refused::DoubledLine(name));
    }
    // Of the two lengths, each program on the way may believe another (RFC 9112, section 6.1).
    if has("content-length") && has("transfer-encoding") {
        return Some(Refused::TwoLengths);
    }
    // RFC 9112, section 3.2. Whether HTTP/1.0 is spoken here at all is judged later.
    let is_needed = request.version == Some(1);
    (is_needed && !has("host")).then_some(Refused::NoHost)
}

/// The name of the first line that a request has once, and that is there twice. HTTP libraries make one of equal ones.
fn doubled_line(headers: &[httparse::Header<'_>]) -> Option<&'static str> {
    SINGLE_LINES.into_iter().find(|name| {
        let lines = headers.iter();
        lines
            .filter(|line| line.name.eq_ignore_ascii_case(name))
            .nth(1)
            .is_some()
    })
}

/// Whether a request line has a target that does not begin with a slash and is no whole address.
/// `CONNECT host:port` and `OPTIONS *` are as they should be.
fn has_bare_target(line: &[u8]) -> bool {
    let mut words = line.split(u8::is_ascii_whitespace);
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return false;
    };
    let is_http = words.next().is_some_and(|word| word.starts_with(b"HTTP/1"));
    let is_whole = target.windows(3).any(|part| part == b"://") && !target.starts_with(b"?");
    is_http && method != b"CONNECT" && !target.starts_with(b"/") && target != b"*" && !is_whole
}

/// The whole answer, as HTTP libraries would write it.
fn written(answer: Response<String>) -> Vec<u8> {
    let mut written = format!("{:?} {}\r\n", answer.version(), answer.status()).into_bytes();
    for (name, value) in answer.headers() {
        let name = name.as_str().as_bytes();
        written.extend([name, b": ", value.as_bytes(), b"\r\n"].concat());
    }
    let body = answer.into_body();
    written.extend(format!("content-length: {}\r\n\r\n", body.len()).into_bytes());
    written.extend(body.into_bytes());
    written
}

impl AsyncRead for Rewound {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.ahead.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let count = self.ahead.len().min(buffer.remaining());
        buffer.put_slice(&self.ahead[..count]);
        self.ahead.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Rewound {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::{TcpListener, TcpStream},
    };

    use super::{Refused, Rewound, has_bare_target};

    #[test]
    fn a_target_begins_with_a_slash_or_is_a_whole_address() {
        for (line, is_bare) in [
            ("GET ?access_token=t HTTP/1.1\r", true),
            ("GET onebot/v11/ws HTTP/1.1\r", true),
            ("GET ?to=http://a HTTP/1.0\r", true),
            ("GET / HTTP/1.1\r", false),
            ("GET /?access_token=t HTTP/1.1\r", false),
            ("GET http://127.0.0.1:1?x HTTP/1.1\r", false),
            ("CONNECT 127.0.0.1:1 HTTP/1.1\r", false),
            ("OPTIONS * HTTP/1.1\r", false),
            ("GET ?x\r", false),
            ("hello world\r", false),
            ("\r", false),
        ] {
            assert_eq!(has_bare_target(line.as_bytes()), is_bare, "{line}");
        }
    }

    #[tokio::test]
    async fn what_was_read_is_read_again_however_it_came() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let text = b"GET / HTTP/1.1\r\nhost: a\r\n\r\nbehind";
        for at_once in [1, 5, 16, text.len()] {
            let mut client = TcpStream::connect(address).await.expect("connected");
            client.set_nodelay(true).expect("set");
            let (stream, _) = listener.accept().await.expect("accepted");
            let sending = async {
                for part in text.chunks(at_once) {
                    client.write_all(part).await.expect("sent");
                    tokio::task::yield_now().await;
                }
                client.shutdown().await.expect("ended");
            };
            let reading = async {
                let opening = Rewound::after_head(stream).await;
                let mut opening = opening.expect("a line");
                assert_eq!(opening.fault(), None);
                let mut read = Vec::new();
                opening.read_to_end(&mut read).await.expect("read");
                read
            };
            let (read, ()) = tokio::join!(reading, sending);
            assert_eq!(read, text);
        }
    }

    #[tokio::test]
    async fn tls_is_known_by_its_first_byte_and_who_leaves_is_nobody() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        for (sent, fault) in [
            (&b"\x16\x03\x01"[..], Some(Refused::Tls)),
            (b"", None),
            (b"GET / HT", None),
        ] {
            let mut client = TcpStream::connect(address).await.expect("connected");
            let (stream, _) = listener.accept().await.expect("accepted");
            client.write_all(sent).await.expect("sent");
            client.shutdown().await.expect("ended");
            let opening = Rewound::after_head(stream).await;
            assert_eq!(opening.and_then(|opening| opening.fault()), fault);
        }
    }
}
