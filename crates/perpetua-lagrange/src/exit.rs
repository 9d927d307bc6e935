//! Why a core ended: its exit code, its signal, and its last words.

use perpetua_lifecycle::{ExitCause, MissingLibrary, SettingsFault};

use crate::log::{SOCKET_ERROR, exception_words, header};

/// How the last words of a process start: .NET's runtime, its host, and the system's loader.
const CRASHES: [&str; 9] = [
    "Unhandled exception.",
    "Process terminated.",
    "Fatal error.",
    "Stack overflow.",
    "Failed to create CoreCLR",
    "Failure processing application bundle",
    "A fatal error was encountered",
    "No usable version of libssl was found",
    "dyld",
];

/// How a disk without room is told of: by systems, by .NET, and by Windows in Chinese.
const DISK_FULL: [&str; 4] = [
    "No space left on device",
    "Disk quota exceeded",
    "not enough space on the disk",
    "磁盘空间不足",
];
/// How a file is told of that this user may not use: by .NET, by Realm, and by systems.
const NO_ACCESS: [&str; 3] = [
    "System.UnauthorizedAccessException",
    "RealmPermissionDeniedException",
    "Read-only file system",
];

/// `SIGKILL`, as a signal and as a shell's exit code.
const KILLED: (i32, i32) = (9, 137);
/// Asked to end by `SIGINT` or `SIGTERM`, or with Ctrl+C on Windows (`STATUS_CONTROL_C_EXIT`).
const ASKED_SIGNALS: [i32; 2] = [2, 15];
const ASKED_CODES: [i32; 4] = [0, 130, 143, 0xC000_013A_u32.cast_signed()];
/// `STATUS_DLL_NOT_FOUND` and `STATUS_ENTRYPOINT_NOT_FOUND` of Windows.
const MISSING_DLL_CODES: [i32; 2] = [0xC000_0135_u32.cast_signed(), 0xC000_0139_u32.cast_signed()];
/// A fault in memory: `SIGSEGV`, `SIGBUS`; `STATUS_ACCESS_VIOLATION` of Windows.
const FAULT_SIGNALS: [i32; 2] = [11, 7];
const FAULT_CODE: i32 = 0xC000_0005_u32.cast_signed();

/// What the end of a core means, from its exit code, its signal (Unix), and its last lines.
///
/// `last_lines` are the texts of its last records, oldest first, as [`LogRecord::redacted`](crate::log::LogRecord::redacted)
/// gives them: what people wrote is not in them, so that nobody can feign a crash of some kind.
pub fn exit_cause(code: Option<i32>, signal: Option<i32>, last_lines: &[String]) -> ExitCause {
    if let Some(cause) = cause_of_status(code, signal) {
        return cause;
    }
    if let Some(file) = last_lines
        .iter()
        .rev()
        .find_map(|line| legacy_database(line))
    {
        return ExitCause::LegacyDatabase(file);
    }
    match last_words(last_lines).map(|words| cause_of_words(&words)) {
        Some(ExitCause::LoginFailed) => failed_login(last_lines),
        Some(cause) => cause,
        None => cause_without_words(code, signal, last_lines),
    }
}

/// Why all its ways to log in have failed stands in its log, if anywhere.
fn failed_login(last_lines: &[String]) -> ExitCause {
    if let Some(words) = refused_connection(last_lines) {
        // It has tried them over a connection that it does not have.
        return ExitCause::NoNetwork(words);
    }
    let of_login = |line: &&String| line.contains("[BusinessContext]");
    let mut lines = last_lines.iter().rev().filter(of_login);
    let missing = lines.find_map(|line| missing_field(line));
    missing.map_or(ExitCause::LoginFailed, ExitCause::SignerIncomplete)
}

/// A field of the signer's `/appinfo`, which the login takes for granted.
fn missing_field(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("Value is null for System.")?;
    rest.split_whitespace().nth(1).map(str::to_owned)
}

/// What the status alone tells, whatever was written before.
fn cause_of_status(code: Option<i32>, signal: Option<i32>) -> Option<ExitCause> {
    if signal == Some(KILLED.0) || code == Some(KILLED.1) {
        return Some(ExitCause::Killed);
    }
    let is_asked = code.is_some_and(|code| ASKED_CODES.contains(&code))
        || signal.is_some_and(|signal| ASKED_SIGNALS.contains(&signal));
    if is_asked {
        return Some(ExitCause::Ended);
    }
    code.filter(|code| MISSING_DLL_CODES.contains(code))
        .map(|_| ExitCause::LibraryMissing(MissingLibrary::VisualCpp))
}

/// The system's words for the connection to QQ that did not come about.
fn refused_connection(last_lines: &[String]) -> Option<String> {
    let words = |line: &String| {
        let (_, words) = line.split_once(SOCKET_ERROR)?;
        line.contains("SocketContext")
            .then(|| exception_words(words))
    };
    last_lines.iter().rev().find_map(words)
}

/// From the first line of the last crash on. A record of the log is no last word, whatever it repeats.
fn last_words(last_lines: &[String]) -> Option<String> {
    let lines: Vec<&str> = last_lines
        .iter()
        .filter(|entry| header(entry).is_none())
        .flat_map(|entry| entry.lines())
        .collect();
    let starts = |line: &&str| {
        CRASHES.iter().any(|crash| line.starts_with(crash))
            || line.contains("error while loading shared libraries: ")
            || (line.contains("version `GLIBC") && line.contains("not found"))
    };
    let first = lines.iter().rposition(starts)?;
    Some(lines[first..].join("\n"))
}

