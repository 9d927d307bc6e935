//! A client that stops reading, beside others that do not.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{DataFolder, Node, Settings, until};
use perpetua_testkit::{Client, Dial, FakeUpstream, JsonReader, group_message, number_of};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::growth::Baseline;

const SELF_ID: u64 = 10001;
const HEALTHY: usize = 4;
const EVENTS: u64 = 100_000;

/// The upstream waits for the healthy clients after so many events. It is less than a queue holds, so
/// that a client which reads loses nothing however slow the machine is.
const BATCH: u64 = 1_000;

/// Healthy clients get a batch within milliseconds; a node that waits for the stuck one's write takes
/// its 10 s.
const BATCH_LIMIT: Duration = Duration::from_secs(5);

/// So small that the system's own buffers fill after a few thousand events.
const STUCK_BUFFER: u32 = 4096;

/// Reads all events in order, and reports each batch.
async fn read_everything(client: Client, batches: mpsc::Sender<()>) -> Result<()> {
    let (_writer, mut reader) = client.split();
    let mut next = 1;
    while next <= EVENTS {
        let frame = reader
            .next()
            .await?
            .context("a healthy client was cut off")?;
        let Some(number) = number_of(&frame) else {
            continue;
        };
        ensure!(number == next, "event {number} came where {next} was due");
        if number.is_multiple_of(BATCH) {
            batches.send(()).await?;
        }
        next += 1;
    }
    Ok(())
}

/// Reads what the node sends its upstream, so that it hears its pings answered.
async fn listen(mut heard: JsonReader) {
    while !matches!(heard.next().await, Ok(None)) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn four_healthy_clients_miss_nothing_beside_a_stuck_one() -> Result<()> {
    let upstream = FakeUpstream::bind().await?;
    let settings = Settings::onebot(&upstream.url())
        .open_client("healthy")
        .open_client("stuck");
    let folder = DataFolder::with(&settings)?;
    let node = Node::start(&folder).await?;
    let mut link = upstream.accept().await?;
    link.greet(SELF_ID).await?;
    let (mut link, heard) = link.split();
    let listening = tokio::spawn(listen(heard));

    let place = node.client("healthy").await?;
    let (batches, mut done) = mpsc::channel(HEALTHY);
    let mut healthy = JoinSet::new();
    for _ in 0..HEALTHY {
        let client = Dial::to(place).connect().await?;
        healthy.spawn(read_everything(client, batches.clone()));
    }
    let stuck = Dial::to(node.client("stuck").await?)
        .receive_buffer(STUCK_BUFFER)
        .connect()
        .await?;
    let baseline = Baseline::of(&node)?;

    for batch in 0..EVENTS / BATCH {
        let began = Instant::now();
        for number in 1..=BATCH {
            link.send(&group_message(
                SELF_ID,
                batch * BATCH + number,
                "hello, everybody",
            ))
            .await?;
        }
        for _ in 0..HEALTHY {
            tokio::time::timeout(BATCH_LIMIT, done.recv())
                .await
                .with_context(|| format!("batch {batch} took longer than {BATCH_LIMIT:?}"))?
                .context("a healthy client gave up")?;
        }
        ensure!(
            began.elapsed() < BATCH_LIMIT,
            "batch {batch} took {:?}",
            began.elapsed()
        );
    }
    healthy
        .join_all()
        .await
        .into_iter()
        .collect::<Result<()>>()?;

    // It lost events of its own, counted, and was cut off in the end.
    until("the stuck client to be cut off", async || {
        let status = node.client_status("stuck").await?;
        Ok((status["connections"] == json!([])).then_some(()))
    })
    .await?;
    let status = node.client_status("stuck").await?;
    ensure!(
        status["dropped"].as_u64() > Some(0),
        "nothing was counted as missed: {status}"
    );
    ensure!(
        status["cuts"] == 1,
        "it was not counted as cut off: {status}"
    );
    let status = node.client_status("healthy").await?;
    ensure!(
        status["dropped"] == 0,
        "healthy clients missed events: {status}"
    );
    drop(stuck);
    listening.abort();
    baseline.is_reached_again(&node).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_client_whose_policy_is_to_disconnect_is_cut_off_when_its_queue_is_full()
-> Result<()> {
    let upstream = FakeUpstream::bind().await?;
    let keys = "token = \"off\"\nwhen-full = \"disconnect\"\nqueue-events = 64";
    let settings = Settings::onebot(&upstream.url()).client_with("stuck", keys);
    let folder = DataFolder::with(&settings)?;
    let node = Node::start(&folder).await?;
    let mut link = upstream.accept().await?;
    link.greet(SELF_ID).await?;
    let (mut link, heard) = link.split();
    let listening = tokio::spawn(listen(heard));
    let stuck = Dial::to(node.client("stuck").await?)
        .receive_buffer(STUCK_BUFFER)
        .connect()
        .await?;

    let mut number = 0;
    let text = "x".repeat(10_000);
    until("the stuck client to be cut off", async || {
        for _ in 0..BATCH {
            number += 1;
            link.send(&group_message(SELF_ID, number, &text)).await?;
        }
        let status = node.client_status("stuck").await?;
        Ok((status["cuts"].as_u64() > Some(0)).then_some(()))
    })
    .await?;
    drop(stuck);
    listening.abort();
    Ok(())
}
