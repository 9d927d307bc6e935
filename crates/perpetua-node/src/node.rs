//! Starting a node, and ending it.
//!
//! A start has two phases. The first one does everything that can fail (folders, ports, the installed
//! cores) and runs nothing: when it fails, dropping what it holds undoes it. The second one cannot fail.

mod parts;
mod prepare;

use std::{fmt, path::PathBuf, time::Duration};

use tokio::time::Instant;

use perpetua_accounts::Tokens;
use perpetua_fs::{Access, FileError, FolderLock, Folders, put_aside, write_atomic};
use perpetua_http::Pages;
use perpetua_process::raise_descriptor_limit;
use perpetua_proxy::Clock;
use perpetua_telemetry::LogHandle;
use perpetua_update::Project;
use perpetua_words::Language;
use tokio::time::timeout;
use tracing::{debug, info, warn};

use crate::{StartError, first_start::Settings, rpc::NodeRpc};
use parts::Parts;
use prepare::Prepared;

/// How long ending may take; scripts are promised 10 s.
const DRAIN_LIMIT: Duration = Duration::from_secs(8);
/// How long a start waits for its first steps. A locked keyring takes longer; the node runs meanwhile.
const SETTLE_LIMIT: Duration = Duration::from_secs(1);

/// What a node is started with.
#[derive(Debug)]
pub struct NodeOptions {
    /// The node's folders; they exist.
    pub folders: Folders,
    /// The right to use them.
    pub lock: FolderLock,
    /// The settings as read.
    pub settings: Settings,
    /// Where tokens are found and kept.
    pub tokens: Tokens,
    /// The clock.
    pub clock: Clock,
    /// Seeds everything random but tokens.
    pub seed: u64,
    /// The program's log, whose levels follow the settings.
    pub log: LogHandle,
    /// The language of the sentences in webhooks.
    pub language: Language,
    /// What a browser is shown.
    pub pages: Pages,
    /// The commit that the program was built from.
    pub build: &'static str,
    /// Where newer versions of the program are; none: the program around the node looks for them.
    pub updates: Option<Project>,
}

/// A running node. Dropping it ends its tasks without telling anybody; [`Node::drain`] is the way to end.
#[derive(Debug)]
pub struct Node {
    api: String,
    parts: Parts,
}

impl Node {
    /// Starts everything; when this returns, every listener is bound.
    pub async fn start(options: NodeOptions) -> Result<Self, StartError> {
        let descriptors = raise_descriptor_limit();
        let build = options.build;
        let prepared = Prepared::new(options).await?;
        let api = format!("http://{}", prepared.address);
        let (parts, settled) = Parts::run(prepared);
        let _the_rest_goes_on = timeout(SETTLE_LIMIT, settled).await;
        debug!(descriptors, "this process may have so many");
        info!(%api, version = env!("CARGO_PKG_VERSION"), build, "node started");
        Ok(Self { api, parts })
    }

    /// Where it listens, for example `http://127.0.0.1:8080`.
    pub fn api(&self) -> &str {
        &self.api
    }

    /// What a program in the same process asks the node with; it may outlive the node.
    pub fn rpc(&self) -> NodeRpc {
        self.parts.rpc.clone()
    }

    /// Waits until a part of the node ends by itself, which is a fault of ours.
    pub async fn failed(&mut self) {
        self.parts.failed().await;
    }

    /// Stops accepting, tells the clients, waits for them, and ends. Calls that are under way are
    /// answered first, for they may need the accounts.
    pub async fn drain(self) {
        info!("node stopping");
        let deadline = Instant::now() + DRAIN_LIMIT;
        let ended = timeout(DRAIN_LIMIT, self.parts.end(deadline)).await;
        if ended.is_err() {
            warn!("not everything ended in time");
        }
    }
}

/// The session file of a node that runs; removed when dropped.
struct SessionFile {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl SessionFile {
    fn write(path: PathBuf, bytes: Vec<u8>) -> Result<Self, FileError> {
        let file = Self { path, bytes };
        file.put()?;
        Ok(file)
    }

    /// Writes it anew where somebody has deleted it, or put something else in its place.
    fn renew(&self) -> Result<(), FileError> {
        if self.path.is_file() {
            return Ok(());
        }
        self.put()
    }

    fn put(&self) -> Result<(), FileError> {
        if let Some(aside) = put_aside(&self.path)? {
            let aside = aside.display();
            warn!(%aside, "what stood in the place of the session file was put aside");
        }
        write_atomic(&self.path, &self.bytes, Access::Owner)
    }
}

impl fmt::Debug for SessionFile {
    /// The token of the session is in it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SessionFile({})", self.path.display())
    }
}

impl Drop for SessionFile {
    fn drop(&mut self) {
        let _already_gone = std::fs::remove_file(&self.path);
    }
}
