//! What holds for every request: no page of another origin, no rebound name, no caching.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use perpetua_access::ForeignRequest;
use perpetua_words::{Message, http as words};
use tracing::debug;

use crate::{
    HttpSettings, admission::shows_discovery_token, peer::Peer, refusal::Refusal, site::Site,
};

/// Checks a request's names and marks its answer. Of the address only the path is logged: a query
/// may hold a token.
pub(crate) async fn guard(
    State(site): State<Arc<Site>>,
    Extension(peer): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let checked = check(&site.settings(), &request);
    let mut answer = match checked {
        Ok(()) => next.run(request).await,
        Err(message) => {
            site.notices.note(peer.address(), &path, &message);
            Refusal::new(StatusCode::FORBIDDEN, message).into_response()
        }
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
/// us: so the name itself must be one that nobody can rebind. Only the discovery token makes all of that
/// needless, as tokens do at the ports of clients: a session is that of pages too.
fn check(settings: &HttpSettings, request: &Request) -> Result<(), Message> {
    let (uri, headers) = (request.uri(), request.headers());
    let Err(foreign) = settings.origins.check(uri, headers) else {
        return Ok(());
    };
    if uri.path().starts_with("/api/") && shows_discovery_token(settings, uri, headers) {
        return Ok(());
    }
    Err(match foreign {
        ForeignRequest::Host(_) => words::ForeignHost.into(),
        ForeignRequest::Origin(_) => words::ForeignOrigin.into(),
        ForeignRequest::Site => words::ForeignSite.into(),
    })
}
