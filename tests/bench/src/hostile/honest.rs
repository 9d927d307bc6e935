//! What an honest client waits for.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{sleep, timeout},
};

use super::player::{Targets, upgrade_request};
use crate::statistics::percentile;

/// The time between two tries.
const EVERY: Duration = Duration::from_millis(20);
/// Whoever waits longer counts as having waited this long.
const PATIENCE: Duration = Duration::from_secs(10);

/// The 99th percentiles, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waits {
    pub(super) handshake: f64,
    pub(super) healthz: f64,
}

/// Connects and asks again and again.
pub(super) async fn measure(targets: &Targets, time: Duration) -> Result<Waits> {
    let handshake = upgrade_request(targets.honest);
    let healthz = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", targets.api);
    let (handshake, healthz) = tokio::try_join!(
        waited(targets.honest, handshake.as_bytes(), "HTTP/1.1 101 ", time),
        waited(targets.api, healthz.as_bytes(), "HTTP/1.1 200 ", time),
    )?;
    Ok(Waits { handshake, healthz })
}

async fn waited(address: SocketAddr, request: &[u8], wanted: &str, time: Duration) -> Result<f64> {
    let begin = Instant::now();
    let mut waits = Vec::new();
    while begin.elapsed() < time {
        let sent = Instant::now();
        let wait = match timeout(PATIENCE, asked(address, request, wanted)).await {
            Ok(Ok(())) => sent.elapsed(),
            Ok(Err(_)) | Err(_) => PATIENCE,
        };
        waits.push(wait);
        sleep(EVERY).await;
    }
    waits.sort_unstable();
    Ok(percentile(&waits, 99).as_secs_f64() * 1e3)
}

/// Asks over a connection of its own, and reads the beginning of the answer.
async fn asked(address: SocketAddr, request: &[u8], wanted: &str) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    stream.write_all(request).await?;
    let mut answer = vec![0; wanted.len()];
    stream.read_exact(&mut answer).await?;
    ensure!(answer == wanted.as_bytes(), "another answer");
    Ok(())
}
