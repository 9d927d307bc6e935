//! A core that asks at its desk, and signers that do as a test says.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use perpetua_access::WaitingRoom;
use perpetua_lagrange::{AppInfo, CoreProtocol, ResolvedSigner, SignerUrl};
use perpetua_signing::{Desk, DeskStart, Desks, Prober, SigningListener};
use tokio::{sync::Notify, task::JoinHandle};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    probe::{INFO, SIGNED, client, prober},
    server::{Answer, Server},
};

pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// A desk of this node, and what a core sees of it.
pub(crate) struct Core {
    pub(crate) prober: Arc<Prober>,
    pub(crate) desk: Desk,
    /// The port at which it asks.
    pub(crate) port: u16,
    /// How often somebody there had to give way to others.
    pub(crate) gave_way: Arc<AtomicUsize>,
    client: reqwest::Client,
    _serving: DropGuard,
}

impl Core {
    /// It was told that it is QQ for Linux 3.2.15-30366.
    pub(crate) async fn with(signers: &[ResolvedSigner]) -> Self {
        Self::asking(prober(), signers).await
    }

    /// The same, with one that asks.
    pub(crate) async fn asking(prober: Prober, signers: &[ResolvedSigner]) -> Self {
        let listener = SigningListener::bind().await.expect("port");
        let prober = Arc::new(prober);
        let port = listener.port();
        let desks = Desks::new(Arc::clone(&prober), port);
        let (serving, gave_way) = (CancellationToken::new(), Arc::<AtomicUsize>::default());
        let (door, count) = (WaitingRoom::default().door(), Arc::clone(&gave_way));
        let note = move |_message| {
            count.fetch_add(1, Ordering::Relaxed);
        };
        tokio::spawn(listener.serve(desks.clone(), door, note, serving.clone()));
        let desk = desks.begin(DeskStart {
            account: "main".to_owned(),
            app_info: AppInfo::built_in(CoreProtocol::Linux),
            protocol: CoreProtocol::Linux,
            signers: signers.to_vec(),
            patience: PATIENCE,
        });
        Self {
            prober,
            port,
            gave_way,
            desk: desk.expect("desk"),
            client: client(None).expect("client"),
            _serving: serving.drop_guard(),
        }
    }

    /// The address that it was given.
    pub(crate) fn url(&self) -> String {
        self.desk.url().expose().to_owned()
    }

    /// Asks for a signature as the real core does: in chunks, without a length. Gives status and body.
    pub(crate) fn asks(&self, question: &str) -> JoinHandle<(u16, String)> {
        let chunks = [Ok::<_, std::io::Error>(question.to_owned())];
        let body = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
        let request = self.client.post(self.url()).body(body);
        tokio::spawn(async move {
            let response = request.send().await.expect("an answer");
            let status = response.status().as_u16();
            (status, response.text().await.expect("a body"))
        })
    }

    /// Asks and is signed.
    pub(crate) async fn is_signed(&self, question: &str) {
        let (status, body) = self.asks(question).await.expect("it runs");
        assert_eq!(status, 200, "{:?}", self.desk.view().borrow());
        let said: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        let signed: serde_json::Value = serde_json::from_str(SIGNED).expect("JSON");
        assert_eq!(said, signed);
    }

    /// The signer in use.
    pub(crate) fn signer(&self) -> Option<String> {
        let in_use = self.desk.view().borrow().in_use.clone();
        in_use.map(|report| report.name)
    }
}

/// A signer, and the questions that it was asked for signatures.
pub(crate) struct Played {
    pub(crate) name: &'static str,
    server: Server,
    asked: Arc<Mutex<Vec<String>>>,
    came: Arc<Notify>,
}

impl Played {
    /// One that says that it is 3.2.15-30366, and answers like this when it is to sign.
    pub(crate) async fn new(
        name: &'static str,
        sign: impl Fn(&str) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::saying(name, INFO, sign).await
    }

    /// One that says of itself what it wants.
    pub(crate) async fn saying(
        name: &'static str,
        info: &str,
        sign: impl Fn(&str) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let (asked, came) = (
            Arc::<Mutex<Vec<String>>>::default(),
            Arc::<Notify>::default(),
        );
        let (info, seen, bell) = (info.to_owned(), Arc::clone(&asked), Arc::clone(&came));
        let server = Server::start(move |request| {
            if request.starts_with("GET ") {
                return Answer::new(200, &info);
            }
            let body = request.split_once("\r\n\r\n").map_or("", |(_, body)| body);
            seen.lock().expect("lock").push(body.to_owned());
            bell.notify_waiters();
            sign(request)
        })
        .await;
        Self {
            name,
            server,
            asked,
            came,
        }
    }

    /// One that signs.
    pub(crate) async fn signing(name: &'static str) -> Self {
        Self::new(name, |_| Answer::new(200, SIGNED)).await
    }

    pub(crate) fn resolved(&self) -> ResolvedSigner {
        signer(self.name, &self.server.base)
    }

    /// How many questions it was asked.
    pub(crate) fn questions(&self) -> usize {
        self.asked.lock().expect("lock").len()
    }

    /// Waits until it was asked so many.
    pub(crate) async fn was_asked(&self, count: usize) {
        loop {
            let came = self.came.notified();
            if self.questions() >= count {
                return;
            }
            came.await;
        }
    }
}

/// A signer at an address with a key in it.
pub(crate) fn signer(name: &str, base: &str) -> ResolvedSigner {
    ResolvedSigner {
        name: name.to_owned(),
        url: SignerUrl::new(&format!("{base}/key/{name}")).expect("address"),
        proxy: None,
    }
}

/// An address at which nobody listens.
pub(crate) fn nobody() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("port");
    format!("http://{}", listener.local_addr().expect("address"))
}

/// Keeps a paused clock from jumping ahead while sockets are waited for: it goes where the test moves it.
pub(crate) struct HeldClock(
    #[expect(dead_code, reason = "its end lets the clock go")] mpsc::SyncSender<()>,
);

impl HeldClock {
    pub(crate) fn hold() -> Self {
        let (sender, receiver) = mpsc::sync_channel(1);
        // The clock does not jump while work blocks.
        tokio::task::spawn_blocking(move || receiver.recv());
        Self(sender)
    }
}

/// Lets everything run that can without the clock: each round takes what came over sockets.
pub(crate) async fn settle() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}
