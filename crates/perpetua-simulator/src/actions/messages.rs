//! Sending, recalling and looking up messages.

use serde_json::{Value, json};

use super::Answer;
use super::params::Params;
use super::refusal::Refusal;
use crate::chat::Chat;
use crate::error::SimulatorError;
use crate::events;
use crate::step::Step;
use crate::world::{Message, World};

/// How many messages a page of history has when nothing is said: go-cqhttp's.
const PAGE_MESSAGES: i64 = 20;

/// The most messages in a page of history.
const LONGEST_PAGE: i64 = 100;

pub(super) fn send(step: &mut Step<'_>, params: &Params) -> Answer {
    say(step, chat(params)?, params)
}

pub(super) fn send_private(step: &mut Step<'_>, params: &Params) -> Answer {
    say(step, private(params)?, params)
}

pub(super) fn send_to_group(step: &mut Step<'_>, params: &Params) -> Answer {
    say(step, group(params)?, params)
}

fn say(step: &mut Step<'_>, chat: Chat, params: &Params) -> Answer {
    let segments = params.message("message")?;
    let message_id = step.send(chat, segments, None)?;
    Ok(json!({ "message_id": message_id }))
}

/// The chat that `send_msg` means: what `message_type` says, else the group if one is given.
pub(super) fn chat(params: &Params) -> Result<Chat, Refusal> {
    match params.optional_text("message_type")?.as_deref() {
        Some("group") => group(params),
        None if params.get("group_id").is_some() => group(params),
        Some("private") | None => private(params),
        Some(_) => Err(Refusal::Wrong {
            name: "message_type",
            expected: "`private` or `group`",
        }),
    }
}

pub(super) fn private(params: &Params) -> Result<Chat, Refusal> {
    Ok(Chat::User(params.integer("user_id")?))
}

pub(super) fn group(params: &Params) -> Result<Chat, Refusal> {
    Ok(Chat::Group(params.integer("group_id")?))
}

/// The chat that any action is about, as far as its parameters tell.
pub(super) fn about(world: &World, params: &Params) -> Option<Chat> {
    let id = |name| params.optional_integer(name).ok()?.filter(|id| *id != 0);
    let kind = params.optional_text("message_type").ok().flatten();
    if kind.as_deref() != Some("private")
        && let Some(group_id) = id("group_id")
    {
        return Some(Chat::Group(group_id));
    }
    if let Some(message_id) = id("message_id") {
        return find(world, message_id).ok().map(|message| message.chat);
    }
    // Who only asks about somebody need not do so because of a private chat.
    let sends = ["message", "messages", "file"];
    let user_id = id("user_id").filter(|_| sends.iter().any(|name| params.get(name).is_some()));
    user_id.map(Chat::User)
}

pub(super) fn recall(step: &mut Step<'_>, params: &Params) -> Answer {
    step.recall(params.integer("message_id")?, step.world.self_id)?;
    Ok(Value::Null)
}

pub(super) fn get(step: &mut Step<'_>, params: &Params) -> Answer {
    let message_id = params.integer("message_id")?;
    let message = find(step.world, message_id)?;
    Ok(events::message_data(step.world, message))
}

/// The message with an id that a bot gave.
pub(super) fn find(world: &World, message_id: i64) -> Result<&Message, SimulatorError> {
    i32::try_from(message_id)
        .ok()
        .and_then(|message_id| world.history.get(message_id))
        .ok_or(SimulatorError::UnknownMessage { message_id })
}

pub(super) fn group_history(step: &mut Step<'_>, params: &Params) -> Answer {
    let group = step.world.joined(params.integer("group_id")?)?;
    history(step, Chat::Group(group.group_id), params)
}

pub(super) fn friend_history(step: &mut Step<'_>, params: &Params) -> Answer {
    let person = step.world.acquaintance(params.integer("user_id")?)?;
    history(step, Chat::User(person.user_id), params)
}

/// A page of a chat: the newest messages, or those up to a `message_seq` or `message_id`.
fn history(step: &Step<'_>, chat: Chat, params: &Params) -> Answer {
    let until = match params.optional_integer("message_seq")? {
        None => params.optional_integer("message_id")?,
        told => told,
    };
    // go-cqhttp takes 0 for "from the newest".
    let until = until.filter(|until| *until != 0);
    let count = params.amount_or("count", PAGE_MESSAGES)?.min(LONGEST_PAGE);
    let count = usize::try_from(count).unwrap_or_default();
    let page =
        step.world
            .history
            .page(chat, until, count)
            .ok_or(SimulatorError::UnknownMessage {
                message_id: until.unwrap_or_default(),
            })?;
    let messages: Value = page
        .into_iter()
        .map(|message| events::message_data(step.world, message))
        .collect();
    Ok(json!({ "messages": messages }))
}
