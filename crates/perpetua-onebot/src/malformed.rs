//! Why a frame is refused, in words that its sender may read.

use perpetua_words::{Message, frame as words};

/// A frame that is no JSON object, or too large or too deep a one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Malformed {
    /// What is wrong with it.
    pub reason: MalformedReason,
    /// The raw JSON of the last whole `echo` member above the fault, or else of one below it, so that the
    /// sender of a broken frame can still be answered.
    pub echo: Option<String>,
}

/// What is wrong with a frame. The texts name the fault and the remedy and quote nothing of the frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", Message::from(self))]
pub enum MalformedReason {
    /// More bytes than [`FrameLimits::max_bytes`](crate::FrameLimits::max_bytes).
    TooLarge {
        /// The size of the frame, in bytes.
        bytes: usize,
        /// The largest size allowed, in bytes.
        limit: usize,
    },
    /// Objects and arrays nested deeper than [`FrameLimits::max_depth`](crate::FrameLimits::max_depth).
    TooDeep {
        /// The deepest nesting allowed, the frame's own object being level 1.
        limit: usize,
    },
    /// Many `echo` members: each would be replaced, and the frame grow with their number.
    TooManyEchoes {
        /// The most that are replaced.
        limit: usize,
    },
    /// An array, a scalar, nothing at all, or text that begins with a byte order mark.
    NotAnObject,
    /// The frame begins as an object and breaks the JSON grammar later.
    Syntax {
        /// The line of the fault, from 1.
        line: usize,
        /// The column of the fault in bytes, from 1.
        column: usize,
        /// The fault in words.
        message: &'static str,
    },
}

impl From<&MalformedReason> for Message {
    fn from(reason: &MalformedReason) -> Self {
        match *reason {
            MalformedReason::TooLarge { bytes, limit } => words::TooLarge { bytes, limit }.into(),
            MalformedReason::TooDeep { limit } => words::TooDeep { limit }.into(),
            MalformedReason::TooManyEchoes { limit } => words::TooManyEchoes { limit }.into(),
            MalformedReason::NotAnObject => words::NotAnObject.into(),
            MalformedReason::Syntax {
                line,
                column,
                message,
            } => words::Syntax {
                text: message,
                line,
                column,
            }
            .into(),
        }
    }
}

impl MalformedReason {
    /// What `message` says of byte `at` of `text`.
    pub(crate) fn syntax(text: &str, at: usize, message: &'static str) -> Self {
        let (mut line, mut column) = (1, at + 1);
        for (place, _) in text[..at].match_indices('\n') {
            line += 1;
            column = at - place;
        }
        Self::Syntax {
            line,
            column,
            message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::MalformedReason;

    #[test]
    fn lines_and_columns_count_from_one() {
        let place = |at| match MalformedReason::syntax("{\n 你\n\n}", at, "") {
            MalformedReason::Syntax { line, column, .. } => (line, column),
            other => panic!("{other}"),
        };
        let places = [0, 1, 2, 3, 6, 7, 8, 9].map(place);
        assert_eq!(
            places,
            [
                (1, 1),
                (1, 2),
                (2, 1),
                (2, 2),
                (2, 5),
                (3, 1),
                (4, 1),
                (4, 2)
            ]
        );
    }
}
