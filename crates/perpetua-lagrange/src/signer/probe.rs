//! Asking a signer what it is, as the core will do at its start.
//!
//! ```text
//! GET {url}/appinfo ─► 200 with `CurrentVersion` ───────────────► works
//!                   ├► 401, 403, 5xx, silence, no connection ───► fault
//!                   └► anything else: it may not know /appinfo
//!                        │
//!        POST {url}, as for a signature ─► a signer's answer ───► works, with a warning
//!                                        ├► another refusal ─────► works, with a warning
//!                                        └► 404, 5xx, a page ────► fault
//! ```
//!
//! That `/appinfo` is missing says little: some signers do not have it, and a host that was switched off
//! answers 404 to everything, as the official one does. So the address itself decides.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use perpetua_words::{Message, cause, signer as words};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{AppInfo, CoreProtocol, ProxyUrl, ResolvedSigner, SignerFault};

/// How long a signer may take for a question. The core's own limit is 100 s, all of it before the login.
pub const PROBE_TIMEOUT: Duration = Duration::from_secs(10);
/// An answer has about 1 kB; nobody reads more than this.
const MOST_BYTES: usize = 1024 * 1024;

/// What a probe has found.
#[derive(Clone, PartialEq, Debug)]
pub struct ProbeReport {
    /// The signer's name.
    pub name: String,
    /// Its host.
    pub host: String,
    /// The proxy that it was asked through, without its password.
    pub through: Option<String>,
    /// How long its answer took, or how long it was waited for.
    pub latency: Duration,
    /// What it said, or why it cannot be used.
    pub answer: Result<SignerAnswer, SignerFault>,
}

/// What a signer that can be used says of itself.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SignerAnswer {
    /// The version of QQ it signs for, such as `3.2.15-30366`.
    pub version: Option<String>,
    /// The system of that version: `Linux`, `Windows` or `Mac`.
    pub platform: Option<String>,
    /// All that it said of the client to be; the core will be that.
    pub app_info: Option<AppInfo>,
    /// What a person should know although it can be used.
    pub warning: Option<Message>,
}

type MakeClient = dyn Fn(Option<&ProxyUrl>) -> Result<Client, String> + Send + Sync;

/// What a signer said, and when.
#[derive(Clone, PartialEq, Debug)]
pub struct LastReport {
    /// What it said.
    pub report: ProbeReport,
    /// When it was asked.
    pub at: std::time::Instant,
}

/// Asks signers, and remembers what each one said last.
pub struct Prober {
    client: Box<MakeClient>,
    /// By their names and the proxies that they were asked through; few, for settings have few signers.
    last: Mutex<BTreeMap<(String, Option<String>), LastReport>>,
}

impl fmt::Debug for Prober {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Prober")
    }
}

impl Prober {
    /// `client` makes an HTTP client with the cryptography and roots that the node uses and, where a
    /// signer has one, its proxy; or says in words why it cannot.
    pub fn new(
        client: impl Fn(Option<&ProxyUrl>) -> Result<Client, String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            client: Box::new(client),
            last: Mutex::default(),
        }
    }

    /// Asks a signer what it is. Takes at most twice [`PROBE_TIMEOUT`].
    pub async fn probe(&self, signer: &ResolvedSigner, expected: CoreProtocol) -> ProbeReport {
        let begun = Instant::now();
        let answer = match (self.client)(signer.proxy.as_ref()) {
            Ok(client) => ask(&client, signer, expected).await,
            Err(words) => Err(SignerFault::NotAsked(words)),
        };
        let report = ProbeReport {
            name: signer.name.clone(),
            host: signer.url.host(),
            through: signer.proxy.as_ref().map(ProxyUrl::without_password),
            latency: begun.elapsed(),
            answer,
        };
        if !signer.name.is_empty() {
            let last = LastReport {
                report: report.clone(),
                at: begun.into_std(),
            };
            let mut all = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert((signer.name.clone(), report.through.clone()), last);
        }
        report
    }

    /// What the signer of this name said when it was last asked through this proxy, if it is still the one at this
    /// host.
    pub fn last(&self, name: &str, host: &str, proxy: Option<&ProxyUrl>) -> Option<LastReport> {
        let way = (name.to_owned(), proxy.map(ProxyUrl::without_password));
        let all = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let last = all.get(&way).filter(|last| last.report.host == host);
        last.cloned()
    }

    /// Forgets what the signer of a name said: it is to be another one.
    pub fn forget(&self, name: &str) {
        let mut all = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(known, _), _| known != name);
    }
}

