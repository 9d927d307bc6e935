//! Why a frame is refused, in words that its sender may read.

/// A frame that is no JSON object, or too large or too deep a one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Malformed {
    /// What is wrong with it.
    pub reason: MalformedReason,
    /// The raw JSON of the last whole `echo` member above the fault, so that the sender of a broken
    /// frame can still be answered.
    pub echo: Option<String>,
}

/// What is wrong with a frame. The texts name the fault and the remedy and quote nothing of the frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedReason {
    /// More bytes than [`Limits::max_bytes`](crate::Limits::max_bytes).
    #[error("the frame has {bytes} bytes, more than the {limit} allowed; send large files by URL")]
    TooLarge {
        /// The size of the frame, in bytes.
        bytes: usize,
        /// The largest size allowed, in bytes.
        limit: usize,
    },
    /// Objects and arrays nested deeper than [`Limits::max_depth`](crate::Limits::max_depth).
    #[error("the frame nests objects and arrays more than {limit} levels deep; send it flatter")]
    TooDeep {
        /// The deepest nesting allowed, the frame's own object being level 1.
        limit: usize,
    },
    /// Many `echo` members: each would be replaced, and the frame grow with their number.
    #[error("the frame has more than {limit} `echo` members; send one")]
    TooManyEchoes {
        /// The most that are replaced.
        limit: usize,
    },
    /// An array, a scalar, nothing at all, or text that begins with a byte order mark.
    #[error(
        "the frame is not a JSON object; send one `{{…}}` per message, without a byte order mark"
    )]
    NotAnObject,
    /// The frame begins as an object and breaks the JSON grammar later.
    #[error(
        "the frame is not valid JSON: {message} at line {line}, column {column}; send one whole JSON object"
    )]
    Syntax {
        /// The line of the fault, from 1.
        line: usize,
        /// The column of the fault in bytes, from 1.
        column: usize,
        /// The fault in words.
        message: &'static str,
    },
}

impl MalformedReason {
    pub(crate) fn without_echo(self) -> Malformed {
        Malformed {
            reason: self,
            echo: None,
        }
    }

    /// The fault at byte `at` of `text`.
    pub(crate) fn syntax(text: &str, at: usize, message: &'static str) -> Self {
        let above = &text.as_bytes()[..at];
        let line_start = above
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |newline| newline + 1);
        Self::Syntax {
            line: above.iter().filter(|byte| **byte == b'\n').count() + 1,
            column: at - line_start + 1,
            message,
        }
    }
}
