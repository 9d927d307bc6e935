//! Asking a signer what it is, as the core will do at its start.
//!
//! ```text
//! GET {url}/appinfo ─► 200 with all that the core needs ────────► works
//!                   ├► 200 with less, and a known version ──────► works, with a warning
//!                   ├► 200 with less, and an unknown version ───► fault
//!                   ├► silence, no connection ──────────────────► fault
//!                   └► anything else: it may not know /appinfo, or keep it to itself
//!                        │
//!        POST {url}, as for a signature ─► a signature ─────────► works, with a warning
//!                                        └► anything else ───────► fault
//! ```
//!
//! That there is no `/appinfo` says little: some signers do not have it or take nothing but POST, and a host that was
//! switched off answers 404 to everything, as the official one does. So the address itself decides. It also has to sign
//! where it failed to when it was last asked for a signature, however well it says what it is. A signature is what
//! the core would take for one, here as everywhere.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use perpetua_lagrange::{AppInfo, CoreProtocol, ProxyUrl, ResolvedSigner, SignerUrl};
use perpetua_task::GapWatch;
use perpetua_words::{Message, signer as words};
use reqwest::Client;
use tokio::time::Instant;

use crate::{
    SignerFault, SignerFigures,
    ask::{Answer, Asker},
    judge::Told,
};

/// How long a signer may take for a question of a probe. The core's own limit is 100 s.
pub const PROBE_TIMEOUT: Duration = Duration::from_secs(10);
/// An answer that takes longer than this is worth a word.
const SLOW_ANSWER: Duration = Duration::from_secs(5);
/// A question for a signature of nothing in particular.
const SAMPLE: &[u8] = br#"{"cmd":"wtlogin.trans_emp","seq":1,"src":"00"}"#;

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
    /// All that the client that it signs for says of itself; the core will be that.
    pub app_info: Option<AppInfo>,
    /// The fields of that which it did not say, and which were filled in.
    pub filled_in: Vec<&'static str>,
    /// What a person should know although it can be used.
    pub warning: Option<Message>,
}

/// What a signer said, and when.
#[derive(Clone, PartialEq, Debug)]
pub struct LastReport {
    /// What it said.
    pub report: ProbeReport,
    /// When it was asked.
    pub at: std::time::Instant,
}

/// Asks signers, and remembers what each one said last.
#[derive(Debug)]
pub struct Prober {
    pub(crate) asker: Arc<Asker>,
    /// By their names and the proxies that they were asked through; few, for settings have few signers.
    last: Mutex<BTreeMap<(String, Option<String>), LastReport>>,
}

impl Prober {
    /// `client` makes an HTTP client with the cryptography and roots that the node uses and, where a
    /// signer has one, its proxy; or says in words why it cannot.
    pub fn new(
        client: impl Fn(Option<&ProxyUrl>) -> Result<Client, String> + Send + Sync + 'static,
    ) -> Self {
        Self::with_gaps(client, GapWatch::default())
    }

    /// The same as [`Prober::new`], but it sees gaps in this process's own time.
    pub fn with_gaps(
        client: impl Fn(Option<&ProxyUrl>) -> Result<Client, String> + Send + Sync + 'static,
        gaps: GapWatch,
    ) -> Self {
        Self {
            asker: Arc::new(Asker::new(client, gaps)),
            last: Mutex::default(),
        }
    }

    /// Asks a signer what it is. Takes at most three times [`PROBE_TIMEOUT`], one of them where others are before it.
    pub async fn probe(&self, signer: &ResolvedSigner, expected: CoreProtocol) -> ProbeReport {
        let begun = Instant::now();
        let answer = self.ask(signer, expected).await;
        let answer = answer.map(|said| SignerAnswer {
            warning: said
                .warning
                .or_else(|| self.slowness(signer, begun.elapsed())),
            ..said
        });
        let report = ProbeReport::of(signer, begun.elapsed(), answer);
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

    /// What the signer of this name said when it was last asked on the same way, if it is still at the same host.
    pub fn last(&self, signer: &ResolvedSigner) -> Option<LastReport> {
        let way = signer.way().map(ProxyUrl::without_password);
        let host = signer.url.host();
        let all = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let last = all.get(&(signer.name.clone(), way));
        last.filter(|last| last.report.host == host).cloned()
    }

    /// Forgets what the signer of a name said: it is to be another one.
    pub fn forget(&self, name: &str) {
        let mut all = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(known, _), _| known != name);
    }

