//! What watchers see, names to find chats by, and JSON of what crosses the RPC.

use perpetua_simulator::{Chat, Deed, Outcome, Piece, Quote, SimulatedEvent, Simulator, Who};
use serde_json::json;

use crate::harness::{BOT, HONG, MING, Seen, Stage, TESTING};

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
fn a_message_is_shown_piece_by_piece() {
    let mut stage = Stage::new();
    let (first, _) = stage.say(Chat::Group(TESTING), MING, "/weather");
    let text = format!(
        "[CQ:reply,id={first}]see [CQ:at,qq=10001][CQ:at,qq=all][CQ:face,id=14]\
         [CQ:image,file=base64://iVBORw0KGgo=][CQ:image,file=https://example.org/a.png]\
         [CQ:image,file=file:///tmp/a.png][CQ:record,file=a.silk]"
    );
    let (_, seen) = stage.say(Chat::Group(TESTING), HONG, &text);
    let picture = |picture, link: Option<&str>| Piece::Image {
        picture,
        link: link.map(str::to_owned),
    };
    let ming = Who {
        user_id: MING,
        name: "小明".into(),
    };
    let quoted = Quote {
        by: ming.clone(),
        text: "/weather".into(),
    };
    assert_eq!(
        pieces(&seen),
        [
            Piece::Reply {
                message_id: first,
                quoted: Some(quoted)
            },
            Piece::Text("see ".into()),
            Piece::At(Some(ming)),
            Piece::At(None),
            Piece::Face("14".into()),
            picture(Some(1), None),
            picture(None, Some("https://example.org/a.png")),
            picture(None, None),
            Piece::Other {
                kind: "record".into(),
                code: "[CQ:record,file=a.silk]".into()
            },
        ]
    );
    let content = stage.simulator.picture(1).expect("kept");
    assert_eq!(&*content, "data:image/png;base64,iVBORw0KGgo=");
    let words = stage.simulator.picture(2).expect_err("none").to_string();
    assert!(words.contains("`2`"), "{words}");
}

#[test]
fn what_was_recalled_is_not_quoted_and_no_message_has_endless_pieces() {
    let mut stage = Stage::new();
    let (first, _) = stage.say(Chat::Group(TESTING), MING, "secret");
    stage.simulate(json!({ "event": "recall", "message_id": first }));
    let text = format!("[CQ:reply,id={first}]{}", "[CQ:face,id=1]".repeat(1_000));
    let (_, seen) = stage.say(Chat::Group(TESTING), MING, &text);
    let pieces = pieces(&seen);
    assert!(matches!(pieces[0], Piece::Reply { quoted: None, .. }));
    assert_eq!(pieces.len(), 200);
}

fn pieces(seen: &Seen) -> &[Piece] {
    match &seen.shown[0].deed {
        Deed::Message { pieces, .. } => pieces,
        other => panic!("{other:?}"),
    }
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

#[test]
fn what_changes_nobody_and_no_group_leaves_the_revision_alone() {
    let mut stage = Stage::new();
    let begun = stage.simulator.revision();
    stage.say(Chat::Group(TESTING), MING, "hello");
    stage.say(Chat::User(MING), MING, "hello");
    for (action, params) in [
        ("get_group_list", json!({})),
        ("get_group_member_list", json!({ "group_id": TESTING })),
        (
            "send_group_msg",
            json!({ "group_id": TESTING, "message": "hello" }),
        ),
        (
            "set_group_card",
            json!({ "group_id": 1, "user_id": HONG, "card": "x" }),
        ),
    ] {
        stage.act(action, &params);
        assert_eq!(stage.simulator.revision(), begun, "{action}");
    }
    let card = json!({ "group_id": TESTING, "user_id": HONG, "card": "x" });
    stage.act("set_group_card", &card);
    assert_ne!(stage.simulator.revision(), begun);
}
