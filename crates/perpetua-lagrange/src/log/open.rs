//! A record that may go on.

use crate::log::{Header, LogRecord, RecordKind};

/// So much of a record is kept: a stack is far shorter. What exceeds it still belongs to the record, so
/// that nobody can write something of their own behind a message that is long enough.
const MOST_LINES: usize = 200;
const MOST_BYTES: usize = 64 * 1024;
/// .NET indents all lines after a header by as much.
pub(crate) const INDENTATION: &str = "      ";

/// A record whose end is not known yet.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) kind: RecordKind,
    pub(crate) text: String,
    lines: usize,
}

impl Open {
    pub(crate) fn new(kind: RecordKind) -> Self {
        Self {
            kind,
            text: String::new(),
            lines: 0,
        }
    }

    pub(crate) fn push(&mut self, line: &str) {
        if self.lines >= MOST_LINES || self.text.len() >= MOST_BYTES {
            return;
        }
        let line = match self.kind {
            RecordKind::Log(_) => line.strip_prefix(INDENTATION).unwrap_or(line),
            RecordKind::Console | RecordKind::Qr | RecordKind::Crash => line,
        };
        if self.lines > 0 {
            self.text.push('\n');
        }
        self.text.push_str(line);
        self.lines += 1;
    }

    /// Whether a line that starts no record belongs to this one.
    pub(crate) fn goes_on_with(&self, line: &str) -> bool {
        match &self.kind {
            RecordKind::Log(header) => {
                line.starts_with(INDENTATION)
                    || !(is_drawing(line) || is_crash(line))
                    || self.has_words_of_people(header)
            }
            RecordKind::Qr => is_drawing(line),
            RecordKind::Crash => true,
            RecordKind::Console => false,
        }
    }

    /// The stamp that tells it is only split off when the record is finished.
    fn has_words_of_people(&self, header: &Header) -> bool {
        let first = self.text.lines().next().unwrap_or_default();
        let begun = LogRecord::log(header.clone(), first);
        matches!(begun.kind, RecordKind::Log(header) if header.has_words_of_people())
    }
}

/// A row of a QR code: half blocks, or the signs of `ConsoleCompatibilityMode`.
///
/// Spaces at the end of a row are gone by now, so rows may be short.
pub(crate) fn is_drawing(line: &str) -> bool {
    let is_row = |signs: &str, narrowest: usize| {
        line.chars().count() >= narrowest && line.chars().all(|sign| signs.contains(sign))
    };
    is_row("▄▀█ ", 4) || is_row(".^@ ", 16)
}

/// How the texts of .NET's runtime start when a process is lost.
pub(crate) fn is_crash(line: &str) -> bool {
    [
        "Unhandled exception.",
        "Process terminated.",
        "Fatal error.",
        "Stack overflow.",
    ]
    .iter()
    .any(|start| line.starts_with(start))
}
