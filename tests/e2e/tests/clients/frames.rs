//! Frames on their way through: what needs no change arrives as the bytes that came in.

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{DataFolder, Node, Settings};
use perpetua_testkit::{Client, Dial, FakeUpstream, UpstreamLink};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

/// A node between a fake upstream and clients without tokens.
struct Setup {
    link: UpstreamLink,
    address: std::net::SocketAddr,
    _node: Node,
    _folder: DataFolder,
}

impl Setup {
    async fn start() -> Result<Self> {
        let upstream = FakeUpstream::bind().await?;
        let settings = Settings::onebot(&upstream.url()).open_client("bot");
        let folder = DataFolder::with(&settings)?;
        let node = Node::start(&folder).await?;
        let mut link = upstream.accept().await?;
        link.greet(10001).await?;
        Ok(Self {
            link,
            address: node.client("bot").await?,
            _node: node,
            _folder: folder,
        })
    }

    async fn client(&self) -> Result<Client> {
        let mut client = Dial::to(self.address).connect().await?;
        client
            .next_where("lifecycle", |frame| frame["meta_event_type"] == "lifecycle")
            .await?;
        Ok(client)
    }
}

/// The next text frame that is not the node's own heartbeat, as it came.
async fn next_text(client: &mut Client) -> Result<String> {
    loop {
        let text = client.socket().next_text().await?;
        if !text.contains("meta_event") {
            return Ok(text);
        }
    }
}

#[tokio::test]
async fn an_event_arrives_as_the_bytes_that_were_sent() -> Result<()> {
    let mut setup = Setup::start().await?;
    let mut first = setup.client().await?;
    let mut second = setup.client().await?;
    for event in [
        // Escapes, spaces, key order, numbers beyond any float, a negative id.
        r#"{ "post_type" : "message", "raw_message":"\u4F60\/好", "message_id":-2147483648,"group_id":1234567890123456789}"#,
        r#"{"self_id":10001,"x":123456789012345678901234567890,"y":1.0,"z":1e3,"post_type":"notice"}"#,
        // A duplicate key is the upstream's own affair.
        r#"{"post_type":"message","message":"[CQ:face,id=1]","message":"[CQ:face,id=2]","self_id":10001}"#,
    ] {
        setup
            .link
            .socket()
            .send_message(Message::text(event))
            .await?;
        assert_eq!(next_text(&mut first).await?, event);
        assert_eq!(next_text(&mut second).await?, event);
    }
    Ok(())
}

