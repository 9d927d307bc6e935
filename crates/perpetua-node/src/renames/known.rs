//! By what an account is known again.

use std::collections::BTreeSet;

use perpetua_config::{Account, Config, Name};
use perpetua_fetch::Sha256;
use serde::{Deserialize, Serialize};

/// The name that all accounts are given to be compared.
const ANYBODY: &str = "account";

/// What is remembered of an account that ran.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct KnownAccount {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) uin: Option<i64>,
    /// A digest of all that the settings say of it but its name.
    pub(super) settings: String,
    /// Each may have a token and a port.
    pub(super) clients: BTreeSet<String>,
}

impl KnownAccount {
    /// All accounts of the settings.
    pub(crate) fn all(config: &Config) -> Vec<Self> {
        config.accounts.iter().map(Self::of).collect()
    }

    /// What another account of this name would differ in, as far as settings tell.
    pub(super) fn identity(&self) -> (&str, &str, Option<i64>) {
        (&self.name, &self.kind, self.uin)
    }

    fn of(account: &Account) -> Self {
        let mut nameless = account.clone();
        if let Ok(anybody) = Name::new(ANYBODY) {
            nameless.name = anybody;
        }
        let clients = account.clients.iter();
        Self {
            name: account.name.to_string(),
            kind: crate::edits::kind(&account.upstream).to_owned(),
            uin: account.upstream.uin(),
            settings: Sha256::of(format!("{nameless:?}").as_bytes()).to_string(),
            clients: clients.map(|client| client.name.to_string()).collect(),
        }
    }
}
