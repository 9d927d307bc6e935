//! Friends and strangers.

use serde_json::{Value, json};

use super::Answer;
use super::params::Params;
use super::refusal::Refusal;
use crate::chat::Chat;
use crate::error::SimulatorError;
use crate::request::Request;
use crate::shown::Deed;
use crate::step::Step;

/// How many likes one call may give: what QQ lets a member with a subscription give in a day.
const LIKES: i64 = 20;

pub(super) fn stranger_info(step: &mut Step<'_>, params: &Params) -> Answer {
    let person = step.world.person(params.integer("user_id")?)?;
    Ok(json!({
        "user_id": person.user_id,
        "nickname": person.nickname,
        "sex": person.sex,
        "age": person.age,
    }))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the shape that the table of actions asks for"
)]
pub(super) fn friend_list(step: &mut Step<'_>, _: &Params) -> Answer {
    let friends = step.world.friends().map(|(person, remark)| {
        json!({
            "user_id": person.user_id,
            "nickname": person.nickname,
            "remark": remark,
            "sex": person.sex,
            "age": person.age,
        })
    });
    Ok(friends.collect())
}

pub(super) fn like(step: &mut Step<'_>, params: &Params) -> Answer {
    let user_id = params.integer("user_id")?;
    let times = params.amount_or("times", 1)?;
    if !(1..=LIKES).contains(&times) {
        return Err(Refusal::Wrong {
            name: "times",
            expected: "from 1 to 20",
        });
    }
    step.world.person(user_id)?;
    let chat = Chat::User(user_id);
    let target = step.who(chat, user_id);
    step.show(chat, step.world.self_id, Deed::Liked { target, times });
    Ok(Value::Null)
}

pub(super) fn poke_in_private(step: &mut Step<'_>, params: &Params) -> Answer {
    let user_id = params.integer("user_id")?;
    step.poke(Chat::User(user_id), step.world.self_id, user_id)?;
    Ok(Value::Null)
}

pub(super) fn answer_friend_request(step: &mut Step<'_>, params: &Params) -> Answer {
    let flag = params.text("flag")?;
    let approve = params.flag_or("approve", true)?;
    let remark = params.label("remark")?;
    match step.world.requests.get(&flag) {
        Some(request @ Request::Friendship { .. }) => {
            step.answer(&flag, request, approve, remark)?;
            Ok(Value::Null)
        }
        _ => Err(SimulatorError::UnknownRequest { flag }.into()),
    }
}