    /// What was measured of the signer at an address, for all accounts.
    pub fn figures(&self, url: &SignerUrl) -> SignerFigures {
        self.asker.records.figures(url)
    }

    /// That it is slow, by what was measured of its signatures lately, or by this answer.
    fn slowness(&self, signer: &ResolvedSigner, took: Duration) -> Option<Message> {
        let figures = self.figures(&signer.url);
        let signing = figures.slowness(Instant::now().into_std());
        if let Some(seconds) = signing.map(|time| time.as_secs()) {
            return Some(words::SlowToSign { seconds }.into());
        }
        let seconds = took.as_secs();
        (took > SLOW_ANSWER).then(|| words::SlowToAnswer { seconds }.into())
    }

    async fn ask(
        &self,
        signer: &ResolvedSigner,
        expected: CoreProtocol,
    ) -> Result<SignerAnswer, SignerFault> {
        let answer = self.asker.app_info(signer, PROBE_TIMEOUT).await?;
        let said = answer.body.filter(|_| answer.status.is_success());
        let Some(info) = said.as_ref().and_then(AppInfo::new) else {
            let judge = |answer: &Answer| not_introduced(answer, expected);
            return self.sample(signer, judge).await;
        };
        let answer = introduced(info, expected)?;
        if let Some(info) = &answer.app_info
            && self.asker.records.of(&signer.url).fails()
        {
            let told = Told::of(info, expected);
            self.sample(signer, |answer| told.signature(answer)).await?;
        }
        Ok(answer)
    }

    /// Asks as the core does for a signature of nothing in particular.
    async fn sample<T>(
        &self,
        signer: &ResolvedSigner,
        judge: impl FnOnce(&Answer) -> Result<T, SignerFault>,
    ) -> Result<T, SignerFault> {
        let question = Bytes::from_static(SAMPLE);
        let asked = self.asker.signature(signer, question, PROBE_TIMEOUT, judge);
        asked.await
    }
}

impl ProbeReport {
    pub(crate) fn of(
        signer: &ResolvedSigner,
        latency: Duration,
        answer: Result<SignerAnswer, SignerFault>,
    ) -> Self {
        Self {
            name: signer.name.clone(),
            host: signer.url.host(),
            through: signer.way().map(ProxyUrl::without_password),
            latency,
            answer,
        }
    }
}

/// It has said which client of QQ it signs for; what is missing of that is filled in where it is known.
fn introduced(info: AppInfo, expected: CoreProtocol) -> Result<SignerAnswer, SignerFault> {
    fits(info.system(), expected)?;
    let missing = info.missing();
    let incomplete = |missing: Vec<&str>| SignerFault::Incomplete(missing.join(", "));
    let info = info.completed(expected).map_err(incomplete)?;
    let warning = (!missing.is_empty()).then(|| {
        Message::from(words::FilledIn {
            fields: missing.join(", "),
            version: info.version().unwrap_or_default(),
        })
    });
    Ok(SignerAnswer {
        version: info.version().map(str::to_owned),
        platform: info.system().map(str::to_owned),
        app_info: Some(info),
        filled_in: missing,
        warning,
    })
}

/// It signs, and has not said which client of QQ for.
fn not_introduced(answer: &Answer, expected: CoreProtocol) -> Result<SignerAnswer, SignerFault> {
    let signature = answer.signature()?;
    fits(signature.platform, expected)?;
    Ok(SignerAnswer {
        version: signature.version.map(str::to_owned),
        platform: signature.platform.map(str::to_owned),
        app_info: None,
        filled_in: Vec::new(),
        warning: Some(words::NoAppInfo.into()),
    })
}

/// The core pretends to be what the signer signs for; that has to be what the account's device says.
fn fits(platform: Option<&str>, expected: CoreProtocol) -> Result<(), SignerFault> {
    match platform {
        Some(theirs) if CoreProtocol::of_system(theirs) != Some(expected) => {
            Err(SignerFault::OtherPlatform {
                theirs: theirs.to_owned(),
                ours: expected,
            })
        }
        _ => Ok(()),
    }
}
