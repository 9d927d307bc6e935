//! The addresses of frameworks that one account goes to: none twice.

use std::collections::HashMap;

use perpetua_words::config as words;

use super::item::Item;
use crate::{Name, TargetAddress};

/// Every address that an enabled client of the account dials or posts to, with who says so.
#[derive(Default)]
pub(super) struct Targets {
    taken: HashMap<TargetAddress, Holder>,
    /// The client that is read.
    client: Option<String>,
}

/// Who goes to an address.
struct Holder {
    /// Its name, or else the path that says so.
    client: String,
    /// The address as it is written there.
    written: String,
}

impl Targets {
    /// What comes next is of this client.
    pub(super) fn are_of(&mut self, client: Option<&Name>) {
        self.client = client.map(Name::to_string);
    }

    /// Notes a problem if the account goes there already. What is not enabled goes nowhere.
    pub(super) fn claim(&mut self, item: &Item<'_>, address: TargetAddress, enabled: bool) {
        if !enabled {
            return;
        }
        let client = self.client.clone();
        let client = client.unwrap_or_else(|| item.path().to_owned());
        if let Some(holder) = self.taken.get(&address) {
            // Of one client, the two are told apart by their addresses.
            let holder = if holder.client == client {
                &holder.written
            } else {
                &holder.client
            };
            item.problem::<()>(words::DialledTwice { holder });
        } else {
            let written = item.string(words::WebsocketUrl).unwrap_or_default();
            let written = written.to_owned();
            self.taken.insert(address, Holder { client, written });
        }
    }
}
