//! The limits of the machine, as values: tests set what suits them.

use std::time::Duration;

use perpetua_backoff::Backoff;

/// So many failures within so long, and a person has to look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RestartLimit {
    /// How many.
    pub failures: u32,
    /// Within what time.
    pub within: Duration,
}

/// How patient the machine is.
#[derive(Clone, PartialEq, Debug)]
pub struct LifecyclePolicy {
    /// The waits between starts that failed.
    pub backoff: Backoff,
    /// A run this long was healthy: failures are counted anew after it.
    pub stable_after: Duration,
    /// When failing starts are given up.
    pub restart_limit: RestartLimit,
    /// Logins that may fail in a row, however long each takes: QQ restricts accounts that try for ever.
    pub failed_logins: u32,
    /// When an account that is kicked again and again is left alone.
    pub kick_limit: RestartLimit,
    /// QR codes that may expire without a person looking.
    pub qr_codes: u32,
    /// How long a start may make no progress.
    pub start_timeout: Duration,
    /// How long a stop may take before the process is killed.
    pub stop_grace: Duration,
    /// Within so long of a start no person and no client has another one.
    pub restart_pause: Duration,
    /// How long a connection may stay lost before the core is started anew.
    pub reconnect_grace: Duration,
    /// How long until signers that did not work are asked again.
    pub signer_retry: Duration,
    /// How long until an installation that failed is tried again.
    pub install_retry: Duration,
    /// A core on trial that fails so often, by a crash within its first minute or by making no progress, is rolled back.
    pub first_minute_failures: u32,
    /// The account that may log in; `None` takes whoever scans.
    pub expected: Option<u64>,
}

impl Default for LifecyclePolicy {
    fn default() -> Self {
        Self {
            backoff: Backoff::default(),
            stable_after: Duration::from_mins(1),
            restart_limit: RestartLimit {
                failures: 5,
                within: Duration::from_mins(1),
            },
            failed_logins: 5,
            kick_limit: RestartLimit {
                failures: 3,
                within: Duration::from_mins(10),
            },
            qr_codes: 5,
            start_timeout: Duration::from_mins(1),
            stop_grace: Duration::from_secs(10),
            restart_pause: Duration::from_secs(3),
            reconnect_grace: Duration::from_mins(2),
            signer_retry: Duration::from_secs(30),
            install_retry: Duration::from_mins(5),
            first_minute_failures: 2,
            expected: None,
        }
    }
}
