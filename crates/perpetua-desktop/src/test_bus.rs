//! A bus of a test's own.

use std::process::Stdio;

use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};
use zbus::{Connection, connection::Builder};

/// A bus that ends with the test; `None` where there is no program for one.
pub(crate) struct TestBus {
    _daemon: Child,
    address: String,
}

impl TestBus {
    pub(crate) async fn start() -> Option<Self> {
        let mut command = Command::new("dbus-daemon");
        command.args(["--session", "--nofork", "--print-address"]);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut daemon = command.kill_on_drop(true).spawn().ok()?;
        let mut address = String::new();
        let output = daemon.stdout.take().expect("a pipe");
        BufReader::new(output)
            .read_line(&mut address)
            .await
            .expect("an address");
        Some(Self {
            _daemon: daemon,
            address: address.trim().to_owned(),
        })
    }

    pub(crate) async fn connect(&self) -> Connection {
        let builder = Builder::address(self.address.as_str()).expect("an address");
        builder.build().await.expect("a connection")
    }
}
