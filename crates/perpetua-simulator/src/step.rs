//! One step of the world at one point in time: it changes the world and gathers what that lets out.
//!
//! Bots' actions and what people do meet here, so that a kick is a kick whoever does it.

mod asking;
mod membership;
mod moderation;

use perpetua_onebot::segment::Segment;

pub(crate) use self::membership::Entry;

use crate::Outcome;
use crate::chat::Chat;
use crate::error::SimulatorError;
use crate::events::{self, Notice, RequestEvent};
use crate::shown::{self, Deed, Shown, ShownPlace, Who};
use crate::timestamp::Timestamp;
use crate::world::{Forward, GroupRole, Message, World};

/// The world, the time, and what came of it so far.
pub(crate) struct Step<'w> {
    pub(crate) world: &'w mut World,
    pub(crate) now: Timestamp,
    outcome: Outcome,
}

impl<'w> Step<'w> {
    pub(crate) fn new(world: &'w mut World, now: Timestamp) -> Step<'w> {
        Self {
            world,
            now,
            outcome: Outcome::default(),
        }
    }

    pub(crate) fn into_outcome(self) -> Outcome {
        self.outcome
    }

    pub(crate) fn notice(&mut self, notice: Notice) {
        let frame = events::notice(self.world, self.now, notice);
        self.outcome.frames.push(frame);
    }

    fn request(&mut self, request: RequestEvent) {
        let frame = events::request(self.world, self.now, request);
        self.outcome.frames.push(frame);
    }

    /// Lets watchers see what `user_id` did in `chat`.
    pub(crate) fn show(&mut self, chat: Chat, user_id: i64, deed: Deed) {
        let shown = Shown {
            time_ms: self.now.unix_ms(),
            place: ShownPlace {
                chat,
                name: self.world.chat_name(chat),
            },
            by: self.who(chat, user_id),
            by_bot: user_id == self.world.self_id,
            deed,
        };
        self.outcome.shown.push(shown);
    }

    pub(crate) fn who(&self, chat: Chat, user_id: i64) -> Who {
        Who {
            user_id,
            name: self.world.name_in(chat, user_id),
        }
    }

    /// A person says something; the bots hear it.
    pub(crate) fn hear(
        &mut self,
        chat: Chat,
        speaker: i64,
        segments: Vec<Segment>,
    ) -> Result<i32, SimulatorError> {
        let message = self.post(chat, speaker, segments, None)?;
        let frame = events::message(self.world, &message);
        self.outcome.frames.push(frame);
        Ok(self.keep(message))
    }

    /// The bot account says something; it is not told its own message.
    pub(crate) fn send(
        &mut self,
        chat: Chat,
        segments: Vec<Segment>,
        forward: Option<Forward>,
    ) -> Result<i32, SimulatorError> {
        let message = self.post(chat, self.world.self_id, segments, forward)?;
        Ok(self.keep(message))
    }

    fn post(
        &mut self,
        chat: Chat,
        sender_id: i64,
        segments: Vec<Segment>,
        forward: Option<Forward>,
    ) -> Result<Message, SimulatorError> {
        if segments.is_empty() {
            return Err(SimulatorError::EmptyMessage);
        }
        self.check_voice(chat, sender_id)?;
        let message_id = self.world.numbers.message_id();
        let deed = Deed::Message {
            message_id,
            text: shown::readable(&segments),
            pieces: shown::pieces(self.world, chat, &segments),
        };
        self.show(chat, sender_id, deed);
        Ok(Message {
            id: message_id,
            seq: self.world.history.next_seq(),
            chat,
            sender_id,
            time: self.now.unix_s(),
            segments,
            forward,
            recalled: false,
        })
    }

    fn keep(&mut self, message: Message) -> i32 {
        let message_id = message.id;
        self.world.history.add(message);
        message_id
    }

    /// Checks that this account may speak in this chat, and notes for groups that it did.
    fn check_voice(&mut self, chat: Chat, sender_id: i64) -> Result<(), SimulatorError> {
        let now = self.now;
        match chat {
            Chat::User(user_id) => {
                self.world.not_the_bot(user_id)?;
                self.world.acquaintance(user_id)?;
            }
            Chat::Group(group_id) => {
                let group = self.world.joined(group_id)?;
                if group.silences(group.member(sender_id)?, now) {
                    return Err(SimulatorError::Silenced {
                        group_id,
                        user_id: sender_id,
                    });
                }
                self.world.note_speech(group_id, sender_id, now.unix_s());
            }
        }
        Ok(())
    }

    /// `operator_id` takes a message back: their own, or in a group that of somebody of lower rank.
    pub(crate) fn recall(
        &mut self,
        message_id: i64,
        operator_id: i64,
    ) -> Result<(), SimulatorError> {
        let message = i32::try_from(message_id)
            .ok()
            .and_then(|message_id| self.world.history.get(message_id))
            .filter(|message| !message.recalled)
            .ok_or(SimulatorError::UnknownMessage { message_id })?;
        let (message_id, chat, user_id) = (message.id, message.chat, message.sender_id);
        let notice = match chat {
            Chat::Group(group_id) => {
                let group = self.world.joined(group_id)?;
                if operator_id != user_id {
                    // Whose sender has left anybody of rank may recall.
                    let target = Some(user_id).filter(|user_id| group.has(*user_id));
                    group.allow(operator_id, GroupRole::Admin, target)?;
                }
                Notice::GroupRecall {
                    group_id,
                    user_id,
                    operator_id,
                    message_id,
                }
            }
            Chat::User(user_id) if operator_id == message.sender_id => Notice::FriendRecall {
                user_id,
                message_id,
            },
            Chat::User(_) => return Err(SimulatorError::NotYourMessage { message_id }),
        };
        self.world.history.mark_recalled(message_id);
        self.notice(notice);
        self.show(chat, operator_id, Deed::Recalled { message_id });
        Ok(())
    }

    /// Somebody pokes somebody: members of one group, or in private the bot account and another.
    pub(crate) fn poke(
        &mut self,
        chat: Chat,
        user_id: i64,
        target_id: i64,
    ) -> Result<(), SimulatorError> {
        let group_id = match chat {
            Chat::Group(group_id) => {
                let group = self.world.joined(group_id)?;
                group.member(user_id)?;
                group.member(target_id)?;
                Some(group_id)
            }
            Chat::User(other) => {
                self.world.not_the_bot(other)?;
                self.world.acquaintance(other)?;
                None
            }
        };
        // Like a message of its own, a poke of its own is no news to the bot account.
        if user_id != self.world.self_id {
            self.notice(Notice::Notify {
                sub_type: "poke",
                group_id,
                sender_id: group_id.is_none().then_some(user_id),
                user_id,
                target_id,
                action: "戳了戳",
                suffix: "",
                action_img_url: "",
            });
        }
        let target = self.who(chat, target_id);
        self.show(chat, user_id, Deed::Poked { target });
        Ok(())
    }
}
