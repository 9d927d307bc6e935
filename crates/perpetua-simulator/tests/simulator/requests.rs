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

#[test]
fn a_quick_reply_mentions_who_spoke_unless_told_not_to() {
    let mut stage = Stage::new();
    let (_, seen) = stage.say(Chat::Group(TESTING), LEI, "ping");
    let context = &seen.frames[0];
    let mut lines = |operation| {
        let params = json!({ "context": context, "operation": operation });
        stage.act(".handle_quick_operation", &params).lines()
    };
    assert_eq!(
        lines(json!({ "reply": "pong" })),
        ["[测试群] 小恒: [CQ:at,qq=10003] pong"]
    );
    assert_eq!(
        lines(json!({ "reply": "pong", "at_sender": false })),
        ["[测试群] 小恒: pong"]
    );
    assert_eq!(lines(json!({})), [] as [&str; 0]);
}

#[test]
fn a_quick_operation_deletes_bans_and_kicks() {
    let mut stage = Stage::new();
    let (_, seen) = stage.say(Chat::Group(TESTING), LEI, "spam");
    let context = &seen.frames[0];
    let operation = json!({ "delete": true, "ban": true, "ban_duration": 60 });
    let params = json!({ "context": context, "operation": operation });
    let seen = stage.act(".handle_quick_operation", &params);
    let notices: Vec<_> = seen
        .events()
        .iter()
        .map(|event| &event["notice_type"])
        .collect();
    assert_eq!(notices, ["group_recall", "group_ban"]);
    assert_eq!(seen.events()[1]["duration"], 60);

    let params = json!({ "context": context, "operation": { "kick": true } });
    let seen = stage.act(".handle_quick_operation", &params);
    assert_eq!(seen.events()[0]["sub_type"], "kick");
}

#[test]
fn a_quick_operation_answers_requests() {
    let mut stage = Stage::new();
    for context in [friend_request(&mut stage), group_request(&mut stage)] {
        let leave_it = json!({ "context": context, "operation": {} });
        assert_eq!(stage.act(".handle_quick_operation", &leave_it).shown, []);
        let approve = json!({ "context": context, "operation": { "approve": true } });
        let seen = stage.act(".handle_quick_operation", &approve);
        assert_eq!(seen.response()["status"], "ok");
        assert_eq!(seen.events().len(), 1);
    }
}

#[test]
fn a_private_quick_reply_goes_to_the_person() {
    let mut stage = Stage::new();
    let (_, seen) = stage.say(Chat::User(LEI), LEI, "hi");
    let params =
        json!({ "context": seen.frames[0], "operation": { "reply": "hello", "delete": true } });
    assert_eq!(
        stage.act(".handle_quick_operation", &params).lines(),
        ["[@李雷] 小恒: hello"]
    );
}
