//! A plain accept loop: it says what attackers want to hear, and throws away what they send.

use std::{io::Write as _, net::SocketAddr, process::Stdio};

use anyhow::{Context as _, Result};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    process::Child,
};

const UPGRADED: &str =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

/// This program again, as the accept loop.
pub(super) async fn start() -> Result<(Child, SocketAddr)> {
    let mut child = super::ourselves()?
        .arg("--nothing")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("the accept loop cannot be started")?;
    let mut line = String::new();
    let stdout = child.stdout.take().context("stdout is a pipe")?;
    BufReader::new(stdout).read_line(&mut line).await?;
    let address = line.trim().parse().with_context(|| line.clone())?;
    Ok((child, address))
}

/// Says where it listens, and takes whoever comes.
pub(crate) async fn accept_all() -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    writeln!(std::io::stdout(), "{address}")?;
    loop {
        let (stream, _peer) = listener.accept().await?;
        tokio::spawn(take(stream, address));
    }
}

/// Answers a request, if one comes whole, and reads on.
async fn take(mut stream: TcpStream, address: SocketAddr) -> Result<()> {
    let lease = format!(r#"{{"data":{{"port":{}}}}}"#, address.port());
    let lease = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{lease}",
        lease.len()
    );
    let (mut buffer, mut end) = (vec![0; 64 << 10], 0);
    loop {
        let read = stream.read(&mut buffer[end..]).await?;
        if read == 0 {
            return Ok(());
        }
        end += read;
        let head = &buffer[..end];
        if head.windows(4).any(|window| window == b"\r\n\r\n") {
            let upgrades = head.windows(9).any(|window| window == b"websocket");
            let answer = if upgrades { UPGRADED } else { &lease };
            stream.write_all(answer.as_bytes()).await?;
            end = 0;
        }
        if end == buffer.len() || end > 4096 {
            end = 0;
        }
    }
}
