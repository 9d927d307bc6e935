//! Keeping a framework connected that we dial.
//!
//! ```text
//! the id is known ─► connect ─► upgrade ─► settle ─► in the hub ─► goodbye ─► wait ─┐
//!        ▲                │ failed   │        │ closed at once                    │
//!        └────────────────┴──────────┴────────┴───────────────────────────────────┘
//! ```
//!
//! There is never more than one connection: aiocqhttp takes a second one of an account, and forgets its way
//! to the account when the first one ends.
//!
//! Where there is one connection for actions and one for events, each goes around by itself. That for events is only
//! made while the other one is in the hub, and ends with it: a framework is never told what it cannot answer.

mod failure;
mod half;
mod trial;

use std::time::Duration;

use futures_util::StreamExt as _;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use perpetua_hub::{DialFailure, DialState, DialledWay, DisconnectReason, FrameworkDial, Visitor};
use perpetua_words::{Message, dial as words, link as link_words};
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};
use tokio_tungstenite::tungstenite;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::{
    AccountHandle, DialSettings,
    account::Connected,
    activity::LastActivity,
    connection::{Ended, Patience, Socket, part, serve_socket},
    dialling::{DialledStream, OverTcp as _, Reached, Target, connect},
    gate::GateRules,
    socket::{self, CLOSE_LIMIT, GatedSocket},
};
use failure::{not_opened, over};
use half::Half;
pub use trial::{DialTrial, TRIAL_LIMIT, Tried, TriedDial, dial_trial};

/// How long reaching a framework and TLS may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// How long it may take to answer the upgrade: some take connections long before their start is over.
const UPGRADE_LIMIT: Duration = Duration::from_secs(30);
/// How long one that has not answered by then is waited for: it would take two upgrades for two connections, and the end of
/// the first for the end of both.
const STUCK_LIMIT: Duration = Duration::from_mins(2);
/// How long a connection has to hold before it counts. Some frameworks refuse after the upgrade, with a Close frame.
const SETTLE_LIMIT: Duration = Duration::from_millis(250);
/// A framework that closes a connection within this time has refused it: the answer of one that is far away comes
/// after it has settled.
const REFUSES_WITHIN: Duration = Duration::from_secs(3);
/// How long the framework may take to end its side of a former connection before it is dialled again. One that is
/// stuck would see the new one first, and take the end of the former one for its end.
const PARTING_LIMIT: Duration = Duration::from_secs(30);

/// A way to a framework.
#[derive(Clone, Debug)]
pub struct FrameworkWay {
    /// The client that it belongs to.
    pub client: String,
    /// Its place among the ways of the client.
    pub place: usize,
    /// Whether the client has others, so that what is said of one names its address.
    pub is_one_of_several: bool,
    /// The server that it leads to, as the client's settings in the hub name it.
    pub server: String,
    /// Where it leads, and what is shown there.
    pub dial: DialSettings,
}

/// Keeps a client of the account connected to a framework until `no_more` is cancelled. A connection that is open
/// by then is the hub's to end, as those of any client; then this returns. `tried` wakes it for those who try it.
pub async fn dial_framework(
    account: AccountHandle,
    way: FrameworkWay,
    tried: TriedDial,
    seed: u64,
    no_more: CancellationToken,
) {
    let dialler = Dialler::new(account, way, Half::Whole, no_more);
    dialler.run(tried, seed).await;
}

/// The same of a framework with one connection for actions and one for events, which follows it.
pub async fn dial_framework_in_halves(
    account: AccountHandle,
    [api, event]: [FrameworkWay; 2],
    tried: TriedDial,
    seed: u64,
    no_more: CancellationToken,
) {
    let (is_open, opens) = half::halves();
    let (_nobody, follows) = dial_trial();
    let api = Dialler::new(account.clone(), api, is_open, no_more.clone());
    let event = Dialler::new(account, event, opens, no_more);
    tokio::join!(
        api.run(tried, seed),
        event.run(follows, seed.wrapping_add(1))
    );
}

/// Whose framework it is, and where.
struct Dialler {
    account: AccountHandle,
    way: FrameworkWay,
    half: Half,
    /// The address in its parts.
    to: Uri,
    no_more: CancellationToken,
}

