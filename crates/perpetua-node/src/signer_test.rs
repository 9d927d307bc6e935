//! Asking signers on a person's behalf: the same with a running node and on its data folder alone.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use perpetua_accounts::{Tokens, View, core_protocol, sign_proxy, signer_report, signer_url};
use perpetua_config::{self as config, AddressSource, Config, Name, Signer, TokenSource, Upstream};
use perpetua_fetch::{Proxy, http_client};
use perpetua_lagrange::{Prober, ProxyUrl, ResolvedSigner, SignerUrl};
use perpetua_schema::{ErrorCode, RpcError, SignerReport, SignerStatus, SignerTest};
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
    pub(crate) fn new(tokens: Tokens) -> Self {
        Self {
            prober: Arc::new(Prober::new(client_through)),
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
        let signer = match (test.url, test.name) {
            (Some(url), _) => ResolvedSigner {
                name: String::new(),
                url: SignerUrl::new(&url).map_err(|error| bad_request(Message::from(&error)))?,
                proxy: self.way(None, config, &[]).await.map_err(bad_request)?,
            },
            (None, name) => self.configured(name.as_deref(), config, view).await?,
        };
        let protocol = core_protocol(config::Protocol::default());
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
                let host = url.host();
                let last = self.prober.last(&name, &host, proxy.as_ref());
                SignerStatus {
                    asked_ms: last.as_ref().map(|last| at.milliseconds(last.at)),
                    report: last.map(|last| signer_report(&last.report)),
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
                name,
                used_by,
                mark,
            },
        }
    }

    /// The proxy through which the accounts reach a signer: that of one whose core uses it, or else of the first
    /// that may.
    async fn way(
        &self,
        signer: Option<&Name>,
        config: &Config,
        used_by: &[String],
    ) -> Result<Option<ProxyUrl>, Message> {
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
        match of_user
            .or_else(first)
            .and_then(|(_, lagrange)| lagrange.sign_proxy.as_ref())
        {
            Some(source) => sign_proxy(source, &self.tokens).await.map(Some),
            None => Ok(None),
        }
    }

    /// A signer of the settings by its name, or the first one.
    async fn configured(
        &self,
        name: Option<&str>,
        config: &Config,
        view: Option<&View>,
    ) -> Result<ResolvedSigner, RpcError> {
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
        Ok(ResolvedSigner {
            name: signer.name.to_string(),
            url: url.map_err(bad_request)?,
            proxy: proxy.map_err(bad_request)?,
        })
    }
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
    http_client(&proxy).map_err(|error| error.to_string())
}

fn bad_request(message: Message) -> RpcError {
    RpcError::new(ErrorCode::BadRequest, message)
}
