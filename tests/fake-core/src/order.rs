//! What a test tells a running fake core, and what the core tells it: one JSON line each.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Network;

/// An order to a running core.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The phone of the login.
    Phone(Phone),
    /// QQ's servers and what people write.
    Qq(Qq),
    /// The process itself.
    Process(Process),
}

/// What the person with the phone does while a QR code is shown. The core hears of one such thing each time it asks.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phone {
    /// Scans it with this account, or that of the scenario.
    Scan(Option<u64>),
    /// Confirms the login.
    Confirm,
    /// Cancels it.
    Cancel,
    /// Lets it expire.
    Expire,
    /// Confirms, and QQ refuses the login with code, `Tag` and `State`.
    Refused(i64, String, String),
    /// The network fails while the state is asked, which kills Lagrange.
    NetworkFails,
}

/// What QQ does, most of it to an account that is online.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Qq {
    /// Ends the session; Lagrange runs on and says `online` for ever.
    Kick,
    /// The connection to QQ does so from now on, at any time of a run.
    Network(Network),
    /// The connection to QQ breaks, and comes back after so many milliseconds.
    Flap(u64),
    /// Signatures of sends fail with these words, or work again.
    SigningFails(Option<String>),
    /// Someone writes this in the group, so often, and so often in a second (0: as fast as it goes). `{n}` in it
    /// becomes a number counted from 1, which is the `message_id` too.
    Say {
        /// What is written.
        text: String,
        /// How often.
        count: u32,
        /// How often in a second.
        per_second: u32,
    },
    /// Any event, as it is.
    Emit(Value),
    /// Nothing happens any more: no events, no heartbeats; calls are answered.
    FallSilent,
    /// Every WebSocket connection is cut without a Close frame.
    DropSockets,
}

/// What happens to the process.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Process {
    /// It lives and does nothing any more: answers, heartbeats and log stop.
    Hang,
    /// It takes so many MiB of memory.
    Hog(usize),
    /// It crashes, with these words behind `Unhandled exception. `.
    Crash(String),
    /// It ends with this code, without a word.
    Exit(i32),
    /// It prints this as it is.
    Print(String),
    /// It starts a child that outlives it.
    HaveChild,
}

/// What a core tells.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// It has started: its process id, its commit and its working folder.
    Started {
        /// The process id.
        pid: u32,
        /// The commit that it prints as its version.
        commit: String,
        /// The working folder.
        folder: String,
    },
    /// A QR code with this address is in its file.
    QrShown(String),
    /// This account is logged in.
    LoggedIn(u64),
    /// The WebSocket server listens on this port.
    Serving(u16),
    /// The WebSocket server did not get its port.
    NotServing(u16),
    /// Someone called an action, and it is answered.
    Called {
        /// Its name.
        action: String,
        /// Its parameters.
        params: Value,
        /// The code of the answer.
        retcode: i32,
    },
    /// It has dialled QQ again, after its connection broke.
    Redialled,
    /// It has a child with this process id.
    Child(u32),
    /// The last order was taken.
    Done,
    /// The moment of the last order has passed: a scan after the login. What comes too early waits.
    OutOfPlace,
}
