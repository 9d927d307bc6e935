//! What a record means to the machine: the table of messages, by the class that writes each.

use std::time::Duration;

use perpetua_lifecycle::{QrState, Reading};

use crate::log::header::CORE_CATEGORY;
use crate::log::{Header, Level, LogRecord, RecordKind, StampLevel};

/// Codes of `HttpListenerException` for a port that someone else has: Linux, macOS, Windows (`http.sys`,
/// another program's socket, Winsock).
const PORT_IN_USE: [&str; 5] = ["98", "48", "183", "32", "10048"];
/// How the system's words for a broken connection begin (`SocketContext.cs`).
pub(crate) const SOCKET_ERROR: &str = "Socket Error: ";
/// Longer texts from outside are cut before they are shown to people.
const LONGEST_WORDS: usize = 300;

/// Reads records one after another; some mean something only together.
#[derive(Debug, Default)]
pub(crate) struct Meanings {
    /// The connection to QQ broke and is not back.
    lost: bool,
    /// A refusal comes in two records, in either order.
    refusal: Refusal,
}

/// The part of a refusal that is known.
#[derive(Debug, Default)]
enum Refusal {
    #[default]
    None,
    Code(i64),
    Words {
        tag: String,
        message: String,
    },
    /// The code was told alone; its words may come yet.
    Told(i64),
}

impl Meanings {
    /// What the record means. A part of a refusal means nothing until its other part came, or [`Meanings::incomplete_refusal`] is asked.
    pub(crate) fn of(&mut self, record: &LogRecord) -> Option<Reading> {
        let RecordKind::Log(header) = &record.kind else {
            return None;
        };
        let text = record.text.as_str();
        match header.category.as_str() {
            CORE_CATEGORY => self.of_core(header, text),
            "Lagrange.OneBot.Core.Login.LoginService" => of_login(text),
            "Lagrange.OneBot.Core.Network.LagrangeWebSvcCollection" => of_services(header, text),
            "Lagrange.OneBot.Core.Network.Service.ForwardWSService" => of_server(header, text),
            "Realms.RealmConfiguration" => {
                let (_, rest) = text.split_once("Please delete ")?;
                let (path, _) = rest.split_once(" if you no longer need")?;
                Some(Reading::LegacyDatabase(path.to_owned()))
            }
            "Microsoft.Hosting.Lifetime" => text
                .starts_with("Application is shutting down")
                .then_some(Reading::ShuttingDown),
            _ => None,
        }
    }

    /// The refusal whose other part did not come.
    pub(crate) fn incomplete_refusal(&mut self) -> Option<Reading> {
        let (code, tag, message) = match std::mem::take(&mut self.refusal) {
            Refusal::None | Refusal::Told(_) => return None,
            Refusal::Code(code) => {
                self.refusal = Refusal::Told(code);
                (code, String::new(), String::new())
            }
            Refusal::Words { tag, message } => (0, tag, message),
        };
        Some(Reading::LoginRefused { code, tag, message })
    }

    /// Whether a part of a refusal waits for the other.
    pub(crate) fn has_part_of_refusal(&self) -> bool {
        matches!(self.refusal, Refusal::Code(_) | Refusal::Words { .. })
    }

    fn of_core(&mut self, header: &Header, text: &str) -> Option<Reading> {
        let stamp = header.stamp.as_ref()?;
        match (stamp.tag.as_str(), stamp.level) {
            ("WtExchangeLogic", StampLevel::Fatal) => self.of_refusals(text),
            ("WtExchangeLogic", StampLevel::Warning) => of_login_warnings(text),
            ("WtExchangeLogic", StampLevel::Information | StampLevel::Verbose) => {
                self.of_login_steps(text)
            }
            ("SocketContext", _) => self.of_socket(text),
            ("BusinessContext", StampLevel::Warning | StampLevel::Exception) => sign_failure(text),
            _ => None,
        }
    }

    /// `Login failed: 45` and `Tag: …\nState: …` are two records (`WtExchangeLogic.cs`), and neighbours may swap.
    fn of_refusals(&mut self, text: &str) -> Option<Reading> {
        if let Some(words) = text.strip_prefix("KickNTEvent: ") {
            return Some(Reading::Kicked(shortened(words)));
        }
        let former = std::mem::take(&mut self.refusal);
        if let Some(code) = text.strip_prefix("Login failed: ") {
            let code = first_word(code).parse().ok()?;
            return match former {
                Refusal::Words { tag, message } => {
                    Some(Reading::LoginRefused { code, tag, message })
                }
                Refusal::None | Refusal::Code(_) | Refusal::Told(_) => {
                    self.refusal = Refusal::Code(code);
                    None
                }
            };
        }
        if let Some(words) = text.strip_prefix("Tag: ") {
            let (tag, message) = words.split_once("State: ").unwrap_or((words, ""));
            let (tag, message) = (shortened(tag), shortened(message));
            if let Refusal::Code(code) | Refusal::Told(code) = former {
                return Some(Reading::LoginRefused { code, tag, message });
            }
            self.refusal = Refusal::Words { tag, message };
            return None;
        }
        self.refusal = former;
        None
    }

