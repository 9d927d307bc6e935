//! Coming into groups and going out of them.

use super::Step;
use crate::chat::Chat;
use crate::error::SimulatorError;
use crate::events::Notice;
use crate::shown::Deed;
use crate::world::{GroupRole, Member};

/// How somebody came into a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// By asking.
    Approved,
    /// By being asked.
    Invited,
}

impl Step<'_> {
    /// `user_id` comes into a group, let in by `operator_id`.
    pub(crate) fn join(
        &mut self,
        group_id: i64,
        user_id: i64,
        operator_id: i64,
        entry: Entry,
    ) -> Result<(), SimulatorError> {
        self.world.person(user_id)?;
        let join_time = self.now.unix_s();
        let group = self.world.group_mut(group_id)?;
        if group.has(user_id) {
            return Err(SimulatorError::AlreadyMember { group_id, user_id });
        }
        group.shut_out.remove(&user_id);
        let member = Member::new(user_id, GroupRole::Member, join_time);
        group.members.insert(user_id, member);
        self.notice(Notice::GroupIncrease {
            sub_type: match entry {
                Entry::Approved => "approve",
                Entry::Invited => "invite",
            },
            group_id,
            operator_id,
            user_id,
        });
        self.show(Chat::Group(group_id), user_id, Deed::Joined);
        Ok(())
    }

    /// `user_id` leaves a group.
    pub(crate) fn leave(&mut self, group_id: i64, user_id: i64) -> Result<(), SimulatorError> {
        let group = self.world.joined(group_id)?;
        if group.member(user_id)?.role == GroupRole::Owner {
            return Err(SimulatorError::OwnerStays { group_id, user_id });
        }
        self.show(Chat::Group(group_id), user_id, Deed::Left);
        self.world.joined_mut(group_id)?.members.remove(&user_id);
        self.notice(Notice::GroupDecrease {
            sub_type: "leave",
            group_id,
            operator_id: user_id,
            user_id,
        });
        Ok(())
    }

    /// The owner ends the group.
    pub(crate) fn dismiss(
        &mut self,
        group_id: i64,
        operator_id: i64,
    ) -> Result<(), SimulatorError> {
        let group = self.world.joined(group_id)?;
        group.allow(operator_id, GroupRole::Owner, None)?;
        self.show(Chat::Group(group_id), operator_id, Deed::Dismissed);
        self.world.end_group(group_id);
        self.notice(Notice::GroupDecrease {
            sub_type: "disband",
            group_id,
            operator_id,
            user_id: self.world.self_id,
        });
        Ok(())
    }

    /// `operator_id` puts `user_id` out, with `for_good` so that they cannot ask to come back.
    pub(crate) fn kick(
        &mut self,
        group_id: i64,
        user_id: i64,
        operator_id: i64,
        for_good: bool,
    ) -> Result<(), SimulatorError> {
        let chat = Chat::Group(group_id);
        let group = self.world.joined(group_id)?;
        group.allow(operator_id, GroupRole::Admin, Some(user_id))?;
        let target = self.who(chat, user_id);
        self.show(chat, operator_id, Deed::Kicked { target });
        let group = self.world.joined_mut(group_id)?;
        group.members.remove(&user_id);
        if for_good {
            group.shut_out.insert(user_id);
        }
        let of_bot = user_id == self.world.self_id;
        self.notice(Notice::GroupDecrease {
            sub_type: if of_bot { "kick_me" } else { "kick" },
            group_id,
            operator_id,
            user_id,
        });
        Ok(())
    }
}
