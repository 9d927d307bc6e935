//! A client that listens and calls without a pause, and accounts for everything it gets.

use std::collections::HashSet;

use anyhow::{Context as _, Result, ensure};
use perpetua_testkit::Client;
use serde_json::{Value, json};

/// The message that ends a load.
pub(crate) const THE_END: &str = "the end";

/// What a client got.
#[derive(Default, Debug)]
pub(crate) struct Gathered {
    /// The texts of the messages in their order.
    pub(crate) texts: Vec<String>,
    /// Calls that succeeded.
    pub(crate) answered: u64,
    /// Calls that the node refused because the core was away, or whose outcome it does not know.
    pub(crate) refused: u64,
}

/// Keeps a few calls open until [`THE_END`] has come and each has had its one response.
pub(crate) async fn call_and_listen(client: Client) -> Result<Gathered> {
    const WINDOW: u64 = 4;
    let (mut writer, mut reader) = client.split();
    let (mut gathered, mut open, mut calls, mut ending) =
        (Gathered::default(), HashSet::new(), 0, false);
    loop {
        while !ending && (open.len() as u64) < WINDOW {
            calls += 1;
            open.insert(calls);
            let call = json!({ "action": "get_status", "params": {}, "echo": calls });
            writer.send(&call).await?;
        }
        if ending && open.is_empty() {
            return Ok(gathered);
        }
        let frame = reader.next().await?.context("the node hung up")?;
        if frame["post_type"] == "message" {
            let text = frame["raw_message"].as_str().context("a text")?;
            ending |= text == THE_END;
            gathered.texts.push(text.to_owned());
        } else if frame.get("post_type").is_none() {
            note(&frame, &mut open, &mut gathered)?;
        }
    }
}

fn note(response: &Value, open: &mut HashSet<u64>, gathered: &mut Gathered) -> Result<()> {
    let echo = response["echo"].as_u64().context("a foreign echo")?;
    ensure!(
        open.remove(&echo),
        "a second response, or one to what was not asked: {response}"
    );
    match response["retcode"].as_i64() {
        Some(0) => gathered.answered += 1,
        Some(1503 | 1504) => gathered.refused += 1,
        _ => anyhow::bail!("an unexpected response: {response}"),
    }
    Ok(())
}
