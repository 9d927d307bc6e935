//! Every action in the table, with sane parameters and with none.

use perpetua_simulator::{Chat, Simulator};
use serde_json::{Value, json};

use crate::harness::{CODING, FANG, LEI, MING, MO, NEXT_DOOR, Stage, TESTING};

/// What the data of a response must be.
#[derive(Clone, Copy)]
enum Data {
    Null,
    /// An object with these members, each as in this example: of the same type.
    Like(&'static str),
    /// A list of at least one such object.
    ListOf(&'static str),
    /// No data: the simulator refuses with words.
    Refused,
}

const MEMBER: &str = r#"{"group_id":1,"user_id":1,"nickname":"","card":"","sex":"","age":1,"area":"",
    "join_time":1,"last_sent_time":1,"level":"","role":"","unfriendly":true,"title":"",
    "title_expire_time":1,"card_changeable":true}"#;
const GROUP: &str = r#"{"group_id":1,"group_name":"","member_count":1,"max_member_count":1}"#;
const SENT: &str = r#"{"message_id":1}"#;
const FORWARDED: &str = r#"{"message_id":1,"forward_id":""}"#;
const MESSAGE: &str =
    r#"{"time":1,"message_type":"","message_id":1,"real_id":1,"sender":{},"message":[]}"#;
const HONOURS: &str = r#"{"group_id":1,"current_talkative":null,"talkative_list":[],"performer_list":[],"legend_list":[],
    "strong_newbie_list":[],"emotion_list":[]}"#;

/// Ids that only a running world has.
struct Known {
    message_id: i32,
    forward_id: Value,
    friend_flag: Value,
    group_flag: Value,
}

fn prepared() -> (Stage, Known) {
    let mut stage = Stage::new();
    let (message_id, _) = stage.say(Chat::Group(TESTING), LEI, "hi");
    let nodes = json!([{ "type": "node", "data": { "content": "x" } }]);
    let params = json!({ "group_id": TESTING, "messages": nodes });
    let forward_id = stage.ask("send_group_forward_msg", &params)["forward_id"].clone();
    let asked = stage.simulate(json!({ "event": "friend_request", "user_id": MO }));
    let invited =
        stage.simulate(json!({ "event": "group_invite", "group_id": NEXT_DOOR, "user_id": MO }));
    let known = Known {
        message_id,
        forward_id,
        friend_flag: asked.frames[0]["flag"].clone(),
        group_flag: invited.frames[0]["flag"].clone(),
    };
    (stage, known)
}

