//! Talking with bots in the simulator: who got what was said, who answered, and the frames of both.

use std::time::Duration;

use perpetua_schema::{
    ChatDeed, ChatEvent, ChatFrame, ChatFrameKind, ChatFrames, ChatHistory, ChatId, ChatPicture,
    ChatSegment, ErrorCode, Event, Say, SimulatorWorld,
};
use perpetua_testkit::Client;
use serde_json::{Value, json};

use crate::talk::{Talk, lines, main, next, next_line};

const MING: i64 = 10_001;
const BOT: i64 = 10_000;

#[tokio::test]
async fn a_line_tells_who_got_it_and_each_answer_whose_it_is_and_how_long_it_took() {
    let talk = Talk::begin().await;
    let mut nonebot = talk.connect("nonebot", "/").await;
    let (mut events, mut actions) = (
        talk.connect("koishi", "/event").await,
        talk.connect("koishi", "/api").await,
    );
    let mut watched = talk.watch().await;

    talk.say("/weather").await.expect("said");
    let asked = next_line(&mut watched).await;
    let mut delivered = asked.delivered_to.clone();
    delivered.sort();
    assert_eq!(delivered, ["koishi", "nonebot"], "`astrbot` is not there");
    assert_eq!(
        (asked.by_bot, &asked.client, asked.took_ms),
        (false, &None, None)
    );
    assert_eq!(asked.by.user_id, MING);

    nonebot.heard("/weather").await.expect("heard");
    answer(&mut nonebot, "sunny", json!(7)).await;
    let first = next_line(&mut watched).await;
    events.heard("/weather").await.expect("heard");
    let late = Duration::from_millis(120);
    tokio::time::sleep(late).await;
    answer(&mut actions, "rain", json!("late")).await;
    let second = next_line(&mut watched).await;

    for (line, client, text) in [(&first, "nonebot", "sunny"), (&second, "koishi", "rain")] {
        assert_eq!(line.client.as_deref(), Some(client));
        assert!(matches!(&line.deed, ChatDeed::Message { text: said, .. } if said == text));
        assert!(line.by_bot && line.delivered_to.is_empty());
        let since = u64::try_from(line.time_ms - asked.time_ms).expect("later");
        assert_eq!(line.took_ms, Some(since));
    }
    assert!(second.took_ms.expect("a time") >= 120);
    assert!(asked.id < first.id && first.id < second.id);

    let page = talk.history(None, 2).await;
    assert_eq!((page.lines, page.more), (vec![first.clone(), second], true));
    let page = talk.history(Some(first.id), 9).await;
    assert_eq!((page.lines, page.more), (vec![asked], false));
    talk.end().await;
}

#[tokio::test]
async fn the_frames_of_a_line_are_those_of_the_clients_with_their_own_echoes() {
    let talk = Talk::begin().await;
    let mut nonebot = talk.connect("nonebot", "/").await;
    let mut koishi = talk.connect("koishi", "/").await;
    let mut watched = talk.watch().await;
    talk.say("/weather").await.expect("said");
    let asked = next_line(&mut watched).await;
    let event = nonebot.heard("/weather").await.expect("heard");

    let echoes = [
        json!(7),
        json!("seven"),
        json!({ "seq": [7, null] }),
        json!(7.5),
        json!(true),
    ];
    for echo in &echoes {
        answer(&mut nonebot, "sunny", echo.clone()).await;
    }
    // One without an echo is answered as well, and a refusal belongs to the line, too.
    nonebot
        .socket()
        .send(&action("rain", None))
        .await
        .expect("sent");
    koishi
        .call("send_group_msg", json!({ "group_id": 20_001 }))
        .await
        .expect("refused");
    let answers = lines(&mut watched, 6).await;

    let frames = talk.frames(asked.id).await;
    assert_eq!(frames.len(), 1 + 2 * (6 + 1));
    assert_eq!(
        (frames[0].kind, &frames[0].client),
        (ChatFrameKind::Event, &None)
    );
    assert_eq!(read(&frames[0]), event, "as the clients got it");
    let (own, refused) = frames[1..].split_at(12);
    let pairs = own.chunks(2).zip(echoes.iter().map(Some).chain([None]));
    for (pair, echo) in pairs {
        assert_eq!(
            [pair[0].kind, pair[1].kind],
            [ChatFrameKind::Action, ChatFrameKind::Response]
        );
        for frame in pair {
            assert_eq!(frame.client.as_deref(), Some("nonebot"));
            assert_eq!(read(frame).get("echo"), echo, "{}", frame.text);
            assert!(frame.time_ms >= asked.time_ms);
        }
        assert_eq!(read(&pair[0])["action"], "send_group_msg");
        assert_eq!(read(&pair[1])["status"], "ok");
    }
    assert_eq!(refused[1].client.as_deref(), Some("koishi"));
    assert_eq!(read(&refused[1])["status"], "failed");

    let answer = talk.frames(answers[0].id).await;
    assert_eq!(answer[..], own[..2]);
    let unknown = talk
        .rpc
        .call(&ChatFrames {
            account: main(),
            line: 99,
        })
        .await;
    assert_eq!(unknown.expect_err("no such line").code, ErrorCode::NotFound);
    talk.end().await;
}

