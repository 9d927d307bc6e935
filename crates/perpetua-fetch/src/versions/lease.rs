//! Which versions run: their files stay until they do not.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// The versions in use, and by how many.
#[derive(Clone, Debug, Default)]
pub(super) struct InUse(Arc<Mutex<BTreeMap<String, usize>>>);

/// Keeps a version's files from being removed for as long as it lives.
#[derive(Debug)]
pub struct VersionLease {
    id: String,
    in_use: InUse,
}

impl InUse {
    pub(super) fn lease(&self, id: &str) -> VersionLease {
        self.change(|versions| *versions.entry(id.to_owned()).or_default() += 1);
        VersionLease {
            id: id.to_owned(),
            in_use: self.clone(),
        }
    }

    pub(super) fn holds(&self, id: &str) -> bool {
        self.change(|versions| versions.contains_key(id))
    }

    fn change<T>(&self, change: impl FnOnce(&mut BTreeMap<String, usize>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for VersionLease {
    fn drop(&mut self) {
        self.in_use.change(|versions| {
            if let Some(leases) = versions.get_mut(&self.id) {
                *leases -= 1;
                if *leases == 0 {
                    versions.remove(&self.id);
                }
            }
        });
    }
}
