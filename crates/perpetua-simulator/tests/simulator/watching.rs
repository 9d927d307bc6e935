//! What watchers see, names to find chats by, and JSON of what crosses the RPC.

use perpetua_simulator::{Chat, Outcome, Shown, SimulatedEvent, Simulator};
use serde_json::json;

use crate::harness::{BOT, MING, Stage, TESTING};

#[test]
fn chats_and_people_are_found_by_name_and_number() {
    let simulator = Simulator::new(1);
    assert_eq!(simulator.self_id(), BOT);
    for (word, chat) in [
        ("测试群", Chat::Group(TESTING)),
        ("20001", Chat::Group(TESTING)),
        ("小明", Chat::User(MING)),
        ("10001", Chat::User(MING)),
    ] {
        assert_eq!(simulator.find_chat(word), Ok(chat));
    }
    assert_eq!(simulator.find_person("小明"), Ok(MING));
    assert_eq!(simulator.find_person("小恒"), Ok(BOT));
    assert!(simulator.find_person("测试群").is_err());
}

#[test]
fn an_unknown_chat_is_answered_with_all_there_are() {
    let simulator = Simulator::new(1);
    let words = simulator
        .find_chat("测试")
        .expect_err("no such chat")
        .to_string();
    assert_eq!(
        words,
        "unknown group or person `测试`; there are: `测试群` (20001), `开发群` (20002), `闲聊群` (20003), \
         `隔壁群` (20004); `小明` (10001), `小红` (10002), `李雷` (10003), `韩梅梅` (10004), `王芳` (10005), \
         `陈默` (10006)"
    );
    assert!(
        simulator.find_chat("小恒").is_err(),
        "the bot has no chat with itself"
    );
}

#[test]
fn pictures_and_novels_are_shown_in_short() {
    let mut stage = Stage::new();
    let picture = format!("base64://{}", "A".repeat(1 << 20));
    let message = json!([{ "type": "image", "data": { "file": picture } }]);
    let seen = stage.act(
        "send_group_msg",
        &json!({ "group_id": TESTING, "message": message }),
    );
    let line = &seen.lines()[0];
    assert!(
        line.len() < 300 && line.contains("(1048585 bytes)"),
        "{line}"
    );

    let (_, seen) = stage.say(Chat::User(MING), MING, &"长".repeat(5_000));
    assert!(seen.lines()[0].ends_with("长… (15000 bytes)"));
    assert_eq!(seen.frames[0]["raw_message"], "长".repeat(5_000));
}

#[test]
fn what_is_shown_survives_json() {
    let mut stage = Stage::new();
    let (_, message) = stage.say(Chat::Group(TESTING), MING, "hi");
    let ban = stage.simulate(json!({ "event": "whole_ban", "group_id": TESTING, "enable": true }));
    for shown in message.shown.iter().chain(&ban.shown) {
        let text = serde_json::to_string(shown).expect("JSON");
        assert_eq!(
            &serde_json::from_str::<Shown>(&text).expect("the same"),
            shown
        );
    }
    let value = serde_json::to_value(&ban.shown[0]).expect("JSON");
    assert_eq!(
        value,
        json!({
            "time_ms": 1_700_000_000_123_i64,
            "place": { "chat": { "group": TESTING }, "name": "测试群" },
            "by": { "user_id": MING, "name": "小明" },
            "by_bot": false,
            "deed": "banned", "target": null, "seconds": null,
        })
    );
}

#[test]
fn an_event_with_an_unknown_field_is_refused() {
    let event = json!({ "event": "leave", "group_id": TESTING, "user_id": MING, "grup": 1 });
    let words = serde_json::from_value::<SimulatedEvent>(event)
        .expect_err("refused")
        .to_string();
    assert!(words.contains("`grup`"), "{words}");
}

#[test]
fn one_seed_tells_one_story() {
    let story = |seed| -> Vec<Outcome> {
        let mut stage = Stage::new();
        stage.simulator = Simulator::new(seed);
        (0..3)
            .map(|_| {
                stage
                    .try_say(Chat::Group(TESTING), MING, "hi")
                    .expect("said")
                    .1
            })
            .collect()
    };
    assert_eq!(story(7), story(7));
    assert_ne!(story(7), story(8));
}

#[test]
fn people_and_groups_are_listed_for_the_ui() {
    let simulator = Simulator::new(1);
    let friends: Vec<_> = simulator
        .people()
        .filter(|person| person.is_friend())
        .collect();
    assert_eq!(friends.len(), 3);
    let group = simulator.groups().next().expect("a group");
    let value = serde_json::to_value(group).expect("JSON");
    assert_eq!(value["members"]["10000"]["role"], "admin");
}
