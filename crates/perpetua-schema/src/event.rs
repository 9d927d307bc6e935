//! What a node tells those who watch it, one JSON object per line of `GET /rpc/events`.

use perpetua_simulator::Shown;
use serde::{Deserialize, Serialize};

/// Something happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Someone said or did something in a simulator.
    Shown {
        /// The account whose simulator it is.
        account: String,
        /// What it was.
        shown: Shown,
    },
    /// The settings were applied, or a changed file was refused.
    Settings {
        /// What is wrong with the changed file; empty when it was applied.
        problems: Vec<crate::SettingsProblem>,
    },
    /// The watcher was too slow and missed some.
    Missed {
        /// How many events.
        count: u64,
    },
}
