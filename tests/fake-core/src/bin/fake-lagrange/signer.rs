//! Asking the signer, as `Lagrange.OneBot/Utility/OneBotSigner.cs` does.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::{Method, Request, Uri, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::log::{Level, Log, Stamp};
use crate::settings::Settings;

/// The built-in signer, which is off since the end of 2025. This stand-in speaks no TLS, so it never
/// reaches anyone there.
const BUILT_IN: &str = "https://sign.lagrangecore.org/api/sign/30366";

const CATEGORY: &str = "Lagrange.OneBot.Utility.OneBotSigner";

/// A signer, and what it signs for.
pub(crate) struct Signer {
    url: String,
    /// `Linux`, `Windows` or `MacOs`.
    platform: String,
    version: String,
    log: Log,
    /// Words that a test wants every signature to fail with.
    ordered: Mutex<Option<String>>,
}

impl Signer {
    /// Asks what it is; a failure is silent, and the folder's `appinfo.json` or the settings decide.
    pub(crate) async fn ask(settings: &Settings, folder: &Path, log: Log) -> Self {
        let url = settings.text("SignServerUrl").unwrap_or(BUILT_IN);
        let asked = request(Method::GET, &format!("{url}/appinfo"), None).await;
        let said = match asked {
            Ok((200, body)) => parse_app_info(&body),
            _ => None,
        };
        let local = || {
            let file = std::fs::read(folder.join("appinfo.json")).ok()?;
            parse_app_info(&file)
        };
        let (system, version) = said
            .or_else(local)
            .unwrap_or_else(|| built_in(settings.text("Account:Protocol")));
        Self {
            url: url.to_owned(),
            platform: if system == "Mac" {
                "MacOs".to_owned()
            } else {
                system
            },
            version,
            log,
            ordered: Mutex::new(None),
        }
    }

    /// The version that Lagrange prints.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// The system and version, as `get_version_info` tells them.
    pub(crate) fn protocol(&self) -> String {
        format!("{} | {}", self.platform, self.version)
    }

    /// From now on every signature fails with these words, or none does.
    pub(crate) fn fail_with(&self, words: Option<String>) {
        *self.ordered.lock().unwrap_or_else(PoisonError::into_inner) = words;
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
            let sentence = format!("Error when processing the event: Lagrange.Core.Internal.Event.{event}");
            self.log
                .core("BusinessContext", Stamp::Warning, &sentence);
            let stack = "   at Lagrange.OneBot.Utility.OneBotSigner.Sign(String cmd, UInt32 seq, Byte[] body, Byte[]& e, String& t)";
            self.log.core(
                "BusinessContext",
                Stamp::Warning,
                &format!("{exception}\n{stack}"),
            );
        })
    }

    async fn signature(&self, command: &str) -> Result<(), String> {
        let body =
            json!({ "cmd": command, "seq": fastrand::u32(1_000_000..9_999_999), "src": "0A1B2C" });
        let (status, body) = request(Method::POST, &self.url, Some(&body))
            .await
            .map_err(|error| {
                format!(
                    "System.Net.Http.HttpRequestException: {error:#} ({})",
                    self.host()
                )
            })?;
        if status != 200 {
            let name = status_name(status);
            return Err(format!("System.Exception: Signer server returned a {name}"));
        }
        let answer: Value = serde_json::from_slice(&body)
            .map_err(|_| "System.Text.Json.JsonException: '<' is an invalid start of a value.")?;
        self.check("platform", answer["platform"].as_str(), &self.platform)?;
        self.check("version", answer["version"].as_str(), &self.version)?;
        match answer["value"]["sign"].as_str() {
            Some(signature) if !signature.is_empty() => Ok(()),
            _ => Err("System.Exception: Signer server returned an empty sign".to_owned()),
        }
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

    fn host(&self) -> String {
        let uri: Option<Uri> = self.url.parse().ok();
        uri.and_then(|uri| uri.authority().map(ToString::to_string))
            .unwrap_or_default()
    }
}

/// `Os` and `CurrentVersion` of a `BotAppInfo`.
fn parse_app_info(bytes: &[u8]) -> Option<(String, String)> {
    let info: Value = serde_json::from_slice(bytes).ok()?;
    let field = |name: &str| info[name].as_str().map(str::to_owned);
    Some((field("Os")?, field("CurrentVersion")?))
}

/// What Lagrange knows by itself.
fn built_in(protocol: Option<&str>) -> (String, String) {
    let (system, version) = match protocol {
        Some("Windows") => ("Windows", "9.9.2-15962"),
        Some("MacOs") => ("Mac", "6.9.23-20139"),
        _ => ("Linux", "3.2.15-30366"),
    };
    (system.to_owned(), version.to_owned())
}

/// The name of a status in .NET (`HttpStatusCode`), or its number where it has none.
fn status_name(status: u16) -> String {
    let name = match status {
        400 => "BadRequest",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        429 => "TooManyRequests",
        500 => "InternalServerError",
        502 => "BadGateway",
        503 => "ServiceUnavailable",
        _ => return status.to_string(),
    };
    name.to_owned()
}

/// One request on a connection of its own; gives the status and the body.
async fn request(method: Method, url: &str, body: Option<&Value>) -> Result<(u16, Bytes)> {
    let uri: Uri = url.parse()?;
    anyhow::ensure!(
        uri.scheme_str() == Some("http"),
        "The SSL connection could not be established"
    );
    let authority = uri.authority().context("Invalid URI")?.clone();
    let port = authority.port_u16().unwrap_or(80);
    let stream = TcpStream::connect((authority.host(), port))
        .await
        .context("Connection refused")?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let _driver = tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let body = body.map(ToString::to_string).unwrap_or_default();
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, authority.as_str())
        .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
        .body(Full::<Bytes>::from(body))?;
    let answer = sender.send_request(request).await?;
    let status = answer.status().as_u16();
    Ok((status, answer.into_body().collect().await?.to_bytes()))
}
