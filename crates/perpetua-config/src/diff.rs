//! What a new settings file changes, so that the node touches that and nothing else.

use std::collections::BTreeSet;

use crate::{Account, Client, Config, Name};

/// Everything that differs between two settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The parts of the node that differ.
    pub node: BTreeSet<NodePart>,
    /// The accounts that differ: removed ones first, so that their addresses are free again.
    pub accounts: Vec<AccountChange>,
}

impl Changes {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.node.is_empty() && self.accounts.is_empty()
    }
}

/// A part of the settings that belongs to the node as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NodePart {
    /// `api.listen`: the API's listener has to be bound anew.
    ApiListen,
    /// `api.allow-hosts`.
    ApiHosts,
    /// `[log]`.
    Log,
    /// `secrets`: the place of the secrets.
    Secrets,
    /// `[discovery]`, or which account is the first.
    Discovery,
}

/// What happened to one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountChange {
    /// It is gone.
    Removed(Name),
    /// It is new.
    Added(Account),
    /// It is still there, and differs.
    Changed {
        /// Its name.
        name: Name,
        /// What of the account itself differs.
        parts: BTreeSet<AccountPart>,
        /// The clients that differ: removed ones first.
        clients: Vec<ClientChange>,
    },
}

/// A part of an account's own settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AccountPart {
    /// `enabled`.
    Enabled,
    /// `[accounts.upstream]`: the upstream has to be connected anew.
    Upstream,
    /// `action-timeout` or `unsent-timeout`.
    Limits,
}

/// What happened to one client of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientChange {
    /// It is gone.
    Removed(Name),
    /// It is new.
    Added(Client),
    /// It is still there, and differs.
    Changed {
        /// Its new settings.
        client: Client,
        /// What of it differs.
        parts: BTreeSet<ClientPart>,
    },
}

/// A part of a client's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ClientPart {
    /// `enabled`.
    Enabled,
    /// `listen`: its listener has to be bound anew.
    Listen,
    /// `token`: those who are connected showed another one.
    Token,
    /// `profile`.
    Profile,
    /// `max-connections`.
    Connections,
    /// `heartbeat`.
    Heartbeat,
    /// `queue-events`, `queue-bytes` or `when-full`.
    Queue,
}

/// Compares two settings; the order of accounts and of clients in the file means nothing.
pub fn changes(old: &Config, new: &Config) -> Changes {
    Changes {
        node: differing([
            (NodePart::ApiListen, old.api.listen != new.api.listen),
            (
                NodePart::ApiHosts,
                old.api.allow_hosts != new.api.allow_hosts,
            ),
            (NodePart::Log, old.log != new.log),
            (NodePart::Secrets, old.secrets != new.secrets),
            (NodePart::Discovery, old.discovery != new.discovery),
        ]),
        accounts: account_changes(&old.accounts, &new.accounts),
    }
}

fn account_changes(old: &[Account], new: &[Account]) -> Vec<AccountChange> {
    let find = |accounts: &[Account], name: &Name| {
        accounts.iter().position(|account| account.name == *name)
    };
    let removed = old
        .iter()
        .filter(|account| find(new, &account.name).is_none())
        .map(|account| AccountChange::Removed(account.name.clone()));
    let rest = new
        .iter()
        .filter_map(|account| match find(old, &account.name) {
            None => Some(AccountChange::Added(account.clone())),
            Some(index) => changed_account(&old[index], account),
        });
    removed.chain(rest).collect()
}

fn changed_account(old: &Account, new: &Account) -> Option<AccountChange> {
    let limits = |account: &Account| (account.action_timeout, account.unsent_timeout);
    let parts = differing([
        (AccountPart::Enabled, old.enabled != new.enabled),
        (AccountPart::Upstream, old.upstream != new.upstream),
        (AccountPart::Limits, limits(old) != limits(new)),
    ]);
    let clients = client_changes(&old.clients, &new.clients);
    (!parts.is_empty() || !clients.is_empty()).then(|| AccountChange::Changed {
        name: new.name.clone(),
        parts,
        clients,
    })
}

fn client_changes(old: &[Client], new: &[Client]) -> Vec<ClientChange> {
    let find =
        |clients: &[Client], name: &Name| clients.iter().position(|client| client.name == *name);
    let removed = old
        .iter()
        .filter(|client| find(new, &client.name).is_none())
        .map(|client| ClientChange::Removed(client.name.clone()));
    let rest = new
        .iter()
        .filter_map(|client| match find(old, &client.name) {
            None => Some(ClientChange::Added(client.clone())),
            Some(index) => changed_client(&old[index], client),
        });
    removed.chain(rest).collect()
}

fn changed_client(old: &Client, new: &Client) -> Option<ClientChange> {
    let parts = differing([
        (ClientPart::Enabled, old.enabled != new.enabled),
        (ClientPart::Listen, old.listen != new.listen),
        (ClientPart::Token, old.token != new.token),
        (ClientPart::Profile, old.profile != new.profile),
        (
            ClientPart::Connections,
            old.max_connections != new.max_connections,
        ),
        (ClientPart::Heartbeat, old.heartbeat != new.heartbeat),
        (ClientPart::Queue, old.queue != new.queue),
    ]);
    (!parts.is_empty()).then(|| ClientChange::Changed {
        client: new.clone(),
        parts,
    })
}

/// The parts whose flag is set.
fn differing<P: Ord, const N: usize>(parts: [(P, bool); N]) -> BTreeSet<P> {
    parts
        .into_iter()
        .filter_map(|(part, differs)| differs.then_some(part))
        .collect()
}
