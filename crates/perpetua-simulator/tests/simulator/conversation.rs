//! Messages: said, answered, recalled, looked up, passed on.

use perpetua_simulator::{Chat, SimulatorError};
use serde_json::json;

use crate::harness::{BOT, CHATTING, FANG, HONG, LEI, MING, MO, NEXT_DOOR, Stage, TESTING};

#[test]
fn what_a_member_says_is_a_group_message_event() {
    let mut stage = Stage::new();
    let (message_id, seen) = stage.say(Chat::Group(TESTING), HONG, "[CQ:at,qq=10000] 你好");
    assert_eq!(
        seen.frames,
        [json!({
            "time": 1_700_000_000, "self_id": BOT, "post_type": "message",
            "message_type": "group", "sub_type": "normal",
            "message_id": message_id, "real_id": message_id, "message_seq": 1,
            "user_id": HONG, "group_id": TESTING, "anonymous": null,
            "message": [
                { "type": "at", "data": { "qq": "10000" } },
                { "type": "text", "data": { "text": " 你好" } },
            ],
            "raw_message": "[CQ:at,qq=10000] 你好", "font": 0,
            "sender": {
                "user_id": HONG, "nickname": "小红", "card": "", "sex": "female", "age": 20,
                "area": "", "level": "1", "role": "admin", "title": "",
            },
        })]
    );
}

#[test]
fn what_a_friend_says_is_a_private_message_event() {
    let mut stage = Stage::new();
    let (_, seen) = stage.say(Chat::User(MING), MING, "在吗");
    let event = &seen.frames[0];
    assert_eq!(event["message_type"], "private");
    assert_eq!(event["sub_type"], "friend");
    assert_eq!(event["target_id"], BOT);
    assert_eq!(event.get("group_id"), None);
    assert_eq!(
        event["sender"],
        json!({ "user_id": MING, "nickname": "小明", "sex": "male", "age": 21 })
    );
}

#[test]
fn who_shares_a_group_may_write_and_be_answered_and_a_stranger_may_not() {
    let mut stage = Stage::new();
    let (_, seen) = stage.say(Chat::User(FANG), FANG, "hello");
    assert_eq!(seen.frames[0]["sub_type"], "group");
    stage.ask(
        "send_private_msg",
        &json!({ "user_id": FANG, "message": "hi" }),
    );

    let stranger = SimulatorError::Stranger { user_id: MO };
    assert_eq!(stage.try_say(Chat::User(MO), MO, "hello"), Err(stranger));
    let (retcode, _) = stage.refused(
        "send_private_msg",
        &json!({ "user_id": MO, "message": "hi" }),
    );
    assert_eq!(retcode, 1200);
}

#[test]
fn a_bots_own_message_is_shown_but_is_no_event() {
    let mut stage = Stage::new();
    let seen = stage.act(
        "send_msg",
        &json!({ "message_type": "group", "group_id": TESTING, "user_id": MING, "message": "收到" }),
    );
    assert_eq!(seen.events(), &[] as &[serde_json::Value]);
    assert_eq!(seen.lines(), ["[测试群] 小恒: 收到"]);
    assert!(seen.shown[0].by_bot);
}

#[test]
fn without_a_speaker_the_most_natural_one_speaks() {
    let mut stage = Stage::new();
    let now = stage.now();
    let mut speaker = |chat| {
        let (_, outcome) = stage.simulator.say(&chat, None, "hi", now).expect("said");
        outcome.shown[0].by.user_id
    };
    assert_eq!(speaker(Chat::Group(TESTING)), MING);
    assert_eq!(
        speaker(Chat::Group(crate::harness::CODING)),
        LEI,
        "the bot owns it"
    );
    assert_eq!(speaker(Chat::User(HONG)), HONG);
}

