//! A connection that each child of a test holds for as long as it lives.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use perpetua_process::Launch;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use crate::LIMIT;

/// Tells a child whom to call.
const LIFELINE: &str = "PERPETUA_TEST_LIFELINE";

/// The test's end of all lifelines.
pub(crate) struct Lifelines {
    listener: TcpListener,
}

/// One child's lifeline.
pub(crate) struct Life {
    /// What the child calls itself.
    pub(crate) name: String,
    connection: tokio::net::TcpStream,
}

impl Lifelines {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        Self { listener }
    }

    /// Has the child of this launch, and whatever it starts, hold a lifeline.
    pub(crate) fn tie(&self, mut launch: Launch) -> Launch {
        let address = self.address().to_string();
        launch.environment.push((LIFELINE.into(), address.into()));
        launch
    }

    /// The same for a child that is started otherwise.
    pub(crate) fn tie_command(&self, command: &mut std::process::Command) {
        command.env(LIFELINE, self.address().to_string());
    }

    /// Waits for so many children to be there, and gives them in the order of their names.
    pub(crate) async fn lives(&self, count: usize) -> Vec<Life> {
        let mut lives = Vec::new();
        while lives.len() < count {
            let accepted = tokio::time::timeout(LIMIT, self.listener.accept()).await;
            let (mut connection, _) = accepted.expect("in time").expect("a child");
            let mut name = vec![0; usize::from(connection.read_u8().await.expect("its name"))];
            connection.read_exact(&mut name).await.expect("its name");
            let name = String::from_utf8(name).expect("text");
            lives.push(Life { name, connection });
        }
        lives.sort_by(|one, other| one.name.cmp(&other.name));
        lives
    }

    fn address(&self) -> SocketAddr {
        self.listener.local_addr().expect("bound")
    }
}

impl Life {
    /// Whether the child ends within this time.
    pub(crate) async fn ends_within(&mut self, limit: Duration) -> bool {
        // The end of the connection, orderly or not, is the end of the child: it never writes again.
        let end = self.connection.read_u8();
        tokio::time::timeout(limit, end).await.is_ok()
    }
}

/// Holds a lifeline, if this child is to have one.
pub(crate) fn hold(name: &str) -> Option<TcpStream> {
    let address = std::env::var(LIFELINE).ok()?;
    let mut connection = TcpStream::connect(address).expect("the test listens");
    let length = u8::try_from(name.len()).expect("a short name");
    connection.write_all(&[length]).expect("sent");
    connection.write_all(name.as_bytes()).expect("sent");
    Some(connection)
}

/// Waits until the test is gone, or for ever.
pub(crate) fn live_on(lifeline: Option<TcpStream>) {
    // So that no child outlives a test that fails.
    if let Some(mut connection) = lifeline {
        let _ = connection.read(&mut [0]);
        return;
    }
    // It may wake without a reason.
    while !std::thread::panicking() {
        std::thread::park();
    }
}
