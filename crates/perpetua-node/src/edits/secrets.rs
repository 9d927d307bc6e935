//! Secrets that go with settings: stored before these name them, removed once they do not.

use std::collections::BTreeSet;

use perpetua_accounts::{client_secret_name, named_secret_name, upstream_secret_name};
use perpetua_config::{
    Account, AddressSource, Client, ClientKind, Config, ListenerToken, Name, ProxySource,
    TokenSource, Upstream,
};
use perpetua_schema::{Applied, RpcError};
use perpetua_secrets::{Secret, SecretError, SecretStore};
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
    /// Removes what changes have left in the store that broke off, or forgets them if the settings name it. Nothing is
    /// removed while the settings cannot be read.
    pub(super) async fn sweep(&self) {
        let made = self.made.clone();
        let notes = self.tokens.ask(move |_| made.notes()).await;
        if notes.under_way().is_empty() {
            return;
        }
        let Ok(present) = self.settings.present().await else {
            return;
        };
        let (named, made) = (in_store(&present.config), self.made.clone());
        let swept = self.tokens.ask(move |tokens| {
            let mut settled = notes.under_way().clone();
            let mut may_go = settled.difference(&named);
            // A keyring that does not answer is not asked once more for each of them.
            let removed = may_go.try_for_each(|name| made.remove(name, tokens.store()).map(drop));
            if let Err(error) = removed {
                tracing::warn!(%error, "a secret that nothing names is removed later");
                settled.retain(|name| named.contains(name) || !notes.is_ours(name));
            }
            made.are_settled(&settled)
        });
        if let Err(error) = swept.await {
            tracing::warn!(%error, "it is not noted that a change of secrets is over");
        }
    }

    /// Stores a secret.
    pub(super) async fn store(&self, name: String, secret: Secret) -> Result<Stored, RpcError> {
        let made = self.made.clone();
        let stored = self.tokens.ask(move |tokens| {
            let failed = |error: SecretError| refusal::of_secret(&error);
            let former = tokens.store().get(&name).map_err(failed)?;
            let noted = made.will_be_stored(&name);
            noted.map_err(|error| refusal::of_file(&error))?;
            tokens.store().set(&name, &secret).map_err(failed)?;
            Ok(Stored { name, former })
        });
        stored.await
    }

    /// Before settings are written that may not name these secrets of the store any more.
    pub(super) async fn may_leave(&self, names: Vec<String>) -> Result<(), RpcError> {
        if names.is_empty() {
            return Ok(());
        }
        let made = self.made.clone();
        let noted = self.tokens.ask(move |_| made.may_be_left(names)).await;
        noted.map_err(|error| refusal::of_file(&error))
    }

    /// Takes a secret back whose settings were not written.
    pub(super) async fn take_back(&self, stored: Stored) {
        let made = self.made.clone();
        let outcome = self.tokens.ask(move |tokens| match &stored.former {
            Some(former) => tokens.store().set(&stored.name, former),
            None => made.remove(&stored.name, tokens.store()).map(drop),
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

    /// Removes secrets that nothing names any more; what cannot be removed is told, and so is what a person has stored,
    /// which stays.
    pub(super) async fn remove_unused(&self, unused: Unused, applied: &mut Applied) {
        let made = self.made.clone();
        let left = self.tokens.ask(move |tokens| {
            let notes = made.notes();
            let is_ours = |name: &String| notes.is_ours(&named_secret_name(name));
            let (ours, mut own): (Vec<_>, Vec<_>) = unused.named.into_iter().partition(is_ours);
            let ours = ours.iter().map(|name| named_secret_name(name));
            let mut left = Vec::new();
            for name in unused.generated.into_iter().chain(ours) {
                match made.remove(&name, tokens.store()) {
                    Ok(true) => {}
                    // A person has stored it just now.
                    Ok(false) => own.extend(name_in_settings(&name)),
                    Err(error) => {
                        let cause = Message::from(&error);
                        left.push(Message::from(words::SecretLeft { cause, name }));
                        // A keyring that does not answer is not asked once more for each of them.
                        break;
                    }
                }
            }
            left.extend(own.iter().map(|name| words::SecretKept { name }.into()));
            left
        });
        applied.pending.extend(left.await);
    }

    /// A name of a secret that neither the settings nor the store have.
    pub(super) async fn free_secret_name(
        &self,
        config: &Config,
        wish: String,
    ) -> Result<String, RpcError> {
        let named = named(config);
        let free = self
            .tokens
            .ask(move |tokens| free_secret_name(tokens.store(), &named, wish));
        free.await.map_err(|error| refusal::of_secret(&error))
    }
}

/// A name of a secret that is none of these and that the store has not. Blocks.
pub(crate) fn free_secret_name(
    store: &SecretStore,
    named: &BTreeSet<String>,
    wish: String,
) -> Result<String, SecretError> {
    let numbered = (2_u32..).map(|number| format!("{wish}-{number}"));
    for name in std::iter::once(wish.clone()).chain(numbered) {
        if !named.contains(&name) && store.get(&named_secret_name(&name))?.is_none() {
            return Ok(name);
        }
    }
    Ok(wish)
}

/// What the settings call a secret that they name.
fn name_in_settings(stored: &str) -> Option<String> {
    let named = stored.strip_prefix(&named_secret_name(""));
    named.map(str::to_owned)
}

/// A token that a person has entered.
pub(super) fn entered(text: &str) -> Result<Secret, RpcError> {
    Secret::new(text).map_err(|error| {
        let cause = Message::from(error);
        bad_request(words::TokenUnusable { cause })
    })
}

/// The same of what events are signed with, which is sent nowhere.
pub(super) fn entered_key(text: &str) -> Result<Secret, RpcError> {
    Secret::key(text).map_err(|error| {
        let cause = Message::from(error);
        bad_request(words::TokenUnusable { cause })
    })
}

/// Whether all that the settings do with a secret is to sign events with it.
pub fn only_signs(config: &Config, name: &str) -> bool {
    let mut others = config.clone();
    let clients = others.accounts.iter_mut().flat_map(|one| &mut one.clients);
    for client in clients {
        if let ClientKind::Post(post) = &mut client.kind {
            post.secret = None;
        }
    }
    named(config).contains(name) && !named(&others).contains(name)
}

/// The secrets that the settings name as `{ secret = "…" }`.
pub fn named(config: &Config) -> BTreeSet<String> {
    let of_accounts = config.accounts.iter().flat_map(named_by_account);
    let of_signers = config
        .signers
        .iter()
        .filter_map(|signer| of_address(&signer.url));
    let of_hooks = config.notify.iter().flat_map(|hook| {
        of_address(&hook.post)
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
        .chain(account.clients.iter().flat_map(named_by_client))
}

/// The secrets that a client names.
pub(super) fn named_by_client(client: &Client) -> Vec<String> {
    client.secrets().into_iter().filter_map(secret).collect()
}

/// What the store has for settings that are gone.
#[derive(Debug, Default)]
pub(super) struct Unused {
    /// Made for an account or a client; names of the store.
    generated: Vec<String>,
    /// Named by the settings; names of theirs.
    named: Vec<String>,
}

impl Unused {
    /// What the settings name and a new text does not.
    pub(super) fn of_text(config: &Config, text: &str) -> Self {
        let generated = Vec::new();
        match perpetua_config::parse(text) {
            Ok(left) => Self {
                generated,
                named: named(config).difference(&named(&left)).cloned().collect(),
            },
            // Then it is refused.
            Err(_) => Self::default(),
        }
    }

    /// Everything that belongs to an account, and that nothing names in a text without it.
    pub(super) fn of_account(config: &Config, account: &Account, text: &str) -> Self {
        Self {
            generated: generated_for(account).collect(),
            ..Self::of_text(config, text)
        }
    }

    /// The same of a client.
    pub(super) fn of_client(config: &Config, account: &Name, client: &Client, text: &str) -> Self {
        Self {
            generated: vec![client_secret_name(account.as_str(), client.name.as_str())],
            ..Self::of_text(config, text)
        }
    }
}

/// What is made for an account and its clients, as the store names it.
fn generated_for(account: &Account) -> impl Iterator<Item = String> {
    let name = account.name.as_str();
    let clients = account.clients.iter();
    let of_clients = clients.map(|client| client_secret_name(name, client.name.as_str()));
    let own = [
        upstream_secret_name(name),
        perpetua_lagrange::backup_secret_name(name),
    ];
    of_clients.chain(own)
}

/// Everything in the store that belongs to an account, whatever else names it.
pub(super) fn of_account(account: &Account) -> Vec<String> {
    let named = named_by_account(account).map(|name| named_secret_name(&name));
    generated_for(account).chain(named).collect()
}

/// The same of a client.
pub(super) fn of_client(account: &Name, client: &Client) -> Vec<String> {
    let named = named_by_client(client).into_iter();
    let named = named.map(|name| named_secret_name(&name));
    let generated = client_secret_name(account.as_str(), client.name.as_str());
    std::iter::once(generated).chain(named).collect()
}

/// What the store may have for these settings.
fn in_store(config: &Config) -> BTreeSet<String> {
    let generated = config.accounts.iter().flat_map(generated_for);
    let named = named(config).into_iter();
    generated
        .chain(named.map(|name| named_secret_name(&name)))
        .collect()
}

/// The secret that a port names.
pub(super) fn of_listener(token: &ListenerToken) -> Option<String> {
    match token {
        ListenerToken::From(source) => secret(source),
        ListenerToken::Generated | ListenerToken::Off => None,
    }
}

pub(super) fn of_proxy(proxy: &ProxySource) -> Option<String> {
    match proxy {
        ProxySource::From(source) => secret(source),
        ProxySource::Plain(_) => None,
    }
}

/// The secret that an address is.
pub(crate) fn of_address(address: &AddressSource) -> Option<String> {
    match address {
        AddressSource::From(source) => secret(source),
        AddressSource::Plain(_) => None,
    }
}

pub(super) fn secret(source: &TokenSource) -> Option<String> {
    match source {
        TokenSource::Secret(name) => Some(name.clone()),
        TokenSource::Env(_) | TokenSource::File(_) => None,
    }
}
