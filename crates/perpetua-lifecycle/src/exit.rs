//! How a process ended, and what that means.

use std::fmt;

/// How the core's process ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exit {
    /// Its exit code, where there is one.
    pub code: Option<i32>,
    /// The signal that ended it (Unix).
    pub signal: Option<i32>,
    /// What it means, read from its last lines and its code.
    pub cause: ExitCause,
}

/// Why the core ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ExitCause {
    /// It ended in order.
    Ended,
    /// No way to log in was left: after an expired or cancelled QR code, a refusal, or a failing signer.
    LoginFailed,
    /// It could not reach QQ; its words.
    NoNetwork(String),
    /// Its session file cannot be read.
    KeystoreUnreadable,
    /// Its settings cannot be read; its words.
    SettingsUnreadable(String),
    /// A database of an older version blocks it; the file.
    LegacyDatabase(String),
    /// A library of the system is missing; its words.
    LibraryMissing(String),
    /// It found no console to write to (Windows).
    NoConsole,
    /// The system ended it, as it does when memory runs out.
    Killed,
    /// Another crash; its words.
    Crashed(String),
    /// Nothing is known.
    Unknown,
}

impl fmt::Display for Exit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.cause)?;
        match (self.code, self.signal) {
            (Some(code), _) => write!(formatter, " (exit code {code})"),
            (None, Some(signal)) => write!(formatter, " (signal {signal})"),
            (None, None) => Ok(()),
        }
    }
}

impl fmt::Display for ExitCause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended => formatter.write_str("it stopped in order"),
            Self::LoginFailed => formatter.write_str("the login did not succeed"),
            Self::NoNetwork(words) => write!(
                formatter,
                "it could not reach QQ; check the network connection: {words}"
            ),
            Self::KeystoreUnreadable => formatter.write_str(
                "its saved session is damaged; it was set aside, and a new login is needed",
            ),
            Self::SettingsUnreadable(words) => {
                write!(formatter, "its settings cannot be read: {words}")
            }
            Self::LegacyDatabase(file) => write!(
                formatter,
                "a message database of an older version blocks it; move `{file}` away, or delete it if its messages are not needed"
            ),
            Self::LibraryMissing(words) => {
                write!(formatter, "a library is missing on this system: {words}")
            }
            Self::NoConsole => formatter.write_str("it found no console"),
            Self::Killed => {
                formatter.write_str("the system ended it, as it does when memory runs out")
            }
            Self::Crashed(words) => write!(formatter, "it crashed: {words}"),
            Self::Unknown => formatter.write_str("it gave no reason"),
        }
    }
}