/// A connection that the framework has kept.
struct Settled {
    socket: GatedSocket<DialledStream>,
    activity: LastActivity,
    /// What it said first.
    first: Option<tungstenite::Message>,
}

impl Dialler {
    fn new(
        account: AccountHandle,
        way: FrameworkWay,
        half: Half,
        no_more: CancellationToken,
    ) -> Self {
        Self {
            to: way.dial.url.parse().unwrap_or_default(),
            account,
            way,
            half,
            no_more,
        }
    }

    async fn run(&self, mut tried: TriedDial, seed: u64) {
        let mut machine = FrameworkDial::new(self.way.dial.backoff, seed);
        // Each part looks for itself whether there is to be no more, but for the one that serves.
        while self.round(&mut machine, &mut tried).await.is_some() {}
    }

    /// One attempt, all that comes of it, and the wait after it; `None` once there is to be no more.
    async fn round(&self, machine: &mut FrameworkDial, tried: &mut TriedDial) -> Option<()> {
        let self_id = self.may_dial(machine, tried).await?;
        machine.dialled();
        self.show(machine, tried);
        let former = machine.state().failure().cloned();
        let reaching = Box::pin(self.reach(self_id));
        let reached = self.no_more.run_until_cancelled(reaching).await?;
        let settled = match reached {
            Ok(reached) => Box::pin(self.asked(reached, machine, tried)).await?,
            Err(failure) => Err(failure),
        };
        let failure = match settled {
            Ok(settled) => Box::pin(self.serve(settled, self_id, machine, tried)).await?,
            Err(failure) => failure,
        };
        let failure = self.beside(failure);
        // One that was told of while it was waited for is not told again.
        let told = match machine.state() {
            DialState::Waiting { failure, .. } => Some(failure),
            _ => former.as_ref(),
        };
        self.tell(&failure, told);
        let until = machine.failed(failure, self.account.now().instant);
        tried.begins_to_wait();
        self.show(machine, tried);
        tokio::select! {
            biased;
            () = self.no_more.cancelled() => None,
            () = sleep_until(until.into()) => Some(()),
            () = tried.wished() => Some(()),
        }
    }

    /// How the way stands, for the owner and for those who try it.
    fn show(&self, machine: &FrameworkDial, tried: &TriedDial) {
        let FrameworkWay { client, place, .. } = &self.way;
        self.account.set_dial(client, *place, machine);
        tried.tell(machine.state());
    }

