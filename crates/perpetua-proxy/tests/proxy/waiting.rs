//! Connections that show nothing: they keep nobody out at any port, and nobody who is in.

use std::{net::SocketAddr, task::Poll};

use anyhow::{Context as _, Result};
use futures_util::poll;
use perpetua_access::Auth;
use perpetua_hub::ClientSettings;
use perpetua_proxy::AccountHandle;
use perpetua_secrets::Secret;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::unconstrained,
};

use crate::{
    leases::{HERE, leases},
    reverse::Reverse,
    time::{Frozen, settle, until_holds},
    wire::{PING, PONG, Wire, request},
    world::{CLIENT, World},
};

/// What one of them sends: nothing, a piece, and all but the end of a request.
const PIECES: [usize; 3] = [0, 9, usize::MAX];
/// More than wait at one port, twice over.
const MANY: usize = 300;
/// How many do.
const AT_PORT: usize = 128;

const TOKEN: &str = "authorization: Bearer s3cret";

/// Everybody who says nothing, or never all of it.
async fn crowd(address: SocketAddr, count: usize) -> Result<Vec<TcpStream>> {
    let whole = request(address, "GET", "/", &[TOKEN]);
    let mut crowd = Vec::new();
    for number in 0..count {
        let mut stream = TcpStream::connect(address).await?;
        let length = PIECES[number % PIECES.len()].min(whole.len() - 1);
        stream.write_all(&whole.as_bytes()[..length]).await?;
        settle().await;
        crowd.push(stream);
    }
    Ok(crowd)
}

/// Whether the other side has ended it. Not on the budget of the test's task, which is that of fewer looks.
async fn has_ended(stream: &mut TcpStream) -> bool {
    let mut byte = [0];
    let read = Box::pin(unconstrained(stream.read(&mut byte)));
    matches!(poll!(read), Poll::Ready(Ok(0) | Err(_)))
}

/// Who comes late gets in with no time passing, who was in stays, and the oldest of the crowd had to go.
async fn nobody_is_kept_out(address: SocketAddr, path: &str, headers: &[&str]) -> Result<()> {
    let mut crowd = crowd(address, MANY).await?;
    let late = Wire::dial(address, path, headers).await;
    late.with_context(|| format!("{address}{path}"))?;
    settle().await;
    for (number, stream) in crowd.iter_mut().enumerate() {
        let is_old = number < MANY - AT_PORT;
        assert!(has_ended(stream).await || !is_old, "{number} of the oldest");
    }
    let last = crowd.last_mut().context("many")?;
    assert!(!has_ended(last).await, "the newest still has its time");
    Ok(())
}

fn gave_way(notices: &[perpetua_hub::Notice]) -> u64 {
    let of_it = notices
        .iter()
        .filter(|one| one.message.code == "refused.gave_way");
    of_it.map(|one| one.count).sum()
}

#[tokio::test(start_paused = true)]
async fn at_a_clients_port_the_oldest_gives_way_to_the_newest() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let token = Auth::Token(Secret::new("s3cret")?);
    let port = world
        .port_of(CLIENT, ClientSettings::default(), token)
        .await?;
    let mut there = Wire::dial(port, "/", &[TOKEN]).await?;
    nobody_is_kept_out(port, "/", &[TOKEN]).await?;
    there.send(PING, b"still").await?;
    there.frame_of(PONG).await?;
    let count = gave_way(&world.client().notices);
    assert!(count >= (MANY - AT_PORT) as u64, "{count}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn at_the_upstreams_port_too() -> Result<()> {
    let _time = Frozen::time();
    let reverse = Reverse::start().await?;
    nobody_is_kept_out(reverse.address, "/onebot", &[TOKEN]).await?;
    let notices = |account: &AccountHandle| gave_way(&account.snapshot().upstream_notices);
    assert!(notices(&reverse.world.account) >= (MANY - AT_PORT) as u64);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn at_a_leased_port_too() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let leased = leases(&world, None);
    let port = leased.lease(HERE).await?;
    nobody_is_kept_out((HERE, port).into(), "/", &[]).await
}

/// One machine's share is that of all ports together.
#[tokio::test(start_paused = true)]
async fn a_crowd_at_other_ports_keeps_nobody_out_either() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let mut crowds = Vec::new();
    for name in ["one", "two", "three", "four", "five"] {
        let settings = ClientSettings::default();
        let port = world.port_of(name, settings, Auth::Open).await?;
        crowds.extend(crowd(port, 100).await?);
    }
    let port = world.port(ClientSettings::default()).await?;
    Wire::dial(port, "/", &[]).await?;
    let mut open = 0;
    for stream in &mut crowds {
        open += usize::from(!has_ended(stream).await);
    }
    assert!(open <= 256, "{open} wait");
    Ok(())
}

/// A hundred at a time, without a pause: each sends its request as soon as it is connected.
#[tokio::test(start_paused = true)]
async fn whoever_sends_a_whole_request_at_once_is_never_turned_out() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let settings = ClientSettings {
        max_connections: 2 * MANY,
        ..ClientSettings::default()
    };
    let port = world.port(settings).await?;
    let whole = request(port, "GET", "/", &[]);
    let mut all = Vec::new();
    for _ in 0..MANY {
        let mut stream = TcpStream::connect(port).await?;
        stream.write_all(whole.as_bytes()).await?;
        all.push(stream);
    }
    until_holds("all are in", || world.connections() == MANY).await;
    assert_eq!(gave_way(&world.client().notices), 0);
    Ok(())
}
