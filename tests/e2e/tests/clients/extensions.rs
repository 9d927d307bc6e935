//! The four actions and three events with which clients of one account talk to each other.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{DataFolder, Node, SdkSession, Settings, get};
use serde_json::{Value, json};

/// What an event may take.
const EVENT_LIMIT: Duration = Duration::from_secs(5);

/// How long a test listens for what must not come.
const SILENCE: Duration = Duration::from_secs(1);

/// A session and the id that the node gave it.
struct Member {
    session: SdkSession,
    app_id: String,
}

impl Member {
    async fn join(node: &Node) -> Result<Self> {
        let mut session = SdkSession::start(node.api()).await?;
        let status = session
            .next_where("its own status", EVENT_LIMIT, |frame| {
                frame["self_client"] == true
            })
            .await?;
        let app_id = status["client"]["app_id"]
            .as_str()
            .context("a client has an `app_id`")?;
        Ok(Self {
            app_id: app_id.to_owned(),
            session,
        })
    }

    async fn name(&mut self, name: &str) -> Result<Value> {
        self.session
            .call("set_client_name", json!({ "name": name }))
            .await
    }

    async fn distributed(&mut self, kind: &str) -> Result<Value> {
        self.session
            .next_where(kind, EVENT_LIMIT, |frame| frame["distributed_type"] == kind)
            .await
    }

    async fn sees(&mut self, other: &str, online: bool) -> Result<Value> {
        let what = format!("{other} with online {online}");
        self.session
            .next_where(&what, EVENT_LIMIT, |frame| is_status(frame, other, online))
            .await
    }

    /// Fails if anything but a heartbeat comes.
    async fn sees_nothing_else(&mut self) -> Result<()> {
        let frames = self.session.listen_for(SILENCE).await?;
        let other = frames
            .iter()
            .find(|frame| frame["post_type"] != "meta_event");
        ensure!(other.is_none(), "nothing was to come: {other:?}");
        Ok(())
    }
}

fn is_status(frame: &Value, app_id: &str, online: bool) -> bool {
    frame["notice_type"] == "client_status"
        && frame["client"]["app_id"] == app_id
        && frame["online"] == online
}

fn ensure_refused(response: &Value, reason: &str) -> Result<()> {
    ensure!(
        response["status"] == "failed",
        "this was to be refused: {response}"
    );
    for key in ["msg", "message", "wording"] {
        let text = response[key].as_str().unwrap_or_default();
        ensure!(
            text.contains(reason),
            "`{key}` does not say `{reason}`: {response}"
        );
    }
    Ok(())
}

async fn node() -> Result<(Node, DataFolder)> {
    let folder =
        DataFolder::with(&Settings::simulator().section("[discovery]\naccount = \"main\""))?;
    let node = Node::start(&folder).await?;
    Ok((node, folder))
}

#[tokio::test]
async fn a_session_is_seen_to_come_once_and_to_go_once() -> Result<()> {
    let (node, _folder) = node().await?;
    let mut watcher = Member::join(&node).await?;
    let visitor = Member::join(&node).await?;
    let id = visitor.app_id.clone();

    let came = watcher.sees(&id, true).await?;
    assert_eq!(came["self_client"], false);
    visitor.session.leave().await?;
    let went = watcher.sees(&id, false).await?;
    assert_eq!(went["self_client"], false);
    watcher.sees_nothing_else().await
}

#[tokio::test]
async fn a_name_is_unique_and_free_again_at_once() -> Result<()> {
    let (node, _folder) = node().await?;
    let mut holder = Member::join(&node).await?;
    let mut other = Member::join(&node).await?;

    assert_eq!(holder.name("c0").await?["status"], "ok");
    assert_eq!(
        holder.name("c0").await?["status"],
        "ok",
        "one's own name again is fine"
    );
    let refusal = other.name("c0").await?;
    ensure_refused(&refusal, &holder.app_id)?;

    let id = holder.app_id.clone();
    holder.session.leave().await?;
    other.sees(&id, false).await?;
    let mut again = Member::join(&node).await?;
    assert_eq!(again.name("c0").await?["status"], "ok");
    Ok(())
}

#[tokio::test]
async fn the_list_of_clients_names_those_that_have_a_name() -> Result<()> {
    let (node, _folder) = node().await?;
    let empty = get(node.api(), "/api/get_online_clients", &[])
        .await?
        .json()?;
    assert_eq!(empty, json!({ "status": "ok", "retcode": 0, "data": [] }));

    let mut named = Member::join(&node).await?;
    named.name("c0").await?;
    let nameless = Member::join(&node).await?;

    let list = get(node.api(), "/api/get_online_clients", &[])
        .await?
        .json()?;
    let mut clients = list["data"].as_array().context("`data` is a list")?.clone();
    clients.sort_by_key(|client| client["client_name"].is_null());
    let expected = [
        json!({ "app_id": named.app_id, "client_name": "c0" }),
        json!({ "app_id": nameless.app_id }),
    ];
    assert_eq!(clients, expected);
    Ok(())
}

