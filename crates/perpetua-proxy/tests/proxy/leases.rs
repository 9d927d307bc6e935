//! Leased ports: bound before they are named, for one client, and free again after it.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    ops::RangeInclusive,
    time::Duration,
};

use anyhow::Result;
use perpetua_access::Auth;
use perpetua_proxy::{LeaseCounts, LeaseError, LeaseSettings, Leases};
use perpetua_secrets::Secret;
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
};

use crate::{
    time::{Frozen, settle, until_holds},
    wire::{CLOSE, PING, PONG, Wire, request},
    world::{World, access},
};

pub(crate) const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));
const WAIT: Duration = Duration::from_secs(15);

pub(crate) fn leases(world: &World, range: Option<RangeInclusive<u16>>) -> Leases {
    let settings = lease_settings(range, Auth::Open);
    Leases::new(world.account.clone(), settings, world.tasks.clone())
}

fn lease_settings(range: Option<RangeInclusive<u16>>, auth: Auth) -> LeaseSettings {
    LeaseSettings {
        address: HERE,
        range,
        wait: WAIT,
        pending_per_address: 3,
        counts: LeaseCounts::default(),
        access: access(auth),
    }
}

fn at(port: u16) -> SocketAddr {
    (HERE, port).into()
}

/// Whether the port is nobody's, found out by taking it.
async fn is_free(port: u16) -> bool {
    TcpListener::bind(at(port)).await.is_ok()
}

