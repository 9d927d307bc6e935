//! Secrets that go with settings: stored before these name them, removed once they do not.

use std::collections::BTreeSet;

use perpetua_accounts::{client_secret_name, named_secret_name, upstream_secret_name};
use perpetua_config::{
    Account, AddressSource, Client, Config, ListenerToken, Name, ProxySource, TokenSource, Upstream,
};
use perpetua_schema::{Applied, RpcError};
use perpetua_secrets::{Secret, SecretError};
use perpetua_words::{Message, edit as words};

use super::{Edits, bad_request};
use crate::{refusal, settings_file::ChangeFailed};

/// A secret that was stored, and what was there before.
#[derive(Debug)]
pub(super) struct Stored {
    /// Its name in the store.
    name: String,
    former: Option<Secret>,
}

impl Edits {
    /// Stores a secret.
    pub(super) async fn store(&self, name: String, secret: Secret) -> Result<Stored, RpcError> {
        let stored = self.tokens.ask(move |tokens| {
            let former = tokens.store().get(&name)?;
            tokens.store().set(&name, &secret)?;
            Ok::<_, SecretError>(Stored { name, former })
        });
        stored.await.map_err(|error| refusal::of_secret(&error))
    }

    /// Takes a secret back whose settings were not written.
    pub(super) async fn take_back(&self, stored: Stored) {
        let outcome = self.tokens.ask(move |tokens| match &stored.former {
            Some(former) => tokens.store().set(&stored.name, former),
            None => tokens.store().remove(&stored.name),
        });
        if let Err(error) = outcome.await {
            tracing::warn!(%error, "a secret that nothing names could not be removed");
        }
    }

    /// Runs a change that secrets were stored for, and takes them back when it fails, unless the settings may name
    /// them by then.
    pub(super) async fn with_stored<T>(
        &self,
        stored: impl IntoIterator<Item = Stored>,
        change: impl Future<Output = Result<T, ChangeFailed>>,
    ) -> Result<T, RpcError> {
        let failed = match change.await {
            Ok(done) => return Ok(done),
            Err(failed) => failed,
        };
        if !failed.may_be_written {
            for stored in stored {
                self.take_back(stored).await;
            }
        }
        Err(failed.error)
    }

    /// Removes secrets; what cannot be removed is told.
    pub(super) async fn remove_secrets(&self, names: Vec<String>, applied: &mut Applied) {
        let left = self.tokens.ask(move |tokens| {
            let remove = |name: String| {
                let cause = tokens.store().remove(&name).err()?;
                let cause = Message::from(&cause);
                Some(Message::from(words::SecretLeft { cause, name }))
            };
            // A keyring that does not answer is not asked once more for each of them.
            names.into_iter().find_map(remove)
        });
        applied.pending.extend(left.await);
    }

    /// Removes those of these secrets that have a name which is given here for one of the wishes; the others may be
    /// the owner's own, which is told.
    pub(super) async fn remove_unused(
        &self,
        unused: Vec<String>,
        wishes: &[&str],
        applied: &mut Applied,
    ) {
        let is_ours = |name: &String| wishes.iter().any(|wish| is_given(name, wish));
        let (ours, own): (Vec<_>, Vec<_>) = unused.into_iter().partition(is_ours);
        let ours = ours.iter().map(|name| named_secret_name(name)).collect();
        self.remove_secrets(ours, applied).await;
        let kept = own
            .iter()
            .map(|name| Message::from(words::SecretKept { name }));
        applied.pending.extend(kept);
    }

    /// A name of a secret that neither the settings nor the store have.
    pub(super) async fn free_secret_name(
        &self,
        config: &Config,
        wish: String,
    ) -> Result<String, RpcError> {
        let named = named(config);
        let free = self.tokens.ask(move |tokens| {
            let numbered = (2_u32..).map(|number| format!("{wish}-{number}"));
            for name in std::iter::once(wish.clone()).chain(numbered) {
                if !named.contains(&name)
                    && tokens.store().get(&named_secret_name(&name))?.is_none()
                {
                    return Ok(name);
                }
            }
            Ok::<_, SecretError>(wish)
        });
        free.await.map_err(|error| refusal::of_secret(&error))
    }
}

