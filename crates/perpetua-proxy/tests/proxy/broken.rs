//! Frames that are not JSON, or no text, or binary where text is usual: each is one frame, and no more.

use anyhow::Result;
use perpetua_hub::ClientSettings;
use serde_json::{Value, json};

use crate::{
    dialling::Dialled,
    time::{Frozen, until_holds},
    wire::{BINARY, PONG, TEXT, Wire},
    world::{SELF_ID, World, answer, event, is_event, parse},
};

/// A member that no JSON has, as people have sent it; as bytes, since not all of it is text.
const FAULTS: [&[u8]; 7] = [
    b"\"x\":NaN",
    b"\"x\":\"a\nb\"",
    b"\"x\":\"a\x01b\"",
    b"\"x\":'a'",
    b"\"x\":1,,\"y\":2",
    b"\"x\":\"\xff\xfe\"",
    b"\"x\":\"\xed\xa0\x80\"",
];

/// An object with a fault, and an echo on each side of it in turn.
fn with_echo(begin: &str, fault: &[u8], echo: &str) -> [Vec<u8>; 2] {
    let [echo, begin] = [format!("\"echo\":{echo}"), begin.to_owned()].map(String::into_bytes);
    [
        [b"{", &begin[..], b",", fault, b",", &echo, b"}"].concat(),
        [b"{", &echo[..], b",", &begin, b",", fault, b"}"].concat(),
    ]
}

async fn answered(client: &mut Wire) -> Result<Value> {
    client.json_where(|frame| frame.get("echo").is_some()).await
}

#[tokio::test(start_paused = true)]
async fn actions_that_are_not_json_are_refused_with_their_echo() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let upstream = world.embedded().await;
    let port = world.port(ClientSettings::default()).await?;
    let mut client = Wire::dial(port, "/", &[]).await?;
    for fault in FAULTS {
        for (frame, number) in with_echo("\"action\":\"a\"", fault, "{\"n\":1}")
            .iter()
            .zip(0..)
        {
            // As text, what is no UTF-8 ends a connection: RFC 6455, section 8.1.
            let is_text = std::str::from_utf8(frame).is_ok();
            for opcode in if is_text {
                &[TEXT, BINARY][..]
            } else {
                &[BINARY]
            } {
                client.send(*opcode, frame).await?;
                let refusal = answered(&mut client).await?;
                let shown = String::from_utf8_lossy(frame);
                assert_eq!(refusal["retcode"], 1400, "{shown} {number}");
                assert_eq!(refusal["echo"], json!({ "n": 1 }), "{shown}");
            }
        }
    }
    client.send_json(&json!({ "action": "ask" })).await?;
    assert_eq!(parse(&upstream.next_action().await)["action"], "ask");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn actions_in_binary_frames_are_actions_and_answers_are_text() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let upstream = world.embedded().await;
    let port = world.port(ClientSettings::default()).await?;
    let mut client = Wire::dial(port, "/", &[]).await?;
    let action = json!({ "action": "说", "echo": 5 }).to_string();
    client.send(BINARY, action.as_bytes()).await?;
    let passed = parse(&upstream.next_action().await);
    assert_eq!(passed["action"], "说");
    upstream.send(&answer(&passed, &json!("好")).to_string());
    // This reads text frames only.
    assert_eq!(answered(&mut client).await?["data"], "好");
    Ok(())
}

/// A dialled upstream that has shown who it is, and a client.
async fn linked() -> Result<(Dialled, Wire, Wire)> {
    let dialled = Dialled::start().await?;
    let mut upstream = dialled.accept().await?;
    let question = upstream.json().await?;
    let id = answer(&question, &json!({ "user_id": SELF_ID }));
    upstream.send_json(&id).await?;
    let port = dialled.world.port(ClientSettings::default()).await?;
    let client = Wire::dial(port, "/", &[]).await?;
    Ok((dialled, upstream, client))
}

