//! Ports leased to programs that ask for one (`GET /api/get_ws_port`).
//!
//! ```text
//!  asked ──► bound, then answered ──► one client served ──► it leaves ──► released
//!                    │                      └── it is silent, and newer ones need the place ► released
//!                    └── nobody came in time, or newer ones need the place ► released
//! ```

mod counts;

use std::{net::IpAddr, ops::RangeInclusive, pin::pin, sync::Arc, time::Duration};

use http::Request;
use perpetua_access::AccessPolicy;
use perpetua_hub::{ClientProfile, ClientSettings, DisconnectReason, OverflowPolicy, QueueLimits};
use perpetua_words::{Message, port as words, refused as notices};
use thiserror::Error;
use tokio::{net::TcpListener, sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;
use tracing::info;

use self::counts::CountedLease;
pub use self::counts::LeaseCounts;
use crate::{
    AccountHandle, AccountTasks,
    account::Connected,
    activity::LastActivity,
    client::connect,
    connection::serve,
    listener::{Acceptor, PendingConnection},
    refused::{Place, Refused},
    upgrade::{Upgraded, upgrade},
};

/// The client that all leased ports of an account belong to; no name in the settings looks like this.
const LEASED: &str = "(leased)";
/// Leased connections at once: more than any range of ports holds in practice.
const MAX_LEASED: usize = 1024;
/// How soon a port is looked at again at which somebody was just being let in when its time was over.
const LET_IN_WITHIN: Duration = Duration::from_secs(1);
/// How long a port that is given way may take to become free, and how often that is asked.
const GIVES_WAY_WITHIN: Duration = Duration::from_secs(1);
const ASK_EVERY: Duration = Duration::from_millis(10);
/// The perpetua profile's heartbeat.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// The rules of leasing.
#[derive(Clone, Debug)]
pub struct LeaseSettings {
    /// The address that leased ports listen on.
    pub address: IpAddr,
    /// The ports to lease from; `None` takes any free one.
    pub range: Option<RangeInclusive<u16>>,
    /// How long a port waits for its client.
    pub wait: Duration,
    /// How many ports without a client one address may hold, all of this machine as one; the oldest gives way.
    pub pending_per_address: usize,
    /// All leases of the node.
    pub counts: LeaseCounts,
    /// What the client has to show.
    pub access: AccessPolicy,
}

/// Why no port is leased.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{}", Message::from(self))]
pub enum LeaseError {
    /// All ports of the range are taken.
    RangeTaken(RangeInclusive<u16>),
    /// The system has none.
    NoneLeft,
    /// Clients use as many as the asking address may hold, or all together.
    TooMany(usize),
}

impl From<&LeaseError> for Message {
    fn from(error: &LeaseError) -> Self {
        match error {
            LeaseError::RangeTaken(range) => words::RangeTaken {
                first: *range.start(),
                last: *range.end(),
            }
            .into(),
            LeaseError::NoneLeft => words::NoneLeft.into(),
            LeaseError::TooMany(count) => words::TooManyLeased { count: *count }.into(),
        }
    }
}

/// Leases ports of one account.
#[derive(Clone, Debug)]
pub struct Leases {
    account: AccountHandle,
    settings: Arc<LeaseSettings>,
    tasks: AccountTasks,
    /// The rules of access are no longer these: ports that were leased by them end.
    revoked: CancellationToken,
}

/// One leased port: who has come.
#[derive(Debug)]
struct Lease {
    counted: CountedLease,
    /// Its client connected.
    came: Notify,
    /// Its client left.
    released: CancellationToken,
}

/// The right to be a lease's one client: given back if no connection comes about, and the end of the
/// lease once one has.
struct LeaseSlot {
    lease: Arc<Lease>,
    served: bool,
}

impl LeaseSlot {
    /// The connection has come about.
    fn serve(&mut self, activity: LastActivity) {
        self.served = true;
        self.lease.counted.serve(activity);
        self.lease.came.notify_one();
    }
}

impl Drop for LeaseSlot {
    fn drop(&mut self) {
        if self.served {
            self.lease.counted.end();
            self.lease.released.cancel();
        } else {
            self.lease.counted.give_back();
        }
    }
}

impl Leases {
    /// Gets ready to lease ports that lead to `account`.
    pub fn new(account: AccountHandle, settings: LeaseSettings, tasks: AccountTasks) -> Self {
        let client = ClientSettings {
            profile: ClientProfile::Perpetua,
            queue: QueueLimits {
                when_full: OverflowPolicy::Disconnect,
                ..QueueLimits::default()
            },
            max_connections: MAX_LEASED,
            heartbeat: HEARTBEAT,
            named: false,
            ..ClientSettings::default()
        };
        account.set_client(LEASED, client);
        Self {
            account,
            settings: Arc::new(settings),
            revoked: tasks.cancel.child_token(),
            tasks,
        }
    }

    /// Takes other settings over, for ports that are leased from now on. Where the rules of access no longer
    /// let everybody in whom the former ones did, nothing that they let in stays: neither clients nor ports
    /// that wait.
    pub fn change(&mut self, settings: LeaseSettings) {
        if !settings.access.lets_in_all_of(&self.settings.access) {
            self.end_let_in();
            self.revoked = self.tasks.cancel.child_token();
        }
        self.settings = Arc::new(settings);
    }

    /// Ends what was let in, clients and ports that wait, and leases no more.
    pub fn revoke(self) {
        self.end_let_in();
    }

    fn end_let_in(&self) {
        self.revoked.cancel();
        self.account
            .cut_client(LEASED, DisconnectReason::SettingsChanged);
    }

    /// Binds a port for someone at `peer` and gives its number.
    pub async fn lease(&self, peer: IpAddr) -> Result<u16, LeaseError> {
        let settings = &self.settings;
        let counted = settings.counts.count(peer, settings.pending_per_address)?;
        let listener = self.bind_in_turn(&counted).await?;
        let port = listener
            .local_addr()
            .map_err(|_| LeaseError::NoneLeft)?
            .port();
        info!(account = self.account.name(), port, %peer, "port leased");
        self.tasks
            .tracker
            .spawn("lease", serve_lease(self.clone(), listener, counted, peer));
        Ok(port)
    }

    /// Binds a port, for which the lease that has waited longest gives way where the range has no other.
    async fn bind_in_turn(&self, counted: &CountedLease) -> Result<TcpListener, LeaseError> {
        let bound = self.bind().await;
        if !matches!(bound, Err(LeaseError::RangeTaken(_))) || !counted.make_way() {
            return bound;
        }
        // Whoever gives way closes its port in its own task.
        let until = Instant::now() + GIVES_WAY_WITHIN;
        loop {
            tokio::time::sleep(ASK_EVERY).await;
            let bound = self.bind().await;
            if bound.is_ok() || Instant::now() >= until {
                return bound;
            }
        }
    }

    async fn bind(&self) -> Result<TcpListener, LeaseError> {
        let address = self.settings.address;
        let Some(range) = &self.settings.range else {
            return TcpListener::bind((address, 0))
                .await
                .map_err(|_| LeaseError::NoneLeft);
        };
        for port in range.clone() {
            if let Ok(listener) = TcpListener::bind((address, port)).await {
                return Ok(listener);
            }
        }
        Err(LeaseError::RangeTaken(range.clone()))
    }
}

/// Holds a port that was leased to somebody at `peer` until its client has left, or has not come in time.
async fn serve_lease(leases: Leases, listener: TcpListener, counted: CountedLease, peer: IpAddr) {
    let lease = Arc::new(Lease {
        counted,
        came: Notify::new(),
        released: CancellationToken::new(),
    });
    let mut waits = true;
    let deadline = tokio::time::sleep(leases.settings.wait);
    tokio::pin!(deadline);
    let acceptor = Acceptor::new(listener, &leases.tasks.waiting);
    let note = |message: Message| leases.account.note_client(LEASED, message);
    loop {
        tokio::select! {
            biased;
            () = leases.revoked.cancelled() => return,
            () = lease.released.cancelled() => return,
            () = lease.came.notified() => waits = false,
            () = lease.counted.gave_way() => {
                note(if waits {
                    notices::LeaseGaveWay { peer }.into()
                } else {
                    notices::SilentLeaseGaveWay { peer }.into()
                });
                return;
            }
            () = &mut deadline, if waits => {
                if lease.counted.end_if_it_waits() {
                    return;
                }
                deadline.as_mut().reset(Instant::now() + LET_IN_WITHIN);
            }
            pending = acceptor.next(note) => {
                let serve = serve_pending(pending, leases.clone(), Arc::clone(&lease));
                let serve = leases.tasks.cancel.clone().run_until_cancelled_owned(serve);
                leases.tasks.connections.spawn("leased connection", serve);
            }
        }
    }
}

async fn serve_pending(pending: PendingConnection, leases: Leases, lease: Arc<Lease>) {
    let handshake = handshake(pending, &leases, &lease);
    let upgraded = leases.revoked.run_until_cancelled(handshake).await;
    let Some(upgraded) = upgraded.flatten() else {
        return;
    };
    // It may have come into the hub just after those who were there by the same rules were cut off.
    if leases.revoked.is_cancelled() {
        return;
    }
    let (mut slot, connected) = upgraded.admitted;
    let (id, activity) = (connected.id, LastActivity::now());
    slot.serve(activity.clone());
    let upgraded = Upgraded {
        stream: upgraded.stream,
        read_ahead: upgraded.read_ahead,
        peer: upgraded.peer,
        admitted: connected,
    };
    let mut served = pin!(serve(upgraded, activity));
    tokio::select! {
        biased;
        () = &mut served => return,
        () = lease.counted.gave_way() => leases
            .account
            .with(|hub, _| hub.cut_connection(id, DisconnectReason::LeaseSilent)),
    }
    served.await;
}

async fn handshake(
    pending: PendingConnection,
    leases: &Leases,
    lease: &Arc<Lease>,
) -> Option<Upgraded<(LeaseSlot, Connected)>> {
    let peer = pending.peer;
    let admit = |request: Request<()>| std::future::ready(admit(leases, lease, peer, &request));
    let note = |refused: &Refused, peer| {
        if let Some(notice) = refused.notice(peer, Place::Leased) {
            leases.account.note_client(LEASED, notice);
        }
    };
    upgrade(pending, &leases.settings.access, Place::Leased, admit, note).await
}

fn admit(
    leases: &Leases,
    lease: &Arc<Lease>,
    peer: IpAddr,
    request: &Request<()>,
) -> Result<(LeaseSlot, Connected), Refused> {
    if !lease.counted.take() {
        return Err(Refused::LeaseTaken);
    }
    let slot = LeaseSlot {
        lease: Arc::clone(lease),
        served: false,
    };
    Ok((slot, connect(&leases.account, LEASED, peer, request)?))
}
