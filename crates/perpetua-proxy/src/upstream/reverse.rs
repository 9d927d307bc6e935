//! An upstream that dials us (`onebot-reverse`).
//!
//! One link at a time is the upstream: a connection that carries everything, or one for actions and one
//! for events (`X-Client-Role`). When another one of the same account connects, the first is asked for a
//! sign of life; only if it gives none does the new one replace it.

use std::{future::pending, net::IpAddr, time::Duration};

use http::{HeaderMap, Request};
use perpetua_access::{AccessPolicy, NormalPath};
use perpetua_hub::{LinkFailure, LinkState, LogLine, Role};
use perpetua_words::{connection as words, link, refused as notices};
use tokio::{
    net::{TcpListener, TcpStream},
    time::{Instant, sleep},
};
use tracing::{info, warn};

use super::{
    serve::{serve, serve_pair},
    slot::{HalfLink, Pairing, Pulse, SlotGuard, UpstreamSlot},
};
use crate::{
    AccountHandle, AccountTasks,
    account::LinkGuard,
    activity::WatchedStream,
    gate::GateRules,
    listener::{Acceptor, PendingConnection},
    refused::{Place, Refused},
    socket::{self, GatedSocket, WRITE_LIMIT},
    upgrade::{Upgraded, upgrade},
};

/// How long a half waits for the other: implementations try again after 3 to 5 s.
const OTHER_HALF_LIMIT: Duration = Duration::from_secs(15);

/// Who may come in as the upstream.
#[derive(Clone, Debug)]
pub struct ReverseAccess {
    /// Token and names.
    pub access: AccessPolicy,
    /// The only path that is answered; `None` answers every path.
    pub path: Option<NormalPath>,
}

/// What somebody was let in as.
struct Admission {
    part: Part,
    self_id: Option<i64>,
    pulse: Pulse,
}

enum Part {
    Whole(SlotGuard),
    Half(Role),
}

/// Serves the upstream's port until cancelled.
pub async fn run_reverse(
    listener: TcpListener,
    account: AccountHandle,
    access: ReverseAccess,
    tasks: AccountTasks,
) {
    let slot = UpstreamSlot::default();
    let connections = tasks.connections.sibling();
    let acceptor = Acceptor::new(listener, &tasks.waiting);
    let note = |message| account.note_upstream(message);
    while let Some(pending) = tasks.cancel.run_until_cancelled(acceptor.next(note)).await {
        let serve = serve_pending(pending, account.clone(), access.clone(), slot.clone());
        let serve = tasks.cancel.clone().run_until_cancelled_owned(serve);
        connections.spawn("upstream connection", serve);
    }
    // One that is just being opened must not have the last word.
    connections.close();
    connections.wait().await;
    account.set_link(LinkState::Closed);
}

async fn serve_pending(
    pending: PendingConnection,
    account: AccountHandle,
    access: ReverseAccess,
    slot: UpstreamSlot,
) {
    let admit =
        async |request: Request<()>| admit(&request, &account, access.path.as_ref(), &slot).await;
    let note = |refused: &Refused, peer| note(&account, refused, peer);
    let place = place_of(&account);
    let Some(upgraded) = upgrade(pending, &access.access, place, admit, note).await else {
        return;
    };
    let Upgraded {
        stream,
        read_ahead,
        peer,
        admitted,
    } = upgraded;
    let Admission {
        part,
        self_id,
        pulse,
    } = admitted;
    let is_aligned = read_ahead.is_empty();
    let socket = open(&account, &pulse, stream, read_ahead).await;
    match part {
        Part::Whole(guard) => {
            let serving = serve(
                socket,
                &account,
                &pulse.activity,
                &pulse.check_now,
                WRITE_LIMIT,
            );
            serve_whole(&account, self_id, &slot, guard, serving).await;
        }
        Part::Half(role) => {
            let half = HalfLink {
                role,
                self_id,
                peer,
                is_aligned,
                socket: Box::new(socket),
                pulse,
            };
            serve_half(half, &account, &slot).await;
        }
    }
}

fn note(account: &AccountHandle, refused: &Refused, peer: IpAddr) {
    if let Some(notice) = refused.notice(peer, place_of(account)) {
        account.note_upstream(notice);
    }
}

fn place_of(account: &AccountHandle) -> Place<'_> {
    Place::Upstream {
        account: account.name(),
    }
}

