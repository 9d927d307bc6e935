//! A client that calls as fast as it is answered, and accounts for everything it gets.

use std::collections::HashSet;

use anyhow::{Context as _, Result, ensure};
use perpetua_testkit::{Client, JsonWriter, number_of};
use serde_json::{Value, json};

/// The text of the event that ends a load: no further call is made after it.
pub(crate) const THE_END: &str = "the end";

/// Calls that are under way at once.
const WINDOW: u64 = 8;

/// What a client got.
#[derive(Default, Debug)]
pub(crate) struct Gathered {
    /// The numbers of the messages, in the order in which they came.
    pub(crate) numbers: Vec<u64>,
    /// Calls that succeeded.
    pub(crate) answered: u64,
    /// Calls that the node refused because the upstream was away or died.
    pub(crate) refused: u64,
}

/// Calls and listens until [`THE_END`] has come and every call has had its one response.
pub(crate) async fn call_and_listen(client: Client) -> Result<Gathered> {
    let (mut writer, mut reader) = client.split();
    let mut gathered = Gathered::default();
    let mut open = HashSet::new();
    let mut calls = 0;
    let mut ending = false;
    while calls < WINDOW {
        ask(&mut writer, &mut open, &mut calls).await?;
    }
    while !(ending && open.is_empty()) {
        let frame = reader
            .next()
            .await?
            .context("the node ended the connection")?;
        if let Some(number) = number_of(&frame) {
            gathered.numbers.push(number);
            ending |= frame["raw_message"] == THE_END;
        } else if frame.get("post_type").is_none() {
            note(&frame, &mut open, &mut gathered)?;
            if !ending {
                ask(&mut writer, &mut open, &mut calls).await?;
            }
        }
    }
    Ok(gathered)
}

async fn ask(writer: &mut JsonWriter, open: &mut HashSet<u64>, calls: &mut u64) -> Result<()> {
    *calls += 1;
    open.insert(*calls);
    let params = json!({ "user_id": *calls });
    writer
        .send(&json!({ "action": "get_stranger_info", "params": params, "echo": *calls }))
        .await
}

fn note(response: &Value, open: &mut HashSet<u64>, gathered: &mut Gathered) -> Result<()> {
    let echo = response["echo"]
        .as_u64()
        .context("an echo that was never sent")?;
    ensure!(
        open.remove(&echo),
        "a response to what was not asked, or a second one: {response}"
    );
    match response["retcode"].as_i64() {
        Some(0) => {
            ensure!(
                response["data"] == json!({ "user_id": echo }),
                "another call's answer: {response}"
            );
            gathered.answered += 1;
        }
        Some(1503 | 1504) => gathered.refused += 1,
        _ => anyhow::bail!("an unexpected response: {response}"),
    }
    Ok(())
}
