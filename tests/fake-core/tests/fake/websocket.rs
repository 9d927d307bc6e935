//! The manners of its WebSocket server.

use std::time::Duration;

use anyhow::Result;
use fake_core::{Qq, Scenario};
use perpetua_testkit::{Client, Dial};
use serde_json::json;

use crate::run::{Run, Stage, TOKEN};

/// Within it, what was never going to be answered would have been.
const NO_ANSWER: Duration = Duration::from_millis(300);

async fn connected() -> Result<(Stage, Run, Client)> {
    let (stage, run) = Stage::online(&Scenario::default()).await?;
    let client = Client::connect(([127, 0, 0, 1], stage.port).into(), TOKEN).await?;
    Ok((stage, run, client))
}

#[tokio::test]
async fn a_connection_begins_with_lifecycle_and_heartbeat() -> Result<()> {
    let (_stage, _run, mut client) = connected().await?;
    let text = client.socket().next_text().await?;
    assert!(
        text.starts_with(r#"{"sub_type":"connect","meta_event_type":"lifecycle","time":"#),
        "{text}"
    );
    let beat = client.next().await?;
    assert_eq!(beat["meta_event_type"], "heartbeat");
    assert_eq!(beat["status"]["online"], true);
    Ok(())
}

#[tokio::test]
async fn answers_have_lagranges_codes_and_the_callers_echo() -> Result<()> {
    let (_stage, _run, mut client) = connected().await?;
    let unknown = client.call("no_such_action", json!({})).await?;
    assert_eq!(
        (&unknown["retcode"], &unknown["status"]),
        (&json!(404), &json!("failed"))
    );
    assert!(unknown.get("message").is_none());
    let wrong = client.call("send_msg", json!({})).await?;
    assert_eq!(wrong["retcode"], 200);
    let sent = client
        .data_of(
            "send_group_msg",
            json!({ "group_id": "30003", "message": "hi" }),
        )
        .await?;
    assert!(
        sent["message_id"].as_i64().is_some_and(|id| id < 0),
        "{sent}"
    );
    let echo = json!({ "你": [1, null, "\"+"] });
    let frame = json!({ "action": "get_status", "params": {}, "echo": echo });
    client.socket().send(&frame).await?;
    let answer = client.response(&echo).await?;
    assert_eq!(answer["data"]["online"], true);
    Ok(())
}

#[tokio::test]
async fn what_is_no_json_is_met_with_silence() -> Result<()> {
    let (_stage, _run, mut client) = connected().await?;
    client.socket().next().await?;
    client.socket().next().await?;
    for text in ["{", "[]", "null", "5"] {
        let message = tokio_tungstenite::tungstenite::Message::text(text);
        client.socket().send_message(message).await?;
    }
    // That nothing comes can only be seen by waiting.
    let silence = tokio::time::timeout(NO_ANSWER, client.next()).await;
    assert!(silence.is_err(), "{silence:?}");
    Ok(())
}

#[tokio::test]
async fn the_path_decides_what_a_connection_is_for() -> Result<()> {
    let (stage, mut run) = Stage::online(&Scenario::default()).await?;
    let address = ([127, 0, 0, 1], stage.port).into();
    let dial = |path| Dial::to(address).path(path).token(TOKEN);
    let mut actions = dial("/api")?.connect().await?;
    let mut events = dial("/event")?.connect().await?;
    // A connection listens from its greeting on.
    events
        .next_where("a greeting", |frame| frame["sub_type"] == "connect")
        .await?;
    let said = Qq::Say {
        text: "round {n}".to_owned(),
        count: 2,
        per_second: 0,
    };
    run.core.qq(said).await?;
    events.heard("round 2").await?;
    events.ask("get_status", json!({})).await?;
    actions.ask("get_status", json!({})).await?;
    let first = actions.next().await?;
    assert_eq!(first["status"], "ok", "no event came before it");
    Ok(())
}

#[tokio::test]
async fn a_kick_is_told_late_and_changes_nothing_else() -> Result<()> {
    let scenario = Scenario {
        kick_offline_ms: 50,
        ..Scenario::default()
    };
    let (stage, mut run) = Stage::online(&scenario).await?;
    let mut client = Client::connect(([127, 0, 0, 1], stage.port).into(), TOKEN).await?;
    client
        .next_where("a greeting", |frame| frame["sub_type"] == "connect")
        .await?;
    run.core.qq(Qq::Kick).await?;
    let notice = client
        .next_where("the notice", |frame| frame["notice_type"] == "bot_offline")
        .await?;
    assert_eq!(notice["message"], "下线通知");
    let status = client.data_of("get_status", json!({})).await?;
    assert_eq!(status["online"], true);
    Ok(())
}

#[tokio::test]
async fn unsigned_messages_have_a_code_of_their_own() -> Result<()> {
    let (mut stage, _run, mut client) = connected().await?;
    stage.signer.go_down().await;
    let params = json!({ "user_id": 1, "message": "hi" });
    let refused = client.call("send_private_msg", params.clone()).await?;
    assert_eq!(refused["retcode"], 9057);
    stage.signer.come_up().await?;
    client.data_of("send_private_msg", params).await.map(drop)
}
