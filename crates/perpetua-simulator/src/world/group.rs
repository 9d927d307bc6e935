//! Groups, and who is what in them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use crate::error::SimulatorError;
use crate::timestamp::Timestamp;

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// The group's number.
    pub group_id: i64,
    /// Its name.
    pub name: String,
    /// Everybody in it, by user id.
    pub members: BTreeMap<i64, Member>,
    /// Whether only its owner and admins may speak.
    pub whole_ban: bool,
    /// Who was kicked for good.
    #[serde(skip)]
    pub(crate) shut_out: BTreeSet<i64>,
}

/// Somebody's place in a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Whose it is.
    pub user_id: i64,
    /// Their rank.
    pub role: GroupRole,
    /// Their name in this group; empty: their nickname.
    pub card: String,
    /// The badge that the owner gave them; empty: none.
    pub title: String,
    /// When they came, in seconds since 1970.
    pub join_time: i64,
    /// When they spoke last, in seconds since 1970; 0: never.
    pub last_sent_time: i64,
    /// Until when they may not speak.
    pub banned_until: Option<Timestamp>,
}

/// A rank in a group, the higher the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum GroupRole {
    /// Anybody.
    Member,
    /// May kick and ban members.
    Admin,
    /// May everything; there is one.
    Owner,
}

impl GroupRole {
    /// The word that OneBot has for it.
    pub const fn name(self) -> &'static str {
        match self {
            GroupRole::Member => "member",
            GroupRole::Admin => "admin",
            GroupRole::Owner => "owner",
        }
    }
}

impl fmt::Display for GroupRole {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Member {
    pub(crate) fn new(user_id: i64, role: GroupRole, join_time: i64) -> Member {
        Self {
            user_id,
            role,
            card: String::new(),
            title: String::new(),
            join_time,
            last_sent_time: 0,
            banned_until: None,
        }
    }
}

impl Group {
    pub(crate) fn has(&self, user_id: i64) -> bool {
        self.members.contains_key(&user_id)
    }

    pub(crate) fn member(&self, user_id: i64) -> Result<&Member, SimulatorError> {
        self.members
            .get(&user_id)
            .ok_or_else(|| self.no_member(user_id))
    }

    pub(crate) fn member_mut(&mut self, user_id: i64) -> Result<&mut Member, SimulatorError> {
        self.member(user_id)?;
        Ok(self.members.get_mut(&user_id).expect("looked up above"))
    }

    fn no_member(&self, user_id: i64) -> SimulatorError {
        let known: Vec<_> = self.members.keys().map(|id| format!("`{id}`")).collect();
        SimulatorError::NotMember {
            group_id: self.group_id,
            user_id,
            known: known.join(", "),
        }
    }

    /// The member of the highest rank whom `except` does not name.
    pub(crate) fn highest(&self, except: i64) -> Option<i64> {
        self.members
            .values()
            .filter(|member| member.user_id != except)
            .max_by_key(|member| (member.role, std::cmp::Reverse(member.user_id)))
            .map(|member| member.user_id)
    }

    /// Whether this member may not speak at `now`.
    pub(crate) fn silences(&self, member: &Member, now: Timestamp) -> bool {
        let banned = member.banned_until.is_some_and(|until| now < until);
        banned || (self.whole_ban && member.role == GroupRole::Member)
    }

    /// Checks that `operator_id` has at least the role `needed`, and a higher one than `target_id`.
    pub(crate) fn allow(
        &self,
        operator_id: i64,
        needed: GroupRole,
        target_id: Option<i64>,
    ) -> Result<(), SimulatorError> {
        let operator = self.member(operator_id)?.role;
        let target = target_id.map(|id| self.member(id)).transpose()?;
        if operator >= needed && target.is_none_or(|target| target.role < operator) {
            return Ok(());
        }
        Err(SimulatorError::NotAllowed {
            group_id: self.group_id,
            operator_id,
            needed,
        })
    }
}
