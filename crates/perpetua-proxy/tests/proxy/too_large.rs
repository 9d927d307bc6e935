//! Frames that are too large, in either direction: their caller is told, and nobody else notices.

use std::time::Duration;

use anyhow::Result;
use perpetua_access::Auth;
use perpetua_hub::{AccountLimits, ClientSettings, LinkFailure, LinkState};
use perpetua_words::link as words;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use crate::{
    dialling::{Dialled, until_failed},
    time::{Frozen, settle, until_holds},
    wire::{BINARY, CLOSE, CONTINUED, TEXT, Wire},
    world::{SELF_ID, World, answer, event, is_event, parse, perpetua},
};

/// The limit in these tests, and a size beyond it.
const LIMIT: usize = 1_000_000;
const TOO_LARGE: usize = LIMIT + 1;

fn limits() -> AccountLimits {
    AccountLimits {
        max_frame_size: LIMIT,
        ..AccountLimits::default()
    }
}

/// A dialled upstream that has been told apart, and two clients.
struct Scene {
    dialled: Dialled,
    upstream: Wire,
    loser: Wire,
    other: Wire,
}

impl Scene {
    async fn open() -> Result<Self> {
        let dialled = Dialled::start_with(limits()).await?;
        let mut upstream = dialled.accept().await?;
        prove(&mut upstream).await?;
        let port = dialled.world.port(ClientSettings::default()).await?;
        let loser = Wire::dial(port, "/", &[]).await?;
        let settings = ClientSettings::default();
        let port = dialled.world.port_of("other", settings, Auth::Open).await?;
        let other = Wire::dial(port, "/", &[]).await?;
        Ok(Self {
            dialled,
            upstream,
            loser,
            other,
        })
    }

    /// Both ask, and both questions are with the upstream: gives them as it got them.
    async fn ask(&mut self) -> Result<(Value, Value)> {
        let of = |name: &str| json!({ "action": name, "echo": { "of": name } });
        self.loser.send_json(&of("get_file")).await?;
        let first = self.upstream.json().await?;
        self.other.send_json(&of("get_msg")).await?;
        let second = self.upstream.json().await?;
        Ok((first, second))
    }

    fn notices(&self) -> Vec<String> {
        let snapshot = self.dialled.world.account.snapshot();
        let notices = snapshot.upstream_notices.iter();
        notices.map(|notice| notice.message.to_string()).collect()
    }
}

/// Answers the node's own question.
async fn prove(upstream: &mut Wire) -> Result<()> {
    let question = upstream.json().await?;
    assert_eq!(question["action"], "get_login_info");
    let id = json!({ "user_id": SELF_ID });
    upstream.send_json(&answer(&question, &id)).await
}

/// The next frame with an echo.
async fn response(client: &mut Wire) -> Result<Value> {
    client.json_where(|frame| frame.get("echo").is_some()).await
}

