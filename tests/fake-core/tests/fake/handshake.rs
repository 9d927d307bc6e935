//! The server's answers to requests, byte by byte.

use std::time::Duration;

use anyhow::Result;
use fake_core::Scenario;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::run::{Stage, TOKEN};

/// Within it, whatever belongs to an answer has come, and a connection that is to be closed is closed.
const WHOLE: Duration = Duration::from_millis(300);

/// All that comes, in lower case, and whether the connection is closed then.
async fn exchange(port: u16, request: &str) -> Result<(String, bool)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    let closed = timeout(WHOLE, stream.read_to_end(&mut answer))
        .await
        .is_ok();
    Ok((String::from_utf8(answer)?.to_lowercase(), closed))
}

fn request(headers: &[&str]) -> String {
    format!("GET / HTTP/1.1\r\n{}\r\n\r\n", headers.join("\r\n"))
}

const HOST: &str = "Host: 127.0.0.1:1";
const UPGRADE: &str =
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
const VERSION: &str = "Sec-WebSocket-Version: 13";

#[tokio::test]
async fn refusals_are_those_of_dotnet() -> Result<()> {
    let (stage, _run) = Stage::online(&Scenario::default()).await?;
    let token = format!("Authorization: Bearer {TOKEN}");
    let host_status = if cfg!(windows) { "400" } else { "404" };
    let cases = [
        (request(&["Host: localhost", &token]), host_status, false),
        (request(&[&token]), "400", true),
        (request(&[HOST]), "403", false),
        (
            request(&[HOST, "Authorization: bearer correct horse"]),
            "403",
            false,
        ),
        (request(&[HOST, &token]), "400", true),
        (request(&[HOST, &token, UPGRADE]), "500", false),
        (
            request(&[HOST, &token, UPGRADE, "Sec-WebSocket-Version: 8"]),
            "500",
            false,
        ),
    ];
    for (request, status, closed) in cases {
        let (answer, is_closed) = exchange(stage.port, &request).await?;
        assert!(
            answer.starts_with(&format!("http/1.1 {status}")),
            "{answer}: {request}"
        );
        assert_eq!(is_closed, closed, "{answer}: {request}");
        assert!(!answer.contains("date:"), "{answer}");
        if status == "403" {
            assert!(answer.contains("transfer-encoding: chunked"), "{answer}");
            assert!(answer.contains("server: microsoft-netcore/2.0"), "{answer}");
            assert!(answer.ends_with("\r\n\r\n0\r\n\r\n"), "{answer}");
        }
    }
    let old = format!("GET / HTTP/1.0\r\n{token}\r\n{UPGRADE}\r\n\r\n");
    let (answer, _) = exchange(stage.port, &old).await?;
    assert!(
        answer.contains(" 500 "),
        "without a host it got as far as its version: {answer}"
    );
    Ok(())
}

#[tokio::test]
async fn an_upgrade_has_three_headers_and_an_empty_one_for_protocols() -> Result<()> {
    let (stage, _run) = Stage::online(&Scenario::default()).await?;
    let token = format!("Authorization: Bearer {TOKEN}");
    let plain = request(&[HOST, &token, UPGRADE, VERSION]);
    let offering = request(&[
        HOST,
        &token,
        UPGRADE,
        VERSION,
        "Sec-WebSocket-Protocol: a, b",
    ]);
    for (request, headers) in [(plain, 3), (offering, 4)] {
        let mut stream = TcpStream::connect(("127.0.0.1", stage.port)).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        let head = String::from_utf8(head)?.to_lowercase();
        assert!(head.starts_with("http/1.1 101 "), "{head}");
        assert_eq!(head.trim_end().lines().count(), 1 + headers, "{head}");
        assert_eq!(
            head.contains("sec-websocket-protocol:"),
            headers == 4,
            "{head}"
        );
    }
    Ok(())
}
