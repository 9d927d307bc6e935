//! In which order things go to other names, so that nothing goes where something else still is. Pure.
//!
//! ```text
//!   a to b, b to c           b ──► c, a ──► b
//!   a to b, b to a           a ──► a-2, b ──► a, a-2 ──► b
//!   a to b, b is taken out   b ──► b-2, a ──► b
//! ```

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    known::KnownAccount,
    matching::{Rename, Residence, find},
};

/// What an account has under its name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Belonging {
    Folder,
    /// The key of the copies in its folder.
    BackupKey,
    Tokens,
    Ports,
    /// Which core it needs.
    Core,
}

impl Belonging {
    pub(super) const ALL: [Self; 5] = [
        Self::Folder,
        Self::BackupKey,
        Self::Tokens,
        Self::Ports,
        Self::Core,
    ];
}

/// One step: all that is under one name goes to another one, at which nothing is that somebody else needs. It may be repeated
/// until another one begins that has to do with one of its names.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Carriage {
    pub(crate) from: String,
    pub(crate) to: String,
    /// For which account this is done.
    pub(super) rename: Rename,
    /// Its clients before or after.
    pub(super) clients: BTreeSet<String>,
    /// What has not come yet.
    pub(super) left: BTreeSet<Belonging>,
}

impl Carriage {
    /// Whether what is at the new name stays.
    pub(crate) fn keeps(&self) -> bool {
        self.rename.keeps && self.to == self.rename.to
    }

    pub(super) fn has_name(&self, name: &str) -> bool {
        self.from == name || self.to == name
    }

    /// Whether the order of the two matters.
    pub(super) fn touches(&self, other: &Self) -> bool {
        self.has_name(&other.from) || self.has_name(&other.to)
    }
}

/// The steps to all of these names. `free` gives a name like this one that nobody has.
pub(super) fn route(
    renames: &[Rename],
    residences: &[Residence],
    wanted: &[KnownAccount],
    mut free: impl FnMut(&str) -> String,
) -> Vec<Carriage> {
    let carriage = |from: &str, to: &str, rename: &Rename| Carriage {
        from: from.to_owned(),
        to: to.to_owned(),
        rename: rename.clone(),
        clients: clients(from, &rename.to, residences, wanted),
        left: BTreeSet::from(Belonging::ALL),
    };
    let mut left: Vec<_> = renames
        .iter()
        .map(|one| carriage(&one.from, &one.to, one))
        .collect();
    let mut steps: Vec<_> = renames
        .iter()
        .filter(|one| is_in_the_way(one, renames, residences))
        .map(|one| carriage(&one.to, &free(&one.to), one))
        .collect();
    while !left.is_empty() {
        let is_free = |one: &Carriage| !left.iter().any(|other| other.from == one.to);
        if let Some(at) = left.iter().position(is_free) {
            steps.push(left.remove(at));
        } else {
            // All that is left are circles: one of them begins with a step to the side.
            let first = &mut left[0];
            let aside = free(&first.from);
            steps.push(Carriage {
                to: aside.clone(),
                ..first.clone()
            });
            first.from = aside;
        }
    }
    steps
}

/// Whether something of another account is at the new name, and goes nowhere by itself.
fn is_in_the_way(rename: &Rename, renames: &[Rename], residences: &[Residence]) -> bool {
    let leaves = renames.iter().any(|other| other.from == rename.to);
    let there = find(residences, &rename.to);
    !rename.keeps && !leaves && there.is_some_and(Residence::is_occupied)
}

fn clients(
    from: &str,
    to: &str,
    residences: &[Residence],
    wanted: &[KnownAccount],
) -> BTreeSet<String> {
    let former = find(residences, from).and_then(|here| here.ran.as_ref());
    let next = wanted.iter().find(|account| account.name == to);
    let both = former.into_iter().chain(next);
    both.flat_map(|account| account.clients.clone()).collect()
}
