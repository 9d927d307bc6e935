//! An upstream that dials us (`onebot-reverse`).
//!
//! One connection at a time is the upstream. When another one of the same account connects, the first
//! is asked for a sign of life; only if it gives none does the new one replace it.

use std::{sync::Arc, time::Duration};

use http::{Request, StatusCode};
use perpetua_access::AccessPolicy;
use perpetua_hub::{LinkFailure, LinkState};
use perpetua_words::{Message, connection as words};
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
    socket,
    upgrade::{Refused, upgrade},
};

/// How long the active connection has to answer a ping when another one wants its slot.
const SIGN_OF_LIFE_LIMIT: Duration = Duration::from_secs(5);

/// Who may come in as the upstream.
#[derive(Clone, Debug)]
pub struct ReverseAccess {
    /// Token and names.
    pub access: AccessPolicy,
    /// The only path that is answered; `None` answers every path.
    pub path: Option<String>,
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
        if access
            .path
            .as_deref()
            .is_some_and(|path| request.uri().path() != path)
        {
            return Err(refuse(StatusCode::NOT_FOUND, words::WrongPath));
        }
        take_slot(&slot, self_id(&request)).await
    };
    let Some(upgraded) = upgrade(pending, &access.access, admit).await else {
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

/// Makes the caller the upstream, unless another connection is and lives.
async fn take_slot(slot: &UpstreamSlot, self_id: Option<i64>) -> Result<SlotGuard, Refused> {
    let mut slot = slot.lock().await;
    // The active one keeps its slot meanwhile: whoever wants it may leave at any await.
    if let Some(active) = &*slot {
        if lives(active).await {
            return Err(refuse(StatusCode::CONFLICT, words::UpstreamActive));
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

fn refuse(status: StatusCode, message: impl Into<Message>) -> Refused {
    Refused {
        status,
        message: message.into(),
    }
}
