//! The scripted upstream: sends events on demand and answers every action.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::{
    net::TcpListener,
    sync::Mutex,
    task::AbortHandle,
    time::{MissedTickBehavior, interval},
};

use crate::{
    event::{Event, SELF_ID},
    frame,
    hostile::Events,
    socket::{self, Reader, Writer},
};

/// Where the program under test shall dial.
#[derive(Debug)]
pub(crate) struct Door {
    listener: TcpListener,
}

/// The connection that was dialled to us.
#[derive(Debug)]
pub(crate) struct Upstream {
    writer: Arc<Mutex<Writer>>,
    answering: AbortHandle,
    clock: Instant,
    sent: u32,
    text: Vec<u8>,
}

/// What an answer needs to know of an action.
#[derive(Deserialize)]
struct Action<'a> {
    #[serde(borrow)]
    action: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    echo: Option<&'a RawValue>,
}

impl Door {
    /// Listens on a free port.
    pub(crate) async fn open() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .context("no free port for the upstream")?;
        Ok(Self { listener })
    }

    /// What to dial.
    pub(crate) fn address(&self) -> Result<SocketAddr> {
        Ok(self.listener.local_addr()?)
    }

    /// Waits for the program under test and says who we are. `clock` is when time begins for its events.
    pub(crate) async fn accept(self, clock: Instant) -> Result<Upstream> {
        let (stream, _peer) = self.listener.accept().await?;
        let (reader, mut writer) = socket::upgrade(stream).await?;
        let hello = format!(
            r#"{{"time":1760000000,"self_id":{SELF_ID},"post_type":"meta_event","meta_event_type":"lifecycle","sub_type":"connect"}}"#
        );
        writer.send(frame::TEXT, hello.as_bytes()).await?;
        let writer = Arc::new(Mutex::new(writer));
        let answering = tokio::spawn(answer(reader, writer.clone())).abort_handle();
        Ok(Upstream {
            writer,
            answering,
            clock,
            sent: 0,
            text: Vec::new(),
        })
    }
}

impl Upstream {
    /// How many events have been sent; also the number of the next one.
    pub(crate) fn sent(&self) -> u32 {
        self.sent
    }

    /// Sends this many events in one go.
    pub(crate) async fn send(&mut self, count: u32) -> Result<()> {
        let mut writer = self.writer.lock().await;
        for number in self.sent..self.sent + count {
            self.text.clear();
            let sent = self.clock.elapsed();
            Event { number, sent }.write(&mut self.text);
            writer.gather(frame::TEXT, &self.text);
        }
        self.sent += count;
        writer
            .flush()
            .await
            .context("the upstream's connection broke")
    }
}

impl Upstream {
    /// Answers nothing any more.
    pub(crate) fn fall_silent(&self) {
        self.answering.abort();
    }

    /// Sends events of this size for as long as the connection stands.
    pub(crate) async fn send_events<T>(&self, events: Events) -> Result<T> {
        let text = "x".repeat(events.bytes);
        let event = format!(
            r#"{{"time":1760000000,"self_id":{SELF_ID},"post_type":"message","raw_message":"{text}"}}"#
        );
        let mut moments = interval(events.every);
        moments.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            moments.tick().await;
            let mut writer = self.writer.lock().await;
            writer.send(frame::TEXT, event.as_bytes()).await?;
        }
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.answering.abort();
    }
}

/// Answers actions until the connection ends. An error here shows as a missing answer.
async fn answer(mut reader: Reader, writer: Arc<Mutex<Writer>>) -> Result<()> {
    loop {
        while let Some(frame) = reader.next() {
            let (opcode, payload) = match frame.opcode {
                frame::TEXT => (frame::TEXT, response(frame.payload)?.into_bytes()),
                _ => match socket::control(&frame)? {
                    Some(payload) => (frame::PONG, payload),
                    None => continue,
                },
            };
            writer.lock().await.send(opcode, &payload).await?;
        }
        reader.fill().await?;
    }
}

/// The echo stands last, so that whoever waits for it finds it without parsing.
fn response(action: &[u8]) -> Result<String> {
    let action: Action<'_> =
        serde_json::from_slice(action).context("an action is no JSON object")?;
    let data = match &*action.action {
        "get_login_info" => format!(r#"{{"user_id":{SELF_ID},"nickname":"perpetua"}}"#),
        _ => r#"{"message_id":1000000000}"#.to_owned(),
    };
    let echo = action.echo.map_or("null", RawValue::get);
    Ok(format!(
        r#"{{"status":"ok","retcode":0,"data":{data},"message":"","wording":"","echo":{echo}}}"#
    ))
}