/// A message in several frames, none of which is too large.
async fn send_in_parts(wire: &mut Wire, message: &[u8]) -> Result<()> {
    let mut opcode = TEXT;
    for part in message.chunks(LIMIT / 2) {
        let mut header = wire.header(opcode, part.len());
        header[0] &= 0x7f;
        // The other side may have had enough before the end.
        if wire.stream.write_all(&header).await.is_err()
            || wire.stream.write_all(part).await.is_err()
        {
            return Ok(());
        }
        opcode = CONTINUED;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_action_that_is_too_large_is_refused_and_its_connection_lives() -> Result<()> {
    let _time = Frozen::time();
    let world = World::with_limits(limits());
    let upstream = world.embedded().await;
    let file = "x".repeat(TOO_LARGE);
    let port = world.port(ClientSettings::default()).await?;
    let mut client = Wire::dial(port, "/", &[]).await?;
    let mut refusals = 0;
    for echo in [r#""a""#, "7", r#"{"seq":[1,"}"]}"#, "null", r#""p1""#] {
        for frame in [
            format!(r#"{{"action":"send","params":{{"file":"{file}"}},"echo":{echo}}}"#),
            format!(r#"{{"echo" : {echo} ,"action":"send","params":{{"file":"{file}"}}}}"#),
            format!(
                "{{\"action\":\"send\",\"params\":{{\"file\":\"{file}\"}},\"echo\":{echo}}}\r\n"
            ),
        ] {
            for opcode in [TEXT, BINARY] {
                client.send(opcode, frame.as_bytes()).await?;
                let refusal = response(&mut client).await?;
                assert_eq!(refusal["retcode"], 1413, "{refusal}");
                assert_eq!(
                    refusal["echo"].to_string(),
                    serde_json::from_str::<Value>(echo)?.to_string()
                );
                let words = refusal["message"].as_str().unwrap_or_default();
                assert!(words.contains("max-frame-size"), "{refusal}");
                refusals += 1;
            }
        }
    }
    client
        .send_json(&json!({ "action": "ask", "echo": 1 }))
        .await?;
    let action = parse(&upstream.next_action().await);
    assert_eq!(
        action["action"], "ask",
        "nothing of the others was passed on"
    );
    upstream.send(&answer(&action, &json!("well")).to_string());
    assert_eq!(response(&mut client).await?["data"], "well");
    assert_eq!(world.client().traffic.refusals, refusals);
    assert_eq!(world.client().noted, refusals);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_frame_of_the_greatest_length_is_no_frame_that_is_too_large() -> Result<()> {
    let _time = Frozen::time();
    let world = World::with_limits(limits());
    let upstream = world.embedded().await;
    let port = world.port(perpetua()).await?;
    let mut client = Wire::dial(port, "/", &[]).await?;
    let frame = json!({ "action": "send", "params": "" }).to_string();
    let frame = frame.replace("\"\"", &format!("\"{}\"", "x".repeat(LIMIT - frame.len())));
    assert_eq!(frame.len(), LIMIT);
    client.send(TEXT, frame.as_bytes()).await?;
    assert_eq!(parse(&upstream.next_action().await)["action"], "send");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_changed_holds_for_connections_that_open_then() -> Result<()> {
    let _time = Frozen::time();
    let world = World::with_limits(limits());
    let upstream = world.embedded().await;
    let port = world.port(ClientSettings::default()).await?;
    let mut before = Wire::dial(port, "/", &[]).await?;
    until_holds("it is in", || world.connections() == 1).await;
    world.account.set_limits(AccountLimits {
        max_frame_size: 2 * TOO_LARGE,
        ..AccountLimits::default()
    });
    let mut after = Wire::dial(port, "/", &[]).await?;
    let action = json!({ "action": "send", "params": "x".repeat(TOO_LARGE), "echo": 1 });
    before.send_json(&action).await?;
    assert_eq!(response(&mut before).await?["retcode"], 1413);
    after.send_json(&action).await?;
    assert_eq!(parse(&upstream.next_action().await)["action"], "send");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_too_large_is_told_to_its_caller_alone() -> Result<()> {
    let _time = Frozen::time();
    let mut scene = Scene::open().await?;
    for opcode in [TEXT, BINARY] {
        let (large, small) = scene.ask().await?;
        let large = answer(&large, &json!("x".repeat(TOO_LARGE))).to_string();
        scene.upstream.send(opcode, large.as_bytes()).await?;
        let refusal = response(&mut scene.loser).await?;
        assert_eq!(refusal["retcode"], 1502, "{refusal}");
        assert_eq!(refusal["echo"]["of"], "get_file");
        scene
            .upstream
            .send_json(&answer(&small, &json!("mine")))
            .await?;
        assert_eq!(response(&mut scene.other).await?["data"], "mine");
    }
    assert!(scene.dialled.world.account.snapshot().link.is_open());
    let notices = scene.notices();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(notices[0].contains("1.1 MB"), "{notices:?}");
    assert!(notices[0].contains("`max-frame-size`"), "{notices:?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn events_that_are_too_large_are_noted_and_the_next_one_arrives() -> Result<()> {
    let _time = Frozen::time();
    let mut scene = Scene::open().await?;
    for number in 0..20 {
        let size = if number % 2 == 0 { TOO_LARGE } else { 10 };
        let event = event(number, size);
        scene.upstream.send(TEXT, event.as_bytes()).await?;
    }
    scene.loser.json_where(is_event(19)).await?;
    let snapshot = scene.dialled.world.account.snapshot();
    assert_eq!((snapshot.events, snapshot.foreign_frames), (10, 10));
    assert_eq!(snapshot.upstream_notices[0].count, 10);
    assert!(snapshot.link.is_open());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn one_that_comes_first_does_not_make_the_upstream_a_stranger() -> Result<()> {
    let _time = Frozen::time();
    let dialled = Dialled::start_with(limits()).await?;
    let mut upstream = dialled.accept().await?;
    upstream.send(TEXT, event(0, TOO_LARGE).as_bytes()).await?;
    prove(&mut upstream).await?;
    let account = &dialled.world.account;
    until_holds("it is online", || account.snapshot().online).await;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_message_in_too_large_parts_replaces_the_link_at_once() -> Result<()> {
    let time = Frozen::time();
    let mut scene = Scene::open().await?;
    let (large, _small) = scene.ask().await?;
    let large = answer(&large, &json!("x".repeat(TOO_LARGE))).to_string();
    send_in_parts(&mut scene.upstream, large.as_bytes()).await?;
    let farewell = scene.upstream.frame_of(CLOSE).await?;
    assert_eq!(farewell.close_reason()?.0, 1009);
    // What was sent is lost with the link; what is asked from here on waits for the next one.
    let (lost, waited) = time.until(response(&mut scene.other)).await;
    assert_eq!(lost?["retcode"], 1504);
    assert!(waited <= Duration::from_secs(1), "{waited:?}");
    let cause = words::MessageTooLarge { limit: "1 MB" }.into();
    let last_failure = Some(LinkFailure::EndedByUs(cause));
    let link = scene.dialled.world.account.snapshot().link;
    assert_eq!(link, LinkState::Dialling { last_failure });
    let question = json!({ "action": "later", "echo": "later" });
    scene.other.send_json(&question).await?;
    let (next, waited) = time.until(scene.dialled.accept()).await;
    assert!(waited < Duration::from_secs(1), "{waited:?}");
    let mut next = next?;
    prove(&mut next).await?;
    let later = next.json().await?;
    assert_eq!(later["action"], "later");
    next.send_json(&answer(&later, &json!("well"))).await?;
    assert_eq!(response(&mut scene.other).await?["data"], "well");
    settle().await;
    assert_eq!(scene.dialled.world.account.snapshot().unanswered, 0);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_link_that_ends_over_each_message_is_not_replaced_without_pause() -> Result<()> {
    let time = Frozen::time();
    let dialled = Dialled::start_with(limits()).await?;
    let mut waits = Vec::new();
    for _ in 0..5 {
        let (upstream, waited) = time.until(dialled.accept()).await;
        waits.push(waited.as_secs());
        let mut upstream = upstream?;
        prove(&mut upstream).await?;
        send_in_parts(&mut upstream, &vec![b' '; 2 * TOO_LARGE]).await?;
        upstream.frame_of(CLOSE).await?;
    }
    assert_eq!(waits, [0, 0, 2, 4, 8]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_action_that_the_upstream_finds_too_large_is_told_so_and_not_sent_again() -> Result<()> {
    let time = Frozen::time();
    let mut scene = Scene::open().await?;
    let large = json!({ "action": "send", "params": "x".repeat(500_000), "echo": "large" });
    scene
        .other
        .send_json(&json!({ "action": "get_msg", "echo": "small" }))
        .await?;
    scene.upstream.json().await?;
    scene.loser.send_json(&large).await?;
    assert!(!scene.upstream.frame_of(TEXT).await?.last);
    let too_big = [&1009_u16.to_be_bytes()[..], b"too big"].concat();
    scene.upstream.send(CLOSE, &too_big).await?;
    let refusal = time.until(response(&mut scene.loser)).await.0?;
    assert_eq!(
        (&refusal["retcode"], &refusal["echo"]),
        (&json!(1413), &json!("large"))
    );
    assert_eq!(response(&mut scene.other).await?["retcode"], 1504);
    let (next, waited) = time.until(scene.dialled.accept()).await;
    assert!(waited < Duration::from_secs(2), "{waited:?}");
    let mut next = next?;
    prove(&mut next).await?;
    // What is known to be too large is not sent, and smaller ones are.
    scene.loser.send_json(&large).await?;
    assert_eq!(response(&mut scene.loser).await?["retcode"], 1413);
    scene.loser.send_json(&json!({ "action": "ask" })).await?;
    assert_eq!(next.json().await?["action"], "ask");
    Ok(())
}

/// A text frame, and behind it, in the same bytes, a Close frame where one is wanted.
fn last_words(wire: &Wire, text: &str, closes: bool) -> Vec<u8> {
    let mut bytes = wire.header(TEXT, text.len());
    bytes.extend(text.as_bytes());
    if closes {
        bytes.extend(wire.header(CLOSE, 2));
        bytes.extend(1000_u16.to_be_bytes());
    }
    bytes
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_too_large_is_told_also_where_the_link_ends_behind_it() -> Result<()> {
    let _time = Frozen::time();
    for closes in [true, false] {
        let mut scene = Scene::open().await?;
        let (large, _small) = scene.ask().await?;
        let large = answer(&large, &json!("x".repeat(TOO_LARGE))).to_string();
        let bytes = last_words(&scene.upstream, &large, closes);
        scene.upstream.stream.write_all(&bytes).await?;
        scene.upstream.stream.shutdown().await?;
        let refusal = response(&mut scene.loser).await?;
        assert_eq!(refusal["retcode"], 1502, "{closes}: {refusal}");
        assert_eq!(response(&mut scene.other).await?["retcode"], 1504);
        assert_eq!(scene.dialled.world.account.snapshot().foreign_frames, 1);
        assert_eq!(scene.notices().len(), 1);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_is_too_large_comes_first_also_where_the_link_ends_behind_it() -> Result<()> {
    let _time = Frozen::time();
    for closes in [true, false] {
        let dialled = Dialled::start_with(limits()).await?;
        let mut upstream = dialled.accept().await?;
        let bytes = last_words(&upstream, &event(0, TOO_LARGE), closes);
        upstream.stream.write_all(&bytes).await?;
        upstream.stream.shutdown().await?;
        let account = &dialled.world.account;
        let lost = || account.snapshot().foreign_frames == 1;
        until_holds("it is counted", lost).await;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_action_that_is_too_large_is_counted_also_where_its_client_leaves_behind_it()
-> Result<()> {
    let _time = Frozen::time();
    for closes in [true, false] {
        let world = World::with_limits(limits());
        let _upstream = world.embedded().await;
        let port = world.port(ClientSettings::default()).await?;
        let mut client = Wire::dial(port, "/", &[]).await?;
        let action = json!({ "action": "a", "params": "x".repeat(TOO_LARGE) }).to_string();
        let bytes = last_words(&client, &action, closes);
        client.stream.write_all(&bytes).await?;
        client.stream.shutdown().await?;
        until_holds("it is noted", || world.client().noted == 1).await;
        assert_eq!(world.client().traffic.refusals, 1);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_close_frame_without_words_is_shown_by_its_code_alone() -> Result<()> {
    let time = Frozen::time();
    let world = World::new();
    let _upstream = world.embedded().await;
    let port = world.port(ClientSettings::default()).await?;
    let mut client = Wire::dial(port, "/", &[]).await?;
    client.send(CLOSE, &1009_u16.to_be_bytes()).await?;
    until_holds("it is noted", || world.client().noted == 1).await;
    let notice = world.client().notices[0].message.clone();
    let words = notice.to_string();
    assert!(words.contains("(1009)"), "{words}");
    let mut scene = Scene::open().await?;
    scene.upstream.send(CLOSE, &1001_u16.to_be_bytes()).await?;
    scene.upstream.frame_of(CLOSE).await?;
    drop(scene.upstream);
    let dialled = &scene.dialled;
    time.until(until_failed(&dialled.world.account)).await;
    let failure = dialled.failure().expect("it failed").to_string();
    assert!(failure.ends_with(" 1001"), "{failure}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_client_that_finds_a_frame_too_large_is_shown_so() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let _upstream = world.embedded().await;
    let port = world.port(ClientSettings::default()).await?;
    for count in 1..=3 {
        let mut client = Wire::dial(port, "/", &[]).await?;
        let too_big = [&1009_u16.to_be_bytes()[..], b"over 1 MiB"].concat();
        client.send(CLOSE, &too_big).await?;
        until_holds("it is noted", || world.client().noted == count).await;
    }
    let notices = world.client().notices;
    let words = notices[0].message.to_string();
    assert!(words.contains("over 1 MiB"), "{words}");
    assert_eq!((notices.len(), notices[0].count), (1, 3));
    Ok(())
}
