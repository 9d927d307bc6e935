//! Quick operations: each of them as the actions that it stands for.

use perpetua_onebot::{FrameKind, FrameLimits, QuickFault, peek, quick_actions};
use proptest::prelude::*;
use serde_json::{Value, json};

const GROUP: &str = r#"{"post_type":"message","message_type":"group","group_id":20001,"user_id":10001,"message_id":-5}"#;
const PRIVATE: &str =
    r#"{"post_type":"message","message_type":"private","user_id":10001,"message_id":7}"#;
const ANONYMOUS: &str = r#"{"post_type":"message","message_type":"group","sub_type":"anonymous","group_id":20001,"user_id":80000000,"message_id":9,"anonymous":{"id":1,"name":"x","flag":"f|1"}}"#;

/// An operation that asks for nothing.
const EMPTY: &[u8] = b"{}";

fn actions(context: &str, operation: &str) -> Result<Vec<String>, QuickFault> {
    let actions = quick_actions(context.as_bytes(), operation.as_bytes())?;
    let written = actions
        .iter()
        .map(|one| format!("{} {}", one.action, one.params));
    Ok(written.collect())
}

fn done(context: &str, operation: &str) -> Vec<String> {
    actions(context, operation).expect(operation)
}

fn refused(context: &str, operation: &str) -> QuickFault {
    actions(context, operation).expect_err(operation)
}

/// `CONNECTIONS.md`, C29: a reply that programs have cut, or whose mention they have turned into text.
#[test]
fn a_reply_mentions_who_spoke_and_stays_as_it_is() {
    let escaped =
        json!({ "reply": "say \"a\\b\"\n[CQ:face,id=1]", "auto_escape": true, "at_sender": true });
    assert_eq!(
        done(GROUP, &escaped.to_string()),
        [
            r#"send_group_msg {"group_id":20001,"message":[{"type":"at","data":{"qq":"10001"}},{"type":"text","data":{"text":" "}},{"type":"text","data":{"text":"say \"a\\b\"\n[CQ:face,id=1]"}}]}"#
        ]
    );
    let codes = json!({ "reply": "say \"a\\b\"\n[CQ:face,id=1]&amp;", "at_sender": true });
    assert_eq!(
        done(GROUP, &codes.to_string()),
        [
            r#"send_group_msg {"group_id":20001,"message":"[CQ:at,qq=10001] say \"a\\b\"\n[CQ:face,id=1]&amp;"}"#
        ]
    );
    let array = r#"{"at_sender":true,"reply": [ {"type":"face","data":{"id":1.0}} , {"type":"text","data":{"text":"\u4F60"}} ]}"#;
    assert_eq!(
        done(GROUP, array),
        [
            r#"send_group_msg {"group_id":20001,"message":[{"type":"at","data":{"qq":"10001"}},{"type":"text","data":{"text":" "}},{"type":"face","data":{"id":1.0}} , {"type":"text","data":{"text":"\u4F60"}}]}"#
        ]
    );
}

#[test]
fn nobody_is_mentioned_who_was_not_asked_for_or_is_anonymous_or_alone_with_the_bot() {
    for (context, operation, action) in [
        (
            GROUP,
            r#"{"reply":"x"}"#,
            r#"send_group_msg {"group_id":20001,"message":"x"}"#,
        ),
        (
            GROUP,
            r#"{"reply":"x","at_sender":false}"#,
            r#"send_group_msg {"group_id":20001,"message":"x"}"#,
        ),
        (
            ANONYMOUS,
            r#"{"reply":"x","at_sender":true}"#,
            r#"send_group_msg {"group_id":20001,"message":"x"}"#,
        ),
        (
            PRIVATE,
            r#"{"reply":"x","at_sender":true}"#,
            r#"send_private_msg {"user_id":10001,"message":"x"}"#,
        ),
    ] {
        assert_eq!(done(context, operation), [action]);
    }
}

