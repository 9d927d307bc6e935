//! A client that calls as fast as it is answered, and accounts for everything it gets.

use std::collections::HashSet;

use anyhow::{Context as _, Result, ensure};
use perpetua_testkit::{Client, JsonWriter};
use serde_json::{Value, json};

/// The text of the message that ends a load: no further call is made after it.
pub const THE_END: &str = "the end";

/// What a client got.
#[derive(Default, Debug)]
pub struct Gathered {
    /// The messages, in the order in which they came.
    pub messages: Vec<Value>,
    /// Calls that succeeded, with what was theirs.
    pub answered: u64,
    /// Calls that the node refused because the upstream was away, or whose outcome it does not know.
    pub refused: u64,
}

/// Keeps so many calls under way until [`THE_END`] has come and every call has had its one response.
///
/// Each call is for a stranger with a number of its own, and an upstream that answers with the
/// stranger of the call shows by that number whose answer it is.
pub async fn call_and_listen(client: Client, window: usize) -> Result<Gathered> {
    let (mut writer, mut reader) = client.split();
    let (mut gathered, mut open) = (Gathered::default(), HashSet::new());
    let (mut calls, mut ending) = (0, false);
    loop {
        while !ending && open.len() < window {
            calls += 1;
            open.insert(calls);
            ask(&mut writer, calls).await?;
        }
        if ending && open.is_empty() {
            return Ok(gathered);
        }
        let frame = reader.next().await?.context("the node hung up")?;
        if frame["post_type"] == "message" {
            ending |= frame["raw_message"] == THE_END;
            gathered.messages.push(frame);
        } else if frame.get("post_type").is_none() {
            note(&frame, &mut open, &mut gathered)?;
        }
    }
}

async fn ask(writer: &mut JsonWriter, number: u64) -> Result<()> {
    let params = json!({ "user_id": number });
    let call = json!({ "action": "get_stranger_info", "params": params, "echo": number });
    writer.send(&call).await
}

fn note(response: &Value, open: &mut HashSet<u64>, gathered: &mut Gathered) -> Result<()> {
    let echo = response["echo"].as_u64().context("a foreign echo")?;
    ensure!(
        open.remove(&echo),
        "a second response, or one to what was not asked: {response}"
    );
    match response["retcode"].as_i64() {
        Some(0) => {
            let of = &response["data"]["user_id"];
            ensure!(*of == echo, "another call's answer: {response}");
            gathered.answered += 1;
        }
        Some(1503 | 1504) => gathered.refused += 1,
        _ => anyhow::bail!("an unexpected response: {response}"),
    }
    Ok(())
}
