//! The console logger of .NET (`SimpleConsoleFormatter`) and Lagrange's own stamp in it.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;

use jiff::Zoned;
use tokio::sync::watch;

use crate::disorder::Disorder;
use crate::settings::Settings;

const NEW_LINE: &str = if cfg!(windows) { "\r\n" } else { "\n" };

/// How far messages are indented in the format of two lines.
const PADDING: &str = "      ";

/// How grave a record is; what is below `Information` is not printed unless the settings say so.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Trace,
    Information,
    Warning,
    Error,
    Critical,
}

/// The level of Lagrange's core (`Core/Event/EventArg/BotLogEvent.cs`).
#[derive(Clone, Copy)]
pub(crate) enum Stamp {
    Verbose,
    Information,
    Warning,
    Fatal,
}

/// Writes the log to standard output.
#[derive(Clone)]
pub(crate) struct Log {
    format: Arc<Format>,
    disorder: Disorder,
    /// A core that hangs writes nothing.
    hung: watch::Receiver<bool>,
}

struct Format {
    single_line: bool,
    coloured: bool,
    timestamp: Option<String>,
    least: Level,
}

impl Log {
    pub(crate) fn new(
        settings: &Settings,
        disorder: Disorder,
        hung: watch::Receiver<bool>,
    ) -> Self {
        let option =
            |name: &str| settings.text(&format!("Logging:Console:FormatterOptions:{name}"));
        let coloured = match option("ColorBehavior") {
            Some("Disabled") => false,
            Some("Enabled") => true,
            _ => std::io::stdout().is_terminal(),
        };
        let least = match settings.text("Logging:LogLevel:Default") {
            Some("Trace" | "Debug") => Level::Trace,
            Some("Warning") => Level::Warning,
            Some("Error" | "Critical") => Level::Error,
            _ => Level::Information,
        };
        let format = Format {
            single_line: option("SingleLine").is_some_and(|on| on.eq_ignore_ascii_case("true")),
            coloured,
            timestamp: option("TimestampFormat").map(str::to_owned),
            least,
        };
        Self {
            format: Arc::new(format),
            disorder,
            hung,
        }
    }

    /// The chance that decides about its records.
    pub(crate) fn disorder(&self) -> &Disorder {
        &self.disorder
    }

    /// A record of any class.
    pub(crate) fn write(&self, level: Level, category: &str, id: u32, message: &str) {
        self.write_with(level, category, id, message, None);
    }

    /// A record with an exception behind its message.
    pub(crate) fn write_with(
        &self,
        level: Level,
        category: &str,
        id: u32,
        message: &str,
        exception: Option<&str>,
    ) {
        if level >= self.format.least && !*self.hung.borrow() {
            let record = self.format.record(level, category, id, message, exception);
            print_raw(&record);
        }
    }

    /// Two records of Lagrange's core that come at the same moment: it hands them to a pool of threads, so either may
    /// be the first.
    pub(crate) fn neighbours(&self, mut records: [(&str, Stamp, &str); 2]) {
        if self.disorder.swaps() {
            records.reverse();
        }
        for (tag, stamp, text) in records {
            self.core(tag, stamp, text);
        }
    }

    /// A record of Lagrange's core, with its stamp.
    pub(crate) fn core(&self, tag: &str, stamp: Stamp, text: &str) {
        let time = Zoned::now().strftime("%Y-%m-%d %H:%M:%S");
        let (name, level) = match stamp {
            Stamp::Verbose => ("VERBOSE", Level::Information),
            Stamp::Information => ("INFORMATION", Level::Information),
            Stamp::Warning => ("WARNING", Level::Warning),
            Stamp::Fatal => ("FATAL", Level::Error),
        };
        let message = format!("[{time}] [{tag}] [{name}]: {text}");
        self.write(level, "Lagrange.Core.BotContext", 0, &message);
    }
}

/// Prints text as it is. Whether anyone reads it is nothing that .NET would heed.
pub(crate) fn print_raw(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _written = stdout.write_all(text.as_bytes());
    let _flushed = stdout.flush();
}

impl Format {
    fn record(
        &self,
        level: Level,
        category: &str,
        id: u32,
        message: &str,
        exception: Option<&str>,
    ) -> String {
        let timestamp = self.timestamp.as_deref().map(in_dotnet_format);
        let mut text = timestamp.unwrap_or_default();
        text += &self.level(level);
        let _ = write!(text, ": {category}[{id}]");
        if !self.single_line {
            text += NEW_LINE;
        }
        for part in [Some(message), exception].into_iter().flatten() {
            // Only the system's own line ends are found, so on Windows a bare `\n` stays.
            if self.single_line {
                text += " ";
                text += &part.replace(NEW_LINE, " ");
            } else {
                text += PADDING;
                text += &part.replace(NEW_LINE, &format!("{NEW_LINE}{PADDING}"));
                text += NEW_LINE;
            }
        }
        if self.single_line {
            text += NEW_LINE;
        }
        text
    }

    fn level(&self, level: Level) -> String {
        let (name, background, foreground) = match level {
            Level::Trace => ("trce", "\x1b[40m", "\x1b[37m"),
            Level::Information => ("info", "\x1b[40m", "\x1b[32m"),
            Level::Warning => ("warn", "\x1b[40m", "\x1b[1m\x1b[33m"),
            Level::Error => ("fail", "\x1b[41m", "\x1b[30m"),
            Level::Critical => ("crit", "\x1b[41m", "\x1b[1m\x1b[37m"),
        };
        if self.coloured {
            format!("{background}{foreground}{name}\x1b[39m\x1b[22m\x1b[49m")
        } else {
            name.to_owned()
        }
    }
}

/// The part of .NET's custom formats that people use: text in quotes or behind a backslash, and the
/// fields of a date.
fn in_dotnet_format(format: &str) -> String {
    let now = Zoned::now();
    let mut text = String::new();
    let mut rest = format.chars().peekable();
    while let Some(first) = rest.next() {
        match first {
            '\'' | '"' => text.extend(rest.by_ref().take_while(|next| *next != first)),
            '\\' => text.extend(rest.next()),
            'y' | 'M' | 'd' | 'H' | 'm' | 's' => {
                while rest.next_if_eq(&first).is_some() {}
                let field = match first {
                    'y' => "%Y",
                    'M' => "%m",
                    'd' => "%d",
                    'H' => "%H",
                    'm' => "%M",
                    _ => "%S",
                };
                text += &now.strftime(field).to_string();
            }
            other => text.push(other),
        }
    }
    text
}
