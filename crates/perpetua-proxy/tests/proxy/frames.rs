//! Frames as they stand on the wire: large ones, broken ones, and the rules of WebSocket.

use anyhow::Result;
use perpetua_hub::ClientSettings;
use perpetua_proxy::Embedded;
use tokio::io::AsyncWriteExt as _;

use crate::{
    time::{Frozen, until_holds},
    wire::{CLOSE, CONTINUED, Frame, PING, PONG, TEXT, Wire},
    world::{World, event, is_event, parse, perpetua},
};

/// What cores carry: a picture of 50 MB.
const LARGE: usize = 50_000_000;
/// What the perpetua profile asks for.
const LARGEST_FRAGMENT: usize = 1 << 20;

async fn connected(settings: ClientSettings) -> Result<(World, Embedded, Wire)> {
    let world = World::new();
    let upstream = world.embedded().await;
    let port = world.port(settings).await?;
    let client = Wire::dial(port, "/", &[]).await?;
    Ok((world, upstream, client))
}

/// The next message of several frames, put together.
async fn fragmented(client: &mut Wire) -> Result<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let Frame {
            last,
            opcode,
            payload,
        } = client.frame().await?;
        match opcode {
            PING | PONG => continue,
            TEXT if last => continue,
            TEXT => assert!(whole.is_empty(), "a new message within another"),
            CONTINUED => assert!(!whole.is_empty(), "a continuation of nothing"),
            other => panic!("a frame of kind {other}"),
        }
        assert!(payload.len() <= LARGEST_FRAGMENT, "{} bytes", payload.len());
        whole.extend(payload);
        if last {
            return Ok(whole);
        }
    }
}

// In real time: it takes a second or two, and no limit is near.
#[tokio::test]
async fn an_event_of_50_mb_arrives_unchanged_and_in_fragments() -> Result<()> {
    for settings in [ClientSettings::default(), perpetua()] {
        let (_world, upstream, mut client) = connected(settings).await?;
        let sent = event(1, LARGE);
        upstream.send(&sent);
        assert!(fragmented(&mut client).await? == sent.as_bytes());
        upstream.send(&event(2, 1));
        client.json_where(is_event(2)).await?;
    }
    Ok(())
}

// In real time, as above.
#[tokio::test]
async fn an_action_of_50_mb_and_its_response_keep_all_but_the_echo() -> Result<()> {
    let (_world, upstream, mut client) = connected(ClientSettings::default()).await?;
    let file = "y".repeat(LARGE);
    let action =
        format!(r#"{{"action":"send", "echo" : {{"seq":1}} ,"params":{{"file":"{file}"}}}}"#);
    let sending = async { client.send(TEXT, action.as_bytes()).await };
    let (sent, passed) = tokio::join!(sending, upstream.next_action());
    sent?;
    let echo = parse(&passed)["echo"].to_string();
    assert!(passed == action.replace(r#"{"seq":1}"#, &echo));

    let response = format!(r#"{{"status":"ok","retcode":0,"data":"{file}","echo":{echo}}}"#);
    upstream.send(&response);
    let whole = fragmented(&mut client).await?;
    assert!(whole == response.replace(&echo, r#"{"seq":1}"#).as_bytes());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn bad_frames_end_the_connection_with_their_reason() -> Result<()> {
    let _time = Frozen::time();
    for (opcode, payload, code, words) in [
        (TEXT, &b"{\"action\":\"\xff\"}"[..], 1007, "not valid UTF-8"),
        (3, &b"{}"[..], 1002, "rules of WebSocket"),
    ] {
        let (world, _upstream, mut client) = connected(ClientSettings::default()).await?;
        client.send(opcode, payload).await?;
        let farewell = client.frame_of(CLOSE).await?;
        let (told, reason) = farewell.close_reason()?;
        assert_eq!(told, code, "{reason}");
        assert!(reason.contains(words), "{reason}");
        until_holds("it has left", || world.connections() == 0).await;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_is_not_masked_breaks_the_rules() -> Result<()> {
    let _time = Frozen::time();
    let (_world, _upstream, mut client) = connected(ClientSettings::default()).await?;
    client.stream.write_all(&[0x81, 2, b'{', b'}']).await?;
    assert_eq!(client.frame_of(CLOSE).await?.close_reason()?.0, 1002);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn fragments_that_add_up_to_too_much_are_refused() -> Result<()> {
    let _time = Frozen::time();
    let (_world, _upstream, mut client) = connected(ClientSettings::default()).await?;
    let part = vec![b' '; 16 << 20];
    for opcode in [TEXT, CONTINUED, CONTINUED, CONTINUED, CONTINUED] {
        let mut header = client.header(opcode, part.len());
        header[0] &= 0x7f;
        client.stream.write_all(&header).await?;
        client.stream.write_all(&part).await?;
    }
    let farewell = client.frame_of(CLOSE).await?;
    let (code, reason) = farewell.close_reason()?;
    assert_eq!(code, 1009, "{reason}");
    assert!(reason.contains("64 MiB"), "{reason}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_clients_close_frame_is_answered() -> Result<()> {
    let _time = Frozen::time();
    for settings in [ClientSettings::default(), perpetua()] {
        let (world, _upstream, mut client) = connected(settings).await?;
        let leaving = [&1000_u16.to_be_bytes()[..], b"bye"].concat();
        client.send(CLOSE, &leaving).await?;
        assert_eq!(client.frame_of(CLOSE).await?.close_reason()?, (1000, "bye"));
        assert!(client.frame().await.is_err(), "the connection ends");
        until_holds("it has left", || world.connections() == 0).await;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_clients_ping_is_answered_in_kind() -> Result<()> {
    let _time = Frozen::time();
    for settings in [ClientSettings::default(), perpetua()] {
        let (_world, _upstream, mut client) = connected(settings).await?;
        client.send(PING, b"still there?").await?;
        assert_eq!(client.frame_of(PONG).await?.payload, b"still there?");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn malformed_actions_are_refused_and_the_connection_goes_on() -> Result<()> {
    let _time = Frozen::time();
    let (_world, upstream, mut client) = connected(ClientSettings::default()).await?;
    client.send(TEXT, br#"{"echo":"a","params":{}}"#).await?;
    let refusal = client.json_where(|frame| frame["retcode"] == 1400).await?;
    assert_eq!(refusal["echo"], "a");
    client.send(TEXT, b"what?").await?;
    client.send(TEXT, br#"{"action":"ask"}"#).await?;
    assert_eq!(parse(&upstream.next_action().await)["action"], "ask");
    Ok(())
}
