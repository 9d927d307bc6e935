//! How programs of the same user find a running node.

use serde::{Deserialize, Serialize};

/// The content of `run/session.json` in the data folder, which only its owner may read.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Serialize, Deserialize)]
pub struct Session {
    /// Where the node listens, for example `http://127.0.0.1:8080`.
    pub api: String,
    /// What `/rpc` asks for, as `Authorization: Bearer <token>`; new at each start.
    pub token: String,
    /// The node's process id.
    pub pid: u32,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Session {{ api: {:?}, token: [redacted], pid: {} }}",
            self.api, self.pid
        )
    }
}
