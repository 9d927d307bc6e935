//! An upstream that dials us (`onebot-reverse`).
//!
//! One connection at a time is the upstream. When another one of the same account knocks, the first
//! is asked for a sign of life; only if it gives none does the new one take its place.

use std::{sync::Arc, time::Duration};

use http::{Request, StatusCode};
use perpetua_hub::{LinkFailure, LinkState};
use tokio::{
    net::TcpListener,
    sync::{Mutex, Notify},
    time::{Instant, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{info, warn};

use super::{heard::Heard, serve::serve};
use crate::{
    Account, AccountTasks, Door,
    listener::{Entrance, Knock},
    socket,
    upgrade::{Refused, upgrade},
};

/// How long the present connection has to answer a ping when another one knocks.
const SIGN_OF_LIFE_LIMIT: Duration = Duration::from_secs(5);

/// Who may come in as the upstream.
#[derive(Clone, Debug)]
pub struct ReverseDoor {
    /// Token and names.
    pub door: Door,
    /// The only path that is answered; `None` answers every path.
    pub path: Option<String>,
}

/// A connection that is, or was, the upstream.
#[derive(Clone, Debug)]
struct Present {
    heard: Heard,
    check_now: Arc<Notify>,
    replaced: CancellationToken,
    gone: CancellationToken,
}

/// The one place of the upstream. Whoever knocks holds the lock while it finds out whether the
/// present one lives, so that two who knock at once do not both get in.
type Seat = Arc<Mutex<Option<Present>>>;

/// The right to be the upstream, until dropped.
#[derive(Debug)]
struct Seated {
    present: Present,
    self_id: Option<i64>,
}

impl Drop for Seated {
    fn drop(&mut self) {
        self.present.gone.cancel();
    }
}

/// Serves the upstream's port until cancelled.
pub async fn run_reverse(
    listener: TcpListener,
    account: Account,
    door: ReverseDoor,
    tasks: AccountTasks,
) {
    let seat = Seat::default();
    let connections = TaskTracker::new();
    let entrance = Entrance::new(listener);
    while let Some(knock) = tasks.cancel.run_until_cancelled(entrance.next()).await {
        let serve = serve_knock(knock, account.clone(), door.clone(), Arc::clone(&seat));
        connections.spawn(tasks.cancel.clone().run_until_cancelled_owned(serve));
    }
    // One that is just being opened must not have the last word.
    connections.close();
    connections.wait().await;
    account.set_link(LinkState::Closed);
}

async fn serve_knock(knock: Knock, account: Account, door: ReverseDoor, seat: Seat) {
    let admit = async |request: Request<()>| {
        if door
            .path
            .as_deref()
            .is_some_and(|path| request.uri().path() != path)
        {
            return Err(refuse(
                StatusCode::NOT_FOUND,
                "the settings of this upstream name another path",
            ));
        }
        take_seat(&seat, self_id(&request)).await
    };
    let Some(upgraded) = upgrade(knock, &door.door, admit).await else {
        return;
    };
    let Seated { present, self_id } = &upgraded.admitted;
    if let Some(self_id) = *self_id {
        account.with(|hub, now| hub.learn_self_id(self_id, now));
    }
    let stream = socket::server(present.heard.watch(upgraded.stream), upgraded.read_ahead).await;
    let since = account.now().instant;
    account.set_link(LinkState::Open { since });
    info!(account = account.name(), "upstream connected");
    let failure = tokio::select! {
        failure = serve(stream, &account, &present.heard, &present.check_now) => failure,
        () = present.replaced.cancelled() => LinkFailure::Lost("a newer connection took its place".into()),
    };
    warn!(account = account.name(), reason = %failure, "no link to the upstream");
    let until = account.now().instant;
    account.set_link(LinkState::Waiting { until, failure });
}

/// Makes the caller the upstream, unless another connection is and lives.
async fn take_seat(seat: &Seat, self_id: Option<i64>) -> Result<Seated, Refused> {
    let mut seat = seat.lock().await;
    // The present one keeps its seat meanwhile: whoever knocks may leave at any await.
    if let Some(present) = &*seat {
        if lives(present).await {
            return Err(refuse(
                StatusCode::CONFLICT,
                "another connection is this account's upstream, and it answers; end it first",
            ));
        }
        present.replaced.cancel();
        present.gone.cancelled().await;
    }
    let present = Present {
        heard: Heard::now(),
        check_now: Arc::new(Notify::new()),
        replaced: CancellationToken::new(),
        gone: CancellationToken::new(),
    };
    *seat = Some(present.clone());
    Ok(Seated { present, self_id })
}

async fn lives(present: &Present) -> bool {
    if present.gone.is_cancelled() {
        return false;
    }
    let asked = Instant::now();
    present.check_now.notify_one();
    let answered = timeout(SIGN_OF_LIFE_LIMIT, present.heard.after(asked));
    tokio::select! {
        () = present.gone.cancelled() => false,
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

fn refuse(status: StatusCode, words: &str) -> Refused {
    Refused {
        status,
        words: words.to_owned(),
    }
}
