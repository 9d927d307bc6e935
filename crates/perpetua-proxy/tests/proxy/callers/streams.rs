//! `/_events`: a stream of events.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use perpetua_hub::{ClientSettings, DisconnectReason, Role};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};

use super::{Caller, Scene, get};
use crate::{
    time::{Frozen, until_holds},
    wire::read_head,
    world::{CLIENT, SELF_ID, event},
};

/// A program that reads events.
struct Reader {
    head: String,
    stream: BufReader<tokio::net::TcpStream>,
    text: String,
}

impl Reader {
    async fn open(mut caller: Caller, lines: &str) -> Result<Self> {
        caller.send(get("/_events", lines)).await?;
        let head = read_head(&mut caller.stream).await?;
        Ok(Self {
            head,
            stream: BufReader::new(caller.stream),
            text: String::new(),
        })
    }

    /// One line of what stands in the chunks.
    async fn line(&mut self) -> Result<String> {
        loop {
            if let Some((line, rest)) = self.text.split_once('\n') {
                let (line, rest) = (line.to_owned(), rest.to_owned());
                self.text = rest;
                return Ok(line);
            }
            let mut size = String::new();
            self.stream.read_line(&mut size).await?;
            let size = usize::from_str_radix(size.trim_end(), 16).context("a size")?;
            ensure!(size > 0, "it has ended");
            let mut chunk = vec![0; size + 2];
            self.stream.read_exact(&mut chunk).await?;
            self.text += std::str::from_utf8(&chunk[..size])?;
        }
    }

    async fn event(&mut self) -> Result<Value> {
        let line = self.line().await?;
        let data = line.strip_prefix("data: ").context(line.clone())?;
        ensure!(self.line().await?.is_empty(), "an event has one line");
        Ok(serde_json::from_str(data)?)
    }
}

#[tokio::test(start_paused = true)]
async fn events_come_as_they_are_with_heartbeats_among_them() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::open().await?;
    let mut reader = Reader::open(scene.caller().await?, "user-agent: sse/1\r\n").await?;
    assert!(reader.head.starts_with("HTTP/1.1 200 "), "{}", reader.head);
    let kind = crate::wire::header(&reader.head, "content-type");
    assert_eq!(kind, Some("text/event-stream; charset=utf-8"));
    for kind in ["lifecycle", "heartbeat"] {
        assert_eq!(reader.event().await?["meta_event_type"], kind);
    }
    let spaced = format!("{{\r\n \"post_type\": \"notice\",\n \"self_id\": {SELF_ID}\n}}");
    for text in [event(1, 100), spaced, event(2, 2 << 20)] {
        scene.upstream.send(&text);
        let came = reader.event().await?;
        assert_eq!(came, serde_json::from_str::<Value>(&text)?);
    }
    let (beat, _) = time.until(reader.event()).await;
    assert_eq!(beat?["meta_event_type"], "heartbeat");
    let [connection] = &*scene.world.client().connections else {
        panic!("it is a connection");
    };
    assert_eq!(connection.role, Role::Event);
    assert_eq!(connection.user_agent.as_deref(), Some("sse/1"));
    drop(reader);
    until_holds("it has left", || scene.world.connections() == 0).await;
    assert!(scene.notices().is_empty());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn whoever_reads_nothing_is_ended_and_told_of() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::open().await?;
    let mut caller = Caller::narrow(scene.port).await?;
    caller.send(get("/_events", "")).await?;
    until_holds("it is there", || scene.world.connections() == 1).await;
    for number in 1..=4 {
        scene.upstream.send(&event(number, 8 << 20));
    }
    time.pass(Duration::from_secs(20)).await;
    assert_eq!(scene.world.connections(), 0);
    assert_eq!(scene.notices(), ["call.lost_answer"]);
    assert_eq!(scene.world.client().traffic.cuts, 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_the_hub_ends_says_why() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::with(
        ClientSettings::default(),
        perpetua_hub::AccountLimits::default(),
    )
    .await?;
    let mut reader = Reader::open(scene.caller().await?, "").await?;
    for _ in 0..2 {
        reader.event().await?;
    }
    // Closing the port lets it go on.
    scene.stop.cancel();
    scene.upstream.send(&event(1, 1));
    assert_eq!(reader.event().await?["number"], 1);
    let cut = DisconnectReason::SettingsChanged;
    scene.world.account.cut_client(CLIENT, cut);
    let (farewell, _) = time.until(reader.line()).await;
    assert!(farewell?.starts_with(": the settings"), "words");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_token_is_asked_for_there_too() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::guarded().await?;
    let told = scene.caller().await?.get("/_events").await?;
    assert_eq!(told.status, 401);
    let shown = "authorization: Bearer s3cret\r\n";
    let mut reader = Reader::open(scene.caller().await?, shown).await?;
    assert_eq!(reader.event().await?["meta_event_type"], "lifecycle");
    Ok(())
}

/// Whoever says no more may be gone.
#[tokio::test(start_paused = true)]
async fn a_stream_whose_reader_ends_its_side_is_ended() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::open().await?;
    for seconds in [0, 2] {
        let mut reader = Reader::open(scene.caller().await?, "").await?;
        assert_eq!(reader.event().await?["meta_event_type"], "lifecycle");
        time.pass(Duration::from_secs(seconds)).await;
        reader.stream.get_mut().shutdown().await?;
        let mut rest = Vec::new();
        time.until(reader.stream.read_to_end(&mut rest)).await.0?;
        until_holds("it is gone", || scene.world.connections() == 0).await;
    }
    Ok(())
}
