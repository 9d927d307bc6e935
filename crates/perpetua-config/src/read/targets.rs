//! The addresses of frameworks that one account goes to: none twice.

use std::collections::HashMap;

use perpetua_words::config as words;

use super::item::Item;
use crate::TargetAddress;

/// Every address that an enabled client of the account dials or posts to, with the path that says so.
#[derive(Default)]
pub(super) struct Targets(HashMap<TargetAddress, String>);

impl Targets {
    /// Notes a problem if the account goes there already. What is not enabled goes nowhere.
    pub(super) fn claim(&mut self, item: &Item<'_>, address: TargetAddress, enabled: bool) {
        if !enabled {
            return;
        }
        match self.0.get(&address) {
            Some(holder) => {
                item.problem::<()>(words::DialledTwice { holder });
            }
            None => {
                self.0.insert(address, item.path().to_owned());
            }
        }
    }
}
