//! What it answers to calls that are not as they should be.

use anyhow::Result;
use fake_core::Scenario;
use perpetua_testkit::Client;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::run::{Stage, TOKEN};

#[tokio::test]
async fn odd_calls_have_their_codes() -> Result<()> {
    let (stage, _run) = Stage::online(&Scenario::default()).await?;
    let mut client = Client::connect(([127, 0, 0, 1], stage.port).into(), TOKEN).await?;
    for (call, status, code) in [
        (r#"{"action":null}"#, "failed", 200),
        ("{}", "failed", 404),
        (r#"{"action":""}"#, "failed", 404),
        (r#"{"Action":"get_status"}"#, "failed", 404),
        (r#"{"action":"get_status_async"}"#, "failed", 404),
        (r#"{"action":"get_status_rate_limited"}"#, "failed", 404),
        (r#"{"action":"nothing","action":"get_status"}"#, "ok", 0),
        (r#"{"action":"get_status","params":[]}"#, "ok", 0),
        (r#"{"action":"get_status","params":"x"}"#, "ok", 0),
        (r#"{"action":"get_group_info","params":{}}"#, "failed", -1),
        (
            r#"{"action":"get_group_member_info","params":{}}"#,
            "failed",
            -1,
        ),
        (r#"{"action":"get_group_member_list","params":{}}"#, "ok", 0),
        (r#"{"action":"set_group_ban","params":{}}"#, "ok", 0),
        (
            r#"{"action":"send_like","params":{}}"#,
            "user not found in the buffer",
            0,
        ),
        (
            r#"{"action":"get_group_info","params":{"group_id":"30003"}}"#,
            "ok",
            0,
        ),
        (
            r#"{"action":"get_group_info","params":{"group_id":-5}}"#,
            "failed",
            200,
        ),
        (
            r#"{"action":"get_group_info","params":{"group_id":99999999999}}"#,
            "failed",
            200,
        ),
    ] {
        client.socket().send_message(Message::text(call)).await?;
        let answer = client
            .next_where(call, |frame| frame.get("retcode").is_some())
            .await?;
        assert_eq!(
            (&answer["status"], &answer["retcode"]),
            (&json!(status), &json!(code)),
            "{call}"
        );
        assert!(answer["echo"].is_null(), "{call}");
    }
    Ok(())
}

#[tokio::test]
async fn an_echo_keeps_its_numbers_and_loses_its_spaces() -> Result<()> {
    let (stage, _run) = Stage::online(&Scenario::default()).await?;
    let mut client = Client::connect(([127, 0, 0, 1], stage.port).into(), TOKEN).await?;
    let call = r#"{"action":null,"echo":{ "a b" : [ 1.50, 1e3, 12345678901234567890123 ] }}"#;
    client.socket().send_message(Message::text(call)).await?;
    loop {
        let text = client.socket().next_text().await?;
        if text.contains("retcode") {
            let echo = r#""echo":{"a b":[1.50,1e3,12345678901234567890123]}}"#;
            assert!(text.ends_with(echo), "{text}");
            return Ok(());
        }
    }
}
