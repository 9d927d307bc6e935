//! Who shows notifications on the desktop: the test.
#![expect(
    clippy::used_underscore_binding,
    reason = "the interface's macro names what the tests leave alone"
)]

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context as _, Result};
use perpetua_e2e::bus;
use tokio::sync::mpsc;
use tokio::time::timeout;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;

/// Notifications that nobody has asked for yet; no test has as many.
const UNREAD: usize = 64;
/// How long a notification may take to come.
const LIMIT: Duration = Duration::from_secs(30);
const PATH: &str = "/org/freedesktop/Notifications";

/// A notification as the program sent it.
#[derive(Clone, Debug)]
pub struct Notified {
    /// Its number, by which it is answered.
    pub id: u32,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// What it offers: the key of each action, and its word.
    pub actions: Vec<(String, String)>,
}

/// The notifications of a desktop.
pub struct Notifications {
    connection: zbus::Connection,
    notified: mpsc::Receiver<Notified>,
    unread: Vec<Notified>,
}

impl Notifications {
    pub(crate) async fn serve(address: &str) -> Result<Self> {
        let (sender, notified) = mpsc::channel(UNREAD);
        let connection = bus::connect(address).await?;
        let server = Server { sender, last: 0 };
        connection.object_server().at(PATH, server).await?;
        connection
            .request_name("org.freedesktop.Notifications")
            .await?;
        Ok(Self {
            connection,
            notified,
            unread: Vec::new(),
        })
    }

    /// Waits for a notification whose title or body has this text; others stay unread.
    pub async fn told(&mut self, text: &str) -> Result<Notified> {
        let is_it = |one: &Notified| one.title.contains(text) || one.body.contains(text);
        if let Some(found) = self.unread.iter().position(is_it) {
            return Ok(self.unread.remove(found));
        }
        let wait = async {
            while let Some(notified) = self.notified.recv().await {
                if is_it(&notified) {
                    return Some(notified);
                }
                self.unread.push(notified);
            }
            None
        };
        let found = timeout(LIMIT, wait).await.ok().flatten();
        found.with_context(|| format!("`{text}` was not told; told: {:?}", self.unread))
    }

    /// What has come and was not waited for.
    pub fn unread(&mut self) -> &[Notified] {
        while let Ok(notified) = self.notified.try_recv() {
            self.unread.push(notified);
        }
        &self.unread
    }

    /// Presses what a notification offers; `default` is the notification itself.
    pub async fn press(&self, notified: &Notified, action: &str) -> Result<()> {
        let emitter = SignalEmitter::new(&self.connection, PATH)?;
        Server::action_invoked(&emitter, notified.id, action).await?;
        Server::notification_closed(&emitter, notified.id, 2).await?;
        Ok(())
    }
}

struct Server {
    sender: mpsc::Sender<Notified>,
    last: u32,
}

#[expect(
    clippy::needless_pass_by_value,
    clippy::too_many_arguments,
    clippy::unused_self,
    reason = "the desktop's specification says what is passed"
)]
#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Server {
    fn notify(
        &mut self,
        _program: String,
        replaces: u32,
        _icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expires: i32,
    ) -> u32 {
        self.last += 1;
        let id = if replaces == 0 { self.last } else { replaces };
        let pairs = actions.chunks_exact(2);
        let notified = Notified {
            id,
            title: summary,
            body,
            actions: pairs
                .map(|pair| (pair[0].clone(), pair[1].clone()))
                .collect(),
        };
        // A test that has ended waits for none.
        let _ended = self.sender.try_send(notified);
        id
    }

    #[zbus(name = "CloseNotification")]
    fn close(&self, _id: u32) {}

    #[zbus(name = "GetCapabilities")]
    fn capabilities(&self) -> Vec<&str> {
        vec!["actions", "body"]
    }

    #[zbus(name = "GetServerInformation")]
    fn information(&self) -> (&str, &str, &str, &str) {
        ("test", "perpetua", "1", "1.2")
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action: &str)
    -> zbus::Result<()>;

    #[zbus(signal)]
    async fn notification_closed(
        emitter: &SignalEmitter<'_>,
        id: u32,
        reason: u32,
    ) -> zbus::Result<()>;
}
