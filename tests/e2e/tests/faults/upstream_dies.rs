//! An upstream that is killed again and again under load.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{DataFolder, Gathered, Node, Settings, THE_END, call_and_listen, until};
use perpetua_testkit::{Dial, FakeUpstream, UpstreamLink, answer_to, group_message, number_of};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::growth::Baseline;

const SELF_ID: u64 = 10001;
const KILLS: u64 = 200;
const EVENTS_PER_LIFE: u64 = 50;
const CLIENTS: [&str; 4] = ["a", "b", "c", "d"];

/// Calls that are under way at once.
const WINDOW: usize = 8;

/// Each kill has to find this many calls answered since the kill before, so that it strikes under load.
const CALLS_PER_LIFE: u64 = 20;

/// Connects as an upstream does that is started again by its supervisor: at once, until it is let in.
async fn come_back(place: SocketAddr) -> Result<UpstreamLink> {
    until("the node to take its upstream back", async || {
        Ok(UpstreamLink::dial(place, "off", SELF_ID).await.ok())
    })
    .await
}

/// One life: sends its events and answers what it is asked, then dies. Gives the number of the last event.
async fn live_and_die(mut link: UpstreamLink, first: u64) -> Result<u64> {
    link.greet(SELF_ID).await?;
    link.socket().reset_when_dropped()?;
    let (mut writer, mut reader) = link.split();
    let (mut next, mut answered) = (first, 0);
    while next < first + EVENTS_PER_LIFE || answered < CALLS_PER_LIFE {
        if next < first + EVENTS_PER_LIFE {
            writer.send(&group_message(SELF_ID, next, "hello")).await?;
            next += 1;
        }
        let action = reader
            .next()
            .await?
            .context("the node hung up on its upstream")?;
        writer.send(&answer_to(&action, &action["params"])).await?;
        answered += 1;
    }
    Ok(next)
}

/// The last life: ends the load and answers everything that is still asked.
async fn live_on(mut link: UpstreamLink, number: u64) -> Result<()> {
    link.greet(SELF_ID).await?;
    link.emit(&group_message(SELF_ID, number, THE_END)).await?;
    loop {
        let action = link.next_action().await?;
        link.answer(&action, &action["params"]).await?;
    }
}

fn numbers(gathered: &Gathered) -> Vec<u64> {
    gathered.messages.iter().filter_map(number_of).collect()
}

fn ensure_accounted(gathered: &[Gathered]) -> Result<()> {
    for one in gathered {
        let numbers = numbers(one);
        let ordered = numbers.windows(2).all(|pair| pair[0] < pair[1]);
        ensure!(ordered, "events came doubled or out of order: {numbers:?}");
        ensure!(
            one.answered > KILLS,
            "the load was no load: {} answers",
            one.answered
        );
    }
    // What died with a connection never reached the node; what did reach it, everybody got.
    let all_the_same = gathered
        .windows(2)
        .all(|pair| numbers(&pair[0]) == numbers(&pair[1]));
    ensure!(all_the_same, "clients that kept up got different events");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_200_times_under_load_it_costs_nobody_an_answer() -> Result<()> {
    let settings = CLIENTS
        .iter()
        .fold(Settings::onebot_reverse(), |settings, name| {
            settings.open_client(name)
        });
    let folder = DataFolder::with(&settings)?;
    let node = Node::start(&folder).await?;

    // The first life is warm-up: it makes what is made on first use.
    let place = node.upstream().await?;
    let mut link = come_back(place).await?;
    link.greet(SELF_ID).await?;
    let mut clients = JoinSet::new();
    for name in CLIENTS {
        let mut client = Dial::to(node.client(name).await?).connect().await?;
        // Only after its greeting does it get every event.
        client
            .next_where("its greeting", |frame| {
                frame["meta_event_type"] == "lifecycle"
            })
            .await?;
        clients.spawn(call_and_listen(client, WINDOW));
    }
    let mut next = live_and_die(link, 1).await?;
    let baseline = Baseline::of(&node)?;

    for _ in 0..KILLS {
        next = live_and_die(come_back(place).await?, next).await?;
    }
    let last = tokio::spawn(live_on(come_back(place).await?, next));
    let gathered = clients
        .join_all()
        .await
        .into_iter()
        .collect::<Result<Vec<_>>>()?;
    last.abort();

    ensure_accounted(&gathered)?;
    baseline.is_reached_again(&node).await
}

#[tokio::test]
async fn a_dialled_upstream_is_found_again_and_unsent_calls_reach_it() -> Result<()> {
    let upstream = FakeUpstream::bind().await?;
    let folder = DataFolder::with(&Settings::onebot(&upstream.url()).open_client("bot"))?;
    let node = Node::start(&folder).await?;
    let mut client = Dial::to(node.client("bot").await?).connect().await?;
    let mut link = upstream.accept().await?;
    link.greet(SELF_ID).await?;
    for number in 1..=3 {
        link.emit(&group_message(SELF_ID, number, "hello")).await?;
        client.heard("hello").await?;
        link.reset()?;
        // What is asked before the node has noticed is sent, and its outcome unknown.
        client
            .next_where("word of the loss", |frame| {
                frame["status"]["online"] == false
            })
            .await?;
        let echo = client
            .ask("get_stranger_info", json!({ "user_id": number }))
            .await?;
        link = upstream.accept().await?;
        // Calls wait until it has shown that it is the account they were meant for.
        link.greet(SELF_ID).await?;
        let asked = link.expect_action("get_stranger_info").await?;
        link.answer(&asked, &Value::from(number)).await?;
        assert_eq!(client.response(&json!(echo)).await?["data"], number);
    }
    Ok(())
}
