//! Chromium, which `cargo xtask test` finds or installs.

use std::process::Stdio;

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::interop::prepared;

/// The browser's program.
const CHROMIUM_VARIABLE: &str = "PERPETUA_TEST_CHROMIUM";

/// What keeps it from asking, updating and reaching out. A test's pages are the test's own, so it needs no
/// sandbox, which root has none of anyway.
const SWITCHES: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// A running browser without a window, with a profile of its own. Dropping it ends it.
pub struct Chromium {
    _browser: Child,
    _profile: TempDir,
}

impl Chromium {
    /// Opens a page. `names` are host names that lead to this machine.
    pub fn open(page: &str, names: &[&str]) -> Result<Self> {
        let profile = TempDir::with_prefix("perpetua-browser-")?;
        let rules: Vec<_> = names
            .iter()
            .map(|name| format!("MAP {name} 127.0.0.1"))
            .collect();
        let program = prepared(CHROMIUM_VARIABLE)?;
        let mut user_data = std::ffi::OsString::from("--user-data-dir=");
        user_data.push(profile.path());
        let browser = Command::new(&program)
            .args(SWITCHES)
            .arg(user_data)
            .arg(format!("--host-resolver-rules={}", rules.join(",")))
            .arg(page)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start `{}`", program.display()))?;
        Ok(Self {
            _browser: browser,
            _profile: profile,
        })
    }
}
