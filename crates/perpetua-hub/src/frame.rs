//! A frame on its way out, its echo perhaps still to be spliced.

use std::num::NonZeroU64;

use bytes::Bytes;
use perpetua_onebot::EchoSpans;

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
    splice: Option<Box<Splice>>,
    event: Option<EventNumber>,
}

#[derive(Clone, Debug)]
struct Splice {
    spans: EchoSpans,
    /// The raw JSON that replaces the echoes; without it they are taken out.
    echo: Option<Box<str>>,
}

impl Outgoing {
    /// A frame that goes out as it came in.
    pub(crate) fn plain(text: Bytes) -> Self {
        Self {
            text,
            splice: None,
            event: None,
        }
    }

    /// A frame that goes out with another echo, or without one.
    pub(crate) fn spliced(text: Bytes, spans: EchoSpans, echo: Option<Box<str>>) -> Self {
        let splice = Some(Box::new(Splice { spans, echo }));
        Self {
            text,
            splice,
            event: None,
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
        let Some(splice) = self.splice else {
            return self.text;
        };
        match splice.echo {
            Some(echo) => splice.spans.replace(&self.text, &echo).into(),
            None => splice.spans.remove(&self.text).into(),
        }
    }

    /// What the frame weighs in a queue, in bytes.
    pub fn weight(&self) -> usize {
        let echo = self.splice.as_ref().and_then(|splice| splice.echo.as_ref());
        self.text.len() + echo.map_or(0, |echo| echo.len())
    }
}

impl From<String> for Outgoing {
    fn from(text: String) -> Self {
        Self::plain(text.into())
    }
}