#[test]
fn only_who_takes_part_in_a_chat_speaks_in_it() {
    let mut stage = Stage::new();
    assert!(matches!(
        stage.try_say(Chat::Group(TESTING), FANG, "hi"),
        Err(SimulatorError::NotMember { user_id: FANG, .. })
    ));
    assert_eq!(
        stage.try_say(Chat::User(MING), HONG, "hi"),
        Err(SimulatorError::NotInChat {
            speaker: HONG,
            user_id: MING
        })
    );
    assert_eq!(
        stage.try_say(Chat::Group(TESTING), BOT, "hi"),
        Err(SimulatorError::ActsForBot { user_id: BOT })
    );
    assert_eq!(
        stage.try_say(Chat::Group(NEXT_DOOR), MO, "hi"),
        Err(SimulatorError::BotNotInGroup {
            group_id: NEXT_DOOR
        })
    );
    assert_eq!(
        stage.try_say(Chat::Group(TESTING), MING, ""),
        Err(SimulatorError::EmptyMessage)
    );
}

#[test]
fn a_message_may_be_text_with_codes_a_segment_or_an_array() {
    let mut stage = Stage::new();
    for (message, auto_escape, shown) in [
        (json!("a[CQ:face,id=1]"), json!(false), "a[CQ:face,id=1]"),
        (json!("a[CQ:face,id=1]"), json!("true"), "a[CQ:face,id=1]"),
        (
            json!({ "type": "text", "data": { "text": "one" } }),
            json!(null),
            "one",
        ),
        (
            json!([{ "type": "text", "data": { "text": "[x]" } }]),
            json!(null),
            "[x]",
        ),
    ] {
        let params = json!({ "group_id": TESTING.to_string(), "message": message, "auto_escape": auto_escape });
        let seen = stage.act("send_group_msg", &params);
        assert_eq!(seen.lines(), [format!("[测试群] 小恒: {shown}")]);
        let message_id = &seen.response()["data"]["message_id"];
        let sent = stage.ask("get_msg", &json!({ "message_id": message_id }));
        let kinds = sent["message"].as_array().expect("segments").len();
        assert_eq!(
            kinds == 2,
            shown.starts_with('a') && auto_escape == json!(false)
        );
    }
    for empty in [json!(""), json!([])] {
        let params = json!({ "group_id": TESTING, "message": empty });
        assert_eq!(stage.refused("send_group_msg", &params).0, 1200);
    }
}

#[test]
fn get_msg_gives_what_was_said_and_by_whom() {
    let mut stage = Stage::new();
    let (message_id, seen) = stage.say(Chat::Group(TESTING), LEI, "记住");
    let data = stage.ask("get_msg", &json!({ "message_id": message_id.to_string() }));
    assert_eq!(data, seen.frames[0]);

    let sent = stage.ask(
        "send_private_msg",
        &json!({ "user_id": MING, "message": "hi" }),
    );
    let data = stage.ask("get_msg", &sent);
    assert_eq!(data["sender"]["user_id"], BOT);
    assert_eq!(data["target_id"], MING);
    assert_eq!(
        stage
            .refused("get_msg", &json!({ "message_id": 1_i64 << 40 }))
            .0,
        1200
    );
}

#[test]
fn a_bot_recalls_its_own_messages_and_those_of_lower_rank() {
    let mut stage = Stage::new();
    let own = stage.ask(
        "send_group_msg",
        &json!({ "group_id": TESTING, "message": "oops" }),
    );
    let seen = stage.act("delete_msg", &own);
    assert_eq!(seen.events()[0]["notice_type"], "group_recall");
    assert_eq!(seen.events()[0]["operator_id"], BOT);

    let (of_member, _) = stage.say(Chat::Group(TESTING), LEI, "spam");
    let seen = stage.act("delete_msg", &json!({ "message_id": of_member }));
    assert_eq!(seen.events()[0]["user_id"], LEI);
    assert_eq!(
        seen.lines(),
        [format!("[测试群] * 小恒 recalled message {of_member}")]
    );

    let (of_owner, _) = stage.say(Chat::Group(TESTING), MING, "rules");
    assert_eq!(
        stage
            .refused("delete_msg", &json!({ "message_id": of_owner }))
            .0,
        1200
    );
    let (of_friend, _) = stage.say(Chat::User(MING), MING, "secret");
    assert_eq!(
        stage
            .refused("delete_msg", &json!({ "message_id": of_friend }))
            .0,
        1200
    );
}