/// Two ports in a row that were free a moment ago.
async fn free_range() -> Result<RangeInclusive<u16>> {
    loop {
        let low = TcpListener::bind(at(0)).await?.local_addr()?.port();
        if low < u16::MAX && is_free(low).await && is_free(low + 1).await {
            return Ok(low..=low + 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_port_is_bound_before_it_is_named_and_served_at_once() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let _upstream = world.embedded().await;
    let leases = leases(&world, None);
    let port = leases.lease(HERE).await?;
    assert!(!is_free(port).await);
    let own_origin = format!("origin: http://{}", at(port));
    let mut client = Wire::dial(at(port), "/", &[&own_origin]).await?;
    assert_eq!(client.json().await?["meta_event_type"], "lifecycle");
    assert_eq!(client.json().await?["notice_type"], "client_status");
    assert_eq!(client.json().await?["meta_event_type"], "heartbeat");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_port_to_which_nobody_comes_is_released_after_the_wait() -> Result<()> {
    let time = Frozen::time();
    let world = World::new();
    let leases = leases(&world, None);
    let port = leases.lease(HERE).await?;
    time.pass(Duration::from_secs(14)).await;
    assert!(!is_free(port).await);
    time.pass(Duration::from_secs(1)).await;
    assert!(is_free(port).await);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn one_client_is_served_for_as_long_as_it_stays() -> Result<()> {
    let time = Frozen::time();
    let world = World::new();
    let leases = leases(&world, None);
    let port = leases.lease(HERE).await?;
    let mut client = Wire::dial(at(port), "/", &[]).await?;
    let refusal = Wire::dial(at(port), "/", &[])
        .await
        .err()
        .expect("taken")
        .to_string();
    assert!(refusal.starts_with("HTTP/1.1 409"), "{refusal}");
    assert!(refusal.contains("ask for another one"), "{refusal}");
    // Well beyond the wait, it is still there.
    time.pass(2 * WAIT).await;
    client.send(CLOSE, &[]).await?;
    client.frame_of(CLOSE).await?;
    drop(client);
    settle().await;
    assert!(is_free(port).await, "released once the client has left");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_client_that_vanishes_releases_its_port_too() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let leases = leases(&world, None);
    let port = leases.lease(HERE).await?;
    Wire::dial(at(port), "/", &[]).await?.reset()?;
    for _ in 0..50 {
        settle().await;
    }
    assert!(is_free(port).await);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn who_asked_before_the_client_left_is_not_served_after_it() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let leases = leases(&world, None);
    let port = leases.lease(HERE).await?;
    let mut client = Wire::dial(at(port), "/", &[]).await?;
    // Connected while the port was listening; its request comes when the lease is over.
    let mut late = TcpStream::connect(at(port)).await?;
    settle().await;
    client.send(CLOSE, &[]).await?;
    client.frame_of(CLOSE).await?;
    drop(client);
    settle().await;
    assert!(is_free(port).await);
    let refusal = crate::wire::ask(&mut late, "GET", "/", &[]).await?;
    assert!(refusal.starts_with("HTTP/1.1 409"), "{refusal}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_exhausted_range_is_named_and_a_released_port_is_leased_again() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let range = free_range().await?;
    let leases = leases(&world, Some(range.clone()));
    let first = leases.lease(HERE).await?;
    assert_eq!(first, *range.start());
    let mut client = Wire::dial(at(first), "/", &[]).await?;
    let second = leases.lease(HERE).await?;
    assert_eq!(second, *range.end());
    let _stays = Wire::dial(at(second), "/", &[]).await?;
    let refused = leases.lease(HERE).await.expect_err("both are in use");
    assert_eq!(refused, LeaseError::RangeTaken(range.clone()));
    let words = format!(
        "unavailable port in range [{}-{}]: all of them are in use; make `range` under `[discovery]` larger",
        range.start(),
        range.end()
    );
    assert_eq!(refused.to_string(), words);
    client.send(CLOSE, &[]).await?;
    client.frame_of(CLOSE).await?;
    drop(client);
    settle().await;
    assert_eq!(leases.lease(HERE).await?, *range.start());
    Ok(())
}

#[tokio::test]
async fn where_a_range_is_full_the_lease_that_waits_longest_gives_its_port_to_the_newest()
-> Result<()> {
    let world = World::new();
    let range = free_range().await?;
    let leases = leases(&world, Some(range.clone()));
    let in_use = leases.lease(HERE).await?;
    let _stays = Wire::dial(at(in_use), "/", &[]).await?;
    // Somebody who asks again and again, and never comes, keeps nobody out.
    for _ in 0..5 {
        assert_eq!(leases.lease(HERE).await?, *range.end());
    }
    Wire::dial(at(*range.end()), "/", &[]).await?;
    let client = &world.account.snapshot().clients[0];
    assert_eq!(client.noted, 4, "each that gave way is told");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn of_those_that_wait_for_one_machine_the_oldest_gives_way_to_the_newest() -> Result<()> {
    let time = Frozen::time();
    let world = World::new();
    let leases = leases(&world, None);
    let mut ports = Vec::new();
    for _ in 0..3 {
        ports.push(leases.lease(HERE).await?);
    }
    let used = ports.remove(0);
    let _client = Wire::dial(at(used), "/", &[]).await?;
    settle().await;
    let elsewhere = leases.lease(ELSEWHERE).await?;
    // Whoever came made room for one more; beyond that, the oldest goes.
    let one = IpAddr::from([127, 0, 0, 2]);
    let other = IpAddr::from([127, 255, 255, 254]);
    for (peer, goes) in [(HERE, None), (one, Some(0)), (other, Some(1))] {
        ports.push(leases.lease(peer).await?);
        settle().await;
        if let Some(oldest) = goes {
            assert!(is_free(ports[oldest]).await, "{peer}");
        }
        assert!(!is_free(ports[goes.map_or(0, |one| one + 1)]).await);
    }
    assert!(!is_free(used).await && !is_free(elsewhere).await);
    let notices = world.account.snapshot().clients;
    let notices = notices.iter().flat_map(|client| &client.notices);
    let told: u64 = notices
        .filter(|one| one.message.code == "refused.lease_gave_way")
        .map(|one| one.count)
        .sum();
    assert_eq!(told, 2);
    let newest = ports.last().copied().unwrap_or_default();
    Wire::dial(at(newest), "/", &[]).await?;
    // Nobody comes to the others.
    time.pass(WAIT).await;
    assert!(is_free(elsewhere).await && is_free(ports[2]).await);
    Ok(())
}

/// Nobody is served by a lease that is over, for it is no longer counted.
#[tokio::test(start_paused = true)]
async fn who_had_connected_when_its_port_gave_way_is_told_to_ask_for_another_one() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let mut settings = lease_settings(None, Auth::Open);
    settings.pending_per_address = 1;
    let leases = Leases::new(world.account.clone(), settings, world.tasks.clone());
    let port = leases.lease(HERE).await?;
    let mut late = TcpStream::connect(at(port)).await?;
    settle().await;
    let newer = leases.lease(HERE).await?;
    settle().await;
    let refusal = crate::wire::ask(&mut late, "GET", "/", &[]).await?;
    assert!(refusal.starts_with("HTTP/1.1 409"), "{refusal}");
    // Whoever is being let in is in nobody's way, and nobody in theirs.
    let mut client = Wire::dial(at(newer), "/", &[]).await?;
    leases.lease(HERE).await?;
    leases.lease(HERE).await?;
    settle().await;
    client.send(PING, b"still").await?;
    client.frame_of(PONG).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_that_fails_gives_the_place_back() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let leases = leases(&world, None);
    let port = leases.lease(HERE).await?;
    // Refused, never finished, and broken off.
    let evil = Wire::dial(at(port), "/", &["origin: http://evil.example"]).await;
    assert!(evil.is_err());
    let _silent = TcpStream::connect(at(port)).await?;
    for _ in 0..10 {
        let mut stream = TcpStream::connect(at(port)).await?;
        stream.set_zero_linger()?;
        let half = request(at(port), "GET", "/", &[]);
        stream.write_all(&half.as_bytes()[..half.len() - 2]).await?;
        drop(stream);
        settle().await;
    }
    Wire::dial(at(port), "/", &[]).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_further_name_ends_nothing_that_came_in() -> Result<()> {
    let _time = Frozen::time();
    for auth in [Auth::Token(Secret::new("s3cret")?), Auth::Open] {
        let world = World::new();
        let first = lease_settings(None, auth.clone());
        let mut further = first.clone();
        let hosts = &mut further.access.origins.allowed_hosts;
        hosts.push("bot.example".to_owned());
        let mut leases = Leases::new(world.account.clone(), first, world.tasks.clone());
        let (waiting, served) = (leases.lease(HERE).await?, leases.lease(HERE).await?);
        let path = "/?access_token=s3cret";
        let mut client = Wire::dial(at(served), path, &[]).await?;
        settle().await;
        leases.change(further);
        settle().await;
        client.send(PING, b"still").await?;
        client.frame_of(PONG).await?;
        Wire::dial(at(waiting), path, &[]).await?;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_revoked_ends_clients_and_ports_and_leases_no_more() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let leases = leases(&world, None);
    let (waiting, served) = (leases.lease(HERE).await?, leases.lease(HERE).await?);
    let mut client = Wire::dial(at(served), "/", &[]).await?;
    settle().await;
    leases.clone().revoke();
    client.frame_of(CLOSE).await?;
    settle().await;
    assert!(is_free(waiting).await);
    let late = leases.lease(HERE).await?;
    settle().await;
    assert!(is_free(late).await);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn other_rules_of_access_end_what_came_in_by_the_former_ones() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let first = lease_settings(None, Auth::Open);
    let mut leases = Leases::new(world.account.clone(), first.clone(), world.tasks.clone());
    let (waiting, served) = (leases.lease(HERE).await?, leases.lease(HERE).await?);
    let mut client = Wire::dial(at(served), "/", &[]).await?;
    let mut half = TcpStream::connect(at(waiting)).await?;
    settle().await;

    // A longer wait is no reason to end anything, and what waits still counts.
    leases.change(LeaseSettings {
        wait: 2 * WAIT,
        ..first
    });
    settle().await;
    assert!(!is_free(waiting).await);
    for _ in 0..3 {
        leases.lease(HERE).await?;
    }
    settle().await;
    assert!(is_free(waiting).await, "it was the oldest");

    let token = Auth::Token(Secret::new("s3cret")?);
    leases.change(lease_settings(None, token));
    let farewell = client.frame_of(CLOSE).await?;
    assert_eq!(farewell.close_reason()?.0, 1012);
    drop(client);
    until_holds("all ended", || world.tasks.connections.is_empty()).await;
    assert!(is_free(waiting).await);
    assert!(crate::wire::ask(&mut half, "GET", "/", &[]).await.is_err());
    let port = leases.lease(HERE).await?;
    assert!(Wire::dial(at(port), "/", &[]).await.is_err());
    Wire::dial(at(port), "/", &["authorization: s3cret"]).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_account_releases_every_port() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let leases = leases(&world, None);
    let waiting = leases.lease(HERE).await?;
    let served = leases.lease(HERE).await?;
    let _client = Wire::dial(at(served), "/", &[]).await?;
    world.tasks.cancel.cancel();
    world.tasks.tracker.close();
    world.tasks.tracker.wait().await;
    until_holds("all connections end", || world.tasks.connections.is_empty()).await;
    assert!(is_free(waiting).await);
    assert!(is_free(served).await);
    Ok(())
}

/// As many as may be are in use: who has been silent for a while goes, is told why, and so is the owner.
#[tokio::test(start_paused = true)]
async fn whoever_is_silent_gives_its_leased_port_up_where_all_are_in_use() -> Result<()> {
    let time = Frozen::time();
    let world = World::new();
    let leases = leases(&world, None);
    let mut clients = Vec::new();
    let full = loop {
        match leases.lease(HERE).await {
            Ok(port) => clients.push(Wire::dial(at(port), "/", &[]).await?),
            Err(full) => break full,
        }
        let there = || world.client_of("(leased)").connections.len();
        until_holds("it is there", || there() == clients.len()).await;
    };
    assert_eq!(full, LeaseError::TooMany(clients.len()));
    time.pass(Duration::from_mins(1)).await;
    let silent = clients.len() / 2;
    for (number, client) in clients.iter_mut().enumerate() {
        if number != silent {
            client.send(PING, b"here").await?;
            client.frame_of(PONG).await?;
        }
    }
    let port = leases.lease(HERE).await?;
    let close = clients[silent].frame_of(CLOSE).await?;
    let (code, reason) = close.close_reason()?;
    assert_eq!(code, 1013);
    assert!(reason.contains("leased port"), "{reason}");
    let notices = world.client_of("(leased)").notices;
    let told = |one: &perpetua_hub::Notice| one.message.code == "refused.silent_lease_gave_way";
    assert!(notices.iter().any(told), "{notices:?}");
    let mut newcomer = Wire::dial(at(port), "/", &[]).await?;
    newcomer.send(PING, b"here").await?;
    newcomer.frame_of(PONG).await?;
    assert!(leases.lease(HERE).await.is_err(), "nobody else is silent");
    Ok(())
}
