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
    pub(crate) retcode: i32,
    pub(crate) data: Value,
}

/// The code of an action that there is not.
const UNKNOWN: i32 = 404;
/// The code of parameters that are missing or wrong.
const WRONG_PARAMETERS: i32 = 200;
/// The code of a message that was not signed.
const UNSIGNED: i32 = 9057;

impl Outcome {
    fn ok(data: Value) -> Self {
        Self { retcode: 0, data }
    }

    fn failed(retcode: i32) -> Self {
        Self {
            retcode,
            data: Value::Null,
        }
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
        if is_send(action) {
            return send(action, params, signed);
        }
        let user = number(&params["user_id"]);
        match action {
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
            "get_group_list" => Outcome::ok(json!([group()])),
            "get_group_info" => Outcome::ok(group()),
            "get_group_member_list" => Outcome::ok(json!([member(self.self_id), member(FRIEND)])),
            "get_group_member_info" => user.map_or(Outcome::failed(WRONG_PARAMETERS), |user| {
                Outcome::ok(member(user))
            }),
            "get_stranger_info" => user.map_or(Outcome::failed(WRONG_PARAMETERS), |user| {
                Outcome::ok(stranger(user))
            }),
            "can_send_image" | "can_send_record" => Outcome::ok(json!({ "yes": true })),
            "delete_msg" | "mark_msg_as_read" => Outcome::ok(Value::Null),
            // Its handler asks for what Lagrange's container does not have.
            "set_restart" | "get_msg" => Outcome::failed(WRONG_PARAMETERS),
            _ => Outcome::failed(UNKNOWN),
        }
    }
}

fn send(action: &str, params: &Value, signed: bool) -> Outcome {
    let to_group = action == "send_group_msg"
        || action == "send_msg"
            && params["message_type"] != "private"
            && !params["group_id"].is_null();
    let target = if to_group { "group_id" } else { "user_id" };
    if number(&params[target]).is_none() || params["message"].is_null() {
        return Outcome::failed(WRONG_PARAMETERS);
    }
    if !signed {
        return Outcome::failed(UNSIGNED);
    }
    // Two 16-bit numbers side by side, read as one with a sign: often negative.
    let id = -fastrand::i32(1..i32::MAX);
    Outcome::ok(json!({ "message_id": id }))
}

/// Lagrange takes numbers that are written as text, too.
fn number(value: &Value) -> Option<u64> {
    value
        .as_u64()
        .or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}

fn status() -> Value {
    json!({
        "app_initialized": true, "app_enabled": true, "plugins_good": true, "app_good": true,
        "online": true, "good": true, "memory": 218_417_584,
    })
}

fn friend() -> Value {
    json!({
        "user_id": FRIEND, "q_id": "", "nickname": "Ada", "remark": "",
        "group": { "group_id": 0, "group_name": "我的好友" },
    })
}

fn group() -> Value {
    json!({
        "group_id": GROUP, "group_name": "测试群", "member_count": 2, "max_member_count": 200,
    })
}

fn member(user: u64) -> Value {
    json!({
        "group_id": GROUP, "user_id": user, "nickname": if user == FRIEND { "Ada" } else { NICKNAME },
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