/// `CONNECTIONS.md`, C30.
#[test]
fn a_reply_comes_in_every_shape_and_an_empty_one_sends_nothing() {
    let sent = |operation: &str| {
        let done = done(PRIVATE, operation);
        let message = done.first().map(|action| {
            let params = action.split_once(' ').expect("params").1;
            let params: Value = serde_json::from_str(params).expect(params);
            params["message"].clone()
        });
        assert!(done.len() <= 1);
        message
    };
    let segment = json!({ "type": "text", "data": { "text": "x" } });
    for (reply, message) in [
        (r#""a[CQ:face,id=1]""#, Some(json!("a[CQ:face,id=1]"))),
        (
            r#"[{"type":"text","data":{"text":"x"}}]"#,
            Some(json!([segment])),
        ),
        (
            r#"{"type":"text","data":{"text":"x"}}"#,
            Some(json!([segment])),
        ),
        (
            "123",
            Some(json!([{ "type": "text", "data": { "text": "123" } }])),
        ),
        (
            "-1.50",
            Some(json!([{ "type": "text", "data": { "text": "-1.50" } }])),
        ),
        (r#""""#, None),
        ("[ ]", None),
        ("{}", None),
        ("null", None),
    ] {
        assert_eq!(sent(&format!(r#"{{"reply":{reply}}}"#)), message, "{reply}");
    }
    let escaped = json!([{ "type": "text", "data": { "text": "[CQ:face,id=1]&amp;" } }]);
    assert_eq!(
        sent(r#"{"reply":"[CQ:face,id=1]&amp;","auto_escape":true}"#),
        Some(escaped)
    );
    // It is about strings.
    assert_eq!(
        sent(r#"{"reply":[{"type":"text","data":{"text":"x"}}],"auto_escape":true}"#),
        Some(json!([segment]))
    );
    assert_eq!(sent("{}"), None);
    assert_eq!(done(GROUP, r#"{"reply":"","at_sender":true}"#), [""; 0]);
    for reply in ["true", "false"] {
        let fault = refused(GROUP, &format!(r#"{{"reply":{reply}}}"#));
        assert_eq!(fault, QuickFault::Wrong { name: "reply" });
    }
}

#[test]
fn a_stranger_is_answered_through_the_group_between() {
    let at_the_sender = r#"{"post_type":"message","message_type":"private","sub_type":"group","user_id":"10001","sender":{"group_id":20001}}"#;
    let at_the_top = r#"{"post_type":"message","message_type":"private","sub_type":"group","user_id":"10001","group_id":20001,"sender":{}}"#;
    for context in [at_the_sender, at_the_top] {
        assert_eq!(
            done(context, r#"{"reply":"x"}"#),
            [r#"send_private_msg {"user_id":"10001","group_id":20001,"message":"x"}"#]
        );
    }
    let of_a_friend = r#"{"post_type":"message","message_type":"private","sub_type":"friend","user_id":1,"sender":{"group_id":20001}}"#;
    assert_eq!(
        done(of_a_friend, r#"{"reply":"x"}"#),
        [r#"send_private_msg {"user_id":1,"message":"x"}"#]
    );
}

#[test]
fn a_group_message_is_deleted_and_its_sender_banned_and_kicked_in_this_order() {
    let everything = r#"{"kick":true,"ban":true,"delete":true,"reply":"x"}"#;
    assert_eq!(
        done(GROUP, everything),
        [
            r#"send_group_msg {"group_id":20001,"message":"x"}"#,
            r#"delete_msg {"message_id":-5}"#,
            r#"set_group_ban {"group_id":20001,"user_id":10001,"duration":1800}"#,
            r#"set_group_kick {"group_id":20001,"user_id":10001,"reject_add_request":false}"#,
        ]
    );
    assert_eq!(
        done(ANONYMOUS, everything),
        [
            r#"send_group_msg {"group_id":20001,"message":"x"}"#,
            r#"delete_msg {"message_id":9}"#,
            r#"set_group_anonymous_ban {"group_id":20001,"anonymous":{"id":1,"name":"x","flag":"f|1"},"duration":1800}"#,
        ]
    );
    assert_eq!(
        done(GROUP, r#"{"ban":1,"ban_duration":"60"}"#),
        [r#"set_group_ban {"group_id":20001,"user_id":10001,"duration":60}"#]
    );
    assert_eq!(
        done(GROUP, r#"{"kick":"true","reject_add_request":true}"#),
        [r#"set_group_kick {"group_id":20001,"user_id":10001,"reject_add_request":true}"#]
    );
    assert_eq!(
        done(GROUP, r#"{"delete":false,"kick":0,"ban":null}"#),
        [""; 0]
    );
    assert_eq!(
        done(PRIVATE, r#"{"delete":true,"kick":true,"ban":true}"#),
        [""; 0]
    );
}

#[test]
fn requests_are_answered_where_it_is_said_how() {
    let friend = r#"{"post_type":"request","request_type":"friend","user_id":1,"flag":"f1"}"#;
    let group = r#"{"post_type":"request","request_type":"group","sub_type":"invite","group_id":2,"flag":12345678901234567890}"#;
    for (context, operation, action) in [
        (
            friend,
            r#"{"approve":true,"remark":"陈"}"#,
            r#"set_friend_add_request {"flag":"f1","approve":true,"remark":"陈"}"#,
        ),
        (
            friend,
            r#"{"approve":false}"#,
            r#"set_friend_add_request {"flag":"f1","approve":false}"#,
        ),
        (
            group,
            r#"{"approve":true,"remark":"-"}"#,
            r#"set_group_add_request {"flag":12345678901234567890,"approve":true,"sub_type":"invite"}"#,
        ),
        (
            group,
            r#"{"approve":false,"reason":404}"#,
            r#"set_group_add_request {"flag":12345678901234567890,"approve":false,"sub_type":"invite","reason":"404"}"#,
        ),
    ] {
        assert_eq!(done(context, operation), [action]);
    }
    for context in [friend, group] {
        assert_eq!(done(context, r#"{"remark":"x","reason":"x"}"#), [""; 0]);
        assert_eq!(done(context, r#"{"approve":null,"reply":"x"}"#), [""; 0]);
    }
}

#[test]
fn nothing_can_be_asked_for_about_other_events() {
    for context in [
        r#"{"post_type":"notice","notice_type":"group_recall"}"#,
        r#"{"post_type":"meta_event"}"#,
        r#"{"post_type":"distributed"}"#,
    ] {
        let operation = r#"{"reply":"x","delete":true,"approve":true}"#;
        assert_eq!(done(context, operation), [""; 0]);
    }
}

#[test]
fn what_cannot_be_read_keeps_all_of_it_from_being_done() {
    let lacks = |name| QuickFault::Lacks { name };
    let wrong = |name| QuickFault::Wrong { name };
    let none = |what| QuickFault::NotAnObject { what };
    for (context, operation, fault) in [
        ("[]", "{}", none("context")),
        ("{", "{}", none("context")),
        (GROUP, "OK", none("operation")),
        (GROUP, r#""ok""#, none("operation")),
        (GROUP, "", none("operation")),
        (GROUP, "\u{feff}{}", none("operation")),
        ("{}", r#"{"reply":"x"}"#, lacks("post_type")),
        (
            r#"{"post_type":"message"}"#,
            r#"{"reply":"x"}"#,
            lacks("message_type"),
        ),
        (
            r#"{"post_type":"message","message_type":"group"}"#,
            r#"{"reply":"x"}"#,
            lacks("group_id"),
        ),
        (
            r#"{"post_type":"message","message_type":"group","group_id":[1]}"#,
            r#"{"reply":"x"}"#,
            lacks("group_id"),
        ),
        (
            r#"{"post_type":"message","message_type":"group","group_id":1}"#,
            r#"{"reply":"x","at_sender":true}"#,
            lacks("user_id"),
        ),
        (
            r#"{"post_type":"message","message_type":"group","group_id":1,"user_id":2}"#,
            r#"{"delete":true}"#,
            lacks("message_id"),
        ),
        (
            r#"{"post_type":"message","message_type":"group","sub_type":"anonymous","group_id":1}"#,
            r#"{"ban":true}"#,
            lacks("anonymous"),
        ),
        (
            r#"{"post_type":"request","flag":"f"}"#,
            r#"{"approve":true}"#,
            lacks("request_type"),
        ),
        (
            r#"{"post_type":"request","request_type":"group","flag":"f"}"#,
            r#"{"approve":true}"#,
            lacks("sub_type"),
        ),
        (
            r#"{"post_type":"request","request_type":"friend"}"#,
            r#"{"approve":true}"#,
            lacks("flag"),
        ),
        (GROUP, r#"{"reply":"x","kick":"perhaps"}"#, wrong("kick")),
        (GROUP, r#"{"reply":"x","kick":{}}"#, wrong("kick")),
        (
            GROUP,
            r#"{"reply":"x","ban":true,"ban_duration":-1}"#,
            wrong("ban_duration"),
        ),
        (
            GROUP,
            r#"{"reply":"x","ban":true,"ban_duration":"1 h"}"#,
            wrong("ban_duration"),
        ),
        (
            GROUP,
            r#"{"reply":"x","auto_escape":2}"#,
            wrong("auto_escape"),
        ),
    ] {
        assert_eq!(refused(context, operation), fault, "{context} {operation}");
    }
    assert!(quick_actions(b"{\"post_type\":\"\xff\"}", b"{}").is_err());
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        r#"(\[CQ:at,qq=1\]|&amp;|[\[\],&"\\]|yes|0|\PC){0,6}"#.prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,4}", inner, 0..3).prop_map(Value::from_iter),
        ]
    })
}

fn any_members(names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let member = (prop::sample::select(names), any_json());
    prop::collection::vec(member, 0..8).prop_map(|members| {
        members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    })
}

proptest! {
    /// Whatever comes in, what goes up are whole actions.
    #[test]
    fn what_is_made_is_an_action(
        context in any_members(&["group_id", "user_id", "message_id", "flag", "sub_type", "anonymous", "sender"]),
        operation in any_members(&[
            "reply", "auto_escape", "at_sender", "delete", "kick", "ban", "ban_duration", "approve", "remark", "reason",
        ]),
        post_type in prop::sample::select(&["message", "request"][..]),
        kind in prop::sample::select(&["group", "private", "friend"][..]),
    ) {
        let mut context = context;
        context["post_type"] = post_type.into();
        context["message_type"] = kind.into();
        context["request_type"] = kind.into();
        let made = quick_actions(context.to_string().as_bytes(), operation.to_string().as_bytes());
        for action in made.into_iter().flatten() {
            let frame = action.frame();
            let peeked = peek(&frame, &FrameLimits::default()).expect(&frame);
            prop_assert_eq!(peeked.kind(), FrameKind::Action);
            prop_assert_eq!(peeked.action.as_deref(), Some(action.action));
            prop_assert_eq!(peeked.params, Some(action.params.as_str()));
        }
    }

    #[test]
    fn garbage_is_refused_and_nothing_more(context in any::<Vec<u8>>(), operation in any::<Vec<u8>>()) {
        let of_garbage = quick_actions(&context, EMPTY);
        prop_assert!(of_garbage.is_err());
        let operated = quick_actions(GROUP.as_bytes(), &operation);
        prop_assert!(operated.is_err() || operated.is_ok_and(|actions| actions.is_empty()));
    }
}
