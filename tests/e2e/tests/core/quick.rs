//! Quick operations, as a framework that is posted to answers them, at a managed core: every kind of event.

use anyhow::{Result, bail, ensure};
use fake_core::{Qq, Report, RunningCore};
use perpetua_e2e::until;
use perpetua_e2e::world::{UIN, World, confirming};
use perpetua_testkit::{FakeTarget, TargetAnswer};
use serde_json::{Value, json};

/// All that a framework may ask for at once.
fn everything() -> Value {
    json!({
        "reply": "hi [CQ:face,id=1]", "auto_escape": true, "at_sender": true, "delete": true,
        "kick": true, "reject_add_request": true, "ban": true, "ban_duration": 60,
        "approve": false, "remark": "Ada", "reason": "full",
    })
}

/// Who asks for something, and where.
fn request(kind: &str, more: &Value) -> Value {
    let base = json!({ "post_type": "request", "request_type": kind, "user_id": 7, "flag": "f-1", "comment": "" });
    event(base, more)
}

fn message(kind: &str, more: &Value) -> Value {
    let base = json!({
        "post_type": "message", "message_type": kind, "sub_type": "normal", "user_id": 40_001, "message_id": -5,
        "message": [{ "type": "text", "data": { "text": "x" } }], "raw_message": "x", "font": 0,
    });
    event(base, more)
}

fn event(mut base: Value, more: &Value) -> Value {
    if let (Some(base), Some(more)) = (base.as_object_mut(), more.as_object()) {
        base.extend(more.clone());
        base.insert("self_id".into(), UIN.into());
        base.insert("time".into(), 1_700_000_000.into());
    }
    base
}

/// An event and what is made of [`everything`] about it: the actions with what their parameters have among others.
type Row = (Value, Vec<(&'static str, Value)>);

fn rows() -> Vec<Row> {
    let group = json!({ "group_id": 30_003 });
    let member = json!({ "group_id": 30_003, "user_id": 40_001 });
    let anonymous = json!({
        "group_id": 30_003, "sub_type": "anonymous", "anonymous": { "id": 3, "name": "n", "flag": "a-1" },
    });
    let asked = |sub_type: &str| json!({ "group_id": 30_003, "sub_type": sub_type });
    let answered = |sub_type: &str| json!({ "flag": "f-1", "approve": false, "sub_type": sub_type, "reason": "full" });
    vec![
        (
            message("private", &json!({ "sub_type": "friend" })),
            vec![("send_private_msg", json!({ "user_id": 40_001 }))],
        ),
        (
            message("group", &group),
            vec![
                ("send_group_msg", group.clone()),
                ("delete_msg", json!({ "message_id": -5 })),
                (
                    "set_group_ban",
                    json!({ "group_id": 30_003, "user_id": 40_001, "duration": 60 }),
                ),
                (
                    "set_group_kick",
                    json!({ "user_id": 40_001, "reject_add_request": true }),
                ),
            ],
        ),
        (
            message("group", &anonymous),
            vec![
                ("send_group_msg", group.clone()),
                ("delete_msg", json!({ "message_id": -5 })),
                (
                    "set_group_anonymous_ban",
                    json!({ "group_id": 30_003, "duration": 60 }),
                ),
            ],
        ),
        (
            request("friend", &json!({})),
            vec![(
                "set_friend_add_request",
                json!({ "flag": "f-1", "approve": false, "remark": "Ada" }),
            )],
        ),
        (
            request("group", &asked("add")),
            vec![("set_group_add_request", answered("add"))],
        ),
        (
            request("group", &asked("invite")),
            vec![("set_group_add_request", answered("invite"))],
        ),
        (
            event(
                json!({ "post_type": "notice", "notice_type": "group_increase" }),
                &member,
            ),
            vec![],
        ),
        // Whatever a notice brought about would come before this.
        (
            message(
                "private",
                &json!({ "sub_type": "friend", "message_id": -6 }),
            ),
            vec![("send_private_msg", json!({ "user_id": 40_001 }))],
        ),
    ]
}

/// The next action that does something, with its parameters and the code of its answer.
async fn done(core: &mut RunningCore) -> Result<(String, Value, i32)> {
    let does = |name: &str| {
        ["send_", "set_", "delete_"]
            .iter()
            .any(|verb| name.starts_with(verb))
    };
    let is_it = |report: &Report| matches!(report, Report::Called { action, .. } if does(action));
    match core.reported("an action", is_it).await? {
        Report::Called {
            action,
            params,
            retcode,
        } => Ok((action, params, retcode)),
        other => bail!("{other:?} is no call"),
    }
}

fn holds(all: &Value, some: &Value) -> bool {
    let some = some.as_object().into_iter().flatten();
    some.into_iter().all(|(name, value)| all[name] == *value)
}

#[tokio::test]
async fn what_is_asked_for_about_each_kind_of_event_is_what_the_core_is_told() -> Result<()> {
    let target = FakeTarget::start().await?;
    let url = target.url("/onebot");
    let world = World::with(&confirming(), |settings| {
        settings.post_client("hook", &url, "")
    })
    .await?;
    let node = world.node().await?;
    let mut core = world.online().await?;
    target.always_answers(TargetAnswer::json(&everything()));
    for (event, expected) in rows() {
        core.qq(Qq::Emit(event.clone())).await?;
        for (action, params) in expected {
            let (called, told, retcode) = done(&mut core).await?;
            ensure!(
                called == action && holds(&told, &params),
                "{event}: {called} {told}"
            );
            // Lagrange has no such action.
            let is_known = action != "set_group_anonymous_ban";
            ensure!((retcode == 0) == is_known, "{called}: {retcode}");
        }
    }
    until("what failed to be told", async || {
        let notices = node.client_status("hook").await?["notices"].to_string();
        let is_told = notices.contains("notice.quick_failed");
        Ok((is_told && notices.contains("set_group_anonymous_ban")).then_some(()))
    })
    .await?;
    let status = node.client_status("hook").await?;
    ensure!(status["refusals"] == 0, "{status}");
    Ok(())
}
