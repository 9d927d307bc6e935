//! Koishi in its HTTP mode: it calls, and keeps no connection.

use anyhow::{Result, ensure};
use perpetua_e2e::{DataFolder, EchoBot, Node, Settings, Watch, until};
use serde_json::Value;

/// The simulator's account, and a group of it.
const SELF_ID: u64 = 10_000;

#[tokio::test]
async fn koishi_calls_actions_over_http() -> Result<()> {
    let settings = Settings::simulator().http_client("koishi", "");
    let folder = DataFolder::with(&settings)?;
    let node = Node::start(&folder).await?;
    let (address, token) = (node.client("koishi").await?, folder.token("koishi").await?);
    let bearer = format!("Bearer {token}");
    let authorization = [("authorization", &*bearer)];
    let groups = perpetua_e2e::get(address, "/get_group_list", &authorization).await?;
    let group = groups.json()?["data"][0]["group_id"].to_string();
    let mut watch = Watch::start(&folder).await?;

    let mut koishi = EchoBot::koishi_over_http("koishi", address, &token, (SELF_ID, &group))?;
    koishi.ready().await?;
    watch.saw("koishi is here").await?;
    drop(koishi);

    // Without a token it sends the word for none.
    let mut command = EchoBot::koishi_over_http("koishi", address, "undefined", (SELF_ID, &group))?;
    until("it is told", async || {
        let notices = node.client_status("koishi").await?["notices"].clone();
        let codes = notices.as_array().into_iter().flatten();
        let mut codes = codes.filter_map(|notice| notice["message"]["code"].as_str());
        Ok(codes
            .any(|code| code == "refused.token_undefined")
            .then_some(()))
    })
    .await?;
    ensure!(!command.was_dropped(), "it never was online");
    let _ended = &mut command;
    let status: Value = node.client_status("koishi").await?;
    ensure!(status["called_ms"].is_i64(), "{status}");
    Ok(())
}
