//! Which versions have brought accounts online: what keeps them, and what is gone back to.

use std::collections::{BTreeMap, BTreeSet};

use super::Entry;
use super::entry::BroughtOnline;
use super::record::Record;

impl Record {
    /// Notes that a version has brought an account online, or that it has stayed so; whether that is news.
    pub(super) fn note_online(&mut self, id: &str, account: &str, lasted: bool) -> bool {
        let turns = self
            .installed
            .iter()
            .filter_map(|entry| entry.online.as_ref());
        let last = turns.flat_map(BTreeMap::values).map(|one| one.turn).max();
        let is_last = self.last_online_of(account).as_deref() == Some(id);
        let Some(entry) = self.installed.iter_mut().find(|entry| entry.id == id) else {
            return false;
        };
        entry.taken_for_good = entry.is_taken_for_good();
        let online = entry.online.get_or_insert_default();
        let known = online.get(account).copied();
        if is_last && known.is_some_and(|known| known.lasted || !lasted) {
            return false;
        }
        let turn = match known {
            Some(known) if is_last => known.turn,
            _ => last.unwrap_or(0).saturating_add(1),
        };
        let lasted = lasted || known.is_some_and(|known| known.lasted);
        online.insert(account.to_owned(), BroughtOnline { lasted, turn });
        true
    }

    /// Whether it may be gone back to: it has brought somebody online, or may have.
    pub(super) fn is_good(&self, id: &str) -> bool {
        let entry = self.installed.iter().find(|entry| entry.id == id);
        entry.is_some_and(|entry| {
            let online = entry.online.as_ref();
            let has_brought = online.is_some_and(|online| !online.is_empty());
            (has_brought || entry.is_taken_for_good()) && !self.is_rolled_back(entry.sha256)
        })
    }

    /// The versions that could take the place of the current one, the best first: those whose accounts stayed online,
    /// of them the last one; then those that brought any online; then the one that was current before.
    pub(super) fn before(&self) -> Vec<&Entry> {
        let others = self.installed.iter().filter(|entry| {
            Some(&entry.id) != self.current.as_ref() && !self.is_rolled_back(entry.sha256)
        });
        let mut proven: Vec<_> = others
            .clone()
            .filter_map(|entry| Some((entry.online.as_ref()?.values().max()?, entry)))
            .collect();
        proven.sort_by_key(|(proof, _)| std::cmp::Reverse(**proof));
        let mut all: Vec<&Entry> = proven.into_iter().map(|(_, entry)| entry).collect();
        let mut former = others.filter(|entry| Some(&entry.id) == self.previous.as_ref());
        if let Some(former) = former
            .next()
            .filter(|one| all.iter().all(|other| other.id != one.id))
        {
            all.push(former);
        }
        all
    }

    /// The one to go back to.
    pub(super) fn previous(&self) -> Option<&Entry> {
        self.before().first().copied()
    }

    /// Whether a version has yet to show that it can keep this account online, and there is another one should it not.
    /// What has brought others online is no news for an account that never was; and what keeps another one online is not
    /// taken from that, whatever this one has come to.
    pub(super) fn is_on_trial(&self, id: &str, account: &str) -> bool {
        let Some(entry) = self.installed.iter().find(|entry| entry.id == id) else {
            return false;
        };
        let Some(online) = entry.online.as_ref().filter(|_| !entry.taken_for_good) else {
            return false;
        };
        let has_lasted = online.get(account).is_some_and(|one| one.lasted);
        let was_online = self.last_online_of(account).is_some();
        let works_elsewhere = if was_online {
            self.keeps_another(id, account)
        } else {
            online.values().any(|one| one.lasted)
        };
        !has_lasted && !works_elsewhere && self.previous().is_some()
    }

    /// Whether another account has stayed online with this version, and was online with no other one since.
    pub(super) fn keeps_another(&self, id: &str, account: &str) -> bool {
        let entry = self.installed.iter().find(|entry| entry.id == id);
        let online = entry.and_then(|entry| entry.online.as_ref());
        online.into_iter().flatten().any(|(other, brought)| {
            other != account && brought.lasted && self.last_online_of(other).as_deref() == Some(id)
        })
    }

    /// The last version that brought this account online, and the last one with which it stayed so.
    pub(super) fn needed_by(&self, account: &str) -> BTreeSet<String> {
        let lasting = self.best_of(account, |one| (one.lasted, one.turn));
        lasting
            .into_iter()
            .chain(self.last_online_of(account))
            .collect()
    }

    /// All accounts that any version has brought online.
    pub(super) fn accounts(&self) -> BTreeSet<String> {
        let online = self
            .installed
            .iter()
            .filter_map(|entry| entry.online.as_ref());
        online.flat_map(BTreeMap::keys).cloned().collect()
    }

    /// An account is no more.
    pub(super) fn forget_account(&mut self, account: &str) {
        for entry in &mut self.installed {
            if let Some(online) = &mut entry.online {
                online.remove(account);
            }
        }
    }

    /// An account has another name.
    pub(super) fn rename_account(&mut self, from: &str, to: &str) {
        for entry in &mut self.installed {
            if let Some(online) = &mut entry.online
                && let Some(brought) = online.remove(from)
            {
                online.insert(to.to_owned(), brought);
            }
        }
    }

    fn last_online_of(&self, account: &str) -> Option<String> {
        self.best_of(account, |one| (true, one.turn))
    }

    fn best_of(
        &self,
        account: &str,
        worth: impl Fn(&BroughtOnline) -> (bool, u64),
    ) -> Option<String> {
        let of_account = self.installed.iter().filter_map(|entry| {
            let brought = entry.online.as_ref()?.get(account)?;
            Some((worth(brought), entry))
        });
        let best = of_account.max_by_key(|(worth, _)| *worth);
        best.map(|(_, entry)| entry.id.clone())
    }
}