    /// What tells why a framework refuses us.
    fn known(&self) -> DialledWay<'_> {
        let (path, is_half) = self.half.path_before(self.to.path());
        DialledWay {
            framework: self.account.framework_of(&self.way.client),
            has_token: self.way.dial.token.is_some(),
            path,
            is_half,
            has_query: self.to.query().is_some(),
        }
    }

    /// A refusal, with another client of the account that may be its cause.
    fn beside(&self, failure: DialFailure) -> DialFailure {
        if !failure.may_be_anothers() {
            return failure;
        }
        let (client, server) = (&self.way.client, &self.way.server);
        let rival = self.account.with(|hub, _| hub.rival(client, server));
        failure.beside(rival)
    }

    /// Waits until the account's id is known, and the half open that this one follows; gives the id.
    async fn may_dial(&self, machine: &mut FrameworkDial, tried: &TriedDial) -> Option<i64> {
        loop {
            if self.account.self_id().is_none() {
                machine.unnamed();
                self.show(machine, tried);
            }
            let self_id = self.account.named(&self.no_more).await?;
            if self.half.may_dial() {
                return Some(self_id);
            }
            machine.awaits_api();
            self.show(machine, tried);
            let opened = self.half.opened();
            self.no_more.run_until_cancelled(opened).await?;
        }
    }

    /// Dials.
    async fn reach(&self, self_id: i64) -> Result<Reached, DialFailure> {
        let target = Target {
            headers: headers(self_id, self.half.word()),
            ..self.way.dial.target()
        };
        let reached = timeout(CONNECT_LIMIT, connect(&target)).await;
        let reached = reached.unwrap_or_else(|_elapsed| Err(failure::silent(CONNECT_LIMIT)));
        reached.map_err(|failed| not_opened(failed, &self.way.dial, &self.known()))
    }

    /// Asks for the upgrade, and waits until the framework has kept the connection for a moment. Who has been asked may take
    /// it at any time: if there is to be no more, it has a moment to say so and is told then. `None` after that.
    async fn asked(
        &self,
        reached: Reached,
        machine: &mut FrameworkDial,
        tried: &mut TriedDial,
    ) -> Option<Result<Settled, DialFailure>> {
        let mut upgrade = Box::pin(self.upgrade(reached, machine, tried));
        if let Some(settled) = self.no_more.run_until_cancelled(&mut upgrade).await {
            return Some(settled);
        }
        if let Ok(Ok(settled)) = timeout(CLOSE_LIMIT, upgrade).await {
            let ended = Ended::Disconnected(DisconnectReason::SettingsChanged);
            self.part(settled.socket.socket, &ended).await;
        }
        None
    }

    async fn upgrade(
        &self,
        reached: Reached,
        machine: &mut FrameworkDial,
        tried: &mut TriedDial,
    ) -> Result<Settled, DialFailure> {
        reached.resets_when_dropped();
        let rules = GateRules::of_client(self.account.frame_limits());
        let mut upgrade = Box::pin(reached.upgrade(rules, self.account.meter()));
        let answered = match timeout(UPGRADE_LIMIT, &mut upgrade).await {
            Ok(answered) => answered,
            Err(_elapsed) => {
                let failure = DialFailure::NoUpgrade(UPGRADE_LIMIT.as_secs());
                self.tell(&failure, machine.state().failure());
                let until = self.account.now().instant + STUCK_LIMIT;
                machine.unanswered(failure.clone(), until);
                // Whoever wished for an attempt before has had this one.
                tried.begins_to_wait();
                self.show(machine, tried);
                tokio::select! {
                    biased;
                    answered = timeout(STUCK_LIMIT, upgrade) => answered.map_err(|_elapsed| failure)?,
                    () = tried.wished_for_another() => return Err(failure),
                }
            }
        };
        let (socket, activity) =
            answered.map_err(|failed| not_opened(failed, &self.way.dial, &self.known()))?;
        settle(socket, activity, &self.known()).await
    }

    /// Serves a connection until it has ended; gives why, or `None` once there is to be no more.
    async fn serve(
        &self,
        settled: Settled,
        self_id: i64,
        machine: &mut FrameworkDial,
        tried: &TriedDial,
    ) -> Option<DialFailure> {
        let Settled {
            socket,
            activity,
            first,
        } = settled;
        let Some(connected) = self.let_in(&socket, self_id) else {
            // The account is another one now, the other half has ended, or nobody wants the client any more.
            let reason = if self.half.may_dial() {
                DisconnectReason::AccountChanged
            } else {
                DisconnectReason::ApiHalfEnded
            };
            let ended = Ended::Disconnected(reason);
            self.part(socket.socket, &ended).await;
            let wants_more = !self.no_more.is_cancelled();
            return wants_more.then_some(DialFailure::EndedByUs(reason));
        };
        let stream = socket.socket.get_ref().get_ref().tcp();
        let is_here = stream.peer_addr().is_ok_and(|peer| peer.ip().is_loopback());
        machine.opened(is_here, self.account.now().instant);
        self.show(machine, tried);
        let open = self.half.open();
        let opened = Instant::now();
        let patience = Patience::WITH_DIALLED;
        let serving = serve_socket(socket, first, activity, &connected, patience);
        let cut = || self.cut(&connected);
        let (socket, ended) = Box::pin(self.half.until_other_ends(serving, cut)).await;
        drop(open);
        let is_early = opened.elapsed() < REFUSES_WITHIN;
        drop(connected);
        let failure = over(&ended, is_early, &self.known());
        if let Some(socket) = socket {
            self.part(socket, &ended).await;
        }
        (!self.no_more.is_cancelled()).then_some(failure)
    }

    /// The connection for actions has ended, and so does this one.
    fn cut(&self, connected: &Connected) {
        let reason = DisconnectReason::ApiHalfEnded;
        self.account
            .with(|hub, _| hub.cut_connection(connected.id, reason));
    }

    /// A connection of the client in the hub, unless it has been overtaken by other settings or another account.
    fn let_in(&self, socket: &GatedSocket<DialledStream>, self_id: i64) -> Option<Connected> {
        let stream = socket.socket.get_ref().get_ref().tcp();
        let visitor = Visitor {
            role: self.half.role(),
            peer: stream.peer_addr().ok().map(|peer| peer.ip().to_string()),
            user_agent: None,
        };
        let connected = self
            .account
            .connect_metered(&self.way.client, visitor, socket.meter.clone())
            .ok()?;
        // In this order: who ends the client cancels first, and cuts then; and an id changes before it cuts.
        let is_wanted = !self.no_more.is_cancelled();
        let is_same = self.account.self_id() == Some(self_id);
        (is_wanted && is_same && self.half.may_dial()).then_some(connected)
    }

    /// Says goodbye, and waits until the framework has ended its side too; for less time once there is to be no more,
    /// because its next connection may be waited for.
    async fn part(&self, socket: Socket<DialledStream>, ended: &Ended) {
        let somebody_waits = async {
            self.no_more.cancelled().await;
            sleep(CLOSE_LIMIT).await;
        };
        let enough = async {
            tokio::select! {
                () = somebody_waits => {}
                () = sleep(PARTING_LIMIT) => {}
            }
        };
        part(socket, ended, enough).await;
    }

    /// What its owner has to look at is shown at the client, counted, and logged from there. Of the rest the log has one
    /// line for each reason; the end of a connection has had its own.
    fn tell(&self, failure: &DialFailure, former: Option<&DialFailure>) {
        let (account, client) = (self.account.name(), &self.way.client);
        let address = self
            .way
            .is_one_of_several
            .then_some(self.way.dial.url.as_str());
        match failure {
            DialFailure::Lost(_) | DialFailure::EndedByUs(_) => {}
            failure if failure.is_refusal() => {
                let problem = Message::from(failure);
                let message = match address {
                    Some(address) => words::OfSeveral { address, problem }.into(),
                    None => problem,
                };
                self.account.note_client(client, message);
            }
            failure if former == Some(failure) => {
                debug!(account, client, address, reason = %failure, "still no connection to the framework");
            }
            DialFailure::NobodyHere => {
                info!(account, client, address, "the framework is not started yet");
            }
            failure => {
                warn!(account, client, address, reason = %failure, "no connection to the framework");
            }
        }
    }
}

