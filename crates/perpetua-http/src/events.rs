//! `GET /rpc/events`: what happens, as one JSON object per line for as long as somebody reads.

use std::{pin::Pin, sync::Arc};

use axum::{
    Extension,
    body::Body,
    extract::{Query, State},
    response::IntoResponse,
};
use bytes::Bytes;
use futures_util::{future::pending, stream};
use http::{HeaderName, StatusCode, header};
use perpetua_schema::{Event, Topics};
use perpetua_words::http as words;
use tokio::{sync::OwnedSemaphorePermit, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{Follow, admission::BrowserSession, refusal::Refusal, session::token, site::Site};

/// How many may watch at once: a few windows and terminals, and some that were forgotten.
pub(crate) const MAX_WATCHERS: usize = 32;

/// Starts a stream of the topics in `?topics=`. Whoever has its head misses nothing that happens from
/// then on, unless it is told. A browser's stream ends with its session.
pub(crate) async fn watch(
    State(site): State<Arc<Site>>,
    session: Option<Extension<BrowserSession>>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<impl IntoResponse, Refusal> {
    let wanted = query.iter().find(|(key, _)| key == "topics");
    let topics = wanted.map_or_else(|| Ok(Topics::default()), |(_, topics)| topics.parse());
    let topics = topics.map_err(|unknown| Refusal::new(StatusCode::BAD_REQUEST, unknown))?;
    let place = Arc::clone(&site.watchers)
        .try_acquire_owned()
        .map_err(|_| {
            let message = words::TooManyWatchers {
                limit: MAX_WATCHERS,
            };
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, message)
        })?;
    let watcher = Watcher {
        events: site.backend.follow(&topics),
        cancel: site.cancel.clone(),
        over: match session {
            Some(Extension(BrowserSession(id))) => Box::pin(session_over(Arc::clone(&site), id)),
            None => Box::pin(pending()),
        },
        _place: place,
    };
    let lines = stream::unfold(watcher, async |mut watcher| {
        let event = watcher.next().await?;
        Some((line(&event), watcher))
    });
    Ok((
        [
            (header::CONTENT_TYPE, "application/x-ndjson"),
            // A reverse proxy that gathers lines before it passes them on makes a page of the past.
            (HeaderName::from_static("x-accel-buffering"), "no"),
        ],
        Body::from_stream(lines),
    ))
}

/// One who watches. A line is made when the socket takes one, so what a slow reader costs is the
/// room of a topic's queue, which all share, and the connection's own small buffer.
struct Watcher {
    events: Box<dyn Follow>,
    cancel: CancellationToken,
    /// Is there when the one who watches may not any longer.
    over: Pin<Box<dyn Future<Output = ()> + Send>>,
    _place: OwnedSemaphorePermit,
}

impl Watcher {
    async fn next(&mut self) -> Option<Event> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => None,
            () = &mut self.over => None,
            event = self.events.next() => event,
        }
    }
}

/// Waits until a session has ended: by its time, by its browser, or for all.
pub(crate) async fn session_over(site: Arc<Site>, id: String) {
    let mut endings = site.sign_in.endings();
    while let Ok(token) = token(&site).await {
        let Some(left) = site.sign_in.left(&id, &token) else {
            return;
        };
        tokio::select! {
            _told = endings.changed() => {}
            () = sleep(left) => {}
        }
    }
}

fn line(event: &Event) -> Result<Bytes, serde_json::Error> {
    let mut line = serde_json::to_vec(event)?;
    line.push(b'\n');
    Ok(line.into())
}
