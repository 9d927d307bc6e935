//! Recordings of the core's output, made by hand after the sources of Lagrange.OneBot, in every form in
//! which they reach us.

use perpetua_lagrange::log::{LogMark, LogReader, LogRecord, Stream};
use perpetua_lifecycle::Reading;

/// How the records are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    /// Header and message on lines of their own, through a pipe.
    TwoLines,
    /// As before, with our mark.
    MarkedTwoLines,
    /// Header and message on one line, with our mark: what we ask for.
    MarkedSingle,
    /// As before, on Windows: further lines of a message start at the left edge.
    MarkedSingleWindows,
    /// Two lines, coloured, with carriage returns and further lines at the left edge: a pseudo-console.
    Console,
}

pub(crate) const FORMS: [Form; 5] = [
    Form::TwoLines,
    Form::MarkedTwoLines,
    Form::MarkedSingle,
    Form::MarkedSingleWindows,
    Form::Console,
];

const RANDOM: u64 = 0x3fa9_c1d2_0000_0001;

pub(crate) fn mark() -> LogMark {
    LogMark::new(RANDOM)
}

impl Form {
    /// A record as .NET writes it.
    pub(crate) fn record(self, level: &str, category: &str, message: &str) -> Vec<String> {
        let mark = format!("{RANDOM:016x} ");
        let mark = match self {
            Self::TwoLines | Self::Console => "",
            Self::MarkedTwoLines | Self::MarkedSingle | Self::MarkedSingleWindows => mark.as_str(),
        };
        let header = format!("{mark}{level}: {category}");
        match self {
            Self::TwoLines | Self::MarkedTwoLines => {
                let indented = message.split('\n').map(|line| format!("      {line}"));
                [header].into_iter().chain(indented).collect()
            }
            Self::MarkedSingle => vec![format!("{header} {}", message.replace('\n', " "))],
            Self::MarkedSingleWindows => {
                let whole = format!("{header} {message}");
                whole.split('\n').map(|line| format!("{line}\r")).collect()
            }
            Self::Console => {
                let header = format!(
                    "\u{1b}[40m\u{1b}[32m{level}\u{1b}[39m\u{1b}[22m\u{1b}[49m: {category}\r"
                );
                let message = format!("\u{1b}[6C{message}");
                let lines = message.split('\n').map(|line| format!("{line}\u{1b}[K\r"));
                [header].into_iter().chain(lines).collect()
            }
        }
    }

    /// A record of the core itself.
    pub(crate) fn core(self, level: &str, tag: &str, core_level: &str, text: &str) -> Vec<String> {
        let message = format!("[2025-11-04 10:11:31] [{tag}] [{core_level}]: {text}");
        self.record(level, "Lagrange.Core.BotContext[0]", &message)
    }

    /// A message that someone sent in a group.
    pub(crate) fn message(self, text: &str) -> Vec<String> {
        let text = format!("[MessageChain(123456)(10001)] [Text]: {text}");
        self.core("info", "MessagingLogic", "VERBOSE", &text)
    }

    /// The first lines of every run.
    pub(crate) fn greeting(self) -> Vec<String> {
        let mut lines = vec![
            "Lagrange.OneBot".to_owned(),
            "Version: 625e9b29268c94feddaa64d57287b622b5bb2293".to_owned(),
            String::new(),
        ];
        let warning = "MusicSignServer is not available, sign may be failed";
        lines.extend(self.record("warn", "Lagrange.OneBot.Utility.MusicSigner[0]", warning));
        lines
    }
}

/// All records of these lines of standard output, the last ones included.
pub(crate) fn read(lines: &[String]) -> Vec<LogRecord> {
    let mut reader = LogReader::new(Some(mark()));
    let mut records = Vec::new();
    for line in lines {
        records.extend(reader.line(Stream::Output, line));
    }
    records.extend(reader.flush());
    assert!(!reader.is_waiting());
    records
}

/// What the lines mean.
pub(crate) fn readings(lines: &[String]) -> Vec<Reading> {
    read(lines)
        .into_iter()
        .filter_map(|record| record.reading)
        .collect()
}
