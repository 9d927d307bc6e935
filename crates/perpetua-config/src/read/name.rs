//! Names that are given once.

use std::collections::BTreeSet;

use perpetua_words::{Message, config as words};

use super::section::Section;
use crate::Name;

/// Whose names must differ from each other.
#[derive(Clone, Copy)]
pub(super) enum Named {
    Account,
    /// A client, among those of its account.
    Client,
    Signer,
}

impl Named {
    fn twice(self, name: &Name) -> Message {
        let name = name.as_str();
        match self {
            Self::Account => words::AccountNameTwice { name }.into(),
            Self::Client => words::ClientNameTwice { name }.into(),
            Self::Signer => words::SignerNameTwice { name }.into(),
        }
    }
}

/// The names of a list, each once: there may be ten thousand.
#[derive(Debug, Default)]
pub(super) struct Names {
    in_order: Vec<Name>,
    known: BTreeSet<Name>,
}

impl Names {
    /// As they stand in the list.
    pub(super) fn in_order(self) -> Vec<Name> {
        self.in_order
    }
}

/// The `name` of an account, a client or a signer, which no other one has.
pub(super) fn unique_name(section: &mut Section<'_>, of: Named, names: &mut Names) -> Option<Name> {
    let item = section.require("name", words::NeedsName)?;
    let name = match Name::new(item.string(words::NameQuoted)?) {
        Ok(name) => name,
        Err(error) => return item.problem(&error),
    };
    if !names.known.insert(name.clone()) {
        return item.problem(of.twice(&name));
    }
    names.in_order.push(name.clone());
    Some(name)
}