/// Waits for a moment, in which some frameworks close what they refuse. Whatever they say instead is kept.
async fn settle(
    mut socket: GatedSocket<DialledStream>,
    activity: LastActivity,
    way: &DialledWay<'_>,
) -> Result<Settled, DialFailure> {
    let end = Instant::now() + SETTLE_LIMIT;
    let first = loop {
        match timeout_at(end, socket.socket.next()).await {
            Err(_elapsed) => break None,
            Ok(Some(Ok(tungstenite::Message::Ping(_) | tungstenite::Message::Pong(_)))) => {}
            Ok(Some(Ok(tungstenite::Message::Close(close)))) => {
                let _either_way = socket::end(socket.socket, None).await;
                return Err(close.map_or_else(
                    || failure::vanished_at_once(link_words::Vanished.into(), way),
                    |close| failure::closed_at_once(close.code.into(), &close.reason, way),
                ));
            }
            Ok(Some(Ok(message))) => break Some(message),
            Ok(Some(Err(error))) => {
                return Err(failure::vanished_at_once(socket::cause(&error), way));
            }
            Ok(None) => {
                return Err(failure::vanished_at_once(link_words::Vanished.into(), way));
            }
        }
    };
    Ok(Settled {
        socket,
        activity,
        first,
    })
}

/// What a framework is told of the account (OneBot v11, "反向 WebSocket").
fn headers(self_id: i64, role: &'static str) -> HeaderMap {
    HeaderMap::from_iter([
        (
            HeaderName::from_static("x-self-id"),
            HeaderValue::from(self_id),
        ),
        (
            HeaderName::from_static("x-client-role"),
            HeaderValue::from_static(role),
        ),
    ])
}