#[tokio::test]
async fn a_broadcast_reaches_each_client_once_and_can_be_answered() -> Result<()> {
    let (node, _folder) = node().await?;
    let mut sender = Member::join(&node).await?;
    let mut receiver = Member::join(&node).await?;
    let mut bystander = Member::join(&node).await?;
    receiver.name("receiver").await?;
    for id in [receiver.app_id.clone(), bystander.app_id.clone()] {
        sender.sees(&id, true).await?;
    }
    let third = bystander.app_id.clone();
    receiver.sees(&third, true).await?;

    // Twice the same client, in both ways to name it, and the sender itself.
    let clients = json!([
        { "app_id": receiver.app_id },
        { "client_name": "receiver" },
        { "app_id": sender.app_id },
    ]);
    let params = json!({ "clients": clients, "data": "news" });
    let sent = sender.session.call("send_broadcast_data", params).await?;
    let uuid = sent["data"]["uuid"]
        .as_str()
        .context("a broadcast has a `uuid`")?;

    let event = receiver.distributed("broadcast").await?;
    assert_eq!(event["post_type"], "distributed");
    assert_eq!(event["uuid"], uuid);
    assert_eq!(event["data"], "news");
    assert_eq!(event["client"]["app_id"], sender.app_id);

    let params = json!({ "client": { "app_id": sender.app_id }, "uuid": uuid, "data": "thanks" });
    let answered = receiver
        .session
        .call("send_broadcast_data_callback", params)
        .await?;
    assert_eq!(answered["status"], "ok");
    let event = sender.distributed("broadcast_callback").await?;
    assert_eq!(event["uuid"], uuid);
    assert_eq!(event["data"], "thanks");
    assert_eq!(event["client"]["app_id"], receiver.app_id);

    receiver.sees_nothing_else().await?;
    sender.sees_nothing_else().await?;
    bystander.sees_nothing_else().await
}

#[tokio::test]
async fn a_callback_to_what_was_never_sent_is_refused() -> Result<()> {
    let (node, _folder) = node().await?;
    let mut sender = Member::join(&node).await?;
    let mut receiver = Member::join(&node).await?;
    let mut stranger = Member::join(&node).await?;

    let params = json!({ "clients": [{ "app_id": receiver.app_id }], "data": "news" });
    let sent = sender.session.call("send_broadcast_data", params).await?;
    let uuid = sent["data"]["uuid"].clone();
    let answer = |uuid: &Value, client: &str| json!({ "client": { "app_id": client }, "uuid": uuid, "data": "thanks" });

    // The uuid is right, but it was not sent to this client.
    let params = answer(&uuid, &sender.app_id);
    let refusal = stranger
        .session
        .call("send_broadcast_data_callback", params)
        .await?;
    ensure_refused(&refusal, "")?;
    // It was sent to this client, but by another.
    let params = answer(&uuid, &stranger.app_id);
    let refusal = receiver
        .session
        .call("send_broadcast_data_callback", params)
        .await?;
    ensure_refused(&refusal, "")?;
    // Nobody sent this one.
    let params = answer(
        &json!("00000000-0000-4000-8000-000000000000"),
        &sender.app_id,
    );
    let refusal = receiver
        .session
        .call("send_broadcast_data_callback", params)
        .await?;
    ensure_refused(&refusal, "")
}

#[tokio::test]
async fn malformed_extension_actions_are_refused_with_a_reason() -> Result<()> {
    let (node, _folder) = node().await?;
    let mut session = Member::join(&node).await?.session;
    for (action, params) in [
        ("set_client_name", json!({})),
        ("set_client_name", json!({ "name": "" })),
        ("set_client_name", json!({ "name": 7 })),
        ("send_broadcast_data", json!({ "data": "to nobody" })),
        (
            "send_broadcast_data",
            json!({ "clients": [], "data": "to nobody" }),
        ),
        (
            "send_broadcast_data",
            json!({ "clients": "all", "data": "to nobody" }),
        ),
        ("send_broadcast_data_callback", json!({})),
        ("set_restart", json!({ "delay": "soon" })),
        // The simulator is no core that the node could restart.
        ("set_restart", json!({})),
        ("set_restart", json!({ "delay": 0.0 })),
    ] {
        let response = session.call(action, params.clone()).await?;
        ensure_refused(&response, "").with_context(|| format!("{action} with {params}"))?;
    }
    Ok(())
}
