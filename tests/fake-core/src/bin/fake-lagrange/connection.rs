//! The connection to QQ, over which everything goes but the picture of a QR code and its state.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use fake_core::{Network, Phase, Report, Scenario};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::crash::{all_login_failed, crash};
use crate::link::Reporter;
use crate::log::{Log, Stamp};
use crate::server::Shared;
use crate::wire;

const SERVER: &str = "http://222.94.109.78:8080/";

/// The tags of what is said of the connection, and of what goes over it first.
const SOCKET: &str = "SocketContext";
const LOGIN: &str = "WtExchangeLogic";

/// The connection of a run. What a broken one does was seen on the real program.
#[derive(Clone)]
pub(crate) struct Connection {
    log: Log,
    reporter: Reporter,
    /// How long until it dials again.
    distance: Duration,
    /// What the scenario has for it, and from when on.
    fate: (Phase, Network),
    network: watch::Sender<Network>,
    /// Who is told that it is back, once there is a server.
    server: Arc<OnceLock<Arc<Shared>>>,
}

impl Connection {
    /// A connection that is not open yet, and follows this channel.
    pub(crate) fn new(
        scenario: &Scenario,
        log: Log,
        reporter: Reporter,
        network: watch::Sender<Network>,
    ) -> Self {
        Self {
            log,
            reporter,
            distance: Duration::from_millis(scenario.redial_ms),
            fate: (scenario.network_from, scenario.network),
            network,
            server: Arc::default(),
        }
    }

    /// The run has come to this phase.
    pub(crate) fn reached(&self, phase: Phase) {
        let (from, network) = self.fate;
        if phase == from {
            self.network.send_replace(network);
        }
    }

    /// Opens it, or dies, or waits for ever.
    pub(crate) async fn open(&self) {
        self.reached(Phase::Connecting);
        let network = *self.network.borrow();
        match network {
            Network::NoName => crash(
                "System.Net.Sockets.SocketException (00000001, 11): Resource temporarily unavailable",
            ),
            Network::NoRoute => crash(
                "System.Net.NetworkInformation.PingException: An exception occurred during a Ping request.\n ---> System.Net.Sockets.SocketException (101): Network is unreachable",
            ),
            _ => {}
        }
        let server = format!("Server: {SERVER} Latency: 12");
        self.log.core(SOCKET, Stamp::Verbose, &server);
        match network {
            Network::Refused => {
                self.say_broken(network);
                all_login_failed();
            }
            Network::Silent => std::future::pending().await,
            _ => {
                tokio::spawn(self.clone().keep());
            }
        }
    }

    /// Returns when QQ answers what is asked of it now: at once, or never. A request that goes out on a broken
    /// connection is lost, even when it is dialled again.
    pub(crate) async fn answers(&self) {
        if *self.network.borrow() != Network::Good {
            std::future::pending::<()>().await;
        }
    }

    /// From now on it has clients, which hear when it is back.
    pub(crate) fn serves(&self, server: Arc<Shared>) {
        let _first = self.server.set(server);
        self.reached(Phase::Online);
    }

    /// It breaks, and is back after this time.
    pub(crate) async fn flap(&self, away: Duration) {
        self.say_broken(Network::Breaks);
        // How long QQ is away is what the test orders.
        sleep(away).await;
        self.redial().await;
        self.register_again().await;
    }

    /// Dials again whenever it breaks.
    async fn keep(self) {
        let mut seen = self.network.subscribe();
        loop {
            let broken = seen.wait_for(|network| !network.is_open()).await;
            let Ok(network) = broken.map(|network| *network) else {
                return;
            };
            self.say_broken(network);
            // Lagrange's own wait.
            sleep(self.distance).await;
            self.redial().await;
            if *self.network.borrow() == Network::Good {
                self.register_again().await;
            }
        }
    }

    /// Where the account was online, it is again; a login that was under way does not go on.
    async fn register_again(&self) {
        let Some(server) = self.server.get() else {
            return;
        };
        let notice = wire::bot_online(server.account.self_id);
        // Both come at the same moment.
        let first = self.log.disorder().swaps();
        if first {
            server.broadcast(&notice).await;
        }
        self.log.core(
            LOGIN,
            Stamp::Information,
            "Register Status: register success",
        );
        if !first {
            server.broadcast(&notice).await;
        }
        self.log.core(LOGIN, Stamp::Information, AUTO_RELOGIN);
    }

    async fn redial(&self) {
        let redials = format!("Reconnect to {SERVER}");
        self.log.core(SOCKET, Stamp::Information, &redials);
        self.reporter.tell(Report::Redialled).await;
    }

    /// The three records of a connection that ends by an error, or the one of a connection that QQ ends.
    fn say_broken(&self, network: Network) {
        const ENDED: &str = "Socket Disconnected, Scheduling Reconnect";
        const STACK: &str = "   at System.Net.Sockets.Socket.AwaitableSocketAsyncEventArgs.ThrowException(SocketError error)";
        let Some(words) = network.words() else {
            return self.log.core(SOCKET, Stamp::Fatal, ENDED);
        };
        let error = format!("Socket Error: {words}");
        let mut records = [error.as_str(), STACK, ENDED];
        if self.log.disorder().swaps() {
            records.swap(0, 2);
        }
        for record in records {
            self.log.core(SOCKET, Stamp::Fatal, record);
        }
    }
}

/// Follows each registration.
pub(crate) const AUTO_RELOGIN: &str =
    "AutoReLogin Enabled, session would be refreshed in 15 days period";