fn sample(action: &str, known: &Known) -> (Value, Data) {
    let in_group = json!({ "group_id": TESTING, "user_id": LEI, "message": "hi" });
    let node =
        json!([{ "type": "node", "data": { "user_id": "1", "nickname": "n", "content": "hi" } }]);
    match action {
        "get_login_info" => (json!({}), Data::Like(r#"{"user_id":1,"nickname":""}"#)),
        "get_status" => (json!({}), Data::Like(r#"{"online":true,"good":true}"#)),
        "get_version_info" => (
            json!({}),
            Data::Like(r#"{"app_name":"","app_version":"","protocol_version":""}"#),
        ),
        "can_send_image" | "can_send_record" => (json!({}), Data::Like(r#"{"yes":true}"#)),
        "clean_cache" | "mark_msg_as_read" => (json!({}), Data::Null),
        "get_cookies" | "get_csrf_token" | "get_credentials" => (json!({}), Data::Refused),
        "get_image" | "get_record" => (json!({ "file": "x.jpg" }), Data::Refused),
        "get_stranger_info" => (
            json!({ "user_id": MO, "no_cache": true }),
            Data::Like(r#"{"user_id":1,"nickname":"","sex":"","age":1}"#),
        ),
        "get_friend_list" => (
            json!({}),
            Data::ListOf(r#"{"user_id":1,"nickname":"","remark":""}"#),
        ),
        "send_like" => (json!({ "user_id": MING, "times": 10 }), Data::Null),
        "friend_poke" => (json!({ "user_id": MING }), Data::Null),
        "set_friend_add_request" => (json!({ "flag": known.friend_flag }), Data::Null),
        "get_group_list" => (json!({}), Data::ListOf(GROUP)),
        "get_group_info" => (in_group, Data::Like(GROUP)),
        "get_group_member_list" => (in_group, Data::ListOf(MEMBER)),
        "get_group_member_info" => (in_group, Data::Like(MEMBER)),
        "get_group_honor_info" => (
            json!({ "group_id": TESTING, "type": "all" }),
            Data::Like(HONOURS),
        ),
        "set_group_name" => (
            json!({ "group_id": TESTING, "group_name": "n" }),
            Data::Null,
        ),
        "set_group_leave" => (
            json!({ "group_id": CODING, "is_dismiss": true }),
            Data::Null,
        ),
        "set_group_add_request" => (
            json!({ "flag": known.group_flag, "sub_type": "invite" }),
            Data::Null,
        ),
        "set_group_admin" | "set_group_special_title" => {
            (json!({ "group_id": CODING, "user_id": LEI }), Data::Null)
        }
        "set_group_kick"
        | "set_group_ban"
        | "set_group_whole_ban"
        | "set_group_card"
        | "group_poke" => (in_group, Data::Null),
        "send_msg" | "send_private_msg" | "send_group_msg" => (in_group, Data::Like(SENT)),
        "delete_msg" => (json!({ "message_id": known.message_id }), Data::Null),
        "get_msg" => (
            json!({ "message_id": known.message_id }),
            Data::Like(MESSAGE),
        ),
        "get_group_msg_history" => (in_group, Data::Like(r#"{"messages":[]}"#)),
        "get_friend_msg_history" => (json!({ "user_id": FANG }), Data::Like(r#"{"messages":[]}"#)),
        "send_forward_msg" | "send_group_forward_msg" => (
            json!({ "group_id": TESTING, "messages": node }),
            Data::Like(FORWARDED),
        ),
        "send_private_forward_msg" => (
            json!({ "user_id": MING, "messages": node }),
            Data::Like(FORWARDED),
        ),
        "get_forward_msg" => (
            json!({ "id": known.forward_id }),
            Data::Like(r#"{"message":[]}"#),
        ),
        "upload_group_file" | "upload_private_file" => (
            json!({ "group_id": TESTING, "user_id": MING, "file": "/tmp/x", "name": "x" }),
            Data::Like(r#"{"file_id":""}"#),
        ),
        other => panic!("`{other}` is in the table and has no sample here"),
    }
}

#[test]
fn every_action_answers_in_its_shape() {
    for action in Simulator::actions() {
        let (mut stage, known) = prepared();
        let (params, expected) = sample(action, &known);
        match expected {
            Data::Refused => assert_eq!(stage.refused(action, &params).0, 1200),
            Data::Null => assert_eq!(stage.ask(action, &params), Value::Null, "{action}"),
            Data::Like(example) => assert_like(action, &stage.ask(action, &params), example),
            Data::ListOf(example) => {
                let data = stage.ask(action, &params);
                let items = data.as_array().expect(action);
                assert!(!items.is_empty(), "{action}");
                for item in items {
                    assert_like(action, item, example);
                }
            }
        }
    }
}

fn assert_like(action: &str, data: &Value, example: &str) {
    let example: Value = serde_json::from_str(example).expect(example);
    for (name, like) in example.as_object().expect("an object") {
        let value = &data[name];
        assert_eq!(
            std::mem::discriminant(value),
            std::mem::discriminant(like),
            "`{name}` of `{action}` is {value}"
        );
    }
}

#[test]
fn every_action_answers_also_without_parameters() {
    for action in Simulator::actions() {
        let (mut stage, _) = prepared();
        let seen = stage.act(action, &Value::Null);
        let response = seen.response();
        let members: Vec<_> = response.as_object().expect("an object").keys().collect();
        if response["status"] == "ok" {
            assert_eq!(response["retcode"], 0);
            assert_eq!(members, ["data", "echo", "retcode", "status"]);
        } else {
            assert_eq!(response["status"], "failed", "{action}");
            assert!(
                [1200, 1400].map(Value::from).contains(&response["retcode"]),
                "{action}"
            );
            assert_eq!(response["data"], Value::Null);
            assert!(
                response["wording"]
                    .as_str()
                    .is_some_and(|words| !words.is_empty())
            );
        }
    }
}

#[test]
fn every_action_has_one_name() {
    let mut names: Vec<_> = Simulator::actions().collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}
