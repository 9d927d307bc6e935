//! From the settings to the signers and proxies themselves.

use perpetua_backoff::Backoff;
use perpetua_config::{self as config, AddressSource, ProxySource, TokenSource};
use perpetua_lagrange::{CoreProtocol, ProxyUrl, ResolvedSigner, SignerUrl};
use perpetua_lifecycle::LifecyclePolicy;
use perpetua_supervisor::CoreSettings;
use perpetua_words::{Message, Param, signer as words};

use crate::{Tokens, context::find_token};

/// Whether settings are needed when no signer can be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum WithoutSigner {
    /// A core that is to start is not even tried without one.
    Nothing,
    /// A core that runs does without those whose secrets were removed; what cannot be read for now, as in a
    /// keyring that is locked, changes nothing.
    WithoutRemoved,
}

/// What one account's core is to be run with, and which of its signers cannot be used.
pub(crate) async fn core_settings(
    upstream: &config::LagrangeUpstream,
    signers: &[config::Signer],
    without: WithoutSigner,
    tokens: &Tokens,
) -> Result<(CoreSettings, Vec<Message>), Message> {
    let proxy = match &upstream.sign_proxy {
        None => None,
        Some(source) => Some(sign_proxy(source, tokens).await?),
    };
    let (mut found, mut unusable) = (Vec::new(), Vec::new());
    for signer in signers {
        match signer_url(&signer.name, &signer.url, tokens).await {
            Ok(url) => found.push(ResolvedSigner {
                name: signer.name.to_string(),
                url,
                proxy: proxy.clone(),
            }),
            Err(problem) => unusable.push(problem),
        }
    }
    let all_removed = without == WithoutSigner::WithoutRemoved && unusable.iter().all(is_removed);
    if found.is_empty() && !unusable.is_empty() && !all_removed {
        return Err(unusable.swap_remove(0));
    }
    let settings = CoreSettings {
        policy: LifecyclePolicy {
            start_timeout: upstream.start_timeout,
            expected: upstream.uin,
            backoff: Backoff::default(),
            ..LifecyclePolicy::default()
        },
        protocol: core_protocol(upstream.protocol),
        signers: found,
        sign_through: upstream.sign_through,
        sign_patience: upstream.sign_patience,
        memory_limit: upstream.memory_limit,
        remark: upstream.remark(),
        log_messages: upstream.log_messages,
    };
    Ok((settings, unusable))
}

/// Whether a signer cannot be used because the store has not the secret that its address is.
fn is_removed(unusable: &Message) -> bool {
    let cause = unusable.params.get("cause");
    matches!(cause, Some(Param::Message(cause)) if cause.code == "token.no_secret")
}

/// The address of one signer.
pub async fn signer_url(
    name: &config::Name,
    source: &AddressSource,
    tokens: &Tokens,
) -> Result<SignerUrl, Message> {
    let unusable = |cause| {
        let name = name.as_str();
        Message::from(words::AddressUnusable { cause, name })
    };
    let text = match source {
        AddressSource::Plain(url) => url.as_str().to_owned(),
        AddressSource::From(place) => secret(place, tokens).await.map_err(unusable)?,
    };
    SignerUrl::new(&text).map_err(|error| unusable(Message::from(&error)))
}

/// The proxy to signers.
pub async fn sign_proxy(source: &ProxySource, tokens: &Tokens) -> Result<ProxyUrl, Message> {
    let unusable = |cause| Message::from(words::ProxyUnusable { cause });
    let text = match source {
        ProxySource::Plain(url) => url.as_str().to_owned(),
        ProxySource::From(place) => secret(place, tokens).await.map_err(unusable)?,
    };
    ProxyUrl::new(&text).map_err(|error| unusable(Message::from(&error)))
}

async fn secret(place: &TokenSource, tokens: &Tokens) -> Result<String, Message> {
    let found = find_token(tokens, place.clone()).await;
    let secret = found.map_err(|problem| Message::from(&problem))?;
    Ok(secret.expose().to_owned())
}

/// What a core claims to be when its signer does not say.
pub fn core_protocol(protocol: config::Protocol) -> CoreProtocol {
    match protocol {
        config::Protocol::Linux => CoreProtocol::Linux,
        config::Protocol::Windows => CoreProtocol::Windows,
        config::Protocol::Macos => CoreProtocol::MacOs,
    }
}
