//! Sessions that follow the perpetua guide step by step, with a client that fails where the SDK fails.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{DataFolder, Node, ReservedPort, SdkSession, Settings, get, say, until};
use perpetua_testkit::{FakeUpstream, UpstreamLink};
use serde_json::{Value, json};

/// The profile's heartbeat comes every 5 s; a busy machine is a little late.
const HEARTBEAT_LIMIT: Duration = Duration::from_secs(8);

/// What other events may take.
const EVENT_LIMIT: Duration = Duration::from_secs(5);

async fn simulator() -> Result<(Node, DataFolder)> {
    let folder =
        DataFolder::with(&Settings::simulator().section("[discovery]\naccount = \"main\""))?;
    let node = Node::start(&folder).await?;
    // It is ready before its upstream has said who it is.
    until("the account online", async || {
        let status = node.status().await?;
        Ok((status["accounts"][0]["online"] == true).then_some(()))
    })
    .await?;
    Ok((node, folder))
}

async fn status_of_itself(session: &mut SdkSession) -> Result<Value> {
    session
        .next_where("the session's own status", EVENT_LIMIT, |frame| {
            frame["notice_type"] == "client_status" && frame["self_client"] == true
        })
        .await
}

fn ensure_refused(response: &Value) -> Result<()> {
    ensure!(
        response["status"] == "failed",
        "this was to be refused: {response}"
    );
    for key in ["msg", "message", "wording"] {
        let text = response[key].as_str().unwrap_or_default();
        ensure!(!text.is_empty(), "the refusal gives no `{key}`: {response}");
    }
    ensure!(
        response["data"].is_null(),
        "a refusal has no data: {response}"
    );
    Ok(())
}

#[tokio::test]
async fn a_session_opens_in_the_order_that_the_guide_names() -> Result<()> {
    let (node, _folder) = simulator().await?;
    let mut session = SdkSession::start(node.api()).await?;

    let lifecycle = session.next(EVENT_LIMIT).await?;
    assert_eq!(lifecycle["meta_event_type"], "lifecycle");
    assert_eq!(lifecycle["sub_type"], "connect");

    let status = session.next(EVENT_LIMIT).await?;
    assert_eq!(status["notice_type"], "client_status");
    assert_eq!(status["self_client"], true);
    assert_eq!(status["online"], true);
    let milliseconds = status["time"].as_u64().context("`time` is a number")?;
    ensure!(
        milliseconds > 1_000_000_000_000,
        "`time` is in milliseconds: {status}"
    );

    for _ in 0..2 {
        let heartbeat = session.next(HEARTBEAT_LIMIT).await?;
        assert_eq!(heartbeat["meta_event_type"], "heartbeat");
        assert_eq!(heartbeat["status"]["online"], true);
    }
    Ok(())
}

#[tokio::test]
async fn a_session_logs_in_hears_and_answers() -> Result<()> {
    let (node, folder) = simulator().await?;
    let mut session = SdkSession::start(node.api()).await?;

    let login = session.call("get_login_info", json!({})).await?;
    assert_eq!(login["status"], "ok");
    ensure!(
        login["data"]["user_id"].is_u64(),
        "an account has an id: {login}"
    );

    let groups = session.call("get_group_list", json!({})).await?;
    let group = groups["data"][0]["group_id"].clone();
    say(&folder, &group.to_string(), "hello").await?;
    let message = session
        .next_where("the message", EVENT_LIMIT, |frame| {
            frame["post_type"] == "message"
        })
        .await?;
    assert_eq!(message["group_id"], group);
    let seconds = message["time"].as_u64().context("`time` is a number")?;
    ensure!(seconds < 100_000_000_000, "`time` is in seconds: {message}");

    let params = json!({ "group_id": group, "message": "hello yourself" });
    let sent = session.call("send_group_msg", params).await?;
    ensure!(
        sent["data"]["message_id"].is_i64(),
        "a message has an id: {sent}"
    );
    Ok(())
}

#[tokio::test]
async fn login_is_refused_in_time_while_the_upstream_was_never_there() -> Result<()> {
    let nobody = ReservedPort::of_nobody()?;
    // By default it is 8 s, which is less than the SDK's 10 s as well.
    let settings = Settings::onebot(&format!("ws://{}/", nobody.address()))
        .account_key("unsent-timeout = \"1s\"")
        .section("[discovery]\naccount = \"main\"");
    let folder = DataFolder::with(&settings)?;
    let node = Node::start(&folder).await?;
    let mut session = SdkSession::start(node.api()).await?;
    let response = session.call("get_login_info", json!({})).await?;
    ensure_refused(&response)?;
    assert_eq!(response["retcode"], 1503);
    Ok(())
}

