//! Requests, and what becomes of them; quick operations.

use perpetua_simulator::{Chat, SimulatorError};
use serde_json::{Value, json};

use crate::harness::{BOT, CHATTING, FANG, LEI, MO, NEXT_DOOR, Stage, TESTING};

fn friend_request(stage: &mut Stage) -> Value {
    let event = json!({ "event": "friend_request", "user_id": MO, "comment": "加我" });
    stage.simulate(event).frames[0].clone()
}

fn group_request(stage: &mut Stage) -> Value {
    let event = json!({ "event": "group_request", "group_id": TESTING, "user_id": FANG, "comment": "求进" });
    stage.simulate(event).frames[0].clone()
}

#[test]
fn an_approved_friend_request_makes_a_friend() {
    let mut stage = Stage::new();
    let request = friend_request(&mut stage);
    assert_eq!(request["comment"], "加我");
    let answer = json!({ "flag": request["flag"], "approve": true, "remark": "默" });
    let seen = stage.act("set_friend_add_request", &answer);
    assert_eq!(seen.events()[0]["notice_type"], "friend_add");
    assert_eq!(
        seen.lines(),
        [
            "[@陈默] * 小恒 approved the request of 陈默 (10006)",
            "[@陈默] * 陈默 became a friend"
        ]
    );
    let friends = stage.ask("get_friend_list", &json!({}));
    let friend = friends
        .as_array()
        .expect("a list")
        .iter()
        .find(|it| it["user_id"] == MO);
    assert_eq!(friend.expect("a friend")["remark"], "默");
    stage.say(Chat::User(MO), MO, "hi");
    assert_eq!(
        stage.refused("set_friend_add_request", &answer).0,
        1200,
        "answered before"
    );
}

#[test]
fn a_refused_request_changes_nothing() {
    let mut stage = Stage::new();
    let request = friend_request(&mut stage);
    let seen = stage.act(
        "set_friend_add_request",
        &json!({ "flag": request["flag"], "approve": "false" }),
    );
    assert_eq!(seen.events(), &[] as &[Value]);
    assert!(stage.try_say(Chat::User(MO), MO, "hi").is_err());
}

#[test]
fn an_approved_group_request_makes_a_member() {
    let mut stage = Stage::new();
    let request = group_request(&mut stage);
    assert_eq!(request["sub_type"], "add");
    let wrong_kind = json!({ "flag": request["flag"], "sub_type": "invite" });
    assert_eq!(stage.refused("set_group_add_request", &wrong_kind).0, 1200);
    assert_eq!(stage.refused("set_friend_add_request", &wrong_kind).0, 1200);
    let seen = stage.act(
        "set_group_add_request",
        &json!({ "flag": request["flag"], "type": "add" }),
    );
    assert_eq!(seen.events()[0]["notice_type"], "group_increase");
    assert_eq!(seen.events()[0]["operator_id"], BOT);
    stage.say(Chat::Group(TESTING), FANG, "hi");
}

#[test]
fn only_an_admin_is_asked_to_let_somebody_in() {
    let mut stage = Stage::new();
    let event = json!({ "event": "group_request", "group_id": CHATTING, "user_id": LEI });
    assert!(matches!(
        stage.try_simulate(event),
        Err(SimulatorError::NotAllowed {
            operator_id: BOT,
            ..
        })
    ));
}

#[test]
fn an_accepted_invitation_brings_the_bot_into_the_group() {
    let mut stage = Stage::new();
    let invitation = json!({ "event": "group_invite", "group_id": NEXT_DOOR, "user_id": MO });
    let request = stage.simulate(invitation).frames[0].clone();
    assert_eq!(request["sub_type"], "invite");
    let answer = json!({ "flag": request["flag"], "sub_type": "invite" });
    let seen = stage.act("set_group_add_request", &answer);
    assert_eq!(seen.events()[0]["user_id"], BOT);
    assert_eq!(seen.events()[0]["sub_type"], "invite");
    stage.ask(
        "send_group_msg",
        &json!({ "group_id": NEXT_DOOR, "message": "大家好" }),
    );
}
