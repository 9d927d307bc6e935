//! Ports for settings that must name one before the node runs.

use std::net::TcpListener;

use anyhow::{Context as _, Result};

/// Below the ports that Linux, macOS and Windows give to outgoing connections, so that no connection of
/// another test takes a port between the moment it is found free and the moment the node binds it.
const RANGE: std::ops::Range<u16> = 20_000..32_000;

/// A few are taken on any machine; all of them on none.
const ATTEMPTS: usize = 200;

/// A port of the loopback address that nobody listens on, chosen at random so that tests which run at
/// the same time rarely meet.
pub fn free_port() -> Result<u16> {
    std::iter::repeat_with(|| fastrand::u16(RANGE))
        .take(ATTEMPTS)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .with_context(|| format!("{ATTEMPTS} ports of {RANGE:?} are all taken"))
}
