//! What the account answers: as much of Lagrange's 79 actions as bot frameworks ask for.

use serde_json::{Value, json};

use crate::files::NICKNAME;
use crate::wire::now;

/// The account's only group.
pub(crate) const GROUP: u64 = 30_003;
/// Who writes in it.
pub(crate) const FRIEND: u64 = 40_001;

/// A result code and what comes with it.
pub(crate) struct Outcome {
    pub(crate) status: &'static str,
    pub(crate) retcode: i32,
    pub(crate) data: Value,
}

/// The code of an action that there is not.
const UNKNOWN: i32 = 404;
/// The code of parameters that are missing or wrong.
const WRONG_PARAMETERS: i32 = 200;
/// The code of a message that was not signed.
const UNSIGNED: i32 = 9057;

/// The code of a group, or a member of it, that was not found.
const NOT_FOUND: i32 = -1;

impl Outcome {
    fn ok(data: Value) -> Self {
        Self {
            status: "ok",
            retcode: 0,
            data,
        }
    }

    fn failed(retcode: i32) -> Self {
        Self {
            status: "failed",
            retcode,
            data: Value::Null,
        }
    }

    /// The request does not hold what its action needs.
    pub(crate) fn wrong_parameters() -> Self {
        Self::failed(WRONG_PARAMETERS)
    }
}

/// The account as actions see it.
pub(crate) struct Account {
    pub(crate) self_id: u64,
    /// `Linux | 3.2.15-30366`
    pub(crate) protocol: String,
}

/// Whether an action sends a message, and so needs a signature.
pub(crate) fn is_send(action: &str) -> bool {
    matches!(action, "send_msg" | "send_group_msg" | "send_private_msg")
}

impl Account {
    /// Answers an action; `signed` says whether a message could be signed.
    pub(crate) fn answer(&self, action: &str, params: &Value, signed: bool) -> Outcome {
        let answered = if is_send(action) {
            send(action, params, signed)
        } else {
            self.tell(action, params)
        };
        answered.unwrap_or_else(|WrongId| Outcome::wrong_parameters())
    }

    fn tell(&self, action: &str, params: &Value) -> Result<Outcome, WrongId> {
        let group = || id(params, "group_id");
        let user = || id(params, "user_id");
        Ok(match action {
            "get_login_info" => {
                Outcome::ok(json!({ "user_id": self.self_id, "nickname": NICKNAME }))
            }
            "get_status" => Outcome::ok(status()),
            "get_version_info" => Outcome::ok(json!({
                "app_name": "Lagrange.OneBot",
                "app_version": "0.0.3",
                "protocol_version": "v11",
                "nt_protocol": self.protocol,
            })),
            "get_friend_list" => Outcome::ok(json!([friend()])),
            "get_group_list" => Outcome::ok(json!([group_of_two()])),
            "get_group_info" => match group()? {
                0 => Outcome::failed(NOT_FOUND),
                _ => Outcome::ok(group_of_two()),
            },
            "get_group_member_list" => {
                let group = group()?;
                Outcome::ok(json!([member(group, self.self_id), member(group, FRIEND)]))
            }
            "get_group_member_info" => match (group()?, user()?) {
                (0, _) | (_, 0) => Outcome::failed(NOT_FOUND),
                (group, user) => Outcome::ok(member(group, user)),
            },
            "get_stranger_info" => match user()? {
                0 => Outcome::wrong_parameters(),
                user => Outcome::ok(stranger(user)),
            },
            "can_send_image" | "can_send_record" => Outcome::ok(json!({ "yes": true })),
            "delete_msg"
            | "mark_msg_as_read"
            | "set_group_ban"
            | "set_group_kick"
            | "set_friend_add_request"
            | "set_group_add_request" => Outcome::ok(Value::Null),
            "send_like" => Outcome {
                status: match user()? {
                    0 => "user not found in the buffer",
                    _ => "ok",
                },
                ..Outcome::ok(Value::Null)
            },
            // Its handler asks for what Lagrange's container does not have.
            "set_restart" | "get_msg" => Outcome::wrong_parameters(),
            _ => Outcome::failed(UNKNOWN),
        })
    }
}

/// An id that is none.
struct WrongId;

/// A number of 32 bits, which may be written as text; 0 where it is missing.
fn id(params: &Value, name: &str) -> Result<u64, WrongId> {
    let number = match &params[name] {
        Value::Null => Some(0),
        Value::String(text) => text.parse().ok(),
        value => value.as_u64(),
    };
    number
        .filter(|number| u32::try_from(*number).is_ok())
        .ok_or(WrongId)
}

fn send(action: &str, params: &Value, signed: bool) -> Result<Outcome, WrongId> {
    let to_group = action == "send_group_msg"
        || action == "send_msg"
            && params["message_type"] != "private"
            && !params["group_id"].is_null();
    let target = id(params, if to_group { "group_id" } else { "user_id" })?;
    if target == 0 || params["message"].is_null() {
        return Err(WrongId);
    }
    if !signed {
        return Ok(Outcome::failed(UNSIGNED));
    }
    // Two 16-bit numbers side by side, read as one with a sign: often negative.
    let id = -fastrand::i32(1..i32::MAX);
    Ok(Outcome::ok(json!({ "message_id": id })))
}

fn status() -> Value {
    json!({
        "app_initialized": true, "app_enabled": true, "plugins_good": true, "app_good": true,
        "online": true, "good": true, "memory": 10_417_584,
    })
}

fn friend() -> Value {
    json!({
        "user_id": FRIEND, "q_id": "", "nickname": "Ada", "remark": "",
        "group": { "group_id": 0, "group_name": "我的好友" },
    })
}

fn group_of_two() -> Value {
    json!({
        "group_id": GROUP, "group_name": "测试群", "member_count": 2, "max_member_count": 200,
    })
}

fn member(group: u64, user: u64) -> Value {
    json!({
        "group_id": group, "user_id": user, "nickname": if user == FRIEND { "Ada" } else { NICKNAME },
        "card": "", "sex": "", "age": 0, "area": "", "join_time": 1_700_000_000, "last_sent_time": now(),
        "level": "1", "role": "member", "unfriendly": false, "title": "", "title_expire_time": 0,
        "card_changeable": false,
    })
}

fn stranger(user: u64) -> Value {
    json!({
        "user_id": user, "avatar": "", "q_id": "", "nickname": "Ada", "sign": "", "sex": "unknown",
        "age": 0, "level": 1, "status": { "status_id": 10, "face_id": 0, "message": "" },
        "RegisterTime": "2020-01-01T00:00:00Z", "Business": [],
    })
}
