//! The bot account itself, and what this upstream is.

#![expect(
    clippy::unnecessary_wraps,
    reason = "these cannot fail, but have the shape that the table of actions asks for"
)]

use serde_json::{Value, json};

use super::Answer;
use super::params::Params;
use super::refusal::Refusal;
use crate::step::Step;

pub(super) fn login_info(step: &mut Step<'_>, _: &Params) -> Answer {
    let user_id = step.world.self_id;
    Ok(json!({ "user_id": user_id, "nickname": step.world.nickname(user_id) }))
}

pub(super) fn status(_: &mut Step<'_>, _: &Params) -> Answer {
    Ok(json!({
        "app_initialized": true,
        "app_enabled": true,
        "plugins_good": true,
        "app_good": true,
        "online": true,
        "good": true,
    }))
}

pub(super) fn version_info(_: &mut Step<'_>, _: &Params) -> Answer {
    Ok(json!({
        "app_name": "perpetua-simulator",
        "app_version": env!("CARGO_PKG_VERSION"),
        "protocol_version": "v11",
    }))
}

pub(super) fn can_send(_: &mut Step<'_>, _: &Params) -> Answer {
    Ok(json!({ "yes": true }))
}

/// For what a real core does with things that the simulator does not have, and nobody can tell.
pub(super) fn nothing_to_do(_: &mut Step<'_>, _: &Params) -> Answer {
    Ok(Value::Null)
}

pub(super) fn no_credentials(_: &mut Step<'_>, _: &Params) -> Answer {
    Err(Refusal::Unsupported(
        "a simulated account has no cookies or tokens; try this with a real account",
    ))
}
