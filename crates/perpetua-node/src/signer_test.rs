//! Asking signers on a person's behalf: the same with a running node and on its data folder alone.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use perpetua_accounts::{
    Tokens, View, core_protocol, sign_proxy, signer_report, signer_times, signer_url,
};
use perpetua_config::{
    self as config, AddressSource, Config, LagrangeUpstream, Name, Signer, TokenSource, Upstream,
};
use perpetua_fetch::{Proxy, Purpose, http_client};
use perpetua_lagrange::{CoreProtocol, ProxyUrl, ResolvedSigner, SignerUrl};
use perpetua_schema::{ErrorCode, RpcError, SignerReport, SignerStatus, SignerTest};
use perpetua_signing::Prober;
use perpetua_task::GapWatch;
use perpetua_words::{Message, signer as words};

use crate::status::Moment;

/// Asks signers. A cheap clone.
#[derive(Clone, Debug)]
pub(crate) struct SignerTests {
    pub(crate) prober: Arc<Prober>,
    pub(crate) marks: Marks,
    pub(crate) tokens: Tokens,
}

impl SignerTests {
    pub(crate) fn new(tokens: Tokens, gaps: GapWatch) -> Self {
        Self {
            prober: Arc::new(Prober::with_gaps(client_through, gaps)),
            marks: Marks::default(),
            tokens,
        }
    }

    /// Asks a signer whether it works, through the proxy of the accounts; those that run are in the view.
    pub(crate) async fn run(
        &self,
        test: SignerTest,
        config: &Config,
        view: Option<&View>,
    ) -> Result<SignerReport, RpcError> {
        let (signer, protocol) = match (test.url, test.name) {
            (Some(url), _) => {
                let signer = ResolvedSigner {
                    name: String::new(),
                    url: SignerUrl::new(&url)
                        .map_err(|error| bad_request(Message::from(&error)))?,
                    proxy: self.way(None, config, &[]).await.map_err(bad_request)?,
                };
                (signer, protocol(None, config, &[]))
            }
            (None, name) => self.configured(name.as_deref(), config, view).await?,
        };
        Ok(signer_report(&self.prober.probe(&signer, protocol).await))
    }

    /// The signers of the settings, with what each one said last.
    pub(crate) async fn list(&self, view: &View, at: Moment) -> Vec<SignerStatus> {
        let signers = view.config.signers.iter();
        let statuses = signers.map(|signer| self.status(signer, view, at));
        futures_util::future::join_all(statuses).await
    }

    async fn status(&self, signer: &Signer, view: &View, at: Moment) -> SignerStatus {
        let name = signer.name.to_string();
        let used_by = users_of(&name, view);
        let mark = self.marks.of(&signer.url);
        let resolved = async {
            let url = signer_url(&signer.name, &signer.url, &self.tokens).await?;
            let proxy = self.way(Some(&signer.name), &view.config, &used_by).await?;
            Ok::<_, Message>((url, proxy))
        };
        match resolved.await {
            Ok((url, proxy)) => {
                let (host, times) = (url.host(), self.prober.figures(&url));
                let signer = ResolvedSigner {
                    name: name.clone(),
                    url,
                    proxy,
                };
                let last = self.prober.last(&signer);
                SignerStatus {
                    asked_ms: last.as_ref().map(|last| at.milliseconds(last.at)),
                    report: last.map(|last| signer_report(&last.report)),
                    times: Some(signer_times(&name, &times, &at.calendar)),
                    name,
                    host,
                    used_by,
                    mark,
                }
            }
            // Its address, or that of the proxy, cannot be had, so it cannot have been asked.
            Err(problem) => SignerStatus {
                host: String::new(),
                report: Some(SignerReport {
                    name: Some(name.clone()),
                    host: String::new(),
                    through: None,
                    version: None,
                    platform: None,
                    latency_ms: None,
                    problem: Some(problem),
                    warning: None,
                }),
                asked_ms: None,
                times: None,
                name,
                used_by,
                mark,
            },
        }
    }

    /// The proxy through which the accounts reach a signer: that of the account that it is asked for.
    async fn way(
        &self,
        signer: Option<&Name>,
        config: &Config,
        used_by: &[String],
    ) -> Result<Option<ProxyUrl>, Message> {
        let account = asked_for(signer, config, used_by);
        match account.and_then(|account| account.sign_proxy.as_ref()) {
            Some(source) => sign_proxy(source, &self.tokens).await.map(Some),
            None => Ok(None),
        }
    }

