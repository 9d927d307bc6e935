//! A frame on its way out, its echo perhaps still to be spliced.

use bytestring::ByteString;
use perpetua_onebot::EchoSpans;

/// A frame that waits in a queue.
///
/// Splicing an echo copies the frame, and frames may hold 50 MB, so the copy is left to the task
/// that sends it: nobody waits for the hub meanwhile.
#[derive(Clone, Debug)]
pub enum Outgoing {
    /// Goes out as the bytes that came in.
    Plain(ByteString),
    /// Goes out with another echo.
    Spliced {
        /// The frame as it came in.
        text: ByteString,
        /// Where its echoes stand.
        spans: EchoSpans,
        /// The raw JSON that replaces them; without it they are taken out.
        echo: Option<Box<str>>,
    },
}

impl Outgoing {
    /// The frame as it goes onto the wire.
    pub fn into_text(self) -> ByteString {
        match self {
            Self::Plain(text) => text,
            Self::Spliced {
                text,
                spans,
                echo: Some(echo),
            } => spans.replace(&text, &echo).into(),
            Self::Spliced {
                text,
                spans,
                echo: None,
            } => spans.remove(&text).into(),
        }
    }

    /// What the frame weighs in a queue, in bytes.
    pub fn weight(&self) -> usize {
        match self {
            Self::Plain(text) => text.len(),
            Self::Spliced { text, echo, .. } => {
                text.len() + echo.as_ref().map_or(0, |echo| echo.len())
            }
        }
    }
}

impl From<String> for Outgoing {
    fn from(text: String) -> Self {
        Self::Plain(text.into())
    }
}
