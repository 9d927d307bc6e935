//! What those of rank do in a group: bans, ranks, names and badges.

use super::Step;
use crate::chat::Chat;
use crate::error::SimulatorError;
use crate::events::Notice;
use crate::shown::Deed;
use crate::world::GroupRole;

impl Step<'_> {
    /// `operator_id` forbids `user_id` to speak for `seconds`; 0 lifts the ban.
    pub(crate) fn ban(
        &mut self,
        group_id: i64,
        user_id: i64,
        operator_id: i64,
        seconds: i64,
    ) -> Result<(), SimulatorError> {
        let chat = Chat::Group(group_id);
        let until = self.now.after_seconds(seconds);
        let group = self.world.joined_mut(group_id)?;
        group.allow(operator_id, GroupRole::Admin, Some(user_id))?;
        group.member_mut(user_id)?.banned_until = (seconds > 0).then_some(until);
        self.notice(Notice::GroupBan {
            sub_type: if seconds > 0 { "ban" } else { "lift_ban" },
            group_id,
            operator_id,
            user_id,
            duration: seconds,
        });
        let target = Some(self.who(chat, user_id));
        let deed = if seconds > 0 {
            Deed::Banned {
                target,
                seconds: Some(seconds),
            }
        } else {
            Deed::Unbanned { target }
        };
        self.show(chat, operator_id, deed);
        Ok(())
    }

    /// `operator_id` lets only the owner and admins speak, or everybody again.
    pub(crate) fn ban_all(
        &mut self,
        group_id: i64,
        operator_id: i64,
        enable: bool,
    ) -> Result<(), SimulatorError> {
        let group = self.world.joined_mut(group_id)?;
        group.allow(operator_id, GroupRole::Admin, None)?;
        group.whole_ban = enable;
        self.notice(Notice::GroupBan {
            sub_type: if enable { "ban" } else { "lift_ban" },
            group_id,
            operator_id,
            user_id: 0,
            duration: if enable { -1 } else { 0 },
        });
        let deed = if enable {
            Deed::Banned {
                target: None,
                seconds: None,
            }
        } else {
            Deed::Unbanned { target: None }
        };
        self.show(Chat::Group(group_id), operator_id, deed);
        Ok(())
    }

    /// The owner makes `user_id` an admin, or a plain member again.
    pub(crate) fn set_admin(
        &mut self,
        group_id: i64,
        user_id: i64,
        operator_id: i64,
        enable: bool,
    ) -> Result<(), SimulatorError> {
        let chat = Chat::Group(group_id);
        let group = self.world.joined_mut(group_id)?;
        group.allow(operator_id, GroupRole::Owner, Some(user_id))?;
        let role = if enable {
            GroupRole::Admin
        } else {
            GroupRole::Member
        };
        group.member_mut(user_id)?.role = role;
        self.notice(Notice::GroupAdmin {
            sub_type: if enable { "set" } else { "unset" },
            group_id,
            user_id,
        });
        let target = self.who(chat, user_id);
        self.show(chat, operator_id, Deed::AdminSet { target, enable });
        Ok(())
    }

    /// `operator_id` gives the group a name.
    pub(crate) fn name_group(
        &mut self,
        group_id: i64,
        operator_id: i64,
        name: String,
    ) -> Result<(), SimulatorError> {
        let group = self.world.joined_mut(group_id)?;
        group.allow(operator_id, GroupRole::Admin, None)?;
        group.name.clone_from(&name);
        self.notice(Notice::GroupNameChange {
            group_id,
            name: name.clone(),
        });
        self.show(
            Chat::Group(group_id),
            operator_id,
            Deed::GroupNamed { name },
        );
        Ok(())
    }

    /// `operator_id` gives `user_id` a name in the group: everybody their own, those of rank others'.
    pub(crate) fn set_card(
        &mut self,
        group_id: i64,
        user_id: i64,
        operator_id: i64,
        card: String,
    ) -> Result<(), SimulatorError> {
        let chat = Chat::Group(group_id);
        let group = self.world.joined_mut(group_id)?;
        if user_id != operator_id {
            group.allow(operator_id, GroupRole::Admin, Some(user_id))?;
        }
        let member = group.member_mut(user_id)?;
        member.card.clone_from(&card);
        let target = self.who(chat, user_id);
        self.show(chat, operator_id, Deed::CardSet { target, card });
        Ok(())
    }

    /// The owner gives `user_id` a badge.
    pub(crate) fn set_title(
        &mut self,
        group_id: i64,
        user_id: i64,
        operator_id: i64,
        title: String,
    ) -> Result<(), SimulatorError> {
        let chat = Chat::Group(group_id);
        let group = self.world.joined_mut(group_id)?;
        group.allow(operator_id, GroupRole::Owner, None)?;
        let member = group.member_mut(user_id)?;
        member.title.clone_from(&title);
        let target = self.who(chat, user_id);
        self.show(chat, operator_id, Deed::TitleSet { target, title });
        Ok(())
    }
}
