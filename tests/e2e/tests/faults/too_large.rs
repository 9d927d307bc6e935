//! Frames that are too large, in both directions, while another framework waits for an answer of its own.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use perpetua_testkit::group_message;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};

use crate::pair::{Pair, SELF_ID, asked_what_it_is};

/// The smallest limit there is, so that a test need not move much.
const LIMIT: &str = "max-frame-size = \"1MB\"";
const TOO_LARGE: usize = 3_000_000;

/// The limit where the settings name none is 64 MiB.
const TOO_LARGE_BY_DEFAULT: usize = 70_000_000;

/// A link that was replaced at once is there within this, on a busy machine.
const AT_ONCE: Duration = Duration::from_secs(3);

/// An answer of about this size, with its echo before or behind what makes it large.
fn large_answer(action: &Value, size: usize, echo_first: bool) -> Message {
    let (echo, data) = (&action["echo"], "A".repeat(size));
    Message::text(if echo_first {
        format!(r#"{{"echo":{echo},"status":"ok","retcode":0,"data":"{data}"}}"#)
    } else {
        format!(r#"{{"status":"ok","retcode":0,"data":{{"base64":"{data}"}},"echo":{echo}}}"#)
    })
}

fn large_action(size: usize, echo_first: bool) -> Message {
    let picture = "A".repeat(size);
    Message::text(if echo_first {
        format!(
            r#"{{"echo":"large","action":"send_group_msg","params":{{"message":"{picture}"}}}}"#
        )
    } else {
        format!(
            r#"{{"action":"send_group_msg","params":{{"message":"{picture}"}},"echo":"large"}}"#
        )
    })
}

/// The caller of a large answer is told so; nobody else notices.
async fn a_large_answer(pair: &mut Pair, size: usize, echo_first: bool) -> Result<()> {
    let waiting = pair.second_waits().await?;
    let echo = pair.first.ask("get_file", json!({ "file": "f" })).await?;
    let action = pair.link.expect_action("get_file").await?;
    let answer = large_answer(&action, size, echo_first);
    pair.link.socket().send_message(answer).await?;
    let response = pair.first.response(&json!(echo)).await?;
    ensure!(
        response["retcode"] == 1502 && response["status"] == "failed",
        "{response}"
    );
    let words = response["message"].as_str().unwrap_or_default();
    ensure!(
        words.contains("max-frame-size"),
        "it does not say why: {response}"
    );
    pair.second_is_answered(waiting).await
}

#[tokio::test]
async fn an_answer_that_is_too_large_concerns_its_caller_alone() -> Result<()> {
    for mut pair in [Pair::dialling(LIMIT).await?, Pair::dialled(LIMIT).await?] {
        for echo_first in [true, false] {
            a_large_answer(&mut pair, TOO_LARGE, echo_first).await?;
        }
        pair.says(&["max-frame-size", "2 times"]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn by_default_frames_of_64_mebibytes_pass_and_larger_ones_concern_one() -> Result<()> {
    let mut pair = Pair::dialling("").await?;
    a_large_answer(&mut pair, TOO_LARGE_BY_DEFAULT, false).await?;
    let echo = pair.first.ask("get_file", json!({ "file": "f" })).await?;
    let action = pair.link.expect_action("get_file").await?;
    let answer = large_answer(&action, 66_000_000, false);
    pair.link.socket().send_message(answer).await?;
    let response = pair.first.response(&json!(echo)).await?;
    ensure!(response["status"] == "ok", "66 MB did not pass");
    Ok(())
}

#[tokio::test]
async fn an_event_that_is_too_large_is_lost_alone_and_seen() -> Result<()> {
    for mut pair in [Pair::dialling(LIMIT).await?, Pair::dialled(LIMIT).await?] {
        let waiting = pair.second_waits().await?;
        for number in 0..3 {
            let event = group_message(SELF_ID, number, &"A".repeat(TOO_LARGE));
            pair.link.emit(&event).await?;
        }
        pair.second_is_answered(waiting).await?;
        pair.says(&["max-frame-size", "3 times"]).await?;
        // What nobody asked for belongs to no call either.
        let foreign = json!({ "echo": "nobody's" });
        let foreign = large_answer(&foreign, TOO_LARGE, false);
        pair.link.socket().send_message(foreign).await?;
        pair.events_arrive("still there").await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_action_that_is_too_large_is_refused_alone() -> Result<()> {
    let mut pair = Pair::dialling(LIMIT).await?;
    for echo_first in [true, false] {
        let waiting = pair.second_waits().await?;
        let action = large_action(TOO_LARGE, echo_first);
        pair.first.socket().send_message(action).await?;
        let response = pair.first.response(&json!("large")).await?;
        ensure!(response["retcode"] == 1413, "{response}");
        pair.second_is_answered(waiting).await?;

        // The connection that it came on is served as before.
        let echo = pair.first.ask("get_group_list", json!({})).await?;
        let next = pair.link.next_action().await?;
        ensure!(next["action"] == "get_group_list", "something came: {next}");
        pair.link.answer(&next, &json!([])).await?;
        pair.first.response(&json!(echo)).await?;
    }
    pair.says(&["max-frame-size"]).await
}

/// A message in fragments none of which is too large.
async fn in_fragments(socket: &mut perpetua_testkit::JsonSocket, text: &str) -> Result<()> {
    const FRAGMENT: usize = 100_000;
    let parts: Vec<_> = text.as_bytes().chunks(FRAGMENT).collect();
    for (index, part) in parts.iter().enumerate() {
        let kind = if index == 0 {
            Data::Text
        } else {
            Data::Continue
        };
        let last = index + 1 == parts.len();
        let frame = Frame::message(part.to_vec(), OpCode::Data(kind), last);
        // The other side may have hung up on the way.
        if socket.send_message(Message::Frame(frame)).await.is_err() {
            break;
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_message_that_cannot_be_skipped_costs_the_link_and_nothing_unsent() -> Result<()> {
    let mut pair = Pair::dialling(LIMIT).await?;
    let (sent, _) = pair.second_waits().await?;
    let began = Instant::now();
    let event = group_message(SELF_ID, 1, &"A".repeat(TOO_LARGE)).to_string();
    in_fragments(pair.link.socket(), &event).await?;
    let lost = pair.second.response(&sent).await?;
    ensure!(lost["retcode"] == 1504, "it was sent: {lost}");

    // Asked for while there is no link: sent on the next one, once.
    let mut unsent = Vec::new();
    for client in [&mut pair.first, &mut pair.second] {
        unsent.push(client.ask("get_group_list", json!({})).await?);
    }
    pair.linked_anew().await?;
    ensure!(began.elapsed() < AT_ONCE, "after {:?}", began.elapsed());
    for _ in 0..2 {
        let action = pair.link.expect_action("get_group_list").await?;
        pair.link.answer(&action, &json!([])).await?;
    }
    pair.first.response(&json!(unsent[0])).await?;
    pair.second.response(&json!(unsent[1])).await?;
    pair.events_arrive("over the new link").await?;
    pair.node
        .logged("this node closed the connection to the upstream")
        .await
        .context("the log does not say that the node closed the link, and why")?;
    Ok(())
}

#[tokio::test]
async fn a_clients_message_that_cannot_be_skipped_ends_that_client_alone() -> Result<()> {
    let mut pair = Pair::dialling(LIMIT).await?;
    let waiting = pair.second_waits().await?;
    let action = json!({ "action": "x", "params": "A".repeat(TOO_LARGE) }).to_string();
    in_fragments(pair.first.socket(), &action).await?;
    let close = pair.first.ended(Duration::from_secs(10)).await?;
    let code = close.context("it ended without a Close frame")?.code;
    ensure!(code == CloseCode::Size, "{code}");
    let address = pair.node.client("first").await?;
    pair.first = perpetua_testkit::Dial::to(address).connect().await?;
    pair.second_is_answered(waiting).await
}

/// Closes the link as an upstream does whose own limit is lower than the node's.
async fn refuse_size(pair: &mut Pair) -> Result<()> {
    let close = CloseFrame {
        code: CloseCode::Size,
        reason: "message too big".into(),
    };
    let close = Message::Close(Some(close));
    pair.link.socket().send_message(close).await
}

#[tokio::test]
async fn the_upstreams_own_limit_is_told_and_remembered() -> Result<()> {
    const PICTURE: usize = 2_000_000;

    let mut pair = Pair::dialling("").await?;
    let (bystander, _) = pair.second_waits().await?;
    let picture = |size: usize| json!({ "group_id": 1, "message": "A".repeat(size) });
    let large = pair.first.ask("send_group_msg", picture(PICTURE)).await?;
    pair.link.expect_action("send_group_msg").await?;
    let began = Instant::now();
    refuse_size(&mut pair).await?;
    let refused = pair.first.response(&json!(large)).await?;
    ensure!(refused["retcode"] == 1413, "{refused}");
    let lost = pair.second.response(&bystander).await?;
    ensure!(lost["retcode"] == 1504, "{lost}");
    pair.linked_anew().await?;
    asked_what_it_is(&mut pair.link).await?;
    ensure!(began.elapsed() < AT_ONCE, "after {:?}", began.elapsed());

    // It is known now: refused before it is sent, and the link stays.
    let waiting = pair.second_waits().await?;
    for size in [PICTURE, 2 * PICTURE] {
        let again = pair.first.call("send_group_msg", picture(size)).await?;
        ensure!(again["retcode"] == 1413, "{again}");
    }
    pair.second_is_answered(waiting).await?;
    // What is smaller goes through.
    let small = pair.first.ask("send_group_msg", picture(1000)).await?;
    let action = pair.link.next_action().await?;
    ensure!(action["action"] == "send_group_msg", "{action}");
    pair.link
        .answer(&action, &json!({ "message_id": 1 }))
        .await?;
    let sent = pair.first.response(&json!(small)).await?;
    ensure!(sent["status"] == "ok", "{sent}");
    pair.says(&["too large for it"]).await
}