    fn of_login_steps(&mut self, text: &str) -> Option<Reading> {
        if let Some(seconds) = text.strip_prefix("QrCode Fetched, Expiration: ") {
            let seconds = first_word(seconds).parse().ok()?;
            return Some(Reading::QrFetched(Duration::from_secs(seconds)));
        }
        if let Some(polled) = text.strip_prefix("QrCode State Queried: ") {
            return qr_polled(polled);
        }
        if let Some(status) = text.strip_prefix("Register Status: ") {
            let is_back = self.lost && status.contains("register success");
            self.lost &= !is_back;
            return Some(if is_back {
                Reading::ConnectionBack
            } else {
                Reading::Progress
            });
        }
        match text {
            "Session has not expired, using session to login and register status" => {
                Some(Reading::SessionTried)
            }
            "Connecting Servers..." => Some(Reading::Connecting),
            // A person has to look at the phone: that is what the QR states that follow say.
            _ => LOGIN_STEPS
                .iter()
                .any(|step| text.starts_with(step))
                .then_some(Reading::Progress),
        }
    }

    fn of_socket(&mut self, text: &str) -> Option<Reading> {
        let words = match text.strip_prefix(SOCKET_ERROR) {
            Some(words) => Some(exception_words(words)),
            None => text.starts_with("Socket Disconnected").then(String::new),
        };
        if let Some(words) = words {
            self.lost = true;
            return Some(Reading::ConnectionLost(words));
        }
        // That it dials again (`Reconnect to `) gets no login further.
        text.starts_with("Server: ").then_some(Reading::Progress)
    }
}

/// How the messages start that show that a login goes on.
const LOGIN_STEPS: [&str; 9] = [
    "Key Exchange successfully!",
    "Trying to Login by EasyLogin...",
    "Login Success",
    "Verification needed",
    "Confirmation Request Send",
    "QrCode Confirmed, Logging in",
    "Doing Login...",
    "Bot name: ",
    "AutoReLogin Enabled",
];

fn of_login_warnings(text: &str) -> Option<Reading> {
    let is_session_rejected = ["Register by session failed", "Fast Login Failed with code "];
    if is_session_rejected
        .iter()
        .any(|start| text.starts_with(start))
    {
        return Some(Reading::SessionRejected);
    }
    if text.starts_with("QrCode Expired") {
        return Some(Reading::QrExpired);
    }
    if text.starts_with("QrCode Canceled") {
        return Some(Reading::QrCanceled);
    }
    text.starts_with("Invalid Session found")
        .then_some(Reading::Progress)
}

/// `WaitingForScan Uin: 0`; the states are those of `TransEmp12.cs`.
fn qr_polled(text: &str) -> Option<Reading> {
    let (state, uin) = text.split_once(" Uin: ").unwrap_or((text, ""));
    let state = match state.trim() {
        "WaitingForScan" | "48" => QrState::WaitingForScan,
        "WaitingForConfirm" | "53" => QrState::WaitingForConfirm,
        "Confirmed" | "0" => QrState::Confirmed,
        "CodeExpired" | "17" => QrState::Expired,
        "Canceled" | "54" => QrState::Canceled,
        other => QrState::Other(other.parse().ok()?),
    };
    let uin = first_word(uin).parse().ok().filter(|&uin| uin != 0);
    Some(Reading::QrPolled(state, uin))
}

/// `OneBotSigner.cs` throws with these words; a failed request shows by the class in its stack.
fn sign_failure(text: &str) -> Option<Reading> {
    let is_signer = text.contains("Lagrange.OneBot.Utility.OneBotSigner.")
        || text.starts_with("System.Exception: Signer ")
        || text.starts_with("System.Exception: Sign server ");
    if !is_signer || !text.starts_with("System.") {
        return None;
    }
    Some(Reading::SignFailed(exception_words(text)))
}

fn of_login(text: &str) -> Option<Reading> {
    if let Some(uin) = text.strip_prefix("Bot Uin: ") {
        return first_word(uin).parse().ok().map(Reading::LoggedIn);
    }
    let protocol = text.strip_prefix("Protocol Version: ")?;
    Some(Reading::Protocol(first_word(protocol).to_owned()))
}

fn of_services(header: &Header, text: &str) -> Option<Reading> {
    if header.level < Level::Warning {
        return None;
    }
    let text = text
        .strip_prefix("[LagrangeWebSvcCollection]: ")
        .unwrap_or(text);
    if text.starts_with("No implementation has been configured") {
        return Some(Reading::ServerFailed(
            "its settings name no WebSocket server".to_owned(),
        ));
    }
    let exception = text.strip_prefix("WebService start failed.")?.trim_start();
    let code = exception
        .split_once("Exception (")
        .and_then(|(_, rest)| rest.split_once(')'));
    if code.is_some_and(|(code, _)| PORT_IN_USE.contains(&code)) {
        return Some(Reading::PortInUse);
    }
    let words = if exception.is_empty() {
        "it gave no reason".to_owned()
    } else {
        exception_words(exception)
    };
    Some(Reading::ServerFailed(words))
}

/// `The server is started at http://127.0.0.1:8081/`; traffic of the same class is only traced.
fn of_server(header: &Header, text: &str) -> Option<Reading> {
    let address = text.strip_prefix("The server is started at ")?;
    let (_, port) = first_word(address).trim_end_matches('/').rsplit_once(':')?;
    (header.level == Level::Information)
        .then(|| port.parse().ok().map(Reading::Serving))
        .flatten()
}

/// The message of an exception without its class and stack: `System.Exception: words   at Class.Method()`.
pub(crate) fn exception_words(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let message = line
        .split_once("   at ")
        .map_or(line, |(message, _)| message);
    let message = match message.split_once(": ") {
        // The class may be followed by a code: `HttpListenerException (98)`.
        Some((class, words)) if first_word(class).ends_with("Exception") => words,
        _ => message,
    };
    shortened(message)
}

fn shortened(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(LONGEST_WORDS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}
