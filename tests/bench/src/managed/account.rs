//! A node whose account has a managed core.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use fake_core::{Archives, Build, PATIENCE, RunningCore};
use tempfile::TempDir;
use tokio::{process::Command, time::timeout};

use crate::subject::{Running, free_address};

use super::{
    Managed,
    events::Events,
    outside::{Outside, UIN, Way},
};

const ACCOUNT: &str = "main";

/// The running node. Dropping it kills it, and with it the core.
pub(super) struct Account {
    pub(super) running: Running,
    events: Events,
    outside: Outside,
    /// The start that the account was online with last.
    generation: u64,
    program: Command,
    _folder: TempDir,
}

/// How long a login took, from before the command was started.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// Until the node said that the account is online.
    pub(super) online: Duration,
    /// Until the command had ended.
    pub(super) returned: Duration,
}
