//! What a foreign upstream may do, right and wrong, and what its clients see of it.

use anyhow::{Result, ensure};
use perpetua_e2e::{DataFolder, Node, ScriptedUpstream, Settings};
use perpetua_testkit::{Client, Dial};
use serde_json::{Value, json};

/// A node that takes a wrong token for a passing failure tries again sooner.
const NOT_SOON_S: u64 = 60;

/// A node between the scripted upstream and one client.
struct Setup {
    upstream: ScriptedUpstream,
    client: Client,
    _node: Node,
    _folder: DataFolder,
}

impl Setup {
    /// With an action's time limit of a second, so that a test of silence is short.
    async fn start() -> Result<Self> {
        let upstream = ScriptedUpstream::start().await?;
        let settings = Settings::onebot(&upstream.url())
            .account_key("action-timeout = \"1s\"")
            .open_client("bot");
        let folder = DataFolder::with(&settings)?;
        let node = Node::start(&folder).await?;
        let mut setup = Self {
            upstream,
            client: Dial::to(node.client("bot").await?).connect().await?,
            _node: node,
            _folder: folder,
        };
        setup.upstream.connected().await?;
        Ok(setup)
    }

    async fn answers(&mut self, how: &str, seconds: f64) -> Result<()> {
        let order = json!({ "do": "answer", "how": how, "seconds": seconds });
        self.upstream.order(order).await
    }

    /// Calls once more, with an upstream that answers well, and sees that exactly this answer comes next:
    /// nothing of an earlier call is left over.
    async fn nothing_is_left_over(&mut self) -> Result<()> {
        self.answers("once", 0.0).await?;
        let echo = self.client.ask("get_status", json!({})).await?;
        let next = self
            .client
            .next_where("a response", |frame| frame.get("post_type").is_none())
            .await?;
        ensure!(
            next["echo"] == echo,
            "a response of an earlier call came: {next}"
        );
        Ok(())
    }
}

#[tokio::test]
async fn an_action_that_is_never_answered_ends_with_outcome_unknown() -> Result<()> {
    let mut setup = Setup::start().await?;
    setup.answers("never", 0.0).await?;
    let response = setup.client.call("get_friend_list", json!({})).await?;
    assert_eq!(response["retcode"], 1504);
    setup.nothing_is_left_over().await
}

#[tokio::test]
async fn a_late_answer_is_not_delivered() -> Result<()> {
    let mut setup = Setup::start().await?;
    setup.answers("late", 1.5).await?;
    let response = setup.client.call("get_friend_list", json!({})).await?;
    assert_eq!(response["retcode"], 1504);
    let is_late = |report: &Value| report["report"] == "answered" && report["how"] == "late";
    setup.upstream.report("the late answer", is_late).await?;
    setup.nothing_is_left_over().await
}

#[tokio::test]
async fn an_answer_given_twice_is_delivered_once() -> Result<()> {
    let mut setup = Setup::start().await?;
    setup.answers("twice", 0.0).await?;
    let response = setup.client.call("get_friend_list", json!({})).await?;
    assert_eq!(response["status"], "ok");
    setup.nothing_is_left_over().await
}

#[tokio::test]
async fn every_part_of_a_streamed_answer_is_delivered_in_order() -> Result<()> {
    let mut setup = Setup::start().await?;
    setup.answers("stream", 0.0).await?;
    let echo = Value::from(setup.client.ask("download_file_stream", json!({})).await?);
    let mut kinds = Vec::new();
    for _ in 0..3 {
        let part = setup.client.response(&echo).await?;
        kinds.push(part["data"]["type"].clone());
    }
    assert_eq!(kinds, ["stream", "stream", "response"]);
    setup.nothing_is_left_over().await
}

#[tokio::test]
async fn garbage_from_the_upstream_costs_no_connection_at_all() -> Result<()> {
    let mut setup = Setup::start().await?;
    for order in [
        json!({ "do": "raw", "text": "this is no JSON" }),
        json!({ "do": "raw", "text": "[1, 2, 3]" }),
        json!({ "do": "raw", "text": "{\"status\":\"ok\",\"retcode\":0,\"data\":null,\"echo\":{\"not\":\"ours\"}}" }),
        json!({ "do": "raw", "text": "{\"status\":\"ok\",\"retcode\":0,\"data\":null}" }),
        json!({ "do": "binary", "hex": "00ff00ff" }),
    ] {
        setup.upstream.order(order).await?;
    }
    // Over the same link: a connection made anew would be reported.
    setup.upstream.say("after the garbage").await?;
    setup.client.heard("after the garbage").await?;
    ensure!(!setup.upstream.was_connected(), "the link was given up");
    Ok(())
}

async fn a_wrong_token_is_named_and_not_tried_again(refusal: &str) -> Result<()> {
    let mut upstream = ScriptedUpstream::start().await?;
    upstream
        .order(json!({ "do": "token", "token": "the-right-token", "refusal": refusal }))
        .await?;
    let keys = |variable: &str| {
        let url = upstream.url();
        format!("kind = \"onebot\"\nurl = \"{url}\"\ntoken = {{ env = \"{variable}\" }}")
    };
    let folder = DataFolder::with(&Settings::upstream(&keys("OLD_TOKEN")))?;
    let right = Settings::upstream(&keys("NEW_TOKEN"));
    let tokens = [
        ("OLD_TOKEN", "a-wrong-token"),
        ("NEW_TOKEN", "the-right-token"),
    ];
    let node = Node::start_with(&folder, &tokens).await?;

    upstream.refused().await?;
    node.health_says("token").await?;
    let status = node.status().await?;
    let planned = &status["accounts"][0]["upstream"]["retry_in_s"];
    ensure!(
        planned.as_u64().is_none_or(|seconds| seconds >= NOT_SOON_S),
        "a wrong token is to be tried again soon: {status}"
    );
    ensure!(!upstream.was_refused(), "a wrong token was tried again");

    folder.write_settings(&right.to_string())?;
    upstream.connected().await?;
    ensure!(
        !node.log().contains("a-wrong-token"),
        "a token stands in the log"
    );
    Ok(())
}

#[tokio::test]
async fn a_403_is_a_wrong_token() -> Result<()> {
    a_wrong_token_is_named_and_not_tried_again("lagrange").await
}

#[tokio::test]
async fn a_1403_and_a_close_is_a_wrong_token() -> Result<()> {
    a_wrong_token_is_named_and_not_tried_again("napcat").await
}

#[tokio::test]
async fn a_1403_and_a_close_1008_is_a_wrong_token() -> Result<()> {
    a_wrong_token_is_named_and_not_tried_again("llbot").await
}
