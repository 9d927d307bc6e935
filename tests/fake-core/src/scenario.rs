//! How a fake core is to behave: a file in its working folder.

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{Network, Phase};

/// The file's name. A supervisor cleans the environment of what it starts, and leaves foreign files alone.
pub const SCENARIO_FILE: &str = "fake-core.json";

/// How a fake core behaves. Without the file: a good session is accepted, and else a QR code waits to
/// be confirmed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// Where a [`QqControl`](crate::QqControl) listens; the core connects to it when it starts.
    pub control: Option<SocketAddr>,
    /// The account of the phone that scans.
    pub uin: u64,
    /// What becomes of a session that the keystore holds.
    pub session: SessionFate,
    /// How long QQ takes to say so, in milliseconds.
    pub session_ms: u64,
    /// What happens by chance on a busy machine, such as neighbours of the log that change places, follows from
    /// this number. `None`: the machine is a quiet one.
    pub seed: Option<u64>,
    /// How long until it listens to signals, in milliseconds.
    pub boot_ms: u64,
    /// How the connection to QQ does, from `network_from` on; before that it is good. An order may change it.
    pub network: Network,
    /// When `network` begins.
    pub network_from: Phase,
    /// How long until it dials QQ again, in milliseconds; Lagrange waits 10 s.
    pub redial_ms: u64,
    /// How long a QR code is good, in seconds; QQ says 120.
    pub qr_seconds: u64,
    /// How often its state is asked, in milliseconds, and how long until the first time; Lagrange does so every 2 s.
    pub poll_ms: u64,
    /// The phone confirms by itself after so many polls.
    pub confirms_after_polls: Option<u64>,
    /// The time between the words of a kick and `bot_offline`, in milliseconds; Lagrange takes 5 s.
    pub kick_offline_ms: u64,
    /// How long it waits for a signer's answer, in milliseconds; Lagrange waits 100 s.
    pub signer_timeout_ms: u64,
    /// So many starts, this one included, find their port taken. Counted down in the file.
    pub taken_ports: u32,
    /// Answers are delayed at random by up to so many milliseconds, and so change their order.
    pub shuffle_ms: u64,
    /// Messages that come without a pause change their order.
    pub scatters_bursts: bool,
    /// After so many milliseconds an event that a connection has not taken is said to be late; Lagrange says so after 5 s.
    pub late_ms: u64,
    /// How often a connection gets a Pong that it did not ask for, in milliseconds; from .NET every 30 s.
    pub pong_ms: u64,
    /// It does not listen when it is asked to end.
    pub ignores_stop: bool,
    /// Whether it finds a console; without one it dies. `None`: as it is on this system, where Windows
    /// wants a real one and Unix none.
    pub console: Option<bool>,
    /// Without a control that is there, it ends: no test leaves a core behind.
    pub ends_with_control: bool,
}

/// What becomes of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionFate {
    /// It is good.
    Accepted,
    /// It is not, and the token behind it is.
    Renewed,
    /// Nothing of it is good: a QR code follows.
    Dead,
    /// QQ never answers, and Lagrange has no limit for that.
    Unanswered,
    /// It is not good, and QQ never answers whether the token behind it is.
    RenewalUnanswered,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            control: None,
            uin: 3_889_000_871,
            session: SessionFate::Accepted,
            session_ms: 0,
            seed: None,
            boot_ms: 0,
            network: Network::Good,
            network_from: Phase::Connecting,
            redial_ms: 10_000,
            qr_seconds: 120,
            poll_ms: 2_000,
            confirms_after_polls: None,
            kick_offline_ms: 5_000,
            signer_timeout_ms: 100_000,
            taken_ports: 0,
            shuffle_ms: 0,
            scatters_bursts: false,
            late_ms: 5_000,
            pong_ms: 30_000,
            ignores_stop: false,
            console: None,
            ends_with_control: true,
        }
    }
}

impl Scenario {
    /// Reads the file in this folder; the default when there is none.
    pub fn read(folder: &Path) -> io::Result<Self> {
        match std::fs::read(folder.join(SCENARIO_FILE)) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Writes the file into this folder, which is made when it is missing. In one step: a core that
    /// starts at this moment never reads half of it.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let next = folder.join(format!("{SCENARIO_FILE}.next"));
        std::fs::write(&next, serde_json::to_vec_pretty(self)?)?;
        std::fs::rename(next, folder.join(SCENARIO_FILE))
    }
}
