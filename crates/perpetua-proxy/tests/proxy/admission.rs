//! Who comes in at a client's port, as what, and what the others are told.

use std::net::SocketAddr;

use anyhow::Result;
use perpetua_access::Auth;
use perpetua_hub::{ClientSettings, DisconnectReason};
use perpetua_secrets::Secret;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    time::{Frozen, settle, until_holds},
    wire::{CLOSE, TEXT, Wire, request},
    world::{CLIENT, World, event, is_event, parse},
};

/// The whole answer to a request that does not lead to a connection.
async fn answer(address: SocketAddr, method: &str, headers: &[&str]) -> Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = request(address, method, "/", headers);
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test(start_paused = true)]
async fn a_token_is_asked_for_before_the_upgrade() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let auth = Auth::Token(Secret::new("s3cret")?);
    let port = world
        .port_of(CLIENT, ClientSettings::default(), auth)
        .await?;
    for (headers, status, words) in [
        (&[][..], "401", "a token is needed here"),
        (
            &["authorization: Bearer nope"],
            "403",
            "not the token of this port",
        ),
        (
            &[
                "authorization: Bearer s3cret",
                "origin: http://evil.example",
            ],
            "403",
            "pages of other origins",
        ),
        (
            &["authorization: s3cret", "origin: null"],
            "403",
            "pages of other origins",
        ),
    ] {
        let answer = answer(port, "GET", headers).await?;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
        assert!(answer.contains("content-type: text/plain"), "{answer}");
        assert!(answer.contains(words), "{answer}");
    }
    let own_origin = format!("origin: http://{port}");
    Wire::dial(port, "/", &["authorization: s3cret", &own_origin]).await?;
    Wire::dial(port, "/?access_token=s3cret", &[]).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn without_a_token_the_name_must_be_ours() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let port = world.port(ClientSettings::default()).await?;
    for host in ["host: evil.example", "host: 127.0.0.1.evil.example:6700"] {
        let answer = answer(port, "GET", &[host]).await?;
        assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    }
    let rebound = ["host: evil.example", "origin: http://evil.example"];
    assert!(
        answer(port, "GET", &rebound)
            .await?
            .starts_with("HTTP/1.1 403")
    );
    Wire::dial(port, "/", &["host: localhost:1"]).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_asks_for_no_websocket_is_told_what_this_port_is() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let port = world.port(ClientSettings::default()).await?;
    let mut stream = TcpStream::connect(port).await?;
    let page = format!("GET / HTTP/1.1\r\nhost: {port}\r\n\r\n");
    stream.write_all(page.as_bytes()).await?;
    let mut told = String::new();
    stream.read_to_string(&mut told).await?;
    let posted = answer(port, "POST", &["content-length: 0"]).await?;
    for answer in [told, posted] {
        assert!(answer.starts_with("HTTP/1.1 426"), "{answer}");
        assert!(answer.contains("upgrade: websocket"), "{answer}");
        assert!(
            answer.contains("speaks OneBot v11 over WebSocket"),
            "{answer}"
        );
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn connections_up_to_the_limit_and_their_places_again() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let settings = ClientSettings {
        max_connections: 2,
        ..ClientSettings::default()
    };
    let port = world.port(settings).await?;
    let first = Wire::dial(port, "/", &[]).await?;
    let _second = Wire::dial(port, "/", &[]).await?;
    until_holds("both are in", || world.connections() == 2).await;
    let refusal = answer(port, "GET", &[]).await?;
    assert!(refusal.starts_with("HTTP/1.1 409"), "{refusal}");
    assert!(refusal.contains("2 connections, its limit"), "{refusal}");
    first.reset()?;
    until_holds("one has left", || world.connections() == 1).await;
    Wire::dial(port, "/", &[]).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn paths_choose_what_a_connection_hears_and_may_say() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let upstream = world.embedded().await;
    let port = world.port(ClientSettings::default()).await?;
    let mut api = Wire::dial(port, "/api", &[]).await?;
    let mut events = Wire::dial(port, "/event/", &[]).await?;
    let mut both = Wire::dial(port, "/?x=1", &[]).await?;
    until_holds("all are in", || world.connections() == 3).await;

    events
        .send(TEXT, br#"{"action":"ignored","echo":1}"#)
        .await?;
    api.send(TEXT, br#"{"action":"asked","echo":2}"#).await?;
    let action = parse(&upstream.next_action().await);
    assert_eq!(action["action"], "asked");
    upstream.send(&event(1, 1));
    upstream.send(&crate::world::answer(&action, &7.into()).to_string());

    // To `/api` nothing comes before the response, not even a lifecycle.
    assert_eq!(api.json().await?["echo"], 2);
    assert_eq!(events.json().await?["meta_event_type"], "lifecycle");
    events.json_where(is_event(1)).await?;
    both.json_where(is_event(1)).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn close_reasons_arrive() -> Result<()> {
    let _time = Frozen::time();
    for (cut, code) in [
        (DisconnectReason::ShuttingDown, 1001),
        (DisconnectReason::SettingsChanged, 1012),
        (DisconnectReason::Removed, 1008),
    ] {
        let world = World::new();
        let _upstream = world.embedded().await;
        let port = world.port(ClientSettings::default()).await?;
        let mut client = Wire::dial(port, "/", &[]).await?;
        client.json().await?;
        world.account.cut_all(cut);
        let farewell = client.frame_of(CLOSE).await?;
        assert_eq!(farewell.close_reason()?, (code, &*cut.to_string()));
        assert_eq!(world.connections(), 0);
        // And the connection ends, without waiting for us.
        assert!(client.frame().await.is_err());
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn those_who_say_nothing_cannot_take_every_descriptor() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let port = world.port(ClientSettings::default()).await?;
    let mut silent = Vec::new();
    for _ in 0..256 {
        silent.push(TcpStream::connect(port).await?);
        settle().await;
    }
    let mut late = tokio::spawn(async move { Wire::dial(port, "/", &[]).await });
    settle().await;
    assert!(!late.is_finished(), "no room before the port");
    silent.pop();
    (&mut late).await??;
    Ok(())
}
