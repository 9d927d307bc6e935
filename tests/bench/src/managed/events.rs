//! What the node tells of its core as it happens (`GET /rpc/events`).

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use fake_core::PATIENCE;
use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    net::TcpStream,
    time::timeout,
};

/// A connection to the node.
pub(super) struct Events {
    lines: Lines<BufReader<TcpStream>>,
}

/// How programs of this machine reach the node: `run/session.json`.
#[derive(Deserialize)]
struct Session {
    api: String,
    token: String,
}

/// The events that tell of a core, alone or with its account; others are passed over.
#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event {
    Core {
        status: CoreStatus,
    },
    AccountChanged {
        account: Account,
    },
    #[serde(other)]
    Other,
}

/// An account, of which only its core matters here.
#[derive(Deserialize)]
struct Account {
    core: Option<CoreStatus>,
}

/// How the core stands.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub(super) struct CoreStatus {
    /// The name of its state.
    pub(super) state: String,
    /// Which start it is, counted from 1.
    pub(super) generation: u64,
}

impl Events {
    /// Follows the node on this data folder; nothing that happens from now on is missed.
    pub(super) async fn follow(data: &Path) -> Result<Self> {
        let session = data.join("run").join("session.json");
        let session = std::fs::read(&session)
            .with_context(|| format!("cannot read `{}`", session.display()))?;
        let Session { api, token } = serde_json::from_slice(&session)?;
        let address = api
            .strip_prefix("http://")
            .with_context(|| format!("the node's address is `{api}`"))?;
        let mut stream = BufReader::new(TcpStream::connect(address).await?);
        // The body of an answer to HTTP/1.0 comes as it is, without the sizes of its chunks.
        let request = format!(
            "GET /rpc/events HTTP/1.0\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        stream.get_mut().write_all(request.as_bytes()).await?;
        let mut lines = stream.lines();
        let status = lines.next_line().await?.unwrap_or_default();
        ensure!(status.ends_with(" 200 OK"), "no events: `{status}`");
        while lines
            .next_line()
            .await?
            .is_some_and(|line| !line.is_empty())
        {}
        Ok(Self { lines })
    }

    /// Waits until the core stands as `wanted`.
    pub(super) async fn core_is(
        &mut self,
        wanted: impl Fn(&CoreStatus) -> bool,
    ) -> Result<CoreStatus> {
        let mut last = None;
        let found = timeout(PATIENCE, self.find(wanted, &mut last)).await;
        found
            .with_context(|| format!("not within {PATIENCE:?}; the core's last status: {last:?}"))?
    }

    async fn find(
        &mut self,
        wanted: impl Fn(&CoreStatus) -> bool,
        last: &mut Option<CoreStatus>,
    ) -> Result<CoreStatus> {
        loop {
            let line = self
                .lines
                .next_line()
                .await?
                .context("the node has ended")?;
            let event: Event = serde_json::from_str(&line)?;
            let (Event::Core { status }
            | Event::AccountChanged {
                account: Account { core: Some(status) },
            }) = event
            else {
                continue;
            };
            if wanted(&status) {
                return Ok(status);
            }
            *last = Some(status);
        }
    }
}