    /// A signer of the settings by its name, or the first one, and the client of QQ that it is to sign for.
    async fn configured(
        &self,
        name: Option<&str>,
        config: &Config,
        view: Option<&View>,
    ) -> Result<(ResolvedSigner, CoreProtocol), RpcError> {
        let mut signers = config.signers.iter();
        let found = match name {
            Some(name) => signers.find(|signer| signer.name == *name),
            None => signers.next(),
        };
        let signer = found.ok_or_else(|| {
            let message = name.map_or_else(
                || words::NoneToTest.into(),
                |name| Message::from(words::Unknown { name }),
            );
            RpcError::new(ErrorCode::NotFound, message)
        })?;
        let url = signer_url(&signer.name, &signer.url, &self.tokens).await;
        let used_by = view.map_or_else(Vec::new, |view| users_of(signer.name.as_str(), view));
        let proxy = self.way(Some(&signer.name), config, &used_by).await;
        let protocol = protocol(Some(&signer.name), config, &used_by);
        let signer = ResolvedSigner {
            name: signer.name.to_string(),
            url: url.map_err(bad_request)?,
            proxy: proxy.map_err(bad_request)?,
        };
        Ok((signer, protocol))
    }
}

/// The account that a signer is asked for: one whose core uses it, or else the first that may.
fn asked_for<'a>(
    signer: Option<&Name>,
    config: &'a Config,
    used_by: &[String],
) -> Option<&'a LagrangeUpstream> {
    let ways = || {
        let accounts = config.accounts.iter();
        accounts.filter_map(|account| match &account.upstream {
            Upstream::Lagrange(lagrange) => Some((account, lagrange)),
            Upstream::Simulator | Upstream::Onebot(_) | Upstream::OnebotReverse(_) => None,
        })
    };
    let uses = |name: &Name| used_by.iter().any(|user| *name == **user);
    let of_user = ways().find(|(account, _)| uses(&account.name));
    let may_use = |names: &Vec<Name>| signer.is_none_or(|signer| names.contains(signer));
    let first = || ways().find(|(_, lagrange)| lagrange.signers.as_ref().is_none_or(may_use));
    of_user.or_else(first).map(|(_, lagrange)| lagrange)
}

/// The client of QQ that a signer is to sign for: that of the account that it is asked for.
fn protocol(signer: Option<&Name>, config: &Config, used_by: &[String]) -> CoreProtocol {
    let account = asked_for(signer, config, used_by);
    core_protocol(account.map_or_else(config::Protocol::default, |account| account.protocol))
}

/// Makes the marks of addresses, for as long as the node runs: none tells what its address is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks(RandomState);

impl Marks {
    /// See [`SignerStatus::mark`].
    pub(crate) fn of(&self, address: &AddressSource) -> String {
        let hash = match address {
            AddressSource::Plain(url) => self.0.hash_one(url.as_str()),
            AddressSource::From(TokenSource::Secret(name)) => self.0.hash_one(("secret", name)),
            AddressSource::From(TokenSource::Env(name)) => self.0.hash_one(("env", name)),
            AddressSource::From(TokenSource::File(path)) => self.0.hash_one(("file", path)),
        };
        format!("{hash:016x}")
    }
}

/// The accounts whose cores run with a signer.
fn users_of(signer: &str, view: &View) -> Vec<String> {
    let users = view.accounts.iter().filter(|account| {
        let running = account.running.as_ref();
        let core = running.and_then(|running| running.core.as_ref());
        core.is_some_and(|core| {
            let core = core.view();
            let core = core.borrow();
            core.pid.is_some() && core.signer.as_ref().is_some_and(|used| used.name == signer)
        })
    });
    users.map(|account| account.name.clone()).collect()
}

/// A client that asks a signer through its proxy; without one, directly: what the environment says is
/// for downloads, and the core would not heed it.
fn client_through(proxy: Option<&ProxyUrl>) -> Result<reqwest::Client, String> {
    let proxy = proxy.map_or(Proxy::Direct, |proxy| {
        Proxy::Address(proxy.expose().to_owned())
    });
    http_client(Purpose::Signers, &proxy).map_err(|error| error.to_string())
}

fn bad_request(message: Message) -> RpcError {
    RpcError::new(ErrorCode::BadRequest, message)
}

#[cfg(test)]
mod tests {
    use perpetua_lagrange::CoreProtocol::{Linux, MacOs, Windows};

    use super::*;

    #[test]
    fn a_signer_is_asked_what_the_accounts_that_use_it_need() {
        let config = config::parse(
            r#"
            [[signers]]
            name = "mac"
            url = "https://one.example/sign"
            [[signers]]
            name = "windows"
            url = "https://other.example/sign"
            [[accounts]]
            name = "played"
            upstream = { kind = "simulator" }
            [[accounts]]
            name = "first"
            upstream = { kind = "lagrange", protocol = "macos", signers = ["mac"] }
            [[accounts]]
            name = "second"
            upstream = { kind = "lagrange", protocol = "windows" }
            "#,
        )
        .expect("settings");
        let [mac, windows] = &config.signers[..] else {
            panic!("{:?}", config.signers);
        };
        let second = ["second".to_owned()];
        for (signer, used_by, expected) in [
            (Some(&mac.name), &[][..], MacOs),
            (Some(&windows.name), &[], Windows),
            (Some(&mac.name), &second, Windows),
            (None, &[], MacOs),
        ] {
            assert_eq!(protocol(signer, &config, used_by), expected, "{signer:?}");
        }
        let none = config::parse("").expect("settings");
        assert_eq!(protocol(Some(&mac.name), &none, &[]), Linux);
    }
}
