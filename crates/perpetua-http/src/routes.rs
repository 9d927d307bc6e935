//! Which address leads where.

use std::sync::Arc;

use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{get, post},
};
use http::{Method, StatusCode, Uri};
use perpetua_words::http as words;

use crate::{
    admission, api, events, guard, health, metrics, page, refusal::Refusal, rpc, site::Site,
};

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
    Refusal::new(
        StatusCode::NOT_FOUND,
        words::NothingHere { path: uri.path() },
    )
}

async fn wrong_method(method: Method, uri: Uri) -> Refusal {
    let message = words::WrongMethod {
        path: uri.path(),
        method: method.as_str(),
    };
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, message)
}