/// A node (and its folder), its upstream, and an SDK's session that has been greeted.
async fn session_on_an_upstream() -> Result<((Node, DataFolder), UpstreamLink, SdkSession)> {
    let upstream = FakeUpstream::bind().await?;
    let settings = Settings::onebot(&upstream.url()).section("[discovery]\naccount = \"main\"");
    let folder = DataFolder::with(&settings)?;
    let node = Node::start(&folder).await?;
    let mut link = upstream.accept().await?;
    link.greet(10001).await?;
    let mut session = SdkSession::start(node.api()).await?;
    status_of_itself(&mut session).await?;
    Ok(((node, folder), link, session))
}

#[tokio::test]
async fn a_large_event_comes_in_parts_that_its_buffer_holds() -> Result<()> {
    let (_node, mut link, mut session) = session_on_an_upstream().await?;

    let picture = "A".repeat(20 * 1024 * 1024);
    link.emit(&perpetua_testkit::group_message(10001, 1, &picture))
        .await?;

    let message = session
        .next_where("the large message", EVENT_LIMIT * 4, |frame| {
            frame["post_type"] == "message"
        })
        .await?;
    ensure!(
        message["raw_message"] == picture,
        "the picture has changed on its way"
    );
    Ok(())
}

#[tokio::test]
async fn an_event_loses_its_echo_and_nothing_else() -> Result<()> {
    let (_node, mut link, mut session) = session_on_an_upstream().await?;

    for echo in [Value::Null, json!(""), json!({ "seq": 1 })] {
        let mut event = perpetua_testkit::group_message(10001, 9_007_199_254_740_993, "hello");
        event["message_id"] = json!(-5);
        event["group_id"] = json!(1_234_567_890_123_456_789_u64);
        let expected = event.clone();
        event["echo"] = echo;
        link.emit(&event).await?;
        let message = session
            .next_where("the message", EVENT_LIMIT, |frame| {
                frame["post_type"] == "message"
            })
            .await?;
        assert_eq!(message, expected);
    }
    Ok(())
}

#[tokio::test]
async fn a_configured_client_with_the_profile_takes_a_raw_token() -> Result<()> {
    let settings = Settings::simulator().client_with("java", "profile = \"perpetua\"");
    let folder = DataFolder::with(&settings)?;
    let node = Node::start(&folder).await?;
    let token = folder.token("java").await?;
    let mut session = SdkSession::connect(node.client("java").await?, Some(&token)).await?;
    let status = status_of_itself(&mut session).await?;
    assert_eq!(status["client"]["client_name"], "java");
    let online = get(node.api(), "/api/get_online_clients", &[])
        .await?
        .json()?;
    assert_eq!(online["data"][0]["client_name"], "java");
    assert_eq!(online["data"][0]["app_id"], status["client"]["app_id"]);
    Ok(())
}

#[tokio::test]
async fn an_echo_of_any_type_keeps_the_session_alive() -> Result<()> {
    let (node, _folder) = simulator().await?;
    let mut session = SdkSession::start(node.api()).await?;
    for echo in [
        json!(7),
        json!({ "seq": 1 }),
        json!([1, "2"]),
        Value::Null,
        json!(1.5),
    ] {
        let action = json!({ "action": "get_login_info", "params": {}, "echo": echo });
        session.send(&action).await?;
        let response = session
            .next_where("the response", EVENT_LIMIT, |frame| {
                frame.get("post_type").is_none()
            })
            .await?;
        assert_eq!(response["echo"], echo);
    }
    Ok(())
}

#[tokio::test]
async fn a_close_from_the_node_is_a_close_frame() -> Result<()> {
    let (node, _folder) = simulator().await?;
    let mut session = SdkSession::start(node.api()).await?;
    status_of_itself(&mut session).await?;
    node.terminate().await?;
    let code = session.ended(EVENT_LIMIT).await?;
    ensure!(code.is_some(), "the connection ended without a Close frame");
    Ok(())
}

/// What takes its time, because sockets run on the wall clock: `cargo xtask test --long`.
mod long {
    use super::*;

    /// Liveness checks by ping are usual every 15 to 30 s; a node that sends them to the SDK does it
    /// within this time.
    const PING_WATCH: Duration = Duration::from_secs(35);

    #[tokio::test]
    async fn no_control_frame_is_ever_sent_to_it() -> Result<()> {
        let (node, _folder) = simulator().await?;
        let mut session = SdkSession::start(node.api()).await?;
        let frames = session.listen_for(PING_WATCH).await?;
        let beats = frames
            .iter()
            .filter(|frame| frame["meta_event_type"] == "heartbeat")
            .count();
        ensure!(beats >= 6, "{beats} heartbeats within {PING_WATCH:?}");
        Ok(())
    }
}
