//! From the settings, and from what a person typed, to the sources of cores.

use std::path::PathBuf;

use perpetua_accounts::{Tokens, find_token};
use perpetua_config::{self as config, CoreSource, ProxySource};
use perpetua_fetch::{Proxy, ReleaseSource};
use perpetua_supervisor::installer::InstallerSettings;
use perpetua_words::with_causes;
use tracing::warn;

/// The installer's settings; a proxy whose secret cannot be had is told by the first download.
pub(super) async fn installer_settings(
    core: &config::CoreInstallSettings,
    tokens: &Tokens,
) -> InstallerSettings {
    InstallerSettings {
        sources: core
            .sources
            .iter()
            .map(|source| configured_source(source, tokens))
            .collect(),
        proxy: download_proxy(core, tokens).await,
        auto_install: core.auto_install,
        check_every: core.check_every,
    }
}

/// The proxy of downloads; one whose secret cannot be had is told in the log, and is not used.
pub(crate) async fn download_proxy(core: &config::CoreInstallSettings, tokens: &Tokens) -> Proxy {
    match &core.proxy {
        None => Proxy::Environment,
        Some(ProxySource::Plain(url)) => Proxy::Address(url.as_str().to_owned()),
        Some(ProxySource::From(place)) => match find_token(tokens, place.clone()).await {
            Ok(address) => Proxy::Address(address.expose().to_owned()),
            Err(problem) => {
                warn!(
                    problem = with_causes(&problem),
                    "the `proxy` of `[core]` is not used"
                );
                Proxy::Environment
            }
        },
    }
}

fn configured_source(source: &CoreSource, tokens: &Tokens) -> ReleaseSource {
    let trimmed = |url: &config::HttpUrl| url.as_str().trim_end_matches('/').to_owned();
    match source {
        CoreSource::Github {
            api,
            repository,
            tag,
            asset,
        } => ReleaseSource::Github {
            api: trimmed(api),
            repository: repository.clone(),
            tag: tag.clone(),
            asset: asset.clone(),
        },
        CoreSource::Index { url } => ReleaseSource::Index {
            url: url.as_str().to_owned(),
        },
        CoreSource::Mirror { prefix } => ReleaseSource::Mirror {
            prefix: prefix.as_str().to_owned(),
        },
        CoreSource::Local { path } => ReleaseSource::Local {
            path: tokens.beside_settings(path),
        },
    }
}

/// What a person named: an address, or something on this machine.
pub(super) fn source(from: &str) -> ReleaseSource {
    if from.starts_with("http://") || from.starts_with("https://") {
        ReleaseSource::File {
            url: from.to_owned(),
        }
    } else {
        ReleaseSource::Local {
            path: PathBuf::from(from),
        }
    }
}
