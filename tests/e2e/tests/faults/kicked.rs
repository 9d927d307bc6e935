//! A kick that the upstream takes back.

use anyhow::Result;
use perpetua_e2e::until;
use serde_json::{Value, json};

use crate::pair::{Pair, SELF_ID};

fn heartbeat(online: bool) -> Value {
    json!({
        "time": 1_700_000_000,
        "self_id": SELF_ID,
        "post_type": "meta_event",
        "meta_event_type": "heartbeat",
        "status": { "online": online, "good": online },
        "interval": 5000,
    })
}

fn kick() -> Value {
    json!({
        "time": 1_700_000_000,
        "self_id": SELF_ID,
        "post_type": "notice",
        "notice_type": "bot_offline",
        "user_id": SELF_ID,
        "tag": "login elsewhere",
        "message": "you were logged out",
    })
}

async fn is_online(pair: &Pair, online: bool) -> Result<()> {
    until(&format!("`online` to be {online}"), async || {
        let status = pair.node.status().await?;
        Ok((status["accounts"][0]["online"] == online).then_some(()))
    })
    .await
}

#[tokio::test]
async fn heartbeats_that_told_of_the_kick_take_it_back() -> Result<()> {
    let mut pair = Pair::dialling("").await?;
    for _ in 0..2 {
        pair.link.emit(&heartbeat(true)).await?;
        pair.link.emit(&kick()).await?;
        is_online(&pair, false).await?;
        pair.link.emit(&heartbeat(false)).await?;
        pair.link.emit(&heartbeat(true)).await?;
        is_online(&pair, true).await?;
    }
    Ok(())
}

#[tokio::test]
async fn heartbeats_that_never_told_of_it_take_nothing_back() -> Result<()> {
    let mut pair = Pair::dialling("").await?;
    pair.link.emit(&kick()).await?;
    for _ in 0..3 {
        pair.link.emit(&heartbeat(true)).await?;
    }
    // No message, which would show that the account is online.
    let marker = json!({ "self_id": SELF_ID, "post_type": "notice", "notice_type": "marker" });
    pair.link.emit(&marker).await?;
    let heard = |frame: &Value| frame["notice_type"] == "marker";
    pair.first.next_where("the marker", heard).await?;
    is_online(&pair, false).await
}
