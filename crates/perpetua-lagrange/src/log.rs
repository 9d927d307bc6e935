//! Reading the core's log: raw lines in, finished records and their meaning out. Pure.
//!
//! ```text
//! line ─► plain (colours off) ─► header? ─► record (its lines joined) ─► meaning
//! ```
//!
//! A record of .NET's console logger has its header on a line of its own, or before the message when
//! `SingleLine` is set; both are read, with and without the [`LogMark`]. Where messages of people could
//! look like records, the column, the mark, the category and the core's own tag decide: a meaning is only ever
//! taken from the class that is known to write it.

mod header;
mod mark;
mod meaning;
mod open;
mod plain;
mod reader;
mod record;
mod redact;

pub(crate) use header::header;
pub use mark::LogMark;
pub(crate) use meaning::{SOCKET_ERROR, exception_words};
pub use reader::{FLUSH_AFTER, LogReader, Stream};
pub use record::{Header, Level, LogRecord, RecordKind, Stamp, StampLevel};
