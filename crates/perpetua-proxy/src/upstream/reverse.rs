//! An upstream that dials us (`onebot-reverse`).
//!
//! One connection at a time is the upstream. When another one of the same account connects, the first
//! is asked for a sign of life; only if it gives none does the new one replace it.

use std::{sync::Arc, time::Duration};

use http::Request;
use perpetua_access::{AccessPolicy, NormalPath};
use perpetua_hub::{LinkFailure, LinkState};
use tokio::{
    net::TcpListener,
    sync::{Mutex, Notify},
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::serve::serve;
use crate::{
    AccountHandle, AccountTasks,
    activity::LastActivity,
    gate::GateRules,
    listener::{Acceptor, PendingConnection},
    refused::{Place, Refused},
    socket,
    upgrade::upgrade,
};

/// How long the active connection has to answer a ping when another one wants its slot.
const SIGN_OF_LIFE_LIMIT: Duration = Duration::from_secs(5);

/// Who may come in as the upstream.
#[derive(Clone, Debug)]
pub struct ReverseAccess {
    /// Token and names.
    pub access: AccessPolicy,
    /// The only path that is answered; `None` answers every path.
    pub path: Option<NormalPath>,
}

/// A connection that is, or was, the upstream.
#[derive(Clone, Debug)]
struct ActiveConnection {
    activity: LastActivity,
    check_now: Arc<Notify>,
    replaced: CancellationToken,
    gone: CancellationToken,
}

/// The one slot of the upstream. Whoever wants it holds the lock while it finds out whether the active
/// connection lives, so that of two who come at once only one gets in.
type UpstreamSlot = Arc<Mutex<Option<ActiveConnection>>>;

/// The right to be the upstream, until dropped.
#[derive(Debug)]
struct SlotGuard {
    active: ActiveConnection,
    self_id: Option<i64>,
}

impl Drop for SlotGuard {
    fn drop(&mut self) {
        self.active.gone.cancel();
    }
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
        let serve = serve_pending(pending, account.clone(), access.clone(), Arc::clone(&slot));
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
    let admit = async |request: Request<()>| {
        is_expected(&access, request.uri().path())?;
        take_slot(&slot, self_id(&request)).await
    };
    let note = |refused: &Refused, peer| {
        let place = Place::Upstream {
            account: account.name(),
        };
        if let Some(notice) = refused.notice(peer, place) {
            account.note_upstream(notice);
        }
    };
    let Some(upgraded) = upgrade(pending, &access.access, admit, note).await else {
        return;
    };
    let SlotGuard { active, self_id } = &upgraded.admitted;
    if let Some(self_id) = *self_id {
        account.with(|hub, now| hub.learn_self_id(self_id, now));
    }
    let rules = GateRules::of_upstream(account.frame_limits());
    let stream = active.activity.watch(upgraded.stream);
    let stream = socket::server(stream, upgraded.read_ahead, rules).await;
    let since = account.now().instant;
    account.set_link(LinkState::Open { since });
    info!(account = account.name(), "upstream connected");
    let failure = tokio::select! {
        failure = serve(stream, &account, &active.activity, &active.check_now) => failure,
        () = active.replaced.cancelled() => LinkFailure::Lost(perpetua_words::link::Replaced.into()),
    };
    warn!(account = account.name(), reason = %failure, "no link to the upstream");
    let until = account.now().instant;
    account.set_link(LinkState::Waiting { until, failure });
}

/// Whether the settings expect the upstream at the path that was asked for.
fn is_expected(access: &ReverseAccess, path: &str) -> Result<(), Refused> {
    let asked = NormalPath::new(path);
    match &access.path {
        Some(wanted) if asked != *wanted => Err(Refused::WrongPath {
            asked,
            wanted: wanted.clone(),
        }),
        _ => Ok(()),
    }
}

/// Makes the caller the upstream, unless another connection is and lives.
async fn take_slot(slot: &UpstreamSlot, self_id: Option<i64>) -> Result<SlotGuard, Refused> {
    let mut slot = slot.lock().await;
    // The active one keeps its slot meanwhile: whoever wants it may leave at any await.
    if let Some(active) = &*slot {
        if lives(active).await {
            return Err(Refused::UpstreamActive);
        }
        active.replaced.cancel();
        active.gone.cancelled().await;
    }
    let active = ActiveConnection {
        activity: LastActivity::now(),
        check_now: Arc::new(Notify::new()),
        replaced: CancellationToken::new(),
        gone: CancellationToken::new(),
    };
    *slot = Some(active.clone());
    Ok(SlotGuard { active, self_id })
}

async fn lives(active: &ActiveConnection) -> bool {
    if active.gone.is_cancelled() {
        return false;
    }
    let asked = Instant::now();
    active.check_now.notify_one();
    let answered = timeout(SIGN_OF_LIFE_LIMIT, active.activity.after(asked));
    tokio::select! {
        () = active.gone.cancelled() => false,
        answered = answered => answered.is_ok(),
    }
}

fn self_id(request: &Request<()>) -> Option<i64> {
    request
        .headers()
        .get("x-self-id")?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()
}
