//! Asking to become a friend or to come into a group, and being answered.

use super::Step;
use super::membership::Entry;
use crate::chat::Chat;
use crate::error::SimulatorError;
use crate::events::{Notice, RequestEvent};
use crate::request::Request;
use crate::shown::Deed;
use crate::world::GroupRole;

impl Step<'_> {
    /// `user_id` asks the bot account to be friends.
    pub(crate) fn ask_for_friendship(
        &mut self,
        user_id: i64,
        comment: String,
    ) -> Result<(), SimulatorError> {
        self.world.not_the_bot(user_id)?;
        if self.world.person(user_id)?.is_friend() {
            return Err(SimulatorError::AlreadyFriend { user_id });
        }
        let flag = self.wait_for_answer(Request::Friendship { user_id });
        self.request(RequestEvent::Friend {
            user_id,
            comment: comment.clone(),
            flag: flag.clone(),
        });
        self.show(
            Chat::User(user_id),
            user_id,
            Deed::FriendRequested { flag, comment },
        );
        Ok(())
    }

    /// `user_id` asks to come into a group that the bot administers.
    pub(crate) fn ask_for_admission(
        &mut self,
        group_id: i64,
        user_id: i64,
        comment: String,
    ) -> Result<(), SimulatorError> {
        self.world.person(user_id)?;
        let group = self.world.joined(group_id)?;
        // Plain members are not asked, so a bot that is one would never see the request.
        group.allow(self.world.self_id, GroupRole::Admin, None)?;
        if group.has(user_id) {
            return Err(SimulatorError::AlreadyMember { group_id, user_id });
        }
        if group.shut_out.contains(&user_id) {
            return Err(SimulatorError::ShutOut { group_id, user_id });
        }
        let flag = self.wait_for_answer(Request::Admission { group_id, user_id });
        self.request(RequestEvent::Group {
            sub_type: "add",
            group_id,
            user_id,
            comment: comment.clone(),
            flag: flag.clone(),
        });
        let deed = Deed::GroupRequested { flag, comment };
        self.show(Chat::Group(group_id), user_id, deed);
        Ok(())
    }

    /// `user_id` asks the bot account to come into a group of theirs.
    pub(crate) fn invite(
        &mut self,
        group_id: i64,
        user_id: i64,
        comment: String,
    ) -> Result<(), SimulatorError> {
        let group = self.world.group(group_id)?;
        if group.has(self.world.self_id) {
            return Err(SimulatorError::BotInGroup { group_id });
        }
        group.member(user_id)?;
        let flag = self.wait_for_answer(Request::Invitation { group_id, user_id });
        self.request(RequestEvent::Group {
            sub_type: "invite",
            group_id,
            user_id,
            comment: comment.clone(),
            flag: flag.clone(),
        });
        let deed = Deed::GroupInvited { flag, comment };
        self.show(Chat::Group(group_id), user_id, deed);
        Ok(())
    }

    fn wait_for_answer(&mut self, request: Request) -> String {
        let flag = self.world.numbers.name();
        self.world.requests.add(flag.clone(), request);
        flag
    }

    /// The bot answers a request; an approved one comes true.
    pub(crate) fn answer(
        &mut self,
        flag: &str,
        request: Request,
        approve: bool,
        remark: String,
    ) -> Result<(), SimulatorError> {
        self.world.requests.remove(flag);
        let self_id = self.world.self_id;
        let (chat, user_id) = match request {
            Request::Friendship { user_id } => (Chat::User(user_id), user_id),
            Request::Admission { group_id, user_id }
            | Request::Invitation { group_id, user_id } => (Chat::Group(group_id), user_id),
        };
        let target = self.who(chat, user_id);
        self.show(chat, self_id, Deed::RequestAnswered { target, approve });
        if !approve {
            return Ok(());
        }
        match request {
            Request::Friendship { user_id } => self.befriend(user_id, remark),
            Request::Admission { group_id, user_id } => {
                self.world.joined(group_id)?;
                self.join(group_id, user_id, self_id, Entry::Approved)
            }
            Request::Invitation { group_id, user_id } => {
                self.join(group_id, self_id, user_id, Entry::Invited)
            }
        }
    }

    /// `user_id` becomes a friend of the bot account, which calls them `remark`.
    pub(crate) fn befriend(&mut self, user_id: i64, remark: String) -> Result<(), SimulatorError> {
        self.world.not_the_bot(user_id)?;
        let person = self.world.person_mut(user_id)?;
        if person.is_friend() {
            return Err(SimulatorError::AlreadyFriend { user_id });
        }
        person.remark = Some(remark);
        self.notice(Notice::FriendAdd { user_id });
        self.show(Chat::User(user_id), user_id, Deed::Befriended);
        Ok(())
    }
}
