//! `.handle_quick_operation`: answered at once, carried out as actions of the client that nobody hears of again.

use std::time::Duration;

use perpetua_hub::{ClientProfile, ClientSettings, ConnectionId, Role};
use serde_json::{Value, json};

use crate::rig::{BOT, Rig};

/// What aiocqhttp leaves of an event: no sender, no message.
const CONTEXT: &str = r#"{"post_type":"message","message_type":"group","group_id":20001,"user_id":10001,"message_id":-5}"#;

fn operation(name: &str, context: &str, operation: &str) -> String {
    format!(
        r#"{{"action":"{name}","params":{{"self_id":{BOT},"context":{context},"operation":{operation}}},"echo":{{"seq":8}}}}"#
    )
}

fn operate(rig: &mut Rig, id: ConnectionId, wanted: &str) -> Value {
    rig.call(id, &operation(".handle_quick_operation", CONTEXT, wanted))
}

/// What the owner is shown at the client, with its counts.
fn notices(rig: &Rig) -> Vec<(String, u64)> {
    let snapshot = rig.hub.snapshot();
    let notices = snapshot.clients[0].notices.iter();
    notices
        .map(|notice| (notice.message.to_string(), notice.count))
        .collect()
}

#[test]
fn the_answer_comes_at_once_and_the_actions_go_up() {
    for (name, status, retcode) in [
        (".handle_quick_operation", "ok", 0),
        (".handle_quick_operation_async", "async", 1),
        (".handle_quick_operation_rate_limited", "async", 1),
    ] {
        let mut rig = Rig::online();
        let id = rig.guest("bot", ClientProfile::Standard);
        let wanted = r#"{"reply":"x","at_sender":true,"delete":true}"#;
        let answer = rig.call(id, &operation(name, CONTEXT, wanted));
        assert_eq!(
            answer,
            json!({ "status": status, "retcode": retcode, "data": null, "echo": { "seq": 8 } }),
            "{name}"
        );
        let actions = rig.take_actions();
        let sent: Vec<_> = actions
            .iter()
            .map(|action| (action["action"].as_str(), action["params"].clone()))
            .collect();
        let message = "[CQ:at,qq=10001] x";
        assert_eq!(
            sent,
            [
                (
                    Some("send_group_msg"),
                    json!({ "group_id": 20001, "message": message })
                ),
                (Some("delete_msg"), json!({ "message_id": -5 })),
            ]
        );
        for action in &actions {
            rig.answer(action, "null");
        }
        assert_eq!(rig.take(id), [Value::Null; 0], "nobody waits for these");
        assert_eq!(notices(&rig), []);
    }
}

#[test]
fn an_event_of_another_account_is_refused() {
    let mut rig = Rig::online();
    let id = rig.guest("bot", ClientProfile::Standard);
    let with_id = |context: i64, params: i64| {
        format!(
            r#"{{"action":".handle_quick_operation_async","params":{{"self_id":{params},"context":{{"self_id":{context},"post_type":"message","message_type":"private","user_id":1}},"operation":{{"reply":"x"}}}},"echo":1}}"#
        )
    };
    for (context, params) in [(BOT + 1, BOT), (BOT, BOT + 1)] {
        let answer = rig.call(id, &with_id(context, params));
        assert_eq!(answer["retcode"], 1400);
        let words = answer["message"].as_str().expect("words");
        assert!(words.contains(&(BOT + 1).to_string()), "{words}");
        assert!(rig.take_actions().is_empty());
    }
    assert_eq!(rig.call(id, &with_id(BOT, BOT))["status"], "async");
    assert_eq!(rig.take_actions().len(), 1);
}

