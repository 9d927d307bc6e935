//! What a node tells those who watch it, one JSON object per line of `GET /rpc/events`.

use perpetua_words::Message;
use serde::{Deserialize, Serialize};

use crate::{ChatLine, CoreJob, CoreLine, CoreStatus, SettingsProblem};

/// Something happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Someone said or did something in a simulator.
    Shown {
        /// The account whose simulator it is.
        account: String,
        /// What it was.
        shown: ChatLine,
    },
    /// The settings were applied, or a changed file was refused.
    Settings {
        /// What is wrong with the changed file; empty when it was applied.
        problems: Vec<SettingsProblem>,
    },
    /// The core of an account stands elsewhere than before.
    Core {
        /// The account.
        account: String,
        /// Where.
        status: Box<CoreStatus>,
    },
    /// The core of an account wrote a line.
    CoreLine {
        /// The account.
        account: String,
        /// The line.
        line: CoreLine,
    },
    /// An installation of a core went on, or ended.
    CoreJob {
        /// How far it is, or how it ended.
        job: CoreJob,
    },
    /// An account can be talked to, or no longer.
    Account {
        /// The account.
        account: String,
        /// Whether it can.
        online: bool,
        /// Why it cannot, for people.
        reason: Option<Message>,
    },
    /// The watcher was too slow and missed some.
    Missed {
        /// How many events.
        count: u64,
    },
}
