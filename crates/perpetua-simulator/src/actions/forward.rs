//! Forwarded messages: several passed on as one.

use perpetua_onebot::segment::{self, Segment};
use serde_json::{Map, Value, json};

use super::params::Params;
use super::refusal::Refusal;
use super::{Answer, messages};
use crate::chat::Chat;
use crate::error::SimulatorError;
use crate::step::Step;
use crate::world::{Forward, World};

pub(super) fn send(step: &mut Step<'_>, params: &Params) -> Answer {
    pass_on(step, messages::chat(params)?, params)
}

pub(super) fn send_private(step: &mut Step<'_>, params: &Params) -> Answer {
    pass_on(step, messages::private(params)?, params)
}

pub(super) fn send_to_group(step: &mut Step<'_>, params: &Params) -> Answer {
    pass_on(step, messages::group(params)?, params)
}

fn pass_on(step: &mut Step<'_>, chat: Chat, params: &Params) -> Answer {
    let nodes = params
        .message("messages")?
        .into_iter()
        .map(|node| resolved(step.world, node))
        .collect::<Result<Vec<_>, _>>()?;
    if nodes.is_empty() {
        return Err(SimulatorError::EmptyMessage.into());
    }
    let id = step.world.numbers.name();
    let segment = Segment {
        kind: "forward".to_owned(),
        data: Map::from_iter([("id".to_owned(), id.clone().into())]),
    };
    let forward = Forward {
        id: id.clone(),
        nodes,
    };
    let message_id = step.send(chat, vec![segment], Some(forward))?;
    Ok(json!({ "message_id": message_id, "forward_id": id }))
}

/// A node with its sender and content, whether it has them itself or names a message by id.
fn resolved(world: &World, node: Segment) -> Result<Segment, Refusal> {
    let wrong = Refusal::Wrong {
        name: "messages",
        expected: "an array of segments of the type `node`, each with an `id` or with `content`",
    };
    if node.kind != "node" {
        return Err(wrong);
    }
    let node = Params::from(node.data);
    let (user_id, nickname, content) = if let Some(content) = node.get("content") {
        let user_id = first_text(&node, ["user_id", "uin"])?;
        let nickname = first_text(&node, ["nickname", "name"])?;
        (
            user_id,
            nickname,
            segment::from_message(content).ok_or(wrong)?,
        )
    } else {
        let message_id = node.optional_integer("id")?.ok_or(wrong)?;
        let message = messages::find(world, message_id)?;
        let nickname = world.name_in(message.chat, message.sender_id);
        (
            message.sender_id.to_string(),
            nickname,
            message.segments.clone(),
        )
    };
    Ok(Segment {
        kind: "node".to_owned(),
        data: Map::from_iter([
            ("user_id".to_owned(), user_id.into()),
            ("nickname".to_owned(), nickname.into()),
            ("content".to_owned(), json!(content)),
        ]),
    })
}

fn first_text(node: &Params, names: [&'static str; 2]) -> Result<String, Refusal> {
    for name in names {
        if let Some(text) = node.optional_text(name)? {
            return Ok(text);
        }
    }
    Ok(String::new())
}

/// The forwarded messages, under `message` as the standard has them and under `messages` as go-cqhttp has.
pub(super) fn get(step: &mut Step<'_>, params: &Params) -> Answer {
    let id = match params.optional_text("id")? {
        None => params
            .optional_text("message_id")?
            .ok_or(Refusal::Missing("id"))?,
        Some(id) => id,
    };
    let unknown = SimulatorError::UnknownForward { id: id.clone() };
    let nodes = &step.world.history.forward(&id).ok_or(unknown)?.nodes;
    let messages: Vec<Value> = nodes
        .iter()
        .map(|node| plain(node, step.now.unix_s()))
        .collect();
    Ok(json!({ "message": nodes, "messages": messages }))
}

/// A node in go-cqhttp's shape, where the sender's id is a number.
fn plain(node: &Segment, time: i64) -> Value {
    let user_id = node.data.get("user_id").and_then(Value::as_str);
    json!({
        "sender": {
            "user_id": user_id.and_then(|id| id.parse::<i64>().ok()).unwrap_or_default(),
            "nickname": node.data.get("nickname"),
        },
        "time": time,
        "content": node.data.get("content"),
    })
}
