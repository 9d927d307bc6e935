//! The OneBot server that is not ours: `tests/interop/scripted_upstream.py`.

use std::time::Duration;

use anyhow::{Context as _, Result};
use perpetua_testkit::PATIENCE;
use serde_json::{Value, json};

use crate::Program;
use crate::interop::python;

/// Python takes seconds to start on a machine that is busy with tests.
const START_LIMIT: Duration = Duration::from_mins(1);

/// A running scripted upstream. Its commands and reports are described in the program itself.
pub struct ScriptedUpstream {
    program: Program,
    port: u64,
}

impl ScriptedUpstream {
    /// Starts it on a free port.
    pub async fn start() -> Result<Self> {
        let mut program = Program::start("scripted upstream", python("scripted_upstream.py")?)?;
        let line = program
            .stdout
            .next_where("the upstream's port", START_LIMIT, |line| {
                line.contains("listening")
            })
            .await?;
        let report: Value = serde_json::from_str(&line)?;
        let port = report["port"]
            .as_u64()
            .context("the upstream names no port")?;
        Ok(Self { program, port })
    }

    /// What a node's `upstream.url` is to be.
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}/", self.port)
    }

    /// Gives a command and waits until it has taken effect.
    pub async fn order(&mut self, command: Value) -> Result<()> {
        self.program.write_line(&command.to_string()).await?;
        let (what, name) = (
            format!("the upstream to obey {command}"),
            command["do"].clone(),
        );
        self.report(&what, |report| {
            report["report"] == "done" && report["do"] == name
        })
        .await
        .map(drop)
    }

    /// Lets a friend write this in the group.
    pub async fn say(&mut self, text: &str) -> Result<()> {
        self.order(json!({ "do": "say", "text": text })).await
    }

    /// Waits for a connection, and gives the headers of its upgrade.
    pub async fn connected(&mut self) -> Result<Value> {
        let mut report = self
            .report("the node to connect", |report| {
                report["report"] == "connected"
            })
            .await?;
        Ok(report["headers"].take())
    }

    /// Waits for a refused connection.
    pub async fn refused(&mut self) -> Result<()> {
        self.report("the node to be refused", |report| {
            report["report"] == "refused"
        })
        .await
        .map(drop)
    }

    /// Whether a further connection has been reported.
    pub fn was_connected(&self) -> bool {
        self.program
            .stdout
            .has(|line| line.contains("\"report\": \"connected\""))
    }

    /// Whether a further refused connection has been reported.
    pub fn was_refused(&self) -> bool {
        self.program
            .stdout
            .has(|line| line.contains("\"report\": \"refused\""))
    }

    /// Waits for an action that would show this text in a chat.
    pub async fn was_told(&mut self, text: &str) -> Result<Value> {
        self.report(&format!("a message with `{text}`"), |report| {
            report["report"] == "action" && report["params"].to_string().contains(text)
        })
        .await
    }

    /// Takes the first report that is `wanted`.
    pub async fn report(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let parse = |line: &str| serde_json::from_str::<Value>(line);
        let wanted = |line: &str| parse(line).is_ok_and(|report| wanted(&report));
        let line = self
            .program
            .stdout
            .next_where(what, PATIENCE, wanted)
            .await?;
        Ok(parse(&line)?)
    }
}