/// Whether a secret has the name that [`Edits::free_secret_name`] gives for a wish.
fn is_given(name: &str, wish: &str) -> bool {
    let Some(behind) = name.strip_prefix(wish) else {
        return false;
    };
    let number = behind
        .strip_prefix('-')
        .and_then(|number| number.parse().ok());
    behind.is_empty() || number.is_some_and(|number: u32| behind == format!("-{number}"))
}

/// A token that a person has entered.
pub(super) fn entered(text: &str) -> Result<Secret, RpcError> {
    Secret::new(text).map_err(|error| {
        let cause = Message::from(error);
        bad_request(words::TokenUnusable { cause })
    })
}

/// The secrets that the settings name as `{ secret = "…" }`.
pub(super) fn named(config: &Config) -> BTreeSet<String> {
    let of_accounts = config.accounts.iter().flat_map(named_by_account);
    let of_signers = config
        .signers
        .iter()
        .filter_map(|signer| match &signer.url {
            AddressSource::From(source) => secret(source),
            AddressSource::Plain(_) => None,
        });
    let of_hooks = config.notify.iter().flat_map(|hook| {
        let address = match &hook.post {
            AddressSource::From(source) => secret(source),
            AddressSource::Plain(_) => None,
        };
        address
            .into_iter()
            .chain(hook.token.as_ref().and_then(secret))
    });
    let own = [
        of_listener(&config.discovery.token),
        config.core.proxy.as_ref().and_then(of_proxy),
    ];
    of_accounts
        .chain(of_signers)
        .chain(of_hooks)
        .chain(own.into_iter().flatten())
        .collect()
}

/// The secrets that the settings name and a new text does not.
pub(super) fn no_longer_named(config: &Config, text: &str) -> Vec<String> {
    let Ok(left) = perpetua_config::parse(text) else {
        return Vec::new();
    };
    named(config).difference(&named(&left)).cloned().collect()
}

/// The secrets that an account and its clients name.
fn named_by_account(account: &Account) -> impl Iterator<Item = String> {
    let upstream = match &account.upstream {
        Upstream::Simulator => None,
        Upstream::Lagrange(lagrange) => lagrange.sign_proxy.as_ref().and_then(of_proxy),
        Upstream::Onebot(onebot) => onebot.token.as_ref().and_then(secret),
        Upstream::OnebotReverse(reverse) => of_listener(&reverse.token),
    };
    upstream
        .into_iter()
        .chain(account.clients.iter().filter_map(named_by_client))
}

/// The secret that a client names.
pub(super) fn named_by_client(client: &Client) -> Option<String> {
    client.listener_token().and_then(of_listener)
}

/// Everything in the store that belongs to an account, as far as other settings do not name it.
pub(super) fn of_account(account: &Account, left: &Config) -> Vec<String> {
    let name = account.name.as_str();
    let clients = account.clients.iter();
    let generated = clients.map(|client| client_secret_name(name, client.name.as_str()));
    let own = [
        upstream_secret_name(name),
        perpetua_lagrange::backup_secret_name(name),
    ];
    let still_named = named(left);
    let named = named_by_account(account).filter(|secret| !still_named.contains(secret));
    let named = named.map(|secret| named_secret_name(&secret));
    generated.chain(own).chain(named).collect()
}

/// Everything in the store that belongs to a client, as far as other settings do not name it.
pub(super) fn of_client(account: &Name, client: &Client, left: &Config) -> Vec<String> {
    let generated = client_secret_name(account.as_str(), client.name.as_str());
    let still_named = named(left);
    let named = named_by_client(client).filter(|secret| !still_named.contains(secret));
    std::iter::once(generated)
        .chain(named.map(|secret| named_secret_name(&secret)))
        .collect()
}

/// The secret that a port names.
pub(super) fn of_listener(token: &ListenerToken) -> Option<String> {
    match token {
        ListenerToken::From(source) => secret(source),
        ListenerToken::Generated | ListenerToken::Off => None,
    }
}

fn of_proxy(proxy: &ProxySource) -> Option<String> {
    match proxy {
        ProxySource::From(source) => secret(source),
        ProxySource::Plain(_) => None,
    }
}

pub(super) fn secret(source: &TokenSource) -> Option<String> {
    match source {
        TokenSource::Secret(name) => Some(name.clone()),
        TokenSource::Env(_) | TokenSource::File(_) => None,
    }
}
