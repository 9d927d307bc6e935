//! What people do besides speaking.

use serde::{Deserialize, Serialize};

use crate::chat::Chat;
use crate::error::SimulatorError;
use crate::events::{File, Notice};
use crate::shown::Deed;
use crate::step::{Entry, Step};

/// Something that people do. JSON: `{"event":"poke","group_id":20001,"user_id":10001}`.
///
/// Where an operator is left out, the group's owner acts (or, where the bot owns the group, the highest after it).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "the fields are those that OneBot v11 has for the same event"
)]
pub enum SimulatedEvent {
    /// Pokes somebody, the bot account if no `target_id` is given; in private without a `group_id`.
    Poke {
        group_id: Option<i64>,
        user_id: i64,
        target_id: Option<i64>,
    },
    /// Takes a message back, its sender's own without an `operator_id`.
    Recall {
        message_id: i32,
        operator_id: Option<i64>,
    },
    /// Comes into a group, approved or invited by the operator.
    Join {
        group_id: i64,
        user_id: i64,
        operator_id: Option<i64>,
        #[serde(default)]
        invited: bool,
    },
    /// Leaves a group.
    Leave { group_id: i64, user_id: i64 },
    /// Is put out of a group; the bot account can be, too.
    Kick {
        group_id: i64,
        user_id: i64,
        operator_id: Option<i64>,
    },
    /// May not speak for `duration` seconds; 0 lifts the ban. The bot account can be banned, too.
    Ban {
        group_id: i64,
        user_id: i64,
        operator_id: Option<i64>,
        duration: u32,
    },
    /// Nobody below admins may speak, or everybody again.
    WholeBan {
        group_id: i64,
        operator_id: Option<i64>,
        enable: bool,
    },
    /// Becomes an admin, or no admin, by the owner's will; the bot account can, too.
    Admin {
        group_id: i64,
        user_id: i64,
        enable: bool,
    },
    /// Puts a file of `size` bytes into a group.
    Upload {
        group_id: i64,
        user_id: i64,
        name: String,
        size: u64,
    },
    /// Becomes a friend of the bot account.
    FriendAdd { user_id: i64 },
    /// Asks to become a friend of the bot account.
    FriendRequest {
        user_id: i64,
        #[serde(default)]
        comment: String,
    },
    /// Asks to come into a group that the bot administers.
    GroupRequest {
        group_id: i64,
        user_id: i64,
        #[serde(default)]
        comment: String,
    },
    /// Asks the bot account to come into a group.
    GroupInvite {
        group_id: i64,
        user_id: i64,
        #[serde(default)]
        comment: String,
    },
}

/// Makes `event` happen.
pub(crate) fn perform(step: &mut Step<'_>, event: SimulatedEvent) -> Result<(), SimulatorError> {
    use SimulatedEvent as Event;
    match event {
        Event::Poke {
            group_id,
            user_id,
            target_id,
        } => poke(step, group_id, user_id, target_id),
        Event::Recall {
            message_id,
            operator_id,
        } => recall(step, message_id, operator_id),
        Event::Join {
            group_id,
            user_id,
            operator_id,
            invited,
        } => {
            step.world.not_the_bot(user_id)?;
            step.world.joined(group_id)?;
            let operator_id = operator(step, group_id, operator_id)?;
            let entry = if invited {
                Entry::Invited
            } else {
                Entry::Approved
            };
            step.join(group_id, user_id, operator_id, entry)
        }
        Event::Leave { group_id, user_id } => {
            step.world.not_the_bot(user_id)?;
            step.leave(group_id, user_id)
        }
        Event::Kick {
            group_id,
            user_id,
            operator_id,
        } => {
            let operator_id = operator(step, group_id, operator_id)?;
            step.kick(group_id, user_id, operator_id, false)
        }
        Event::Ban {
            group_id,
            user_id,
            operator_id,
            duration,
        } => {
            let operator_id = operator(step, group_id, operator_id)?;
            step.ban(group_id, user_id, operator_id, duration.into())
        }
        Event::WholeBan {
            group_id,
            operator_id,
            enable,
        } => {
            let operator_id = operator(step, group_id, operator_id)?;
            step.ban_all(group_id, operator_id, enable)
        }
        Event::Admin {
            group_id,
            user_id,
            enable,
        } => {
            let operator_id = operator(step, group_id, None)?;
            step.set_admin(group_id, user_id, operator_id, enable)
        }
        Event::Upload {
            group_id,
            user_id,
            name,
            size,
        } => upload(step, group_id, user_id, name, size),
        Event::FriendAdd { user_id } => step.befriend(user_id, String::new()),
        Event::FriendRequest { user_id, comment } => step.ask_for_friendship(user_id, comment),
        Event::GroupRequest {
            group_id,
            user_id,
            comment,
        } => step.ask_for_admission(group_id, user_id, comment),
        Event::GroupInvite {
            group_id,
            user_id,
            comment,
        } => step.invite(group_id, user_id, comment),
    }
}

/// Who acts in a group with rank: `named`, or the highest who is not the bot.
fn operator(step: &Step<'_>, group_id: i64, named: Option<i64>) -> Result<i64, SimulatorError> {
    step.world.speaker(Chat::Group(group_id), named)
}

fn poke(
    step: &mut Step<'_>,
    group_id: Option<i64>,
    user_id: i64,
    target_id: Option<i64>,
) -> Result<(), SimulatorError> {
    step.world.not_the_bot(user_id)?;
    let self_id = step.world.self_id;
    let target_id = target_id.unwrap_or(self_id);
    match group_id {
        Some(group_id) => step.poke(Chat::Group(group_id), user_id, target_id),
        None if target_id == self_id => step.poke(Chat::User(user_id), user_id, target_id),
        None => Err(SimulatorError::NotInChat {
            speaker: target_id,
            user_id,
        }),
    }
}

fn recall(
    step: &mut Step<'_>,
    message_id: i32,
    operator_id: Option<i64>,
) -> Result<(), SimulatorError> {
    let unknown = SimulatorError::UnknownMessage {
        message_id: message_id.into(),
    };
    let sender_id = step.world.history.get(message_id).ok_or(unknown)?.sender_id;
    let operator_id = operator_id.unwrap_or(sender_id);
    step.world.not_the_bot(operator_id)?;
    step.recall(message_id.into(), operator_id)
}

fn upload(
    step: &mut Step<'_>,
    group_id: i64,
    user_id: i64,
    name: String,
    size: u64,
) -> Result<(), SimulatorError> {
    let user_id = step.world.speaker(Chat::Group(group_id), Some(user_id))?;
    let file = File {
        id: format!("/{}", step.world.numbers.name()),
        name: name.clone(),
        size,
        busid: 102,
    };
    step.notice(Notice::GroupUpload {
        group_id,
        user_id,
        file,
    });
    step.show(Chat::Group(group_id), user_id, Deed::Uploaded { name });
    Ok(())
}