#[tokio::test]
async fn a_pasted_picture_can_be_seen_and_burdens_no_line_and_no_frame() {
    let talk = Talk::begin().await;
    let mut nonebot = talk.connect("nonebot", "/").await;
    let mut watched = talk.watch().await;
    let base64 = format!("iVBORw0KGgo{}", "A".repeat(1 << 20));
    talk.say(&format!("look[CQ:image,file=base64://{base64}]"))
        .await
        .expect("said");
    let line = next_line(&mut watched).await;
    let ChatDeed::Message { segments, text, .. } = &line.deed else {
        panic!("{line:?}");
    };
    let ChatSegment::Image {
        picture: Some(picture),
        link: None,
    } = segments[1]
    else {
        panic!("{segments:?}");
    };
    assert!(text.len() < 500 && talk.frames(line.id).await[0].text.len() < 4_000);
    let call = ChatPicture {
        account: main(),
        picture,
    };
    let content = talk.rpc.call(&call).await.expect("kept");
    assert_eq!(content.data_url, format!("data:image/png;base64,{base64}"));
    // The bot gets all of it.
    let heard = nonebot.heard("look").await.expect("heard");
    assert_eq!(
        heard["message"][1]["data"]["file"],
        format!("base64://{base64}")
    );
    talk.end().await;
}

#[tokio::test]
async fn people_and_groups_are_told_and_when_they_change() {
    let talk = Talk::begin().await;
    let mut watched = talk.watch().await;
    let world = talk
        .rpc
        .call(&SimulatorWorld { account: main() })
        .await
        .expect("a world");
    assert_eq!(
        (world.self_id, world.groups.len(), world.other_groups.len()),
        (BOT, 3, 1)
    );
    assert_eq!((world.friends.len(), world.strangers.len()), (3, 3));
    let here = &world.groups[0];
    assert_eq!(here.group_id, 20_001);
    assert!(
        here.members
            .iter()
            .any(|one| one.user_id == MING && one.role == "owner")
    );

    // What is said changes nobody.
    talk.say("hi").await.expect("said");
    assert!(matches!(next(&mut watched).await, Event::Shown { .. }));
    let ban = ChatEvent::Ban {
        group_id: 20_001,
        user_id: 10_003,
        operator_id: None,
        duration: 60,
    };
    talk.simulate(ban).await;
    assert_eq!(
        next(&mut watched).await,
        Event::WorldChanged { account: main() }
    );
    assert!(matches!(next(&mut watched).await, Event::Shown { .. }));
    let world = talk
        .rpc
        .call(&SimulatorWorld { account: main() })
        .await
        .expect("a world");
    let banned = world.groups[0]
        .members
        .iter()
        .find(|one| one.user_id == 10_003);
    assert!(banned.expect("a member").banned_until_ms.is_some());

    let mut nonebot = talk.connect("nonebot", "/").await;
    for (name, params) in [
        (
            "set_group_card",
            json!({ "group_id": 20_001, "user_id": 10_003, "card": "Lei" }),
        ),
        (
            "set_group_name",
            json!({ "group_id": 20_001, "group_name": "new" }),
        ),
        ("set_group_leave", json!({ "group_id": 20_003 })),
    ] {
        nonebot.data_of(name, params).await.expect("done");
        assert_eq!(
            next(&mut watched).await,
            Event::WorldChanged { account: main() }
        );
        assert!(matches!(next(&mut watched).await, Event::Shown { .. }));
    }
    let world = talk
        .rpc
        .call(&SimulatorWorld { account: main() })
        .await
        .expect("a world");
    assert_eq!(
        (world.groups.len(), world.groups[0].name.as_str()),
        (2, "new")
    );
    assert!(world.groups[0].members.iter().any(|one| one.name == "Lei"));
    talk.end().await;
}

#[tokio::test]
async fn who_may_not_speak_is_told_why() {
    let talk = Talk::begin().await;
    let ban = ChatEvent::Ban {
        group_id: 20_001,
        user_id: 10_003,
        operator_id: None,
        duration: 60,
    };
    talk.simulate(ban).await;
    let said = |chat: &str, speaker: &str| Say {
        account: None,
        chat: chat.into(),
        speaker: Some(speaker.into()),
        text: "hi".into(),
    };
    for (say, code) in [
        (said("20001", "10003"), "simulator.silenced"),
        (said("nowhere", "10003"), "simulator.unknown_chat"),
        (said("20001", "10000"), "simulator.acts_for_bot"),
    ] {
        let refused = talk.rpc.call(&say).await.expect_err(code);
        assert_eq!(refused.message.code, code);
    }
    let unknown = ChatHistory {
        account: main(),
        chat: ChatId::Group(7),
        before: None,
        limit: 9,
    };
    let refused = talk.rpc.call(&unknown).await.expect_err("no such group");
    assert_eq!(refused.message.code, "simulator.unknown_group");
    talk.end().await;
}

fn action(text: &str, echo: Option<&Value>) -> Value {
    let params = json!({ "group_id": 20_001, "message": text });
    let mut action = json!({ "action": "send_group_msg", "params": params });
    if let Some(echo) = echo {
        action["echo"] = echo.clone();
    }
    action
}

/// A client says something in the group, and has its answer.
async fn answer(client: &mut Client, text: &str, echo: Value) {
    let action = action(text, Some(&echo));
    client.socket().send(&action).await.expect("sent");
    client.response(&echo).await.expect("answered");
}

fn read(frame: &ChatFrame) -> Value {
    serde_json::from_str(&frame.text).expect("JSON")
}
