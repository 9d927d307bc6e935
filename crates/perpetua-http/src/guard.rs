//! What holds for every request: no page of another origin, no rebound name, no caching.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use perpetua_access::Origins;
use perpetua_words::http as words;
use tracing::debug;

use crate::{refusal::Refusal, site::Site};

/// Checks a request's names and marks its answer. Of the address only the path is logged: a query
/// may hold a token.
pub(crate) async fn guard(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let checked = check(&site.settings().origins, request.headers());
    let mut answer = match checked {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    let status = answer.status();
    let headers = answer.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    debug!(%method, path, status = status.as_u16(), "request answered");
    answer
}

/// A name of another site may be rebound to our address, and its pages then share an origin with
/// us: so the name itself must be one that nobody can rebind.
fn check(origins: &Origins, headers: &HeaderMap) -> Result<(), Refusal> {
    if !origins.host_is_ours(headers) {
        return Err(Refusal::new(StatusCode::FORBIDDEN, words::ForeignHost));
    }
    if !origins.allow(headers) {
        return Err(Refusal::new(StatusCode::FORBIDDEN, words::ForeignOrigin));
    }
    Ok(())
}