/// Whether the request is one that the settings expect, and what it brings has a place.
async fn admit(
    request: &Request<()>,
    account: &AccountHandle,
    path: Option<&NormalPath>,
    slot: &UpstreamSlot,
) -> Result<Admission, Refused> {
    is_expected(path, request.uri().path())?;
    let role = role(request.headers())?;
    let self_id = self_id(request.headers());
    if let Some(self_id) = self_id {
        let expected = account.with(|hub, _| hub.expects_upstream(self_id));
        expected.map_err(Refused::OtherAccount)?;
    }
    slot.is_open_to_next()?;
    let pulse = Pulse::new();
    let part = match role {
        Role::Universal => Part::Whole(slot.take(&pulse).await?),
        Role::Api | Role::Event => {
            slot.admits_half(self_id).await?;
            Part::Half(role)
        }
    };
    Ok(Admission {
        part,
        self_id,
        pulse,
    })
}

/// Whether the settings expect the upstream at the path that was asked for.
fn is_expected(wanted: Option<&NormalPath>, asked: &str) -> Result<(), Refused> {
    let asked = NormalPath::new(asked);
    match wanted {
        Some(wanted) if asked != *wanted => Err(Refused::WrongPath {
            asked,
            wanted: wanted.clone(),
        }),
        _ => Ok(()),
    }
}

/// The part that a connection carries (OneBot v11, "反向 WebSocket"). Lagrange writes `Api`.
fn role(headers: &HeaderMap) -> Result<Role, Refused> {
    let lines = headers.get_all("x-client-role").iter();
    let named: Vec<_> = lines
        .map(|line| String::from_utf8_lossy(line.as_bytes()))
        .collect();
    let mut roles = named.iter().map(|name| role_named(name));
    let role = roles.next().unwrap_or(Some(Role::Universal));
    // Lines that contradict each other name no role.
    role.filter(|_| roles.all(|other| other == role))
        .ok_or_else(|| Refused::UnknownRole(named.join(", ")))
}

fn role_named(name: &str) -> Option<Role> {
    match name.trim().to_ascii_lowercase().as_str() {
        "universal" | "" => Some(Role::Universal),
        "api" => Some(Role::Api),
        "event" => Some(Role::Event),
        _ => None,
    }
}

fn self_id(headers: &HeaderMap) -> Option<i64> {
    let named = headers.get("x-self-id")?.to_str().ok()?;
    named.trim().parse().ok()
}

async fn open(
    account: &AccountHandle,
    pulse: &Pulse,
    stream: TcpStream,
    read_ahead: Vec<u8>,
) -> GatedSocket<WatchedStream> {
    let rules = GateRules::of_upstream(account.frame_limits());
    let stream = pulse.activity.watch(stream);
    socket::server(stream, read_ahead, rules, account.meter()).await
}

/// A link that counts as of use or not once it ends, however it ends.
struct CountedLink<'a> {
    account: &'a AccountHandle,
    slot: &'a UpstreamSlot,
    begin: Instant,
}

impl Drop for CountedLink<'_> {
    fn drop(&mut self) {
        let was_online = self.account.with(|hub, _| hub.online());
        self.slot.link_ended(self.begin.elapsed(), was_online);
    }
}

/// Serves the upstream for as long as it lasts.
async fn serve_link(
    account: &AccountHandle,
    self_id: Option<i64>,
    slot: &UpstreamSlot,
    guard: &SlotGuard,
    serving: impl Future<Output = LinkFailure>,
) {
    if let Some(self_id) = self_id {
        account.with(|hub, now| hub.learn_self_id(self_id, now));
    }
    let since = account.now().instant;
    let mut link = LinkGuard::new(account);
    // Dropped before the link is closed: it asks how the account stands over it.
    let _counted = CountedLink {
        account,
        slot,
        begin: Instant::now(),
    };
    account.set_link(LinkState::Open { since });
    if let Some(LogLine { left_out }) = account.upstream_line() {
        info!(account = account.name(), left_out, "upstream connected");
    }
    let failure = tokio::select! {
        failure = serving => failure,
        () = guard.replaced.cancelled() => LinkFailure::GivenUp(link::Replaced.into()),
    };
    if let Some(LogLine { left_out }) = account.upstream_line() {
        warn!(account = account.name(), reason = %failure, left_out, "no link to the upstream");
    }
    let until = account.now().instant;
    link.at_end = LinkState::Waiting { until, failure };
}

/// Serves the upstream over a connection that carries everything. Whoever wants the place next may hold the
/// slot until it is free, so its end waits for nobody.
async fn serve_whole(
    account: &AccountHandle,
    self_id: Option<i64>,
    slot: &UpstreamSlot,
    guard: SlotGuard,
    serving: impl Future<Output = LinkFailure>,
) {
    tokio::select! {
        () = serve_link(account, self_id, slot, &guard, serving) => {}
        () = send_waiting_away(account, slot) => {}
    }
}

