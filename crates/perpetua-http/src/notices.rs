//! What was refused at the API, as the node shows it.

use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use perpetua_hub::{ClockReading, LoggedNotice, Notice, Notices};
use perpetua_words::{Message, refused as words};
use tracing::warn;

/// The paths that are shown. Whoever makes up paths makes one notice, which pushes no other out.
const PATHS: [&str; 7] = [
    "/",
    "/api/get_ws_port",
    "/api/get_online_clients",
    "/rpc/events",
    "/session",
    "/healthz",
    "/metrics",
];
/// What every call is shown as.
const CALLS: &str = "/rpc";

/// What was refused at the API. Clones lead to the same list.
#[derive(Clone)]
pub struct ApiNotices {
    notices: Arc<Mutex<Notices>>,
    now: Arc<dyn Fn() -> ClockReading + Send + Sync>,
}

impl ApiNotices {
    /// Nothing yet; `now` tells the time.
    pub fn new(now: impl Fn() -> ClockReading + Send + Sync + 'static) -> Self {
        Self {
            notices: Arc::default(),
            now: Arc::new(now),
        }
    }

    /// The latest kinds, newest first.
    pub fn list(&self) -> Vec<Notice> {
        self.lock().iter().cloned().collect()
    }

    /// How often something was refused, of every kind.
    pub fn total(&self) -> u64 {
        self.lock().total()
    }

    /// Somebody at `peer` did not get what it asked for. It is written to the log at times.
    pub(crate) fn note(&self, peer: IpAddr, path: &str, cause: &Message) {
        let line = self.lock().record(notice(peer, path, cause), (self.now)());
        log(line);
    }

    /// As [`ApiNotices::note`], of something whose words whoever causes it may choose: it is one notice, which says
    /// the latest.
    pub fn note_latest(&self, message: impl Into<Message>) {
        let line = self.lock().record_latest(message, (self.now)());
        log(line);
    }

    fn lock(&self) -> MutexGuard<'_, Notices> {
        self.notices.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn log(line: Option<LoggedNotice>) {
    if let Some(LoggedNotice {
        message,
        count,
        others,
    }) = line
    {
        let others = (others > 0).then_some(others);
        warn!(count, others, "{message}");
    }
}

fn notice(peer: IpAddr, path: &str, cause: &Message) -> Message {
    let cause = cause.clone();
    let known = PATHS.into_iter().find(|&known| known == path);
    let path = known.or_else(|| path.starts_with("/rpc/").then_some(CALLS));
    match path {
        Some(path) => words::Api { peer, path, cause }.into(),
        None => words::ApiElsewhere { peer, cause }.into(),
    }
}

impl fmt::Debug for ApiNotices {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lock().fmt(formatter)
    }
}