#[test]
fn a_recalled_message_can_be_read_but_not_recalled_again() {
    let mut stage = Stage::new();
    let (message_id, _) = stage.say(Chat::User(MING), MING, "secret");
    let seen = stage.simulate(json!({ "event": "recall", "message_id": message_id }));
    assert_eq!(seen.frames[0]["notice_type"], "friend_recall");
    assert_eq!(seen.frames[0]["user_id"], MING);
    let data = stage.ask("get_msg", &json!({ "message_id": message_id }));
    assert_eq!(data["raw_message"], "secret");
    assert_eq!(
        stage.try_simulate(json!({ "event": "recall", "message_id": message_id })),
        Err(SimulatorError::UnknownMessage {
            message_id: message_id.into()
        })
    );
}

#[test]
fn history_is_paged_from_the_newest_backwards() {
    let mut stage = Stage::new();
    let ids: Vec<i32> = (0..5)
        .map(|number| {
            stage
                .say(Chat::Group(CHATTING), FANG, &number.to_string())
                .0
        })
        .collect();
    stage.say(Chat::Group(TESTING), MING, "elsewhere");
    let mut page = |params| -> Vec<i64> {
        let data = stage.ask("get_group_msg_history", &params);
        let messages = data["messages"].as_array().expect("messages");
        messages
            .iter()
            .map(|message| message["message_id"].as_i64().expect("an id"))
            .collect()
    };
    assert_eq!(
        page(json!({ "group_id": CHATTING })),
        ids.iter().map(|id| i64::from(*id)).collect::<Vec<_>>()
    );
    assert_eq!(
        page(json!({ "group_id": CHATTING, "message_seq": 3, "count": 2 })),
        [i64::from(ids[1]), i64::from(ids[2])]
    );
    let (code, _) = stage.refused(
        "get_group_msg_history",
        &json!({ "group_id": CHATTING, "message_id": 7 }),
    );
    assert_eq!(code, 1200);
}

#[test]
fn forwarded_messages_can_be_read_by_the_id_in_the_segment_and_by_the_messages() {
    let mut stage = Stage::new();
    let (quoted, _) = stage.say(Chat::Group(TESTING), LEI, "原话");
    let sent = stage.ask(
        "send_group_forward_msg",
        &json!({ "group_id": TESTING, "messages": [
            { "type": "node", "data": { "name": "甲", "uin": "123", "content": "一" } },
            { "type": "node", "data": { "id": quoted.to_string() } },
        ]}),
    );
    let message = stage.ask("get_msg", &json!({ "message_id": sent["message_id"] }));
    assert_eq!(message["message"][0]["type"], "forward");
    assert_eq!(message["message"][0]["data"]["id"], sent["forward_id"]);

    let by_id = stage.ask("get_forward_msg", &json!({ "id": sent["forward_id"] }));
    assert_eq!(
        by_id["message"],
        json!([
            { "type": "node", "data": {
                "user_id": "123", "nickname": "甲",
                "content": [{ "type": "text", "data": { "text": "一" } }] } },
            { "type": "node", "data": {
                "user_id": LEI.to_string(), "nickname": "李雷",
                "content": [{ "type": "text", "data": { "text": "原话" } }] } },
        ])
    );
    assert_eq!(by_id["messages"][0]["sender"]["user_id"], 123);
    let by_message = stage.ask(
        "get_forward_msg",
        &json!({ "message_id": sent["message_id"] }),
    );
    assert_eq!(by_message, by_id);

    let wrong = json!({ "group_id": TESTING, "messages": [{ "type": "text", "data": {} }] });
    assert_eq!(stage.refused("send_group_forward_msg", &wrong).0, 1400);
    assert_eq!(
        stage
            .refused("get_forward_msg", &json!({ "id": "no such" }))
            .0,
        1200
    );
}
