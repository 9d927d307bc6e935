//! Settings of the node itself that change while it runs: its log, who may use its HTTP side, and
//! who is told of accounts.

use perpetua_access::{Auth, Origins};
use perpetua_config::{AddressSource, Config};
use perpetua_http::{Discovery, HttpSettings};
use perpetua_secrets::{Secret, SecretError, generate_token};
use perpetua_telemetry::LogHandle;
use tokio::sync::watch;
use tracing::warn;

use crate::{
    error::in_words,
    notify::Hook,
    supplies::{DISCOVERY_SECRET, Supplies},
};

/// Passes changes on to the log and the HTTP side.
#[derive(Debug)]
pub(crate) struct LiveSettings {
    session_token: Secret,
    http: watch::Sender<HttpSettings>,
    hooks: watch::Sender<Vec<Hook>>,
    log: LogHandle,
}

impl LiveSettings {
    /// Begins with a new session token; the receiver is the HTTP side's.
    pub(crate) async fn start(
        config: &Config,
        supplies: &Supplies,
        hooks: watch::Sender<Vec<Hook>>,
        log: LogHandle,
    ) -> Result<(Self, watch::Receiver<HttpSettings>), SecretError> {
        let session_token = generate_token()?;
        let (http, receiver) =
            watch::channel(http_settings(config, supplies, &session_token).await);
        hooks.send_replace(hooks_of(config, supplies).await);
        let live = Self {
            session_token,
            http,
            hooks,
            log,
        };
        Ok((live, receiver))
    }

    /// What `/rpc` asks for.
    pub(crate) fn session_token(&self) -> &Secret {
        &self.session_token
    }

    /// Takes new settings over.
    pub(crate) async fn apply(&self, config: &Config, supplies: &Supplies) {
        self.log.apply(&config.log);
        self.http
            .send_replace(http_settings(config, supplies, &self.session_token).await);
        let hooks = hooks_of(config, supplies).await;
        self.hooks.send_if_modified(|present| {
            let changed = *present != hooks;
            *present = hooks;
            changed
        });
    }
}

/// The hooks whose addresses and tokens can be had.
async fn hooks_of(config: &Config, supplies: &Supplies) -> Vec<Hook> {
    let mut hooks = Vec::new();
    for (index, hook) in config.notify.iter().enumerate() {
        match resolved(hook, supplies).await {
            Ok(hook) => hooks.push(hook),
            Err(problem) => {
                warn!(%problem, hook = index + 1, "an address of `notify` is not told of accounts");
            }
        }
    }
    hooks
}

async fn resolved(hook: &perpetua_config::Hook, supplies: &Supplies) -> Result<Hook, String> {
    let url = match &hook.post {
        AddressSource::Plain(url) => url.as_str().to_owned(),
        AddressSource::From(place) => {
            let found = supplies.find(place.clone()).await;
            found
                .map_err(|problem| in_words(&problem))?
                .expose()
                .to_owned()
        }
    };
    let token = match hook.token.clone() {
        None => None,
        Some(place) => {
            let found = supplies.find(place).await;
            Some(found.map_err(|problem| in_words(&problem))?)
        }
    };
    Hook::new(&url, token)
}

async fn http_settings(
    config: &Config,
    supplies: &Supplies,
    session_token: &Secret,
) -> HttpSettings {
    HttpSettings {
        session_token: session_token.clone(),
        origins: Origins {
            allowed_hosts: config.api.allow_hosts.clone(),
        },
        discovery: Discovery {
            token: discovery_token(config, supplies).await,
            allow: config.discovery.allow.clone(),
        },
    }
}

/// The token of leased ports; needed only beyond loopback, and without it nobody there may ask.
async fn discovery_token(config: &Config, supplies: &Supplies) -> Option<Secret> {
    if config.api.listen.ip().is_loopback() {
        return None;
    }
    match supplies
        .gate(config.discovery.token.clone(), DISCOVERY_SECRET.into())
        .await
    {
        Ok(Auth::Token(token)) => Some(token),
        Ok(Auth::Open) => None,
        Err(problem) => {
            warn!(%problem, "ports are leased only to the addresses in `allow` of `[discovery]`");
            None
        }
    }
}
