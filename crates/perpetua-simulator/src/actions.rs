//! OneBot v11 actions: the table of them, and the way from a frame to its response.
//!
//! Sources: the OneBot v11 standard, `api/public.md` and `api/hidden.md`; for the additions that frameworks
//! use, go-cqhttp's documentation.

mod account;
mod files;
mod forward;
mod groups;
mod members;
mod messages;
mod params;
mod people;
mod refusal;

use perpetua_onebot::{FrameKind, FrameLimits, Peek, compose, peek};
use serde_json::Value;

use self::params::Params;
use self::refusal::Refusal;
use crate::Outcome;
use crate::step::Step;
use crate::timestamp::Timestamp;
use crate::world::World;

/// What an action gives back: the response's `data`.
type Answer = Result<Value, Refusal>;

/// What does an action.
type Handler = fn(&mut Step<'_>, &Params) -> Answer;

/// Every action and what does it.
const ACTIONS: &[(&str, Handler)] = &[
    ("get_login_info", account::login_info),
    ("get_status", account::status),
    ("get_version_info", account::version_info),
    ("can_send_image", account::can_send),
    ("can_send_record", account::can_send),
    ("clean_cache", account::nothing_to_do),
    ("get_cookies", account::no_credentials),
    ("get_csrf_token", account::no_credentials),
    ("get_credentials", account::no_credentials),
    ("get_stranger_info", people::stranger_info),
    ("get_friend_list", people::friend_list),
    ("send_like", people::like),
    ("friend_poke", people::poke_in_private),
    ("set_friend_add_request", people::answer_friend_request),
    ("get_group_list", groups::list),
    ("get_group_info", groups::info),
    ("get_group_member_list", groups::member_list),
    ("get_group_member_info", groups::member_info),
    ("get_group_honor_info", groups::honor_info),
    ("set_group_name", groups::set_name),
    ("set_group_whole_ban", groups::ban_all),
    ("set_group_leave", groups::leave),
    ("set_group_add_request", groups::answer_request),
    ("set_group_kick", members::kick),
    ("set_group_ban", members::ban),
    ("set_group_admin", members::set_admin),
    ("set_group_card", members::set_card),
    ("set_group_special_title", members::set_title),
    ("group_poke", members::poke),
    ("send_msg", messages::send),
    ("send_private_msg", messages::send_private),
    ("send_group_msg", messages::send_to_group),
    ("delete_msg", messages::recall),
    ("get_msg", messages::get),
    ("mark_msg_as_read", account::nothing_to_do),
    ("get_group_msg_history", messages::group_history),
    ("get_friend_msg_history", messages::friend_history),
    ("send_forward_msg", forward::send),
    ("send_private_forward_msg", forward::send_private),
    ("send_group_forward_msg", forward::send_to_group),
    ("get_forward_msg", forward::get),
    ("get_image", files::none_kept),
    ("get_record", files::none_kept),
    ("upload_group_file", files::upload_to_group),
    ("upload_private_file", files::upload_private),
];

/// The endings that ask not to wait for the result.
const ASYNC_SUFFIXES: [&str; 2] = ["_async", "_rate_limited"];

pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    ACTIONS.iter().map(|(name, _)| *name)
}

/// Does what a frame asks for, and answers it if it is an action.
pub(crate) fn answer(world: &mut World, frame: &str, now: Timestamp) -> Outcome {
    match peek(frame, &FrameLimits::default()) {
        Ok(peeked) => match (peeked.kind(), &peeked.action) {
            (FrameKind::Action, Some(action)) => perform(world, action, &peeked, now),
            (FrameKind::Event, _) => Outcome::default(),
            (FrameKind::Response, _) if peeked.retcode.is_some() || peeked.status.is_some() => {
                Outcome::default()
            }
            _ => refuse(&Refusal::NoAction, peeked.echo()),
        },
        Err(malformed) => refuse(
            &Refusal::Malformed(malformed.reason.to_string()),
            malformed.echo.as_deref(),
        ),
    }
}

/// Refuses a frame that is no action; without an echo nobody waits for an answer.
fn refuse(refusal: &Refusal, echo: Option<&str>) -> Outcome {
    let response = echo.map(|_| response(&Err(refusal.clone()), echo));
    Outcome {
        frames: response.into_iter().collect(),
        ..Outcome::default()
    }
}

fn perform(world: &mut World, action: &str, peeked: &Peek<'_>, now: Timestamp) -> Outcome {
    let mut step = Step::new(world, now);
    let base = ASYNC_SUFFIXES
        .iter()
        .find_map(|suffix| action.strip_suffix(suffix));
    let params = Params::read(peeked.params);
    let about = params
        .as_ref()
        .ok()
        .and_then(|params| messages::about(step.world, params));
    let response = match handler(base.unwrap_or(action)) {
        None => response(
            &Err(Refusal::UnknownAction(action.to_owned())),
            peeked.echo(),
        ),
        Some(handler) => {
            let answer = params.and_then(|params| handler(&mut step, &params));
            match base {
                Some(_) => compose::accepted(peeked.echo()),
                None => response(&answer, peeked.echo()),
            }
        }
    };
    let mut outcome = step.into_outcome();
    outcome.about = about;
    outcome.frames.insert(0, response);
    outcome
}

fn handler(name: &str) -> Option<Handler> {
    ACTIONS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, handler)| *handler)
}

fn response(answer: &Answer, echo: Option<&str>) -> String {
    match answer {
        Ok(data) => compose::success(&data.to_string(), echo),
        Err(refusal) => compose::refusal(refusal.retcode(), &refusal.to_string(), echo),
    }
}