#[test]
fn what_cannot_be_read_is_refused_in_words() {
    let mut rig = Rig::online();
    let id = rig.guest("bot", ClientProfile::Standard);
    let name = ".handle_quick_operation";
    for (text, words) in [
        (operation(name, "{}", "{}"), "post_type"),
        (operation(name, CONTEXT, "[]"), "operation"),
        (operation(name, CONTEXT, r#"{"kick":"perhaps"}"#), "kick"),
        (operation(name, "[]", "{}"), "context"),
        (format!(r#"{{"action":"{name}","echo":1}}"#), "context"),
        (
            format!(r#"{{"action":"{name}","params":[],"echo":1}}"#),
            "params",
        ),
    ] {
        let answer = rig.call(id, &text);
        assert_eq!(answer["retcode"], 1400, "{text}");
        let message = answer["message"].as_str().expect("words");
        assert!(message.contains(words), "{message}");
    }
    assert!(rig.take_actions().is_empty());
}

#[test]
fn what_fails_is_told_to_the_owner_and_nobody_else() {
    let mut rig = Rig::online();
    let id = rig.guest("bot", ClientProfile::Standard);
    operate(&mut rig, id, r#"{"reply":"x","delete":true}"#);
    let actions = rig.take_actions();
    let echo = &actions[0]["echo"];
    rig.upstream(&format!(
        r#"{{"status":"failed","retcode":9057,"data":null,"echo":{echo}}}"#
    ));
    let echo = &actions[1]["echo"];
    rig.upstream(&format!(r#"{{"retcode":100,"data":null,"echo":{echo}}}"#));
    assert_eq!(rig.take(id), [Value::Null; 0]);
    let told = notices(&rig);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[1].0.contains("send_group_msg") && told[1].0.contains("9057"),
        "{told:?}"
    );
    assert!(
        told[0].0.contains("delete_msg") && told[0].0.contains("100"),
        "{told:?}"
    );
}

#[test]
fn what_the_upstream_was_not_given_is_told_to_the_owner() {
    let mut rig = Rig::online();
    let id = rig.guest("bot", ClientProfile::Standard);
    rig.lose();
    rig.take(id);
    assert_eq!(operate(&mut rig, id, r#"{"reply":"x"}"#)["status"], "ok");
    rig.pass(Duration::from_secs(9));
    let heard = rig.take(id);
    assert!(
        heard.iter().all(|frame| frame["post_type"] == "meta_event"),
        "{heard:?}"
    );
    let told = notices(&rig);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].0.contains("send_group_msg") && told[0].0.contains("away"),
        "{told:?}"
    );
}

#[test]
fn the_quota_of_the_client_holds_for_what_comes_of_it() {
    let mut rig = Rig::online();
    let settings = ClientSettings {
        max_pending_actions: 1,
        ..ClientSettings::default()
    };
    rig.hub.set_client("bot", settings, rig.now);
    let id = rig.connect("bot", Role::Universal);
    rig.take(id);
    // One fits: the other is told to the owner.
    let both = r#"{"reply":"x","delete":true}"#;
    assert_eq!(operate(&mut rig, id, both)["status"], "ok");
    assert_eq!(rig.take_actions().len(), 1);
    let told = notices(&rig);
    assert_eq!(told.len(), 1);
    assert!(told[0].0.contains("delete_msg"), "{told:?}");
    // None fits: nothing was done, and the caller may repeat it.
    assert_eq!(operate(&mut rig, id, both)["retcode"], 1429);
    assert!(rig.take_actions().is_empty());
    assert_eq!(notices(&rig).len(), 1);
}

#[test]
fn what_is_under_way_outlives_its_connection() {
    let mut rig = Rig::online();
    let id = rig.guest("bot", ClientProfile::Standard);
    operate(&mut rig, id, r#"{"reply":"x"}"#);
    rig.hub.disconnect(id, rig.now);
    let actions = rig.take_actions();
    let echo = &actions[0]["echo"];
    rig.upstream(&format!(
        r#"{{"status":"failed","retcode":1,"data":null,"echo":{echo}}}"#
    ));
    assert_eq!(notices(&rig).len(), 1);
    assert_eq!(rig.hub.snapshot().late_responses, 0);
}
