//! Settings of the node itself that change while it runs: its log, and who may use its HTTP side.

use perpetua_config::Config;
use perpetua_http::{Discovery, HttpSettings};
use perpetua_proxy::{Gate, Origins};
use perpetua_secrets::{Secret, SecretError, generate_token};
use perpetua_telemetry::LogHandle;
use tokio::sync::watch;
use tracing::warn;

use crate::supplies::{DISCOVERY_SECRET, Supplies};

/// Passes changes on to the log and the HTTP side.
#[derive(Debug)]
pub(crate) struct LiveSettings {
    session_token: Secret,
    http: watch::Sender<HttpSettings>,
    log: LogHandle,
}

impl LiveSettings {
    /// Begins with a new session token; the receiver is the HTTP side's.
    pub(crate) async fn start(
        config: &Config,
        supplies: &Supplies,
        log: LogHandle,
    ) -> Result<(Self, watch::Receiver<HttpSettings>), SecretError> {
        let session_token = generate_token()?;
        let (http, receiver) =
            watch::channel(http_settings(config, supplies, &session_token).await);
        let live = Self {
            session_token,
            http,
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
    }
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
        Ok(Gate::Token(token)) => Some(token),
        Ok(Gate::Open) => None,
        Err(problem) => {
            warn!(%problem, "ports are leased only to the addresses in `allow` of `[discovery]`");
            None
        }
    }
}