#[tokio::test]
async fn an_echo_returns_byte_for_byte_whatever_it_is() -> Result<()> {
    let mut setup = Setup::start().await?;
    let mut client = setup.client().await?;
    let megabyte = format!("\"{}\"", "e".repeat(1024 * 1024));
    let echoes = [
        "\"1\"",
        "\"\"",
        "0",
        "-0",
        "1",
        "1.0",
        "1e2",
        "null",
        "true",
        "false",
        "9007199254740993",
        "123456789012345678901234567890",
        r#"{ "seq": 1 }"#,
        "[1, \"2\"]",
        r#""\u4f60\n\"""#,
        &megabyte,
    ];
    for echo in echoes {
        let action = format!(r#"{{"action":"get_status","params":{{"a":1.0}},"echo":{echo}}}"#);
        client.socket().send_message(Message::text(action)).await?;
        let passed_on = setup.link.expect_action("get_status").await?;
        ensure!(
            passed_on["echo"].is_string(),
            "the node's own echo is a string: {passed_on}"
        );
        setup
            .link
            .answer(&passed_on, &json!({ "online": true }))
            .await?;
        let response = next_text(&mut client).await?;
        let short = &echo[..echo.len().min(40)];
        ensure!(
            response.contains(&format!("\"echo\":{echo}")),
            "echo `{short}` came back as `{}`",
            &response[..response.len().min(200)]
        );
    }
    Ok(())
}

#[tokio::test]
async fn an_action_without_an_echo_gets_a_response_without_one() -> Result<()> {
    let mut setup = Setup::start().await?;
    let mut client = setup.client().await?;
    let action = r#"{"action":"get_status","params":{}}"#;
    client.socket().send_message(Message::text(action)).await?;
    let passed_on = setup.link.expect_action("get_status").await?;
    setup
        .link
        .answer(&passed_on, &json!({ "online": true }))
        .await?;
    let response: Value = serde_json::from_str(&next_text(&mut client).await?)?;
    assert_eq!(response["data"], json!({ "online": true }));
    ensure!(
        response.get("echo").is_none(),
        "no echo was sent: {response}"
    );
    Ok(())
}

#[tokio::test]
async fn equal_echoes_of_different_clients_do_not_collide() -> Result<()> {
    let mut setup = Setup::start().await?;
    let mut clients = [
        setup.client().await?,
        setup.client().await?,
        setup.client().await?,
    ];
    let mut passed_on = Vec::new();
    for (index, client) in clients.iter_mut().enumerate() {
        let echo = client
            .ask("get_stranger_info", json!({ "user_id": index }))
            .await?;
        assert_eq!(echo, "call-1", "every client counts for itself");
        passed_on.push(setup.link.expect_action("get_stranger_info").await?);
    }
    // The last who asked is answered first.
    for action in passed_on.iter().rev() {
        setup.link.answer(action, &action["params"]).await?;
    }
    for (index, client) in clients.iter_mut().enumerate() {
        let response = client.response(&json!("call-1")).await?;
        assert_eq!(response["data"], json!({ "user_id": index }));
    }
    Ok(())
}

#[tokio::test]
async fn an_action_of_fifty_megabytes_passes() -> Result<()> {
    let mut setup = Setup::start().await?;
    let mut client = setup.client().await?;
    let picture = "A".repeat(50 * 1024 * 1024 - 1024);
    let params = json!({ "group_id": 1, "message": picture });
    let (echo, passed_on) = tokio::try_join!(
        client.ask("send_group_msg", params.clone()),
        setup.link.expect_action("send_group_msg")
    )?;
    ensure!(
        passed_on["params"] == params,
        "the picture has changed on its way"
    );
    setup
        .link
        .answer(&passed_on, &json!({ "message_id": 1 }))
        .await?;
    let response = client.response(&json!(echo)).await?;
    assert_eq!(response["status"], "ok");
    Ok(())
}

#[tokio::test]
async fn an_unsent_action_waits_for_the_upstream_to_return() -> Result<()> {
    let upstream = FakeUpstream::bind().await?;
    let folder = DataFolder::with(&Settings::onebot(&upstream.url()).open_client("bot"))?;
    let node = Node::start(&folder).await?;
    let mut client = Dial::to(node.client("bot").await?).connect().await?;
    upstream.accept().await?.reset()?;

    let echo = client.ask("get_friend_list", json!({})).await?;
    let mut link = upstream
        .accept()
        .await
        .context("the node did not come back")?;
    link.greet(10001).await?;
    let action = link.expect_action("get_friend_list").await?;
    link.answer(&action, &json!([])).await?;

    let response = client.response(&json!(echo)).await?;
    assert_eq!(response["data"], json!([]));
    Ok(())
}

#[tokio::test]
async fn a_sent_action_is_never_sent_again() -> Result<()> {
    let upstream = FakeUpstream::bind().await?;
    let folder = DataFolder::with(&Settings::onebot(&upstream.url()).open_client("bot"))?;
    let node = Node::start(&folder).await?;
    let mut client = Dial::to(node.client("bot").await?).connect().await?;

    let mut link = upstream.accept().await?;
    link.greet(10001).await?;
    let echo = client
        .ask(
            "send_group_msg",
            json!({ "group_id": 1, "message": "once" }),
        )
        .await?;
    link.expect_action("send_group_msg").await?;
    link.reset()?;
    let response = client.response(&json!(echo)).await?;
    assert_eq!(response["retcode"], 1504);

    let mut link = upstream.accept().await?;
    link.greet(10001).await?;
    client.ask("get_friend_list", json!({})).await?;
    // Whatever the node asks on its own account, the message is not among it.
    loop {
        let action = link.next_action().await?;
        ensure!(
            action["action"] != "send_group_msg",
            "the message was sent twice"
        );
        if action["action"] == "get_friend_list" {
            return Ok(());
        }
        link.answer(&action, &Value::Null).await?;
    }
}

#[tokio::test]
async fn an_account_is_known_by_its_id_in_every_shape() -> Result<()> {
    for id in ["10001", "\"10001\"", "10001.0", "10001,\"user_id\":10001"] {
        let upstream = FakeUpstream::bind().await?;
        let folder = DataFolder::with(&Settings::onebot(&upstream.url()).open_client("bot"))?;
        let node = Node::start(&folder).await?;
        let mut client = Dial::to(node.client("bot").await?).connect().await?;
        let mut link = upstream.accept().await?;
        let question = link.next_action().await?;
        let (echo, data) = (
            &question["echo"],
            format!(r#"{{"user_id":{id},"nickname":"Ada"}}"#),
        );
        let answer = format!(r#"{{"status":"ok","retcode":0,"data":{data},"echo":{echo}}}"#);
        link.socket().send_message(Message::text(answer)).await?;
        // No event has come: the client is greeted with the id of the answer.
        let greeting = client
            .next_where("a lifecycle", |frame| {
                frame["meta_event_type"] == "lifecycle"
            })
            .await
            .with_context(|| format!("with the id {id}"))?;
        assert_eq!(greeting["self_id"], 10001, "{id}");
    }
    Ok(())
}

#[tokio::test]
async fn no_time_for_an_absent_upstream_is_all_the_time_for_one_that_is_there() -> Result<()> {
    let upstream = FakeUpstream::bind().await?;
    let settings = Settings::onebot(&upstream.url()).account_key("unsent-timeout = \"0s\"");
    let folder = DataFolder::with(&settings.open_client("bot"))?;
    let node = Node::start(&folder).await?;
    let mut client = Dial::to(node.client("bot").await?).connect().await?;
    let refused = client.call("get_friend_list", json!({})).await?;
    assert_eq!(refused["retcode"], 1503, "the upstream is away");

    let mut link = upstream.accept().await?;
    let question = link.expect_action("get_login_info").await?;
    link.answer(&question, &json!({ "user_id": 10001 })).await?;
    client
        .next_where("a lifecycle", |frame| {
            frame["meta_event_type"] == "lifecycle"
        })
        .await?;
    for _ in 0..200 {
        let echo = client.ask("get_friend_list", json!({})).await?;
        let action = link.expect_action("get_friend_list").await?;
        link.answer(&action, &json!([])).await?;
        let response = client.response(&json!(echo)).await?;
        ensure!(response["status"] == "ok", "{response}");
    }
    Ok(())
}
