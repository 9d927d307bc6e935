//! How a core stands: one snapshot, published when it changes.

use std::{
    fmt,
    time::{Duration, Instant},
};

use perpetua_fetch::InstallProgress;
use perpetua_lagrange::ProbeReport;
use perpetua_lifecycle::{Generation, LifecycleState, StartPhase};
use perpetua_process::Usage;
use perpetua_secrets::Secret;
use perpetua_words::Message;

/// Everything that is to be known of one account's core at one moment.
#[derive(Clone, PartialEq, Debug)]
pub struct CoreView {
    /// Where it stands.
    pub state: LifecycleState,
    /// Since when it stands there, whatever the data of the state.
    pub since: Instant,
    /// The phases of the latest start that are over, in their order, and how long each took.
    pub phases: Vec<(StartPhase, Duration)>,
    /// How many QR codes are shown before it counts as nobody being there.
    pub qr_codes: u32,
    /// How far the installation is that it waits for.
    pub install: Option<InstallProgress>,
    /// Where its OneBot server is, while there is one to dial.
    pub endpoint: Option<Endpoint>,
    /// The latest start; 0 before the first.
    pub generation: Generation,
    /// How often it was started anew without a person asking for it.
    pub restarts: u64,
    /// The installed version that runs, or ran last, such as `nightly-3fa9c1d2`.
    pub version: Option<String>,
    /// The commit that it was built from, as it says itself.
    pub commit: Option<String>,
    /// The protocol that it uses, such as `3.2.15-30366`.
    pub protocol: Option<String>,
    /// Its process, while there is one.
    pub pid: Option<u32>,
    /// What the process and its children take, once measured.
    pub usage: Option<Usage>,
    /// The signer in use, or the one asked last.
    pub signer: Option<ProbeReport>,
    /// What went wrong without keeping it from running, in words; the latest.
    pub notice: Option<Message>,
}

/// A core's OneBot server.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Which start it belongs to; what is reported of the link names it.
    pub generation: Generation,
    /// `ws://127.0.0.1:<port>/`.
    pub url: String,
    /// Sent as `Authorization: Bearer …`; another one with each start.
    pub token: Secret,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Endpoint")
            .field("generation", &self.generation)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl CoreView {
    /// A core that nobody wants to run yet.
    pub(crate) fn stopped(now: Instant, qr_codes: u32) -> Self {
        Self {
            state: LifecycleState::Stopped,
            since: now,
            phases: Vec::new(),
            qr_codes,
            install: None,
            endpoint: None,
            generation: Generation::default(),
            restarts: 0,
            version: None,
            commit: None,
            protocol: None,
            pid: None,
            usage: None,
            signer: None,
            notice: None,
        }
    }
}
