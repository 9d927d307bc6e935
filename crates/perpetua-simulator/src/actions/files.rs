//! Files: none are kept, but that a bot puts one into a chat is shown.

use serde_json::json;

use super::Answer;
use super::params::Params;
use super::refusal::Refusal;
use crate::chat::Chat;
use crate::shown::Deed;
use crate::step::Step;

pub(super) fn upload_to_group(step: &mut Step<'_>, params: &Params) -> Answer {
    let group = step.world.joined(params.integer("group_id")?)?;
    upload(step, Chat::Group(group.group_id), params)
}

pub(super) fn upload_private(step: &mut Step<'_>, params: &Params) -> Answer {
    let person = step.world.acquaintance(params.integer("user_id")?)?;
    upload(step, Chat::User(person.user_id), params)
}

fn upload(step: &mut Step<'_>, chat: Chat, params: &Params) -> Answer {
    params.text("file")?;
    let name = params.text("name")?;
    step.show(chat, step.world.self_id, Deed::Uploaded { name });
    Ok(json!({ "file_id": format!("/{}", step.world.numbers.name()) }))
}

pub(super) fn none_kept(_: &mut Step<'_>, params: &Params) -> Answer {
    params.text("file")?;
    Err(Refusal::Unsupported(
        "the simulator keeps no files; take what the message segment has",
    ))
}
