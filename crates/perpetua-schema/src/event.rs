//! What a node tells those who follow it, one JSON object per line of `GET /rpc/events`.

use perpetua_words::Message;
use serde::{Deserialize, Serialize};

use crate::{
    AccountRates, AccountStatus, ChatLine, ClientStatus, CoreJob, CoreLine, CoreStatus, Happening,
    NodeStatus, NoticeStatus, SettingsProblem, UpstreamStatus,
};

/// Something happened.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// How the node stands: the first event of the topic `state`, and again whenever a list of
    /// accounts has changed or the program has missed something.
    Snapshot {
        /// Counts the changes; what follows has greater ones.
        generation: u64,
        /// All of it.
        status: Box<NodeStatus>,
    },
    /// What is wrong with the node itself has changed, or somebody else was refused.
    NodeChanged {
        /// See [`Event::Snapshot`].
        generation: u64,
        /// All that is wrong now.
        problems: Vec<Message>,
        /// Whom its HTTP side refused, newest first.
        notices: Vec<NoticeStatus>,
    },
    /// An account has changed beyond its upstream, its core, and single clients.
    AccountChanged {
        /// See [`Event::Snapshot`].
        generation: u64,
        /// All of it, clients included.
        account: Box<AccountStatus>,
    },
    /// The way to an account's upstream has changed.
    UpstreamChanged {
        /// See [`Event::Snapshot`].
        generation: u64,
        /// The account.
        account: String,
        /// The way.
        upstream: UpstreamStatus,
    },
    /// A client of an account has changed, or its connections have.
    ClientChanged {
        /// See [`Event::Snapshot`].
        generation: u64,
        /// The account.
        account: String,
        /// The client.
        client: Box<ClientStatus>,
    },
    /// The counters of accounts and clients, once a second while any of them rises.
    Rates {
        /// Those of every account.
        accounts: Vec<AccountRates>,
    },
    /// Someone said or did something in a simulator.
    Shown {
        /// The account whose simulator it is.
        account: String,
        /// What it was.
        shown: Box<ChatLine>,
    },
    /// The people or groups of a simulator have changed.
    WorldChanged {
        /// The account whose simulator it is.
        account: String,
    },
    /// Something happened that the owner may want to know; see [`crate::Call::Happenings`].
    Happened {
        /// What.
        happening: Happening,
    },
    /// The settings were applied, or a changed file was refused.
    Settings {
        /// What is wrong with the changed file; empty when it was applied.
        problems: Vec<SettingsProblem>,
    },
    /// The core of an account stands elsewhere than before.
    Core {
        /// See [`Event::Snapshot`].
        generation: u64,
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
    /// The program read too slowly and missed some.
    Missed {
        /// How many events.
        count: u64,
    },
}
