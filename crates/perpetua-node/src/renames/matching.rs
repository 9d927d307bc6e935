//! Which account of the settings is which one of those that ran last, or has a login that is left. Pure.
//!
//! Each account of the settings has a claim to its name:
//!
//! ```text
//!   Settled   the account that ran under it, or a login that fits: nothing comes
//!   Vacant    it ran, and has no login: the login of its own number may come, its tokens and ports stay
//!   Foreign   another account ran under it, or its folder holds another login: the one that fits may come
//!   Free      nothing is known of the name: the one that fits may come
//! ```
//!
//! What leaves is what ran under a name that is gone, or is foreign to it. The one that fits has the same number, or the same
//! settings; where more than one does, or it would fit more than one, nothing is guessed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::known::KnownAccount;

/// The kind of account that has a session in its folder.
const MANAGED: &str = "lagrange";

/// What is there under one name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Residence {
    pub(super) name: String,
    /// The account that ran under it last.
    pub(super) ran: Option<KnownAccount>,
    /// Whose session its folder holds.
    pub(super) session: Option<i64>,
    /// Its folder holds a session, or a copy of one.
    pub(super) has_login: bool,
}

/// An account that is called otherwise now.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Rename {
    pub(crate) from: String,
    pub(crate) to: String,
    /// The tokens and ports that the new name has are the account's, too, and stay.
    pub(super) keeps: bool,
}

/// An account without a number that has the settings which another one had, and stays what it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Unclear {
    pub(super) account: String,
    pub(super) former: String,
}

/// What an account of the settings has under its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Claim {
    Settled,
    Vacant,
    Foreign,
    Free,
}

impl Residence {
    fn kind(&self) -> &str {
        self.ran.as_ref().map_or(MANAGED, |ran| &ran.kind)
    }

    /// Whose account it is.
    fn who(&self) -> Option<i64> {
        self.own_session()
            .or(self.ran.as_ref().and_then(|ran| ran.uin))
    }

    fn own_session(&self) -> Option<i64> {
        self.session.filter(|_| self.kind() == MANAGED)
    }

    /// Whether this account of the settings is the one that ran here.
    fn fits(&self, wanted: &KnownAccount, claim: Claim) -> bool {
        let is_number = |who: Option<i64>| wanted.uin.is_some() && who == wanted.uin;
        let has_settings = || {
            let mut ran = self.ran.iter();
            ran.any(|ran| ran.settings == wanted.settings)
        };
        self.kind() == wanted.kind
            && match claim {
                Claim::Settled => false,
                Claim::Vacant => is_number(self.own_session()),
                Claim::Foreign | Claim::Free => is_number(self.who()) || has_settings(),
            }
    }

    /// Whether somebody else may need what is here.
    pub(super) fn is_occupied(&self) -> bool {
        self.ran.is_some() || self.has_login
    }
}

/// The accounts that have another name. One that ran last goes before one of which only the folder is left.
pub(super) fn renames(residences: &[Residence], wanted: &[KnownAccount]) -> Vec<Rename> {
    let claims: BTreeMap<_, _> = wanted
        .iter()
        .map(|one| (one.name.as_str(), claim(one, residences, wanted)))
        .collect();
    let leaves = |one: &&Residence| {
        let claim = claims.get(one.name.as_str());
        claim.is_none_or(|claim| *claim == Claim::Foreign)
    };
    let leaving = residences.iter().filter(leaves);
    let (ran, left): (Vec<_>, Vec<_>) = leaving.partition(|one| one.ran.is_some());
    let of_those_that_ran = pairs(wanted, &ran, |one, account| {
        let claim = claims[account.name.as_str()];
        one.fits(account, claim).then_some(claim == Claim::Vacant)
    });
    let seen: BTreeSet<_> = of_those_that_ran.iter().map(|one| one.to.clone()).collect();
    let mut found = alone(&of_those_that_ran);
    let gone: BTreeSet<_> = found.iter().map(|one| one.from.clone()).collect();
    let of_what_is_left = pairs(wanted, &left, |one, account| {
        let here = find(residences, &account.name).filter(|_| !gone.contains(&account.name));
        let is_it = account.kind == MANAGED
            && account.uin.is_some()
            && one.session == account.uin
            && !seen.contains(&account.name)
            && here.is_none_or(|here| !here.has_login);
        is_it.then_some(here.is_some_and(|here| here.ran.is_some()))
    });
    found.extend(alone(&of_what_is_left));
    found
}

/// The accounts of which nobody can say whether they have exchanged their names or their settings.
pub(super) fn unclear(ran: &[KnownAccount], wanted: &[KnownAccount]) -> Vec<Unclear> {
    let has_changed = |one: &&KnownAccount| {
        let mut now = wanted.iter().filter(|now| now.name == one.name);
        now.all(|now| now.settings != one.settings)
    };
    let changed: Vec<_> = ran.iter().filter(has_changed).collect();
    let stays = |account: &&KnownAccount| {
        let mut own = changed.iter().filter(|own| own.name == account.name);
        let is_it = |own: &&KnownAccount| own.kind == account.kind && own.uin == account.uin;
        account.uin.is_none() && own.any(is_it)
    };
    let pairs = wanted.iter().filter(stays).flat_map(|account| {
        let same = changed.iter();
        let same = same.filter(|one| one.settings == account.settings);
        same.map(|one| Unclear {
            account: account.name.clone(),
            former: one.name.clone(),
        })
    });
    pairs.collect()
}

fn claim(account: &KnownAccount, residences: &[Residence], wanted: &[KnownAccount]) -> Claim {
    let Some(here) = find(residences, &account.name) else {
        return Claim::Free;
    };
    if here.ran.is_none() && here.session.is_none() {
        return Claim::Free;
    }
    let is_it = here.kind() == account.kind
        && match (&here.ran, account.uin) {
            (Some(ran), uin) if ran.uin == uin => true,
            (_, Some(uin)) => here.who().is_none_or(|who| who == uin),
            (None, None) => true,
            // Its number may have gone to another name.
            (Some(ran), None) => !wanted.iter().any(|other| other.uin == ran.uin),
        };
    if !is_it {
        Claim::Foreign
    } else if account.uin.is_some() && !here.has_login {
        Claim::Vacant
    } else {
        Claim::Settled
    }
}

/// All that could be meant, with what `fits` says of the tokens and ports of the new name.
fn pairs(
    wanted: &[KnownAccount],
    from: &[&Residence],
    fits: impl Fn(&Residence, &KnownAccount) -> Option<bool>,
) -> Vec<Rename> {
    let pairs = wanted.iter().flat_map(|account| {
        from.iter().filter_map(|one| {
            Some(Rename {
                from: one.name.clone(),
                to: account.name.clone(),
                keeps: fits(one, account)?,
            })
        })
    });
    pairs.collect()
}

/// Those of which no other one could be meant.
fn alone(pairs: &[Rename]) -> Vec<Rename> {
    let is_alone = |pair: &&Rename| {
        let same = pairs.iter();
        let same = same.filter(|other| other.from == pair.from || other.to == pair.to);
        same.count() == 1
    };
    pairs.iter().filter(is_alone).cloned().collect()
}

pub(super) fn find<'a>(residences: &'a [Residence], name: &str) -> Option<&'a Residence> {
    residences.iter().find(|one| one.name == name)
}
