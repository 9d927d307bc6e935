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
    admission, api, core_upload, events, guard, health, metrics, page, refusal::Refusal, rpc,
    session, site::Site,
};

/// All routes; a request must carry its [`Ends`](crate::peer::Ends) as an extension.
pub(crate) fn router(site: Site) -> Router {
    let site = Arc::new(site);
    // Whoever asks for the head alone would hold a port that it is not told.
    let lease = get(api::get_ws_port).head(wrong_method);
    let api = Router::new()
        .route("/api/get_ws_port", lease)
        .route("/api/get_online_clients", get(api::get_online_clients))
        .route_layer(from_fn_with_state(Arc::clone(&site), admission::discovery));
    let rpc = Router::new()
        .route("/rpc/events", get(events::watch))
        .route("/rpc/core_upload", post(core_upload::upload))
        .route("/rpc/{method}", post(rpc::call))
        .route_layer(from_fn_with_state(Arc::clone(&site), admission::session));
    let monitoring = Router::new()
        .route("/healthz", get(health::healthz))
        .route("/metrics", get(metrics::metrics))
        .route_layer(from_fn_with_state(Arc::clone(&site), admission::monitoring));
    let browser = get(session::status)
        .post(session::begin)
        .delete(session::end);
    Router::new()
        .route("/", get(page::page))
        .route("/session", browser)
        .merge(api)
        .merge(rpc)
        .merge(monitoring)
        .fallback(page::page)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(Arc::clone(&site), guard::guard))
        .with_state(site)
}

async fn wrong_method(method: Method, uri: Uri) -> Refusal {
    let message = words::WrongMethod {
        path: uri.path(),
        method: method.as_str(),
    };
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, message)
}
