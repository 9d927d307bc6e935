//! Groups as wholes: what they are, who is in them, their name, leaving them.

use serde_json::{Map, Value, json};

use super::Answer;
use super::params::Params;
use super::refusal::Refusal;
use crate::error::SimulatorError;
use crate::request::Request;
use crate::step::Step;
use crate::timestamp::Timestamp;
use crate::world::{Group, GroupRole, Member, Sex, World};

/// The most members that a group may have, as groups are told to have.
const MAX_MEMBERS: usize = 200;

/// The honours of a group: the word for each, and the key of its list.
const HONOURS: [(&str, &str); 5] = [
    ("talkative", "talkative_list"),
    ("performer", "performer_list"),
    ("legend", "legend_list"),
    ("strong_newbie", "strong_newbie_list"),
    ("emotion", "emotion_list"),
];

#[expect(
    clippy::unnecessary_wraps,
    reason = "the shape that the table of actions asks for"
)]
pub(super) fn list(step: &mut Step<'_>, _: &Params) -> Answer {
    Ok(step.world.joined_groups().map(described).collect())
}

pub(super) fn info(step: &mut Step<'_>, params: &Params) -> Answer {
    Ok(described(step.world.group(params.integer("group_id")?)?))
}

fn described(group: &Group) -> Value {
    json!({
        "group_id": group.group_id,
        "group_name": group.name,
        "group_remark": "",
        "member_count": group.members.len(),
        "max_member_count": MAX_MEMBERS,
        "group_all_shut": if group.whole_ban { -1 } else { 0 },
    })
}

pub(super) fn member_list(step: &mut Step<'_>, params: &Params) -> Answer {
    let group = step.world.joined(params.integer("group_id")?)?;
    let members = group.members.values();
    Ok(members
        .map(|member| described_member(step.world, group, member))
        .collect())
}

pub(super) fn member_info(step: &mut Step<'_>, params: &Params) -> Answer {
    let (group_id, user_id) = (params.integer("group_id")?, params.integer("user_id")?);
    let group = step.world.joined(group_id)?;
    Ok(described_member(step.world, group, group.member(user_id)?))
}

fn described_member(world: &World, group: &Group, member: &Member) -> Value {
    let person = world.person(member.user_id).ok();
    let banned_until = member.banned_until.map_or(0, Timestamp::unix_s);
    json!({
        "group_id": group.group_id,
        "user_id": member.user_id,
        "nickname": world.nickname(member.user_id),
        "card": member.card,
        "sex": person.map_or(Sex::Unknown, |person| person.sex),
        "age": person.map_or(0, |person| person.age),
        "area": "",
        "join_time": member.join_time,
        "last_sent_time": member.last_sent_time,
        "level": "1",
        "role": member.role,
        "unfriendly": false,
        "title": member.title,
        "title_expire_time": 0,
        "card_changeable": true,
        "shut_up_timestamp": banned_until,
    })
}

/// Nobody earns honours here, but the lists are there for who reads them.
pub(super) fn honor_info(step: &mut Step<'_>, params: &Params) -> Answer {
    let group = step.world.joined(params.integer("group_id")?)?;
    let wanted = params
        .optional_text("type")?
        .unwrap_or_else(|| "all".to_owned());
    let mut honours = Map::from_iter([("group_id".to_owned(), group.group_id.into())]);
    for (word, key) in HONOURS {
        if wanted == "all" || wanted == word {
            honours.insert(key.to_owned(), json!([]));
        }
    }
    if honours.contains_key("talkative_list") {
        honours.insert("current_talkative".to_owned(), Value::Null);
    }
    if honours.len() == 1 {
        return Err(Refusal::Wrong {
            name: "type",
            expected: "`talkative`, `performer`, `legend`, `strong_newbie`, `emotion` or `all`",
        });
    }
    Ok(honours.into())
}

pub(super) fn set_name(step: &mut Step<'_>, params: &Params) -> Answer {
    let group_id = params.integer("group_id")?;
    let name = params.label("group_name")?;
    if name.is_empty() {
        return Err(Refusal::Missing("group_name"));
    }
    step.name_group(group_id, step.world.self_id, name)?;
    Ok(Value::Null)
}

pub(super) fn ban_all(step: &mut Step<'_>, params: &Params) -> Answer {
    let group_id = params.integer("group_id")?;
    let enable = params.flag_or("enable", true)?;
    step.ban_all(group_id, step.world.self_id, enable)?;
    Ok(Value::Null)
}

pub(super) fn leave(step: &mut Step<'_>, params: &Params) -> Answer {
    let group_id = params.integer("group_id")?;
    let self_id = step.world.self_id;
    let owns = step.world.joined(group_id)?.member(self_id)?.role == GroupRole::Owner;
    if owns && params.flag_or("is_dismiss", false)? {
        step.dismiss(group_id, self_id)?;
    } else {
        step.leave(group_id, self_id)?;
    }
    Ok(Value::Null)
}

pub(super) fn answer_request(step: &mut Step<'_>, params: &Params) -> Answer {
    let flag = params.text("flag")?;
    let approve = params.flag_or("approve", true)?;
    let kind = match params.optional_text("sub_type")? {
        None => params.optional_text("type")?,
        told => told,
    };
    let request = step.world.requests.get(&flag);
    let matches = match request {
        Some(Request::Admission { .. }) => kind.is_none_or(|kind| kind == "add"),
        Some(Request::Invitation { .. }) => kind.is_none_or(|kind| kind == "invite"),
        _ => false,
    };
    match request {
        Some(request) if matches => {
            step.answer(&flag, request, approve, String::new())?;
            Ok(Value::Null)
        }
        _ => Err(SimulatorError::UnknownRequest { flag }.into()),
    }
}
