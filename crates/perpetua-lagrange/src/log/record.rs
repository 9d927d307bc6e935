//! What the core wrote, put together.

use std::fmt;

use perpetua_lifecycle::Reading;

use crate::log::header::{CORE_CATEGORY, stamp};
use crate::log::redact;

/// What the core says of an event that it could not send in time.
const SEND_FAILED: &str = "WebService send message failed";

/// One thing that the core wrote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogRecord {
    /// Where it came from.
    pub kind: RecordKind,
    /// The message, its lines joined by `\n`; without colours, the header, the core's stamp and our mark.
    /// It may hold what people wrote; [`LogRecord::redacted`] is the text for keeping.
    pub text: String,
    /// What it means, if it means something to the machine.
    pub reading: Option<Reading>,
}

/// Where a record came from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RecordKind {
    /// The logger.
    Log(Header),
    /// `WrittenSettings` straight to the console: banner, version, hints.
    Console,
    /// A drawing of a QR code.
    Qr,
    /// The text of a crash.
    Crash,
}

/// The head of a log record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Header {
    /// How grave.
    pub level: Level,
    /// The class that wrote it.
    pub category: String,
    /// Its number.
    pub event_id: i64,
    /// The core's own stamp, which starts the texts of `Lagrange.Core.BotContext`.
    pub stamp: Option<Stamp>,
}

/// How grave a record is (.NET).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// `trce`
    Trace,
    /// `dbug`
    Debug,
    /// `info`
    Information,
    /// `warn`
    Warning,
    /// `fail`
    Error,
    /// `crit`
    Critical,
}

/// The core's own stamp (`Core/Event/EventArg/BotLogEvent.cs`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// Local time, `yyyy-MM-dd HH:mm:ss`.
    pub time: String,
    /// The part of the core, such as `WtExchangeLogic`.
    pub tag: String,
    /// The core's own level.
    pub level: StampLevel,
}

/// How grave a record is (Lagrange's core).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum StampLevel {
    /// `DEBUG`, which .NET shows as a trace.
    Debug,
    /// `VERBOSE`
    Verbose,
    /// `INFORMATION`
    Information,
    /// `WARNING`
    Warning,
    /// `EXCEPTION`
    Exception,
    /// `FATAL`
    Fatal,
}

impl LogRecord {
    /// A record of the logger. The stamp at the start of the text goes to the header.
    pub(crate) fn log(mut header: Header, text: &str) -> Self {
        let mut text = text.trim_end();
        if header.category == CORE_CATEGORY
            && let Some((found, rest)) = stamp(text)
        {
            header.stamp = Some(found);
            text = rest;
        }
        Self {
            kind: RecordKind::Log(header),
            text: text.to_owned(),
            reading: None,
        }
    }

    /// A record that is not the logger's.
    pub(crate) fn other(kind: RecordKind, text: String) -> Self {
        Self {
            kind,
            text,
            reading: None,
        }
    }

    /// Whether it says that somebody reads its events too slowly, which the core writes anew for each event
    /// (`LagrangeWebSvcCollection.cs`).
    pub fn tells_of_slow_reader(&self) -> bool {
        matches!(&self.kind, RecordKind::Log(header) if header.category.ends_with(".LagrangeWebSvcCollection"))
            && self.text.contains(SEND_FAILED)
    }

    /// The text for keeping and showing, with its header: what people wrote is replaced by its length,
    /// tokens and web addresses beyond their host are hidden. `None` for drawings of QR codes, which let
    /// anyone log in.
    pub fn redacted(&self) -> Option<String> {
        match &self.kind {
            RecordKind::Log(header) if header.has_words_of_people() => {
                Some(format!("{header} {}", redact::words_of_people(&self.text)))
            }
            RecordKind::Log(header) => Some(format!("{header} {}", redact::secrets(&self.text))),
            RecordKind::Console | RecordKind::Crash => Some(redact::secrets(&self.text)),
            RecordKind::Qr => None,
        }
    }

    /// The record with what people wrote, for those who want that kept; tokens and what follows a
    /// host are hidden all the same.
    pub fn with_messages(&self) -> String {
        match &self.kind {
            RecordKind::Log(header) => format!("{header} {}", redact::secrets(&self.text)),
            RecordKind::Console | RecordKind::Crash | RecordKind::Qr => redact::secrets(&self.text),
        }
    }
}

/// Parts of the core that write of themselves only; all others may repeat what people write.
const OWN_TAGS: [&str; 5] = [
    "WtExchangeLogic",
    "SocketContext",
    "BusinessContext",
    "PacketContext",
    "SignProvider",
];

impl Header {
    /// Whether its text may hold what people wrote.
    pub(crate) fn has_words_of_people(&self) -> bool {
        if self.category == CORE_CATEGORY {
            return self.stamp.as_ref().is_none_or(|stamp| {
                stamp.level == StampLevel::Debug || !OWN_TAGS.contains(&stamp.tag.as_str())
            });
        }
        // Events of `NotifyService`, and the traffic of the WebSocket servers.
        self.category.contains(".Notify.")
            || (self.category.contains(".Network.") && self.level <= Level::Debug)
            || self.category.contains(".Message.")
    }
}

impl fmt::Display for Header {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Trace => "trce",
            Level::Debug => "dbug",
            Level::Information => "info",
            Level::Warning => "warn",
            Level::Error => "fail",
            Level::Critical => "crit",
        };
        write!(formatter, "{level}: {}[{}]", self.category, self.event_id)?;
        let Some(stamp) = &self.stamp else {
            return Ok(());
        };
        let level = match stamp.level {
            StampLevel::Debug => "DEBUG",
            StampLevel::Verbose => "VERBOSE",
            StampLevel::Information => "INFORMATION",
            StampLevel::Warning => "WARNING",
            StampLevel::Exception => "EXCEPTION",
            StampLevel::Fatal => "FATAL",
        };
        write!(formatter, " [{}] [{}] [{level}]:", stamp.time, stamp.tag)
    }
}