fn cause_of_words(words: &str) -> ExitCause {
    if let Some(missing) = missing_library(words) {
        return ExitCause::LibraryMissing(missing);
    }
    let exception = words
        .strip_prefix("Unhandled exception.")
        .unwrap_or(words)
        .trim_start();
    let message = || exception_words(exception);
    let says = |part: &str| words.contains(part);
    if DISK_FULL.iter().any(|part| says(part)) {
        return ExitCause::DiskFull(message());
    }
    if NO_ACCESS.iter().any(|part| says(part)) {
        return ExitCause::NoAccess(message());
    }
    if says("All login failed!") {
        return ExitCause::LoginFailed;
    }
    if exception.starts_with("System.Threading.Tasks.TaskCanceledException") {
        // While it waits for a QR code, this is how it takes the wish to stop.
        return if says("HttpClient.Timeout") {
            ExitCause::NoNetwork(message())
        } else {
            ExitCause::Ended
        };
    }
    if says("Failed to load configuration from file")
        || says("Failed to convert configuration value")
    {
        return ExitCause::SettingsUnreadable(SettingsFault::Other(message()));
    }
    if says("Cannot read keys when either application") {
        return ExitCause::SettingsUnreadable(SettingsFault::Missing);
    }
    if exception.starts_with("System.Text.Json.JsonException") {
        return unreadable_json(words, message());
    }
    if exception.starts_with("System.IO.IOException") && is_about_console(words) {
        return ExitCause::NoConsole;
    }
    if says("System.Net.Sockets.SocketException") || says("System.Net.Http.HttpRequestException") {
        // A Ping that cannot even be sent says only in its inner exception why.
        let inner = words
            .split_once("PingException")
            .and_then(|(_, rest)| rest.split_once(" ---> "));
        let text = inner.map_or_else(message, |(_, inner)| exception_words(inner));
        return ExitCause::NoNetwork(text);
    }
    if says("OutOfMemoryException") || says("Out of memory") {
        return ExitCause::OutOfMemory;
    }
    if let Some(field) = missing_field(words) {
        return ExitCause::SignerIncomplete(field);
    }
    ExitCause::Crashed(message())
}

/// The session, the device or the app info: all are read while the core is put together. The type tells which,
/// or the place in `ConfigureLagrangeCore` that reads it; a session is blamed for nothing else.
fn unreadable_json(words: &str, message: String) -> ExitCause {
    if words.contains("WtExchangeLogic") {
        // An answer of the QR code's server, most likely a web page of something in between.
        return ExitCause::NoNetwork(message);
    }
    for (class, file) in [
        ("BotDeviceInfo", "device.json"),
        ("ConfigureLagrangeCore>b__0_1", "device.json"),
        ("BotAppInfo", "appinfo.json"),
    ] {
        if words.contains(class) {
            let text = message;
            return ExitCause::SettingsUnreadable(SettingsFault::DamagedFile { file, text });
        }
    }
    let is_session = ["BotKeystore", "ConfigureLagrangeCore>b__0_2"]
        .iter()
        .any(|place| words.contains(place));
    if is_session {
        ExitCause::KeystoreUnreadable
    } else {
        ExitCause::Crashed(message)
    }
}

/// `Console.BufferWidth` without a console (`Program.cs`), in the words of several languages.
fn is_about_console(words: &str) -> bool {
    [
        "ConsolePal",
        "System.Console",
        "handle is invalid",
        "句柄无效",
    ]
    .iter()
    .any(|part| words.contains(part))
}

fn missing_library(words: &str) -> Option<MissingLibrary> {
    if words.contains("ICU package") {
        return Some(MissingLibrary::Icu);
    }
    if words.contains("version `GLIBC") {
        return Some(MissingLibrary::NewerSystem);
    }
    if words.contains("libssl") {
        return Some(MissingLibrary::OpenSsl);
    }
    if let Some((_, rest)) = words.split_once("error while loading shared libraries: ") {
        let library = rest.split(':').next().unwrap_or_default();
        return Some(MissingLibrary::OfSystem(library.to_owned()));
    }
    if let Some((_, rest)) = words.split_once("Library not loaded: ") {
        let library = rest.lines().next().unwrap_or_default();
        return Some(MissingLibrary::OfCore(library.to_owned()));
    }
    let (_, rest) = words.split_once("System.DllNotFoundException: ")?;
    let words = rest.lines().next().unwrap_or_default();
    Some(MissingLibrary::Other(words.to_owned()))
}

/// The path in the hint that it prints before it ends (`RealmConfiguration`).
fn legacy_database(line: &str) -> Option<String> {
    if !line.starts_with("crit: Realms.") {
        return None;
    }
    let path = line
        .split_once("Please delete ")
        .and_then(|(_, rest)| rest.split_once(" if you no longer need"));
    match path {
        Some((path, _)) => Some(path.to_owned()),
        None => line
            .contains("Found LiteDB database")
            .then(|| "lagrange-*.db".to_owned()),
    }
}

/// On a crash the last lines may be lost; what came before them then has to do.
fn cause_without_words(code: Option<i32>, signal: Option<i32>, last_lines: &[String]) -> ExitCause {
    let is_fault =
        signal.is_some_and(|signal| FAULT_SIGNALS.contains(&signal)) || code == Some(FAULT_CODE);
    if is_fault {
        return ExitCause::MemoryFault;
    }
    let end_of_login = |line: &String| {
        line.contains("[WtExchangeLogic] [")
            && [
                "]: QrCode Expired",
                "]: QrCode Canceled",
                "]: Login failed: ",
            ]
            .iter()
            .any(|end| line.contains(end))
    };
    if last_lines.iter().any(end_of_login) {
        return ExitCause::LoginFailed;
    }
    ExitCause::Unknown
}
