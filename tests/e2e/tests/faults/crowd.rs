//! A thousand clients at once.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{DataFolder, Node, Settings};
use perpetua_testkit::{
    Client, Dial, FakeUpstream, JsonReader, JsonWriter, answer_to, group_message, number_of,
};
use serde_json::json;
use tokio::task::JoinSet;

use crate::growth::Baseline;

const SELF_ID: u64 = 10001;
const CROWD: usize = 1_000;
const EVENTS: u64 = 20;

/// Two sockets for each client in this process, one in the node's, and room for the rest.
const DESCRIPTORS: u64 = 4_096;

/// Connections that are being made at once; more would wait in the system's own queue.
const AT_ONCE: usize = 50;

/// Connects, in batches.
async fn gather(place: SocketAddr, number: usize) -> Result<Vec<Client>> {
    let mut clients = Vec::new();
    while clients.len() < number {
        let mut batch = JoinSet::new();
        for _ in 0..AT_ONCE.min(number - clients.len()) {
            batch.spawn(Dial::to(place).connect());
        }
        for client in batch.join_all().await {
            clients.push(client?);
        }
    }
    Ok(clients)
}

/// Hears every event in order, calls once, and leaves.
async fn attend(mut client: Client) -> Result<()> {
    for due in 1..=EVENTS {
        let event = client
            .next_where("an event", |frame| number_of(frame).is_some())
            .await?;
        ensure!(
            number_of(&event) == Some(due),
            "event {event} came where {due} was due"
        );
    }
    client.data_of("get_login_info", json!({})).await?;
    client.close().await
}

/// Answers whatever is asked.
async fn answer(mut writer: JsonWriter, mut reader: JsonReader) -> Result<()> {
    while let Some(action) = reader.next().await? {
        let data = json!({ "user_id": SELF_ID, "nickname": "bot" });
        writer.send(&answer_to(&action, &data)).await?;
    }
    Ok(())
}

/// A crowd comes, hears the same, asks, and goes.
async fn assemble(place: SocketAddr, upstream: &FakeUpstream) -> Result<()> {
    let mut link = upstream.accept().await?;
    link.greet(SELF_ID).await?;
    let mut attending = JoinSet::new();
    for client in gather(place, CROWD).await? {
        attending.spawn(attend(client));
    }
    for number in 1..=EVENTS {
        link.emit(&group_message(SELF_ID, number, "hello, everybody"))
            .await?;
    }
    let (writer, reader) = link.split();
    let answering = tokio::spawn(answer(writer, reader));
    attending
        .join_all()
        .await
        .into_iter()
        .collect::<Result<()>>()?;
    answering.abort();
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_clients_hear_the_same_and_leave_nothing_behind() -> Result<()> {
    // Children inherit the limit, so the node has room as well.
    let allowed = rlimit::increase_nofile_limit(DESCRIPTORS)
        .context("cannot raise the limit of open files")?;
    ensure!(
        allowed >= DESCRIPTORS,
        "this system allows only {allowed} open files; allow {DESCRIPTORS}"
    );
    let upstream = FakeUpstream::bind().await?;
    let keys = format!("token = \"off\"\nmax-connections = {CROWD}");
    let folder = DataFolder::with(&Settings::onebot(&upstream.url()).client_with("crowd", &keys))?;
    let node = Node::start(&folder).await?;

    // What a crowd costs while it is there is not the question; the second is to cost no more.
    let place = node.client("crowd").await?;
    let quiet = Baseline::of(&node)?;
    assemble(place, &upstream).await?;
    quiet.is_quiet_again(&node).await?;
    let baseline = Baseline::of(&node)?;
    assemble(place, &upstream).await?;
    baseline.is_reached_again(&node).await
}
