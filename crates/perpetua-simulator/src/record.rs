//! What was said and done in the simulator, line by line, with the frames that it became and came from.
//!
//! ```text
//!  people ── line ──► the event that it became
//!                     the actions on account of it, each with its response
//!  a bot  ── line ──► its action, the response, the events that it made
//! ```

mod answered;
mod kept;
mod shortened;

use std::sync::Arc;

use perpetua_onebot::{FrameLimits, peek};

use self::answered::LatestOfPeople;
use self::kept::KeptLines;
use self::shortened::shortened;
use crate::Outcome;
use crate::chat::Chat;
use crate::error::SimulatorError;
use crate::shown::Shown;
use crate::timestamp::Timestamp;

/// Everything that those who watch may look back at. Bounded, in memory only.
#[derive(Debug, Default)]
pub struct Record {
    lines: KeptLines,
    latest: LatestOfPeople,
}

/// Something that somebody said or did, and who has to do with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedLine {
    /// Counts the lines from 1 on.
    pub id: u64,
    /// What it was.
    pub shown: Shown,
    /// The client that did it, if a bot did.
    pub client: Option<Arc<str>>,
    /// How long that client took since the last thing that people did in the chat, in milliseconds.
    pub took_ms: Option<u64>,
    /// The clients that got it, if people did it.
    pub delivered_to: Vec<Arc<str>>,
}

/// A frame that belongs to a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedFrame {
    /// When.
    pub time: Timestamp,
    /// What it is.
    pub kind: RecordedKind,
    /// The client that sent it or got it; `None` for an event.
    pub client: Option<Arc<str>>,
    /// As the client sent or got it, long strings cut.
    pub text: Arc<str>,
}

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordedKind {
    /// What the clients got.
    Event,
    /// What a client asked for.
    Action,
    /// What it was answered.
    Response,
}

/// A part of a chat's lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The lines, oldest first.
    pub lines: Vec<RecordedLine>,
    /// Whether there are older ones.
    pub more: bool,
}

/// A client's action, and when it came and was answered.
#[derive(Clone, Debug)]
pub struct ClientAction<'a> {
    /// The client.
    pub client: Arc<str>,
    /// Its own echo, raw JSON; the frames carry another.
    pub echo: Option<&'a str>,
    /// The action, as the upstream got it.
    pub frame: &'a str,
    /// When it came.
    pub asked: Timestamp,
    /// When it was answered.
    pub answered: Timestamp,
}

impl Record {
    /// People did something: what came of it, and the clients that it was delivered to.
    pub fn people_did(
        &mut self,
        outcome: &Outcome,
        delivered_to: &[Arc<str>],
        now: Timestamp,
    ) -> Vec<RecordedLine> {
        let frames = outcome.frames.iter().map(|event| event_frame(event, now));
        let frames: Vec<_> = frames.collect();
        let lines = outcome.shown.iter().map(|shown| {
            let line = RecordedLine {
                id: self.lines.next_id(),
                shown: shown.clone(),
                client: None,
                took_ms: None,
                delivered_to: delivered_to.to_vec(),
            };
            self.latest.note(shown.place.chat, line.id, now);
            self.lines.add(line.clone(), &frames);
            line
        });
        lines.collect()
    }

    /// A client did something, or asked something: what came of it.
    pub fn client_did(
        &mut self,
        action: &ClientAction<'_>,
        outcome: &Outcome,
    ) -> Vec<RecordedLine> {
        let (response, events) = match outcome.frames.split_first() {
            Some((response, events)) => (Some(response), events),
            None => (None, &[][..]),
        };
        let frame = |kind, time, text| RecordedFrame {
            time,
            kind,
            client: Some(Arc::clone(&action.client)),
            text: shortened(&with_own_echo(text, action.echo)),
        };
        let mut frames = vec![frame(RecordedKind::Action, action.asked, action.frame)];
        frames.extend(response.map(|text| frame(RecordedKind::Response, action.answered, text)));
        let chat = outcome.shown.first().map(|shown| shown.place.chat);
        if let Some(line) = self.latest.answered(chat.or(outcome.about), action.asked) {
            self.lines.add_frames(line, &frames);
        }
        frames.extend(
            events
                .iter()
                .map(|event| event_frame(event, action.answered)),
        );
        let lines = outcome.shown.iter().map(|shown| {
            let took_ms = self.latest.since(shown.place.chat, action.asked);
            let line = RecordedLine {
                id: self.lines.next_id(),
                shown: shown.clone(),
                client: shown.by_bot.then(|| Arc::clone(&action.client)),
                took_ms: took_ms.filter(|_| shown.by_bot),
                delivered_to: Vec::new(),
            };
            self.lines.add(line.clone(), &frames);
            line
        });
        lines.collect()
    }

    /// The latest `limit` lines of a chat, or of those before the line `before`.
    pub fn page(&self, chat: Chat, before: Option<u64>, limit: usize) -> Page {
        self.lines.page(chat, before, limit)
    }

    /// The frames that belong to a line, as they came.
    pub fn frames(&self, line: u64) -> Result<Vec<RecordedFrame>, SimulatorError> {
        let frames = self.lines.frames(line);
        frames.ok_or(SimulatorError::UnknownLine { line })
    }
}

fn event_frame(event: &str, time: Timestamp) -> RecordedFrame {
    RecordedFrame {
        time,
        kind: RecordedKind::Event,
        client: None,
        text: shortened(event),
    }
}

/// A frame as it is on the client's side of the hub.
fn with_own_echo(frame: &str, echo: Option<&str>) -> String {
    let Ok(peeked) = peek(frame, &FrameLimits::default()) else {
        return frame.to_owned();
    };
    let spans = peeked.echo_spans();
    let bytes = match echo {
        Some(echo) => spans.replace(frame.as_bytes(), echo),
        None => spans.remove(frame.as_bytes()),
    };
    String::from_utf8(bytes).unwrap_or_else(|_| frame.to_owned())
}
