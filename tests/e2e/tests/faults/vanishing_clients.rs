//! Clients that leave in the middle of their calls.

use std::collections::VecDeque;

use std::net::SocketAddr;

use anyhow::Result;
use perpetua_e2e::{DataFolder, Node, Settings};
use perpetua_testkit::{Dial, FakeUpstream, UpstreamLink};
use serde_json::json;

use crate::growth::Baseline;

const SELF_ID: u64 = 10001;
const VISITS: usize = 200;
const CALLS_PER_VISIT: u64 = 5;

/// How many calls an answer stays behind: by then, whoever asked has left.
const BEHIND: usize = 8;

/// Answers the witness at once, and everybody else when they have left.
async fn answer_too_late(mut link: UpstreamLink) -> Result<()> {
    link.greet(SELF_ID).await?;
    let mut owed = VecDeque::new();
    loop {
        let action = link.next_action().await?;
        if action["action"] == "get_status" {
            link.answer(&action, &json!({ "online": true })).await?;
            continue;
        }
        owed.push_back(action);
        if owed.len() > BEHIND
            && let Some(oldest) = owed.pop_front()
        {
            link.answer(&oldest, &oldest["params"]).await?;
        }
    }
}

/// Comes, asks, and leaves without waiting: every other one without a word.
async fn visit(place: SocketAddr, number: usize) -> Result<()> {
    let mut client = Dial::to(place).connect().await?;
    for call in 0..CALLS_PER_VISIT {
        client
            .ask("get_stranger_info", json!({ "user_id": call }))
            .await?;
    }
    if number.is_multiple_of(2) {
        client.reset()
    } else {
        client.close().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_200_times_with_calls_in_flight_hurts_nobody() -> Result<()> {
    let upstream = FakeUpstream::bind().await?;
    let settings = Settings::onebot(&upstream.url())
        .client_with("bot", "token = \"off\"\nmax-connections = 64");
    let folder = DataFolder::with(&settings)?;
    let node = Node::start(&folder).await?;
    let answering = tokio::spawn(answer_too_late(upstream.accept().await?));
    let place = node.client("bot").await?;
    let mut witness = Dial::to(place).connect().await?;
    for number in 0..10 {
        visit(place, number).await?;
    }
    witness.data_of("get_status", json!({})).await?;
    let baseline = Baseline::of(&node)?;

    for number in 0..VISITS {
        visit(place, number).await?;
        if number % 20 == 0 {
            witness.data_of("get_status", json!({})).await?;
        }
    }

    witness.data_of("get_status", json!({})).await?;
    baseline.is_reached_again(&node).await?;
    answering.abort();
    Ok(())
}
