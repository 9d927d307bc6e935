//! From the settings to the signers and proxies themselves.

use perpetua_backoff::Backoff;
use perpetua_config::{self as config, AddressSource, ProxySource, TokenSource};
use perpetua_lagrange::{CoreProtocol, ProxyUrl, ResolvedSigner, SignerUrl, SignerUrlError};
use perpetua_lifecycle::LifecyclePolicy;
use perpetua_supervisor::CoreSettings;
use perpetua_words::Message;
use thiserror::Error;

use crate::{Tokens, context::find, tokens::TokenProblem, words::said};

/// Why the settings of a managed account cannot be used.
#[derive(Debug, Error)]
pub enum SettingsProblem {
    #[error("the address of {0}")]
    Token(String, #[source] TokenProblem),
    #[error("the address of {0} cannot be used")]
    Url(String, #[source] SignerUrlError),
}

/// What one account's core is to be run with, and which of its signers cannot be used. Without any that
/// can, there is nothing to run it with.
pub(crate) async fn core_settings(
    upstream: &config::LagrangeUpstream,
    signers: &[config::Signer],
    tokens: &Tokens,
) -> Result<(CoreSettings, Vec<Message>), Message> {
    let proxy = match &upstream.sign_proxy {
        None => None,
        Some(source) => {
            let proxy = sign_proxy(source, tokens).await;
            Some(proxy.map_err(|problem| said(&problem))?)
        }
    };
    let (mut found, mut unusable) = (Vec::new(), Vec::new());
    for signer in signers {
        match signer_url(&signer.name, &signer.url, tokens).await {
            Ok(url) => found.push(ResolvedSigner {
                name: signer.name.to_string(),
                url,
                proxy: proxy.clone(),
            }),
            Err(problem) => unusable.push(said(&problem)),
        }
    }
    if found.is_empty() && !unusable.is_empty() {
        return Err(unusable.swap_remove(0));
    }
    let settings = CoreSettings {
        policy: LifecyclePolicy {
            start_timeout: upstream.start_timeout,
            expected: upstream.uin,
            backoff: Backoff::default(),
            ..LifecyclePolicy::default()
        },
        protocol: protocol(upstream.protocol),
        signers: found,
        memory_limit: upstream.memory_limit,
        log_messages: upstream.log_messages,
    };
    Ok((settings, unusable))
}

/// The address of one signer.
pub async fn signer_url(
    name: &config::Name,
    source: &AddressSource,
    tokens: &Tokens,
) -> Result<SignerUrl, SettingsProblem> {
    let what = || format!("signer `{name}`");
    let text = match source {
        AddressSource::Plain(url) => url.as_str().to_owned(),
        AddressSource::From(place) => secret(place, what(), tokens).await?,
    };
    SignerUrl::new(&text).map_err(|error| SettingsProblem::Url(what(), error))
}

async fn sign_proxy(source: &ProxySource, tokens: &Tokens) -> Result<ProxyUrl, SettingsProblem> {
    let what = || "the proxy of the signers".to_owned();
    let text = match source {
        ProxySource::Plain(url) => url.as_str().to_owned(),
        ProxySource::From(place) => secret(place, what(), tokens).await?,
    };
    ProxyUrl::new(&text).map_err(|error| SettingsProblem::Url(what(), error))
}

async fn secret(
    place: &TokenSource,
    what: String,
    tokens: &Tokens,
) -> Result<String, SettingsProblem> {
    match find(tokens, place.clone()).await {
        Ok(secret) => Ok(secret.expose().to_owned()),
        Err(problem) => Err(SettingsProblem::Token(what, problem)),
    }
}

/// What a core claims to be when its signer does not say.
pub fn protocol(protocol: config::Protocol) -> CoreProtocol {
    match protocol {
        config::Protocol::Linux => CoreProtocol::Linux,
        config::Protocol::Windows => CoreProtocol::Windows,
        config::Protocol::Macos => CoreProtocol::MacOs,
    }
}
