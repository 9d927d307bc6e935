//! Asking the signer, as `Lagrange.OneBot/Utility/OneBotSigner.cs` does.

mod app_info;
mod request;

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use fake_core::Scenario;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::log::{Level, Log, Stamp};
use crate::settings::Settings;
use app_info::AppInfo;
use request::Client;

/// The built-in signer, which is off since the end of 2025. This stand-in speaks no TLS, so it never
/// reaches anyone there.
const BUILT_IN: &str = "https://sign.lagrangecore.org/api/sign/30366";

const CATEGORY: &str = "Lagrange.OneBot.Utility.OneBotSigner";

const TIMED_OUT: &str = "System.Threading.Tasks.TaskCanceledException: The request was canceled due to the configured HttpClient.Timeout of 100 seconds elapsing.";

/// A signer, and what it signs for.
pub(crate) struct Signer {
    url: String,
    info: AppInfo,
    patience: Duration,
    client: Client,
    log: Log,
    /// Words that a test wants every signature to fail with.
    ordered: Mutex<Option<String>>,
}

impl Signer {
    /// Asks what it is; a failure is silent, and the folder's `appinfo.json` or the settings decide.
    pub(crate) async fn ask(
        settings: &Settings,
        scenario: &Scenario,
        folder: &Path,
        log: &Log,
    ) -> Self {
        let url = settings.text("SignServerUrl").unwrap_or(BUILT_IN);
        let patience = Duration::from_millis(scenario.signer_timeout_ms);
        let client = Client::default();
        let said = match timeout(patience, client.get(&format!("{url}/appinfo"))).await {
            Ok(Ok((200, body))) => AppInfo::parse(&body),
            _ => None,
        };
        let local = || AppInfo::parse(&std::fs::read(folder.join("appinfo.json")).ok()?);
        let built_in = || AppInfo::built_in(settings.text("Account:Protocol"));
        Self {
            url: url.to_owned(),
            info: said.or_else(local).unwrap_or_else(built_in),
            patience,
            client,
            log: log.clone(),
            ordered: Mutex::new(None),
        }
    }

    /// The version that Lagrange prints.
    pub(crate) fn version(&self) -> &str {
        self.info.version()
    }

    /// The system and version, as `get_version_info` tells them.
    pub(crate) fn protocol(&self) -> String {
        format!("{} | {}", self.info.platform(), self.info.version())
    }

    /// From now on every signature fails with these words, or none does.
    pub(crate) fn fail_with(&self, words: Option<String>) {
        *self.ordered.lock().unwrap_or_else(PoisonError::into_inner) = words;
    }

    /// Has a request of the login signed, which tells QQ all that the signer has said of itself.
    pub(crate) async fn sign_login(&self, command: &str, event: &str) -> Result<(), ()> {
        if let Some(name) = self.info.missing() {
            let exception =
                format!("System.InvalidOperationException: Value is null for System.String {name}");
            self.say_failed(event, &exception);
            return Err(());
        }
        self.sign(command, event).await
    }

    /// Has a command signed. A failure is told in the log as Lagrange does, with the name of the event
    /// that could not be sent.
    pub(crate) async fn sign(&self, command: &str, event: &str) -> Result<(), ()> {
        let ordered = self
            .ordered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let signed = match ordered {
            Some(words) => Err(format!("System.Exception: {words}")),
            None => self.signature(command).await,
        };
        signed.map_err(|exception| {
            let stack = "   at Lagrange.OneBot.Utility.OneBotSigner.Sign(String cmd, UInt32 seq, Byte[] body, Byte[]& e, String& t)";
            self.say_failed(event, &format!("{exception}\n{stack}"));
        })
    }

    fn say_failed(&self, event: &str, exception: &str) {
        let sentence =
            format!("Error when processing the event: Lagrange.Core.Internal.Event.{event}");
        self.log.neighbours([
            ("BusinessContext", Stamp::Warning, &sentence),
            ("BusinessContext", Stamp::Warning, exception),
        ]);
    }

    async fn signature(&self, command: &str) -> Result<(), String> {
        let body =
            json!({ "cmd": command, "seq": fastrand::u32(1_000_000..9_999_999), "src": "0A1B2C" });
        let asked = timeout(self.patience, self.client.post(&self.url, &body)).await;
        let (status, body) = asked.unwrap_or_else(|_| Err(TIMED_OUT.to_owned()))?;
        if status != 200 {
            let name = status_name(status);
            return Err(format!("System.Exception: Signer server returned a {name}"));
        }
        let answer: Value = serde_json::from_slice(&body).map_err(
            |_| "System.Text.Json.JsonReaderException: '<' is an invalid start of a value. LineNumber: 0 | BytePositionInLine: 0.",
        )?;
        self.check(
            "platform",
            answer["platform"].as_str(),
            self.info.platform(),
        )?;
        self.check("version", answer["version"].as_str(), self.info.version())?;
        check_signature(&answer)
    }

    fn check(&self, what: &str, said: Option<&str>, expected: &str) -> Result<(), String> {
        match said {
            Some(said) if said == expected => Ok(()),
            Some(_) => Err(format!("System.Exception: Signer {what} mismatch")),
            None => {
                let sentence = format!("Signer {what} miss");
                self.log.write(Level::Warning, CATEGORY, 0, &sentence);
                Ok(())
            }
        }
    }
}

/// An empty signature is one.
fn check_signature(answer: &Value) -> Result<(), String> {
    let exception = match answer.get("value").and_then(|value| value.get("sign")) {
        None => {
            "System.Collections.Generic.KeyNotFoundException: The given key was not present in the dictionary."
        }
        Some(Value::String(sign)) if is_hex(sign) => return Ok(()),
        Some(Value::String(_)) => {
            "System.FormatException: The input is not a valid hex string as its length is not a multiple of 2."
        }
        Some(_) => "System.Exception: Signer server returned an empty sign",
    };
    Err(exception.to_owned())
}

fn is_hex(text: &str) -> bool {
    text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The name of a status in .NET (`HttpStatusCode`), or its number where it has none.
fn status_name(status: u16) -> String {
    let name = match status {
        400 => "BadRequest",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        411 => "LengthRequired",
        429 => "TooManyRequests",
        500 => "InternalServerError",
        502 => "BadGateway",
        503 => "ServiceUnavailable",
        _ => return status.to_string(),
    };
    name.to_owned()
}
