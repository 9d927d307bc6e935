//! An upstream that dials us (`onebot-reverse`).
//!
//! One link at a time is the upstream: a connection that carries everything, or one for actions and one
//! for events (`X-Client-Role`). When another one of the same account connects, the first is asked for a
//! sign of life; only if it gives none does the new one replace it.

use std::{net::IpAddr, time::Duration};

use http::{HeaderMap, Request};
use perpetua_access::{AccessPolicy, NormalPath};
use perpetua_hub::{LinkFailure, LinkState, Role};
use perpetua_words::{connection as words, link, refused as notices};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tracing::{info, warn};

use super::{
    serve::{serve, serve_pair},
    slot::{HalfLink, Pairing, Pulse, SlotGuard, UpstreamSlot},
};
use crate::{
    AccountHandle, AccountTasks,
    activity::WatchedStream,
    gate::GateRules,
    listener::{Acceptor, PendingConnection},
    refused::{Place, Refused},
    socket::{self, GatedSocket},
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
    let acceptor = Acceptor::new(listener);
    while let Some(pending) = tasks.cancel.run_until_cancelled(acceptor.next()).await {
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
    let Some(upgraded) = upgrade(pending, &access.access, admit, note).await else {
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
    let socket = open(&account, &pulse, stream, read_ahead).await;
    match part {
        Part::Whole(guard) => {
            let serving = serve(socket, &account, &pulse.activity, &pulse.check_now);
            serve_link(&account, self_id, &guard, serving).await;
        }
        Part::Half(role) => {
            let half = HalfLink {
                role,
                self_id,
                socket: Box::new(socket),
                pulse,
            };
            serve_half(half, peer, &account, &slot).await;
        }
    }
}

fn note(account: &AccountHandle, refused: &Refused, peer: IpAddr) {
    let place = Place::Upstream {
        account: account.name(),
    };
    if let Some(notice) = refused.notice(peer, place) {
        account.note_upstream(notice);
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
    let pulse = Pulse::new();
    let part = match role {
        Role::Universal => Part::Whole(slot.take(&pulse).await?),
        Role::Api | Role::Event => {
            slot.admits_half().await?;
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
    let Some(named) = headers.get("x-client-role") else {
        return Ok(Role::Universal);
    };
    let named = String::from_utf8_lossy(named.as_bytes());
    match named.trim().to_ascii_lowercase().as_str() {
        "universal" | "" => Ok(Role::Universal),
        "api" => Ok(Role::Api),
        "event" => Ok(Role::Event),
        _ => Err(Refused::UnknownRole(named.into_owned())),
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
    socket::server(pulse.activity.watch(stream), read_ahead, rules).await
}

/// Serves the upstream for as long as it lasts.
async fn serve_link(
    account: &AccountHandle,
    self_id: Option<i64>,
    guard: &SlotGuard,
    serving: impl Future<Output = LinkFailure>,
) {
    if let Some(self_id) = self_id {
        account.with(|hub, now| hub.learn_self_id(self_id, now));
    }
    let since = account.now().instant;
    account.set_link(LinkState::Open { since });
    info!(account = account.name(), "upstream connected");
    let failure = tokio::select! {
        failure = serving => failure,
        () = guard.replaced.cancelled() => LinkFailure::GivenUp(link::Replaced.into()),
    };
    warn!(account = account.name(), reason = %failure, "no link to the upstream");
    let until = account.now().instant;
    account.set_link(LinkState::Waiting { until, failure });
}

/// Serves the upstream as soon as both halves are there. Until then a half is not read: what it sends
/// waits in the system, and is lost to nobody.
async fn serve_half(half: HalfLink, peer: IpAddr, account: &AccountHandle, slot: &UpstreamSlot) {
    let role = name(half.role);
    match slot.pair(half).await {
        Pairing::Complete(halves, guard) => {
            let self_id = halves.iter().find_map(|half| half.self_id);
            serve_link(account, self_id, &guard, serve_pair(halves, account)).await;
        }
        Pairing::Taken(half) => {
            note(account, &Refused::UpstreamActive, peer);
            half.close(1008, words::UpstreamActive).await;
        }
        Pairing::Waits(waits, former) => {
            if let Some(former) = former {
                former.close(1000, words::HalfReplaced).await;
            }
            if timeout(OTHER_HALF_LIMIT, waits.cancelled()).await.is_err()
                && let Some(half) = slot.take_back(&waits).await
            {
                account.note_upstream(notices::HalfAlone { peer, role });
                half.close(1008, words::HalfAlone).await;
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
