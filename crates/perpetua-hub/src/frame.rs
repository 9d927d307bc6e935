//! A frame on its way out, its echo perhaps still to be spliced.

use std::{num::NonZeroU64, sync::Arc};

use bytes::Bytes;
use perpetua_onebot::EchoSpans;

use crate::{
    Held,
    byte_count::ByteCount,
    reshaping::{SharedEvent, WantedFormat},
};

/// The number of an event: the first that a hub routes has 1. Never zero, so that a frame is not larger by
/// a flag.
pub(crate) type EventNumber = NonZeroU64;

/// A frame that waits in a queue: UTF-8 text, as the bytes that came in.
///
/// Splicing an echo copies the frame, and frames may hold 50 MB, so the copy is left to the task
/// that sends it: nobody waits for the hub meanwhile.
#[derive(Clone, Debug)]
pub struct Outgoing {
    text: Bytes,
    /// Boxed, because few frames have one and every place in every queue would be larger by it.
    rare: Option<Box<Rare>>,
    event: Option<EventNumber>,
}

/// What few frames are.
#[derive(Clone, Debug)]
enum Rare {
    /// Its echoes are still to be replaced.
    Spliced {
        spans: EchoSpans,
        /// The raw JSON that replaces the echoes; without it they are taken out.
        echo: Option<Box<str>>,
    },
    /// It has several receivers, and its bytes count for who sent it.
    Distributed,
    /// An event whose message goes out in the format that its receiver wants.
    Reshaped {
        event: Arc<SharedEvent>,
        wanted: WantedFormat,
    },
    /// A response whose messages do.
    ReshapedAnswer {
        answer: Outgoing,
        wanted: WantedFormat,
        /// How many bytes it may have then.
        limit: usize,
    },
}

impl Outgoing {
    /// A frame that goes out as it came in.
    pub(crate) fn plain(text: Bytes) -> Self {
        Self {
            text,
            rare: None,
            event: None,
        }
    }

    /// A frame that goes out with another echo, or without one.
    pub(crate) fn spliced(text: Bytes, spans: EchoSpans, echo: Option<Box<str>>) -> Self {
        Self {
            rare: Some(Box::new(Rare::Spliced { spans, echo })),
            ..Self::plain(text)
        }
    }

    /// A frame whose bytes count for its sender, however many receive it.
    pub(crate) fn distributed(text: Bytes) -> Self {
        Self {
            rare: Some(Box::new(Rare::Distributed)),
            ..Self::plain(text)
        }
    }

    /// An event whose message goes out in another format.
    pub(crate) fn reshaped(event: Arc<SharedEvent>, wanted: WantedFormat) -> Self {
        Self {
            event: event.came().event,
            rare: Some(Box::new(Rare::Reshaped { event, wanted })),
            text: Bytes::new(),
        }
    }

    /// This response, whose messages go out in another format, in at most `limit` bytes.
    pub(crate) fn reshaped_answer(self, wanted: WantedFormat, limit: usize) -> Self {
        let rare = Rare::ReshapedAnswer {
            answer: self,
            wanted,
            limit,
        };
        Self {
            rare: Some(Box::new(rare)),
            ..Self::plain(Bytes::new())
        }
    }

    /// The same frame, whose text is counted for as long as anybody has it.
    pub(crate) fn counted_by(self, count: &ByteCount) -> Self {
        Self {
            text: count.count(self.text),
            ..self
        }
    }

    /// The same frame as the event with this number.
    pub(crate) fn numbered(self, number: EventNumber) -> Self {
        Self {
            event: Some(number),
            ..self
        }
    }

    /// The number of the event that this frame is; `None` for any other frame.
    pub fn event_number(&self) -> Option<u64> {
        self.event.map(EventNumber::get)
    }

    /// The frame as it goes onto the wire: UTF-8 text.
    pub fn into_bytes(self) -> Bytes {
        match self.rare.map(|rare| *rare) {
            Some(Rare::Spliced { spans, echo }) => match echo {
                Some(echo) => spans.replace(&self.text, &echo).into(),
                None => spans.remove(&self.text).into(),
            },
            Some(Rare::Reshaped { event, wanted }) => event.wanted(&wanted),
            Some(Rare::ReshapedAnswer {
                answer,
                wanted,
                limit,
            }) => wanted.of_answer(answer.into_bytes(), limit),
            Some(Rare::Distributed) | None => self.text,
        }
    }

    /// How many bytes [`Outgoing::into_bytes`] makes beside those that are there already, and that nobody has counted.
    pub fn bytes_to_make(&self) -> usize {
        match self.rare.as_deref() {
            Some(Rare::Spliced { spans, echo }) => match echo {
                Some(echo) => spans.replaced_len(&self.text, echo),
                None => self.text.len(),
            },
            Some(Rare::ReshapedAnswer { answer, .. }) => answer.bytes_to_make() + answer.weight(),
            Some(Rare::Reshaped { .. } | Rare::Distributed) | None => 0,
        }
    }

    /// What the frame weighs in a queue, in bytes.
    pub fn weight(&self) -> usize {
        let beside = match self.rare.as_deref() {
            Some(Rare::Spliced { echo, .. }) => echo.as_ref().map_or(0, |echo| echo.len()),
            Some(Rare::Reshaped { event, .. }) => event.came().weight(),
            Some(Rare::ReshapedAnswer { answer, .. }) => answer.weight(),
            Some(Rare::Distributed) | None => 0,
        };
        self.text.len() + beside
    }

    /// What its receiver holds by it.
    pub fn held(&self) -> Held {
        if matches!(self.rare.as_deref(), Some(Rare::Distributed)) {
            return Held::default();
        }
        match self.event {
            Some(_) => Held {
                events: self.weight(),
                ..Held::default()
            },
            None => Held {
                own: self.weight(),
                ..Held::default()
            },
        }
    }
}

impl From<String> for Outgoing {
    fn from(text: String) -> Self {
        Self::plain(text.into())
    }
}
