//! `GET /rpc/events`: what happens, as one JSON object per line for as long as somebody reads.

use std::sync::Arc;

use axum::{body::Body, extract::State, response::IntoResponse};
use bytes::Bytes;
use futures_util::stream;
use http::{StatusCode, header};
use perpetua_schema::Event;
use perpetua_words::http as words;
use tokio::sync::{OwnedSemaphorePermit, broadcast};
use tokio_util::sync::CancellationToken;

use crate::{refusal::Refusal, site::Site};

/// How many may watch at once: a few windows and terminals, and some that were forgotten.
pub(crate) const MAX_WATCHERS: usize = 32;

/// Starts a stream. Whoever has its head misses nothing that happens from then on, unless it is told.
pub(crate) async fn watch(State(site): State<Arc<Site>>) -> Result<impl IntoResponse, Refusal> {
    let place = Arc::clone(&site.watchers)
        .try_acquire_owned()
        .map_err(|_| {
            let message = words::TooManyWatchers {
                limit: MAX_WATCHERS,
            };
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, message)
        })?;
    let watcher = Watcher {
        events: site.backend.events(),
        cancel: site.cancel.clone(),
        _place: place,
    };
    let lines = stream::unfold(watcher, async |mut watcher| {
        let event = watcher.next().await?;
        Some((line(&event), watcher))
    });
    Ok((
        [(header::CONTENT_TYPE, "application/x-ndjson")],
        Body::from_stream(lines),
    ))
}

/// One who watches. A line is made when the socket takes one, so what a slow reader costs is the
/// room of the broadcast channel, which all share, and the connection's own small buffer.
struct Watcher {
    events: broadcast::Receiver<Event>,
    cancel: CancellationToken,
    _place: OwnedSemaphorePermit,
}

impl Watcher {
    async fn next(&mut self) -> Option<Event> {
        let received = self.cancel.run_until_cancelled(self.events.recv()).await?;
        match received {
            Ok(event) => Some(event),
            Err(broadcast::error::RecvError::Lagged(count)) => Some(Event::Missed { count }),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

fn line(event: &Event) -> Result<Bytes, serde_json::Error> {
    let mut line = serde_json::to_vec(event)?;
    line.push(b'\n');
    Ok(line.into())
}
