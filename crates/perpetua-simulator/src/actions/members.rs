//! What a bot does to a member of a group.

use serde_json::Value;

use super::Answer;
use super::params::Params;
use super::refusal::Refusal;
use crate::chat::Chat;
use crate::step::Step;

/// How long a ban lasts when nothing is said, in seconds: the standard's.
const BAN_SECONDS: i64 = 30 * 60;

/// The longest ban, in seconds: QQ's.
const LONGEST_BAN_SECONDS: i64 = 30 * 24 * 60 * 60;

pub(super) fn kick(step: &mut Step<'_>, params: &Params) -> Answer {
    let (group_id, user_id) = member(params)?;
    let for_good = params.flag_or("reject_add_request", false)?;
    step.kick(group_id, user_id, step.world.self_id, for_good)?;
    Ok(Value::Null)
}

pub(super) fn ban(step: &mut Step<'_>, params: &Params) -> Answer {
    let (group_id, user_id) = member(params)?;
    let seconds = params.amount_or("duration", BAN_SECONDS)?;
    if seconds > LONGEST_BAN_SECONDS {
        let expected = "at most 2592000 (30 days)";
        return Err(Refusal::Wrong {
            name: "duration",
            expected,
        });
    }
    step.ban(group_id, user_id, step.world.self_id, seconds)?;
    Ok(Value::Null)
}

pub(super) fn set_admin(step: &mut Step<'_>, params: &Params) -> Answer {
    let (group_id, user_id) = member(params)?;
    let enable = params.flag_or("enable", true)?;
    step.set_admin(group_id, user_id, step.world.self_id, enable)?;
    Ok(Value::Null)
}

pub(super) fn set_card(step: &mut Step<'_>, params: &Params) -> Answer {
    let (group_id, user_id) = member(params)?;
    let card = params.label("card")?;
    step.set_card(group_id, user_id, step.world.self_id, card)?;
    Ok(Value::Null)
}

pub(super) fn set_title(step: &mut Step<'_>, params: &Params) -> Answer {
    let (group_id, user_id) = member(params)?;
    let title = params.label("special_title")?;
    step.set_title(group_id, user_id, step.world.self_id, title)?;
    Ok(Value::Null)
}

pub(super) fn poke(step: &mut Step<'_>, params: &Params) -> Answer {
    let (group_id, user_id) = member(params)?;
    step.poke(Chat::Group(group_id), step.world.self_id, user_id)?;
    Ok(Value::Null)
}

fn member(params: &Params) -> Result<(i64, i64), Refusal> {
    Ok((params.integer("group_id")?, params.integer("user_id")?))
}