/// Ends the half that has waited while a connection that carries everything came; never ready.
async fn send_waiting_away(account: &AccountHandle, slot: &UpstreamSlot) {
    if let Some(half) = slot.take_waiting().await {
        let (peer, role) = (half.peer, name(half.role));
        account.note_upstream(notices::HalfDisplaced { peer, role });
        half.close(1000, words::HalfDisplaced).await;
    }
    pending::<()>().await;
}

/// Serves the upstream as soon as both halves are there. Until then a half is not read: what it sends
/// waits in the system, and is lost to nobody.
async fn serve_half(half: HalfLink, account: &AccountHandle, slot: &UpstreamSlot) {
    let (peer, role) = (half.peer, name(half.role));
    match slot.pair(half).await {
        Pairing::Complete(halves, guard) => {
            let self_id = halves.iter().find_map(|half| half.self_id);
            let serving = serve_pair(halves, account);
            serve_link(account, self_id, slot, &guard, serving).await;
        }
        Pairing::Refused(half, refused) => {
            note(account, &refused, peer);
            half.close(1008, refused.answer()).await;
        }
        Pairing::Waits(waits, former) => {
            if let Some(former) = former {
                former.close(1000, words::HalfReplaced).await;
            }
            let alone = async {
                tokio::select! {
                    () = slot.waiting_left() => 1000,
                    () = sleep(OTHER_HALF_LIMIT) => {
                        account.note_upstream(notices::HalfAlone { peer, role });
                        1008
                    }
                }
            };
            if let Some(code) = waits.run_until_cancelled(alone).await
                && let Some(half) = slot.take_back(&waits).await
            {
                half.close(code, words::HalfAlone).await;
            }
        }
    }
}

/// A role as the standard writes it.
fn name(role: Role) -> &'static str {
    match role {
        Role::Universal => "Universal",
        Role::Api => "API",
        Role::Event => "Event",
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::{pending, ready},
        time::Duration,
    };

    use perpetua_hub::{AccountLimits, LinkFailure, LinkState};
    use tokio_util::sync::CancellationToken;

    use super::{Pulse, UpstreamSlot, serve_link, serve_whole};
    use crate::{AccountHandle, AccountTasks, Clock, DialSettings, FrameBudget, run_dial};

    #[tokio::test]
    async fn a_task_that_panics_or_is_dropped_leaves_no_open_link_and_no_place_taken() {
        let account = account();
        let slot = UpstreamSlot::default();
        for panics in [true, false] {
            let guard = slot.take(&Pulse::new()).await.expect("a place");
            let (served_account, served_slot) = (account.clone(), slot.clone());
            let serving = tokio::spawn(async move {
                let serving = async {
                    assert!(!panics, "a test");
                    pending::<LinkFailure>().await
                };
                serve_link(&served_account, None, &served_slot, &guard, serving).await;
            });
            tokio::task::yield_now().await;
            assert_eq!(account.snapshot().link.is_open(), !panics);
            serving.abort();
            assert!(serving.await.is_err());
            assert_eq!(account.snapshot().link, LinkState::Closed);
        }
        let taken = slot.take(&Pulse::new()).await;
        assert!(taken.is_ok());
    }

    #[tokio::test]
    async fn whoever_waits_for_the_place_gets_it_as_soon_as_the_link_ends() {
        let (account, slot, pulse) = (account(), UpstreamSlot::default(), Pulse::new());
        let guard = slot.take(&Pulse::new()).await.expect("a place");
        let mut next = Box::pin(slot.take(&pulse));
        // From here on it holds the slot.
        assert!(futures_util::poll!(&mut next).is_pending());
        let link = serve_whole(&account, None, &slot, guard, ready(LinkFailure::WrongToken));
        let both = tokio::time::timeout(Duration::from_secs(2), async { tokio::join!(link, next) });
        let ((), place) = both.await.expect("nobody waits for the other");
        assert!(place.is_ok());
    }

    #[tokio::test]
    async fn a_dialling_task_that_ends_in_disorder_leaves_nothing_behind() {
        let account = account();
        let dial = DialSettings {
            url: "ws://127.0.0.1:1".into(),
            token: None,
            backoff: perpetua_backoff::Backoff::default(),
            tls: None,
        };
        let dialling = run_dial(account.clone(), dial, 1, CancellationToken::new());
        let dialling = tokio::time::timeout(Duration::from_millis(50), dialling);
        assert!(dialling.await.is_err());
        assert_eq!(account.snapshot().link, LinkState::Closed);
    }

    fn account() -> AccountHandle {
        let (limits, clock) = (AccountLimits::default(), Clock::system());
        let (budget, tasks) = (FrameBudget::default(), AccountTasks::default());
        AccountHandle::start("main", limits, clock, budget, 1, &tasks)
    }
}
