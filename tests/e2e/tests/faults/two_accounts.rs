//! Frames of another account on one link: they are left out and named, and cost nobody a connection.

use anyhow::{Result, ensure};
use perpetua_e2e::{DataFolder, Node, Settings, until};
use perpetua_testkit::{Dial, FakeUpstream, UpstreamLink, group_message};
use serde_json::{Value, json};

use crate::pair::{Pair, SELF_ID};

const OTHER: u64 = 10002;

/// How many events of each account.
const EVENTS: u64 = 200;

/// Answers what the node asks on its own account, in its own name.
async fn introduce(link: &mut UpstreamLink, id: u64) -> Result<()> {
    let question = link.expect_action("get_login_info").await?;
    let login = json!({ "user_id": id, "nickname": "Ada" });
    link.answer(&question, &login).await
}

async fn only_one_is_served(mut pair: Pair) -> Result<()> {
    let waiting = pair.second_waits().await?;
    for number in 1..=EVENTS {
        pair.link
            .emit(&group_message(OTHER, number, "theirs"))
            .await?;
        pair.link
            .emit(&group_message(SELF_ID, number, "ours"))
            .await?;
    }
    for client in [&mut pair.first, &mut pair.second] {
        for number in 1..=EVENTS {
            let event = client
                .next_where("an event", |frame| frame["post_type"] == "message")
                .await?;
            ensure!(event["self_id"] == SELF_ID, "another account's: {event}");
            ensure!(event["message_id"] == number, "out of order: {event}");
        }
    }
    pair.second_is_answered(waiting).await?;
    pair.says(&[&OTHER.to_string()]).await
}

#[tokio::test]
async fn without_a_setting_the_first_account_is_served() -> Result<()> {
    only_one_is_served(Pair::dialling("").await?).await?;
    only_one_is_served(Pair::dialled("").await?).await
}

#[tokio::test]
async fn a_single_stray_id_costs_nobody_a_connection() -> Result<()> {
    let mut pair = Pair::dialling("").await?;
    let waiting = pair.second_waits().await?;
    // It is asked again who it is, but not so soon after it has said so.
    pair.link.emit(&group_message(OTHER, 1, "stray")).await?;
    pair.second_is_answered(waiting).await
}

async fn node_of(uin: u64) -> Result<(Node, DataFolder, FakeUpstream, UpstreamLink)> {
    let upstream = FakeUpstream::bind().await?;
    let url = upstream.url();
    let settings = Settings::upstream(&format!("kind = \"onebot\"\nurl = \"{url}\"\nuin = {uin}"));
    let folder = DataFolder::with(&settings.open_client("bot"))?;
    let node = Node::start(&folder).await?;
    let link = upstream.accept().await?;
    Ok((node, folder, upstream, link))
}

#[tokio::test]
async fn the_account_that_the_settings_name_is_served_whoever_speaks_first() -> Result<()> {
    let (node, _folder, _upstream, mut link) = node_of(SELF_ID).await?;
    let mut client = Dial::to(node.client("bot").await?).connect().await?;
    link.emit(&group_message(OTHER, 1, "theirs")).await?;
    introduce(&mut link, SELF_ID).await?;
    link.emit(&group_message(OTHER, 2, "theirs")).await?;
    link.emit(&group_message(SELF_ID, 3, "ours")).await?;
    let greeting = client.next().await?;
    ensure!(
        greeting["meta_event_type"] == "lifecycle" && greeting["self_id"] == SELF_ID,
        "{greeting}"
    );
    let event = client
        .next_where("an event", |frame| frame["post_type"] == "message")
        .await?;
    ensure!(event["raw_message"] == "ours", "{event}");
    Ok(())
}

#[tokio::test]
async fn an_upstream_of_another_account_than_the_settings_name_is_not_online() -> Result<()> {
    let (node, _folder, _upstream, mut link) = node_of(SELF_ID).await?;
    introduce(&mut link, OTHER).await?;
    let account = until("the other account to be named", async || {
        let account = node.status().await?["accounts"][0].clone();
        let named = |value: &Value| value.to_string().contains(&OTHER.to_string());
        Ok((named(&account["problem"]) || named(&account["upstream"])).then_some(account))
    })
    .await?;
    ensure!(account["online"] == false, "{account}");
    Ok(())
}
