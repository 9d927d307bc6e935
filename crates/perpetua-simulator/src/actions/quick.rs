//! `.handle_quick_operation`: what a bot wants done about an event, told beside the event itself.
//!
//! Source: the OneBot v11 standard, `api/hidden.md` and the quick operations in `event/*.md`. Each becomes
//! the action that does the same.

use perpetua_onebot::segment::Segment;
use serde_json::{Map, Value, json};

use super::params::Params;
use super::refusal::Refusal;
use super::{Answer, groups, members, messages, people};
use crate::step::Step;

pub(super) fn operate(step: &mut Step<'_>, params: &Params) -> Answer {
    let context = params.object("context")?;
    let operation = params.object("operation")?;
    match context.text("post_type")?.as_str() {
        "message" => on_message(step, &context, &operation)?,
        "request" => on_request(step, &context, &operation)?,
        // Nothing can be asked for about other events.
        _ => {}
    }
    Ok(Value::Null)
}

fn on_message(step: &mut Step<'_>, context: &Params, operation: &Params) -> Result<(), Refusal> {
    if operation.get("reply").is_some() {
        reply(step, context, operation)?;
    }
    if context.optional_text("message_type")?.as_deref() != Some("group") {
        return Ok(());
    }
    if operation.flag_or("delete", false)? {
        messages::recall(step, context)?;
    }
    if operation.flag_or("kick", false)? {
        members::kick(step, context)?;
    }
    if operation.flag_or("ban", false)? {
        let duration = operation.amount_or("ban_duration", members::BAN_SECONDS)?;
        members::ban(
            step,
            &with(
                context,
                ["group_id", "user_id"],
                [("duration", json!(duration))],
            ),
        )?;
    }
    Ok(())
}

/// Answers in the chat of the message, in a group with a mention of who said it unless `at_sender` is false.
fn reply(step: &mut Step<'_>, context: &Params, operation: &Params) -> Result<(), Refusal> {
    let mut segments = operation.message("reply")?;
    let in_group = context.optional_text("message_type")?.as_deref() == Some("group");
    if in_group && operation.flag_or("at_sender", true)? {
        let user_id = context.integer("user_id")?;
        segments.splice(0..0, [mention(user_id), Segment::text(" ")]);
    }
    let message = json!(segments);
    let params = with(
        context,
        ["message_type", "group_id", "user_id"],
        [("message", message)],
    );
    messages::send(step, &params)?;
    Ok(())
}

fn mention(user_id: i64) -> Segment {
    let data = Map::from_iter([("qq".to_owned(), user_id.to_string().into())]);
    Segment {
        kind: "at".to_owned(),
        data,
    }
}

fn on_request(step: &mut Step<'_>, context: &Params, operation: &Params) -> Result<(), Refusal> {
    // Without `approve` the bot leaves the request to somebody else.
    let Some(approve) = operation.get("approve") else {
        return Ok(());
    };
    let remark = operation.get("remark").cloned().unwrap_or_default();
    let params = with(
        context,
        ["flag", "sub_type"],
        [("approve", approve.clone()), ("remark", remark)],
    );
    match context.text("request_type")?.as_str() {
        "friend" => people::answer_friend_request(step, &params)?,
        _ => groups::answer_request(step, &params)?,
    };
    Ok(())
}

/// Parameters made of some of the event's members and some more.
fn with<const TAKEN: usize, const MORE: usize>(
    context: &Params,
    taken: [&str; TAKEN],
    more: [(&str, Value); MORE],
) -> Params {
    let taken = taken
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), context.get(name)?.clone())));
    let more = more
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    Params::from(taken.chain(more).collect::<Map<_, _>>())
}
