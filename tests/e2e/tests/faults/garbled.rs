//! Frames that are no JSON or no UTF-8: each concerns itself alone, and its loss is seen.

use anyhow::{Result, ensure};
use perpetua_testkit::group_message;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::pair::{Pair, SELF_ID};

/// A text frame of whatever bytes.
fn text_of(bytes: Vec<u8>) -> Message {
    Message::Frame(Frame::message(bytes, OpCode::Data(Data::Text), true))
}

/// An event whose nickname breaks it.
fn event_with(nickname: &[u8]) -> Vec<u8> {
    let event = group_message(SELF_ID, 7, "hello").to_string();
    let (before, after) = event.split_once("Ada").unwrap_or_default();
    [before.as_bytes(), nickname, after.as_bytes()].concat()
}

/// Nicknames with control characters, a lone quote, and bytes that are no UTF-8.
const NICKNAMES: [&[u8]; 4] = [b"a\x00b", b"line\nbreak", b"\"quote\"", b"\xff\xfe"];

#[tokio::test]
async fn an_event_that_is_garbled_is_lost_alone_and_seen() -> Result<()> {
    for mut pair in [Pair::dialling("").await?, Pair::dialled("").await?] {
        let waiting = pair.second_waits().await?;
        for nickname in NICKNAMES {
            let event = text_of(event_with(nickname));
            pair.link.socket().send_message(event).await?;
        }
        let plain = Message::text("this is no JSON");
        pair.link.socket().send_message(plain).await?;
        let bytes = Message::binary(b"\x00\xff\x00\xff".to_vec());
        pair.link.socket().send_message(bytes).await?;
        pair.second_is_answered(waiting).await?;
        pair.says(&["JSON"]).await?;
        pair.says(&["UTF-8"]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_answer_that_is_garbled_ends_its_call() -> Result<()> {
    let mut pair = Pair::dialling("").await?;
    let waiting = pair.second_waits().await?;
    for nickname in NICKNAMES {
        let echo = pair.first.ask("get_stranger_info", json!({})).await?;
        let action = pair.link.expect_action("get_stranger_info").await?;
        let before = br#"{"status":"ok","retcode":0,"data":{"nickname":""#;
        let behind = format!("\"}},\"echo\":{}}}", action["echo"]);
        let answer = [&before[..], nickname, behind.as_bytes()].concat();
        pair.link.socket().send_message(text_of(answer)).await?;
        let response = pair.first.response(&json!(echo)).await?;
        ensure!(response["retcode"] == 1502, "{nickname:?}: {response}");
        let words = response["message"].as_str().unwrap_or_default();
        ensure!(!words.is_empty(), "it does not say why: {response}");
    }
    pair.second_is_answered(waiting).await
}

#[tokio::test]
async fn an_action_that_is_garbled_is_refused_with_its_echo_wherever_it_stands() -> Result<()> {
    let mut pair = Pair::dialling("").await?;
    let waiting = pair.second_waits().await?;
    for (frame, echo) in [
        (r#"{"action":"x","params":{"v":NaN},"echo":1}"#, json!(1)),
        (
            "{\"action\":\"x\",\"params\":{\"m\":\"a\nb\"},\"echo\":\"k\"}",
            json!("k"),
        ),
        (
            r#"{"action":"x","params":{"m":"a"b"},"echo":"q"}"#,
            json!("q"),
        ),
        (
            r#"{"action":"x",/*c*/"echo":{"seq":2}}"#,
            json!({ "seq": 2 }),
        ),
        (
            r#"{"action":"x","params":{"a":1,},"echo":null}"#,
            Value::Null,
        ),
        (
            r#"{"action":"x","params":{"echo":"inner","v":NaN},"echo":"outer"}"#,
            json!("outer"),
        ),
        (
            r#"{"action":"x","params":{"v":undefined},"echo":"u"}"#,
            json!("u"),
        ),
    ] {
        pair.first
            .socket()
            .send_message(Message::text(frame))
            .await?;
        let response = pair
            .first
            .next_where("the refusal", |frame| frame.get("post_type").is_none())
            .await?;
        ensure!(response["retcode"] == 1400, "{frame}: {response}");
        ensure!(response["echo"] == echo, "{frame}: {response}");
    }
    pair.second_is_answered(waiting).await
}

#[tokio::test]
async fn bytes_that_are_text_are_taken_as_text() -> Result<()> {
    for mut pair in [Pair::dialling("").await?, Pair::dialled("").await?] {
        // From a client, whose answer is text.
        let action =
            json!({ "action": "get_group_list", "params": { "名": "😀" }, "echo": "bytes" });
        let bytes = Message::binary(action.to_string().into_bytes());
        pair.first.socket().send_message(bytes).await?;
        let passed_on = pair.link.expect_action("get_group_list").await?;
        ensure!(passed_on["params"] == action["params"], "{passed_on}");
        // From the upstream, whose answers and events are bytes.
        let answer =
            json!({ "status": "ok", "retcode": 0, "data": ["😀"], "echo": passed_on["echo"] });
        let answer = Message::binary(answer.to_string().into_bytes());
        pair.link.socket().send_message(answer).await?;
        let response = pair.first.response(&json!("bytes")).await?;
        ensure!(response["data"] == json!(["😀"]), "{response}");
        let event = group_message(SELF_ID, 9, "in bytes").to_string();
        let event = Message::binary(event.into_bytes());
        pair.link.socket().send_message(event).await?;
        pair.second.heard("in bytes").await?;
    }
    Ok(())
}
