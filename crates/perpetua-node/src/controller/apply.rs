//! The steps of the node's own parts.

use std::net::IpAddr;

use perpetua_access::{AccessPolicy, Auth, Origins};
use perpetua_accounts::{Context, DesiredAccess, Tokens, Webhook, find_token};
use perpetua_config::{self as config, AddressSource};
use perpetua_http::{Discovery, HttpSettings};
use perpetua_proxy::LeaseSettings;
use perpetua_secrets::Secret;
use perpetua_words::{Message, node as words};

use super::steps::{AccessRules, Outcome};
use crate::installed_cores::InstalledCores;

/// The store's name for the token of leased ports beyond loopback that the settings leave to us.
const DISCOVERY_SECRET: &str = "discovery";

/// Finds the addresses and tokens of all webhooks; those that cannot be had are named.
pub(super) async fn webhooks(wanted: Vec<config::Hook>, context: Context) -> Outcome {
    let resolving = wanted.iter().map(|hook| webhook(hook, &context.tokens));
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for (index, resolved) in futures_util::future::join_all(resolving)
        .await
        .into_iter()
        .enumerate()
    {
        match resolved {
            Ok(webhook) => found.push(webhook),
            Err(problem) => {
                let number = index + 1;
                problems.push(words::WebhookDisabled { number, problem }.into());
            }
        }
    }
    Outcome::WebhooksResolved(found, problems)
}

/// The address and the token of a webhook.
pub(crate) async fn webhook(hook: &config::Hook, tokens: &Tokens) -> Result<Webhook, Message> {
    let url = match &hook.post {
        AddressSource::Plain(url) => url.as_str().to_owned(),
        AddressSource::From(place) => {
            let found = find_token(tokens, place.clone()).await;
            found
                .map_err(|error| Message::from(&error))?
                .expose()
                .to_owned()
        }
    };
    let token = match hook.token.clone() {
        None => None,
        Some(place) => Some(
            find_token(tokens, place)
                .await
                .map_err(|error| Message::from(&error))?,
        ),
    };
    Webhook::new(&url, token)
}

/// The installer takes other settings over.
pub(super) async fn cores(wanted: config::CoreInstallSettings, cores: InstalledCores) -> Outcome {
    match cores.apply(&wanted).await {
        Ok(()) => Outcome::Adjusted(Vec::new()),
        Err(error) => Outcome::Failed(Message::from(&error)),
    }
}

/// Who may use the HTTP side and lease ports. A token is needed beyond loopback, and where the settings name one;
/// without it nobody there may ask.
pub(super) async fn access(
    wanted: DesiredAccess,
    api: IpAddr,
    session_token: Secret,
    context: Context,
) -> Outcome {
    let DesiredAccess {
        allow_hosts,
        trusted_proxies,
        discovery,
    } = wanted;
    let auth = if discovery.asks_for_token(api) {
        context
            .auth(discovery.token.clone(), DISCOVERY_SECRET.into())
            .await
    } else {
        Ok(Auth::Open)
    };
    let token = match &auth {
        Ok(Auth::Token(token)) => Some(token.clone()),
        Ok(Auth::Open) | Err(_) => None,
    };
    let origins = Origins {
        allowed_hosts: allow_hosts,
    };
    let http = HttpSettings {
        session_token,
        origins: origins.clone(),
        trusted_proxies,
        discovery: Discovery {
            token,
            asks_here: matches!(discovery.token, config::ListenerToken::From(_)),
            allow: discovery.allow.clone(),
        },
    };
    let (leases, problems) = match auth {
        _ if !discovery.enabled => (None, Vec::new()),
        Ok(auth) => {
            let leases = LeaseSettings {
                address: api,
                range: discovery.range,
                wait: discovery.wait,
                pending_per_address: discovery.pending_per_address,
                counts: context.leases.clone(),
                access: AccessPolicy { auth, origins },
            };
            (Some(leases), Vec::new())
        }
        Err(problem) => {
            let problem = Message::from(&problem);
            (None, vec![words::NoLeases { problem }.into()])
        }
    };
    Outcome::AccessResolved(Box::new(AccessRules { http, leases }), problems)
}