#[tokio::test(start_paused = true)]
async fn answers_that_are_broken_are_told_to_their_caller_and_the_link_lives() -> Result<()> {
    let _time = Frozen::time();
    let (dialled, mut upstream, mut client) = linked().await?;
    for fault in FAULTS {
        for (opcode, after) in [(TEXT, 0), (TEXT, 1), (BINARY, 0), (BINARY, 1)] {
            client
                .send_json(&json!({ "action": "a", "echo": 9 }))
                .await?;
            let echo = upstream.json().await?["echo"].to_string();
            let begin = "\"status\":\"ok\",\"retcode\":0,\"data\":null";
            let broken = &with_echo(begin, fault, &echo)[after];
            upstream.send(opcode, broken).await?;
            let refusal = answered(&mut client).await?;
            let shown = String::from_utf8_lossy(broken);
            assert_eq!(refusal["retcode"], 1502, "{shown}");
            assert_eq!(refusal["echo"], 9, "{shown}");
        }
    }
    assert!(dialled.world.account.snapshot().link.is_open());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn events_that_are_broken_are_noted_and_the_next_one_arrives() -> Result<()> {
    let _time = Frozen::time();
    let (dialled, mut upstream, mut client) = linked().await?;
    let begin = "\"post_type\":\"message\"";
    for (number, fault) in FAULTS.into_iter().enumerate() {
        for opcode in [TEXT, BINARY] {
            let [broken, _] = with_echo(begin, fault, "0");
            upstream.send(opcode, &broken).await?;
        }
        upstream.send(TEXT, event(number, 1).as_bytes()).await?;
        client.json_where(is_event(number)).await?;
    }
    upstream.send(TEXT, b"what?").await?;
    upstream.send(BINARY, b"\x00\x01").await?;
    upstream.send(TEXT, event(99, 1).as_bytes()).await?;
    client.json_where(is_event(99)).await?;
    let snapshot = dialled.world.account.snapshot();
    assert!(snapshot.link.is_open());
    assert_eq!(snapshot.foreign_frames, 16);
    let noted: Vec<_> = snapshot
        .upstream_notices
        .iter()
        .map(|notice| (notice.message.to_string(), notice.count))
        .collect();
    assert_eq!(noted.len(), 2, "one for each kind of fault: {noted:?}");
    assert_eq!(noted.iter().map(|(_, count)| count).sum::<u64>(), 16);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_broken_event_that_comes_first_does_not_make_the_upstream_a_stranger() -> Result<()> {
    let _time = Frozen::time();
    for fault in FAULTS {
        let dialled = Dialled::start().await?;
        let mut upstream = dialled.accept().await?;
        let [broken, _] = with_echo("\"post_type\":\"message\"", fault, "0");
        upstream.send(TEXT, &broken).await?;
        upstream.send(BINARY, event(1, 1).as_bytes()).await?;
        let account = &dialled.world.account;
        until_holds("the event is taken", || account.snapshot().events == 1).await;
        assert_eq!(account.snapshot().foreign_frames, 1);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_breaks_the_rules_is_told_why_the_link_ends() -> Result<()> {
    let time = Frozen::time();
    for (frame, code) in [
        (&[0x83_u8, 2, b'{', b'}'][..], 1002),
        (&[0xc1, 2, b'{', b'}'], 1002),
        (&[0x81, 0x82, 0, 0, 0, 0, b'{', b'}'], 1002),
        (&[0x80, 2, b'{', b'}'], 1002),
        (&[0x09, 0], 1002),
        (&[0x88, 3, 0x03, 0xe8, 0xff], 1007),
    ] {
        let (dialled, mut upstream, _client) = linked().await?;
        tokio::io::AsyncWriteExt::write_all(&mut upstream.stream, frame).await?;
        let farewell = upstream.frame_of(crate::wire::CLOSE).await?;
        assert_eq!(farewell.close_reason()?.0, code, "{frame:x?}");
        // And is dialled again at once.
        time.until(dialled.accept()).await.0?;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn control_frames_go_their_way_between_broken_ones() -> Result<()> {
    let _time = Frozen::time();
    let (_dialled, mut upstream, _client) = linked().await?;
    upstream.send(TEXT, b"{\xff}").await?;
    upstream.send(crate::wire::PING, b"there?").await?;
    assert_eq!(upstream.frame_of(PONG).await?.payload, b"there?");
    Ok(())
}
