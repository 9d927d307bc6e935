//! How a process ended, and what that means.

use std::fmt;

use perpetua_words::Message;

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
    /// Its settings cannot be read.
    SettingsUnreadable(SettingsFault),
    /// A database of an older version blocks it; the file.
    LegacyDatabase(String),
    /// A library is missing.
    LibraryMissing(MissingLibrary),
    /// It found no console to write to (Windows).
    NoConsole,
    /// It was ended by force, and says not by whom.
    Killed,
    /// It said itself that its memory ran out.
    OutOfMemory,
    /// The signer's `/appinfo` lacks what the core needs; the name of that.
    SignerIncomplete(String),
    /// The disk had no room for one of its files; its words.
    DiskFull(String),
    /// It may not read or write one of its files; its words.
    NoAccess(String),
    /// It used memory that it may not.
    MemoryFault,
    /// Another crash; its words.
    Crashed(String),
    /// Nothing is known.
    Unknown,
}

/// A library that the core needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MissingLibrary {
    /// ICU.
    Icu,
    /// OpenSSL.
    OpenSsl,
    /// A newer C library than an old system has.
    NewerSystem,
    /// The Visual C++ Redistributable of Windows.
    VisualCpp,
    /// A file that a package of the system has.
    OfSystem(String),
    /// A file that came with the core.
    OfCore(String),
    /// In the runtime's words.
    Other(String),
}

/// Why the core cannot read its settings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SettingsFault {
    /// There is no `appsettings.json`.
    Missing,
    /// A file of the account's folder is damaged.
    DamagedFile {
        /// Its name.
        file: &'static str,
        /// The core's words.
        text: String,
    },
    /// In the core's words.
    Other(String),
}

impl fmt::Display for Exit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Message::from(self).fmt(formatter)
    }
}

impl fmt::Display for ExitCause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Message::from(self).fmt(formatter)
    }
}
