//! Quick operations of a client, carried out in the simulator.

use std::time::Duration;

use perpetua_schema::{ChatDeed, ChatEvent, Say, Status};
use perpetua_testkit::Client;
use serde_json::{Value, json};

use crate::talk::{Talk, next_line};

const LEI: i64 = 10_003;
const FANG: i64 = 10_005;
const MO: i64 = 10_006;
const TESTING: i64 = 20_001;

async fn operate(client: &mut Client, context: &Value, operation: Value) {
    let params = json!({ "context": context, "operation": operation });
    let answer = client.call(".handle_quick_operation_async", params).await;
    assert_eq!(answer.expect("an answer")["status"], "async");
}

async fn spoken(talk: &Talk, client: &mut Client, text: &str) -> Value {
    let say = Say {
        account: None,
        chat: TESTING.to_string(),
        speaker: Some(LEI.to_string()),
        text: text.into(),
    };
    talk.rpc.call(&say).await.expect("said");
    client.heard(text).await.expect("heard")
}

async fn noticed(client: &mut Client, kind: &str) -> Value {
    let is_it = |frame: &Value| frame["notice_type"] == kind;
    client.next_where(kind, is_it).await.expect(kind)
}

#[tokio::test]
async fn everything_that_can_be_asked_for_about_a_group_message_is_done() {
    let talk = Talk::begin().await;
    let mut client = talk.connect("nonebot", "/").await;
    let message = spoken(&talk, &mut client, "spam").await;
    // As aiocqhttp leaves it.
    let names = [
        "self_id",
        "post_type",
        "message_type",
        "group_id",
        "user_id",
        "message_id",
    ];
    let context: Value = names
        .map(|name| (name.to_owned(), message[name].clone()))
        .into_iter()
        .collect();
    let mut watched = talk.watch().await;
    let all = json!({ "reply": "no [CQ:face,id=1]", "at_sender": true, "delete": true, "ban": true, "ban_duration": 60, "kick": true });
    operate(&mut client, &context, all).await;
    let reply = next_line(&mut watched).await;
    assert!(reply.by_bot && reply.client.as_deref() == Some("nonebot"));
    let ChatDeed::Message { text, .. } = &reply.deed else {
        panic!("{reply:?}");
    };
    assert_eq!(text, "[CQ:at,qq=10003] no [CQ:face,id=1]");
    let recalled = noticed(&mut client, "group_recall").await;
    assert_eq!(recalled["message_id"], message["message_id"]);
    let banned = noticed(&mut client, "group_ban").await;
    assert_eq!(
        (&banned["user_id"], &banned["duration"]),
        (&json!(LEI), &json!(60))
    );
    let kicked = noticed(&mut client, "group_decrease").await;
    assert_eq!(
        (&kicked["user_id"], &kicked["sub_type"]),
        (&json!(LEI), &json!("kick"))
    );

    // Nobody is there any more: the owner is told, and the client hears nothing of it.
    operate(&mut client, &context, json!({ "kick": true })).await;
    let told = async {
        loop {
            let status = talk.rpc.call(&Status {}).await.expect("a status");
            let mut clients = status.accounts[0].clients.iter();
            let nonebot = clients.find(|one| one.name == "nonebot").expect("a client");
            if let Some(notice) = nonebot.notices.first() {
                return format!("{notice:?}");
            }
            tokio::task::yield_now().await;
        }
    };
    let told = tokio::time::timeout(Duration::from_secs(20), told)
        .await
        .expect("a notice");
    assert!(
        told.contains("notice.quick_failed") && told.contains("set_group_kick"),
        "{told}"
    );
    talk.end().await;
}

#[tokio::test]
async fn requests_are_answered() {
    let talk = Talk::begin().await;
    let mut client = talk.connect("nonebot", "/").await;
    let asks = |frame: &Value| frame["post_type"] == "request";
    let comment = String::new();
    talk.simulate(ChatEvent::FriendRequest {
        user_id: MO,
        comment: comment.clone(),
    })
    .await;
    let request = client.next_where("a request", asks).await.expect("asked");
    operate(
        &mut client,
        &request,
        json!({ "approve": true, "remark": "默" }),
    )
    .await;
    assert_eq!(noticed(&mut client, "friend_add").await["user_id"], MO);

    let event = ChatEvent::GroupRequest {
        group_id: TESTING,
        user_id: FANG,
        comment,
    };
    talk.simulate(event.clone()).await;
    let request = client.next_where("a request", asks).await.expect("asked");
    operate(
        &mut client,
        &request,
        json!({ "approve": false, "reason": "not now" }),
    )
    .await;
    talk.simulate(event).await;
    let request = client.next_where("a request", asks).await.expect("asked");
    operate(&mut client, &request, json!({ "approve": true })).await;
    assert_eq!(
        noticed(&mut client, "group_increase").await["user_id"],
        FANG
    );
    talk.end().await;
}
