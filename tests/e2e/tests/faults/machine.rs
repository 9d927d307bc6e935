//! Another machine, as far as its network goes: a namespace of Linux, whose cable can be cut.

use std::net::SocketAddr;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use tokio::process::{Child, Command};

/// A machine of its own, as far as its network goes, whose cable can be cut.
pub(crate) struct Machine {
    name: String,
    /// Our address at its cable.
    pub(crate) ours: String,
}

impl Machine {
    /// `None` where this user may not make one.
    pub(crate) fn new() -> Option<Self> {
        let id = std::process::id();
        let name = format!("perpetua-{id}");
        let (near, far) = (format!("pn{id}"), format!("pf{id}"));
        // Of the addresses for tests between networks (RFC 2544) a pair that no other test run has.
        let [.., third, fourth] = (id << 2).to_be_bytes();
        let network = format!("198.18.{third}");
        let (ours, theirs) = (
            format!("{network}.{}", fourth | 1),
            format!("{network}.{}", fourth | 2),
        );
        let made = [
            format!("netns add {name}"),
            format!("link add {near} type veth peer name {far} netns {name}"),
            format!("address add {ours}/30 dev {near}"),
            format!("link set {near} up"),
            format!("-n {name} address add {theirs}/30 dev {far}"),
            format!("-n {name} link set {far} up"),
        ]
        .iter()
        .all(|line| ip(line));
        let machine = Self { name, ours };
        made.then_some(machine)
    }

    /// Starts a client there that says nothing once it is in.
    pub(crate) fn client(&self, address: SocketAddr, token: &str) -> Result<Child> {
        let (host, port) = (address.ip(), address.port());
        let request = format!(
            "GET / HTTP/1.1\\r\\nHost: {address}\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n\
             Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n\
             Authorization: Bearer {token}\\r\\n\\r\\n"
        );
        let script =
            format!("exec 3<>/dev/tcp/{host}/{port} && printf '{request}' >&3 && exec cat <&3");
        Command::new("ip")
            .args(["netns", "exec", &self.name, "bash", "-c", &script])
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("cannot start a client on the other machine")
    }

    /// From now on nothing that it says reaches us.
    pub(crate) fn cut_off(&self) -> Result<()> {
        let line = format!("-n {} route replace blackhole {}/32", self.name, self.ours);
        ensure!(ip(&line), "`ip {line}` failed");
        Ok(())
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Its end of the cable goes with it, and ours with that.
        ip(&format!("netns delete {}", self.name));
    }
}

fn ip(line: &str) -> bool {
    let made = std::process::Command::new("ip")
        .args(line.split(' '))
        .output();
    made.is_ok_and(|made| made.status.success())
}
