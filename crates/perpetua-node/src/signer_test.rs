//! Asking signers on a person's behalf: the same with a running node and on its data folder alone.

use std::sync::Arc;

use perpetua_accounts::{Tokens, core_protocol, signer_report, signer_url};
use perpetua_config::{self as config, Config};
use perpetua_fetch::{Proxy, http_client};
use perpetua_lagrange::{Prober, ProxyUrl, ResolvedSigner, SignerUrl};
use perpetua_schema::{ErrorCode, RpcError, SignerReport, SignerTest};
use perpetua_words::{Message, signer as words};

/// Asks signers. A cheap clone.
#[derive(Clone, Debug)]
pub(crate) struct SignerTests {
    pub(crate) prober: Arc<Prober>,
    tokens: Tokens,
}

impl SignerTests {
    pub(crate) fn new(tokens: Tokens) -> Self {
        Self {
            prober: Arc::new(Prober::new(client_through)),
            tokens,
        }
    }

    /// Asks a signer whether it works.
    pub(crate) async fn run(
        &self,
        test: SignerTest,
        config: &Config,
    ) -> Result<SignerReport, RpcError> {
        let signer = match (test.url, test.name) {
            (Some(url), _) => ResolvedSigner {
                name: String::new(),
                url: SignerUrl::new(&url).map_err(|error| bad_request(Message::from(&error)))?,
                proxy: None,
            },
            (None, name) => self.configured(name.as_deref(), config).await?,
        };
        let protocol = core_protocol(config::Protocol::default());
        Ok(signer_report(&self.prober.probe(&signer, protocol).await))
    }

    /// A signer of the settings by its name, or the first one.
    async fn configured(
        &self,
        name: Option<&str>,
        config: &Config,
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
        Ok(ResolvedSigner {
            name: signer.name.to_string(),
            url: url.map_err(bad_request)?,
            proxy: None,
        })
    }
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