async fn ask(
    client: &Client,
    signer: &ResolvedSigner,
    expected: CoreProtocol,
) -> Result<SignerAnswer, SignerFault> {
    let url = signer.url.expose();
    let (status, body) = answer(client.get(format!("{url}/appinfo"))).await?;
    if let Some(fault) = fault_of(status) {
        return Err(fault);
    }
    let info = status.is_success().then(|| AppInfo::new(&body?)).flatten();
    let answer = match info {
        Some(info) => SignerAnswer {
            version: info.version().map(str::to_owned),
            platform: info.system().map(str::to_owned),
            app_info: Some(info),
            warning: None,
        },
        None => ask_for_signature(client, url).await?,
    };
    fitting(answer, expected)
}

/// Asks as the core does for a signature of nothing in particular.
async fn ask_for_signature(client: &Client, url: &str) -> Result<SignerAnswer, SignerFault> {
    let question = json!({ "cmd": "wtlogin.trans_emp", "seq": 1, "src": "00" });
    let (status, body) = answer(client.post(url).json(&question)).await?;
    if status == StatusCode::NOT_FOUND {
        return Err(SignerFault::Gone);
    }
    if let Some(fault) = fault_of(status) {
        return Err(fault);
    }
    let Some(body) = body.filter(Value::is_object) else {
        return Err(SignerFault::NoSigner(
            words::NoJson {
                status: status.as_u16(),
            }
            .into(),
        ));
    };
    let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
    if status.is_success() && body.get("value").is_none() {
        return Err(SignerFault::NoSigner(words::NoSignature.into()));
    }
    Ok(SignerAnswer {
        version: text("version"),
        platform: text("platform"),
        app_info: None,
        warning: Some(words::NoAppInfo.into()),
    })
}

/// The core pretends to be what the signer signs for; that has to be what the account's device says.
fn fitting(answer: SignerAnswer, expected: CoreProtocol) -> Result<SignerAnswer, SignerFault> {
    match &answer.platform {
        Some(platform) if CoreProtocol::of_system(platform) != Some(expected) => {
            Err(SignerFault::OtherPlatform {
                theirs: platform.clone(),
                ours: expected,
            })
        }
        _ => Ok(answer),
    }
}

/// What a status alone says.
fn fault_of(status: StatusCode) -> Option<SignerFault> {
    match status.as_u16() {
        status @ (401 | 403) => Some(SignerFault::Refused(status)),
        status @ 500.. => Some(SignerFault::OutOfOrder(status)),
        _ => None,
    }
}

/// Status and JSON body; no JSON if it is something else.
async fn answer(request: RequestBuilder) -> Result<(StatusCode, Option<Value>), SignerFault> {
    let mut response = request.timeout(PROBE_TIMEOUT).send().await.map_err(fault)?;
    let status = response.status();
    let mut body = Vec::new();
    while let Some(bytes) = response.chunk().await.map_err(fault)? {
        if body.len() + bytes.len() > MOST_BYTES {
            return Err(SignerFault::NoSigner(words::TooLong.into()));
        }
        body.extend_from_slice(&bytes);
    }
    Ok((status, serde_json::from_slice(&body).ok()))
}

/// Sorts a failed request; nothing of it repeats the address.
fn fault(error: reqwest::Error) -> SignerFault {
    if error.is_timeout() {
        return SignerFault::Silent(PROBE_TIMEOUT.as_secs());
    }
    SignerFault::Unreachable(cause(&error.without_url()))
}
