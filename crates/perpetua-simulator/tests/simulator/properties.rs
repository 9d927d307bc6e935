//! What holds for any frames: no panic, one response with the caller's echo, events that are events.

use perpetua_onebot::{FrameKind, FrameLimits, peek};
use perpetua_simulator::{Chat, ClientAction, Record, Simulator, Timestamp};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::harness::{BOT, CHATTING, CODING, LEI, MING, MO, NEXT_DOOR, TESTING};

/// Names that some action reads, so that random parameters reach deep.
const PARAMETERS: [&str; 24] = [
    "group_id",
    "user_id",
    "message",
    "messages",
    "message_id",
    "message_seq",
    "message_type",
    "sub_type",
    "flag",
    "approve",
    "enable",
    "duration",
    "card",
    "special_title",
    "group_name",
    "is_dismiss",
    "count",
    "times",
    "id",
    "file",
    "name",
    "context",
    "operation",
    "auto_escape",
];

fn value() -> impl Strategy<Value = Value> {
    let ids = [
        BOT,
        MING,
        LEI,
        MO,
        TESTING,
        CODING,
        CHATTING,
        NEXT_DOOR,
        0,
        -1,
        i64::MAX,
        i64::MIN,
    ];
    let id = prop::sample::select(ids.to_vec());
    let leaf = prop_oneof![
        6 => id.clone().prop_map(Value::from),
        2 => id.prop_map(|id| Value::from(id.to_string())),
        2 => prop::sample::select(vec!["group", "private", "add", "true", "0", "all", "[CQ:at,qq=10000]hi"])
            .prop_map(Value::from),
        2 => any::<bool>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => ".*".prop_map(Value::from),
        1 => Just(Value::Null),
        2 => Just(json!([{ "type": "node", "data": { "content": "x" } }])),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            params(inner).prop_map(Value::from),
        ]
    })
}

fn params(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    let name = prop::sample::select(PARAMETERS.map(str::to_owned).to_vec());
    prop::collection::hash_map(name, value, 0..10).prop_map(|members| members.into_iter().collect())
}

fn action() -> impl Strategy<Value = String> {
    let known = prop::sample::select(Simulator::actions().collect::<Vec<_>>());
    prop_oneof![
        8 => known.clone().prop_map(str::to_owned),
        1 => known.prop_map(|name| format!("{name}_async")),
        1 => ".*",
    ]
}

fn echo() -> impl Strategy<Value = String> {
    prop_oneof![
        value().prop_map(|value| value.to_string()),
        prop::sample::select(vec![
            "1.0",
            "1e999",
            r#""\u4F60""#,
            "{ \"a\" :\t1 }",
            "-0",
            "1234567890123456789012"
        ])
        .prop_map(str::to_owned),
    ]
}

/// Lets people and bots do things, so that later frames meet a world that has changed.
fn talk(simulator: &mut Simulator, now: Timestamp) {
    for chat in [Chat::Group(TESTING), Chat::User(MING)] {
        // A ban or a kick by an earlier frame may forbid it.
        let _ = simulator.say(&chat, None, "hi[CQ:face,id=1]", now);
    }
}

proptest! {
    #[test]
    fn an_action_gets_exactly_one_response_with_its_own_echo(
        calls in prop::collection::vec((action(), value(), echo(), any::<i64>()), 1..12),
    ) {
        let mut simulator = Simulator::new(3);
        for (action, params, echo, time) in calls {
            let now = Timestamp::from_unix_ms(time);
            talk(&mut simulator, now);
            let frame = format!(r#"{{"action":{},"params":{params},"echo":{echo}}}"#, json!(action));
            let outcome = simulator.handle(&frame, now);
            let (response, events) = outcome.frames.split_first().expect("a response");
            let response = peek(response, &FrameLimits::default()).expect("JSON");
            prop_assert_eq!(response.kind(), FrameKind::Response);
            prop_assert_eq!(response.echo(), Some(echo.as_str()));
            prop_assert!(response.retcode.is_some() && response.status.is_some());
            for event in events {
                let event = peek(event, &FrameLimits::default()).expect("JSON");
                prop_assert_eq!(event.kind(), FrameKind::Event);
                prop_assert!(!event.has_echo());
                prop_assert_eq!(event.self_id, Some(BOT));
            }
        }
    }

    #[test]
    fn whatever_is_done_is_recorded_in_order_and_with_the_frames_of_its_client(
        calls in prop::collection::vec((action(), value(), echo(), any::<i64>()), 1..12),
    ) {
        let (mut simulator, mut record, mut last) = (Simulator::new(3), Record::default(), 0);
        for (action, params, echo, time) in calls {
            let now = Timestamp::from_unix_ms(time);
            let mut lines = Vec::new();
            if let Ok((_, said)) = simulator.say(&Chat::Group(TESTING), None, "hi", now) {
                lines.extend(record.people_did(&said, &["bot".into()], now));
            }
            let with = |echo| format!(r#"{{"action":{},"params":{params},"echo":{echo}}}"#, json!(action));
            let frame = with(r#""p1""#);
            let outcome = simulator.handle(&frame, now);
            let asked = ClientAction {
                client: "bot".into(),
                echo: Some(&echo),
                frame: &frame,
                asked: now,
                answered: now,
            };
            let done = record.client_did(&asked, &outcome);
            for line in &done {
                let frames = record.frames(line.id).expect("just added");
                prop_assert_eq!(&*frames[0].text, with(&echo));
                prop_assert!(line.client.is_some() == line.shown.by_bot);
            }
            for line in lines.iter().chain(&done) {
                prop_assert_eq!(line.id, last + 1);
                last = line.id;
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic_or_answer_twice(frame in ".*", cut in any::<prop::sample::Index>()) {
        let mut simulator = Simulator::new(3);
        let now = Timestamp::from_unix_ms(0);
        prop_assert!(simulator.handle(&frame, now).frames.len() <= 1);
        let action = format!(r#"{{"echo":1,"action":"send_group_msg","params":{}}}"#, json!(frame));
        let broken: String = action.chars().take(cut.index(action.chars().count())).collect();
        prop_assert!(simulator.handle(&broken, now).frames.len() <= 1);
    }

    #[test]
    fn whatever_is_said_is_heard(text in ".+") {
        let mut simulator = Simulator::new(3);
        let said = simulator.say(&Chat::Group(TESTING), None, &text, Timestamp::from_unix_ms(0));
        let (message_id, outcome) = said.expect("said");
        let event: Value = serde_json::from_str(&outcome.frames[0]).expect("JSON");
        prop_assert_eq!(&event["message_id"], message_id);
    }
}
