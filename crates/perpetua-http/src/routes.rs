//! Which address leads where.

use std::sync::Arc;

use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{get, post},
};
use http::{Method, StatusCode, Uri};
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    Backend, HttpSettings, admission, api, events, guard, health, metrics, page, refusal::Refusal,
    rpc,
};

/// What the handlers share.
pub(crate) struct Site {
    pub(crate) backend: Arc<dyn Backend>,
    settings: watch::Receiver<HttpSettings>,
    /// Ends the streams of those who watch.
    pub(crate) cancel: CancellationToken,
    /// Places for those who watch.
    pub(crate) watchers: Arc<Semaphore>,
}

impl Site {
    pub(crate) fn new(
        backend: Arc<dyn Backend>,
        settings: watch::Receiver<HttpSettings>,
        cancel: CancellationToken,
    ) -> Self {
        Self {
            backend,
            settings,
            cancel,
            watchers: Arc::new(Semaphore::new(events::MAX_WATCHERS)),
        }
    }

    /// The rules of this moment; not to be held across an await.
    pub(crate) fn settings(&self) -> watch::Ref<'_, HttpSettings> {
        self.settings.borrow()
    }
}

/// All routes; a request must carry its [`Peer`](crate::peer::Peer) as an extension.
pub(crate) fn router(site: Site) -> Router {
    let site = Arc::new(site);
    let api = Router::new()
        .route("/api/get_ws_port", get(api::get_ws_port))
        .route("/api/get_online_clients", get(api::get_online_clients))
        .route_layer(from_fn_with_state(Arc::clone(&site), admission::discovery));
    let rpc = Router::new()
        .route("/rpc/events", get(events::watch))
        .route("/rpc/{method}", post(rpc::call))
        .route_layer(from_fn_with_state(Arc::clone(&site), admission::session));
    let monitoring = Router::new()
        .route("/healthz", get(health::healthz))
        .route("/metrics", get(metrics::metrics))
        .route_layer(from_fn_with_state(Arc::clone(&site), admission::monitoring));
    Router::new()
        .route("/", get(page::page))
        .merge(api)
        .merge(rpc)
        .merge(monitoring)
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(Arc::clone(&site), guard::guard))
        .with_state(site)
}

async fn not_found(uri: Uri) -> Refusal {
    let words = format!(
        "there is nothing at `{}`; `/` says what there is",
        uri.path()
    );
    Refusal::new(StatusCode::NOT_FOUND, words)
}

async fn wrong_method(method: Method, uri: Uri) -> Refusal {
    let words = format!(
        "`{}` does not take `{method}`; the `Allow` header says what it takes",
        uri.path()
    );
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, words)
}
