//! The fakes against each other: what they tell a test must be true before a node stands between them.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use crate::{Client, Dial, FakeUpstream, UpstreamLink, group_message, number_of};

const SELF_ID: u64 = 10001;

async fn connected() -> Result<(Client, UpstreamLink)> {
    let upstream = FakeUpstream::bind().await?;
    let address = upstream
        .url()
        .trim_start_matches("ws://")
        .trim_end_matches('/')
        .parse()?;
    let dial = Dial::to(address).path("/event?x=1").token("secret")?;
    let (client, link) = tokio::try_join!(dial.connect(), upstream.accept())?;
    Ok((client, link))
}

#[tokio::test]
async fn an_upgrade_carries_path_and_token() -> Result<()> {
    let (_client, link) = connected().await?;
    assert_eq!(link.path(), "/event?x=1");
    assert_eq!(link.authorization(), Some("Bearer secret"));
    Ok(())
}

#[tokio::test]
async fn events_that_come_during_a_call_are_read_after_it() -> Result<()> {
    let (mut client, mut link) = connected().await?;
    let upstream = async {
        link.greet(SELF_ID).await?;
        link.emit(&group_message(SELF_ID, 7, "hello")).await?;
        let action = link.expect_action("get_login_info").await?;
        link.answer(&action, &json!({ "user_id": SELF_ID })).await?;
        Ok(link)
    };
    let (data, _link) = tokio::try_join!(client.data_of("get_login_info", json!({})), upstream)?;
    assert_eq!(data, json!({ "user_id": SELF_ID }));
    assert_eq!(client.next().await?["meta_event_type"], "lifecycle");
    assert_eq!(number_of(&client.heard("hell").await?), Some(7));
    Ok(())
}

#[tokio::test]
async fn a_reset_is_not_a_close_frame() -> Result<()> {
    let (mut client, link) = connected().await?;
    link.reset()?;
    assert_eq!(client.ended(Duration::from_secs(5)).await?, None);
    assert!(client.next().await.is_err());
    Ok(())
}
