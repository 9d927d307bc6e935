//! What holds for every request: no page of another origin, no rebound name, no caching.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Method, StatusCode, header};
use perpetua_access::{ForeignRequest, doubled_line};
use perpetua_words::{Message, http as words};
use tracing::debug;

use crate::{
    HttpSettings, admission::shows_discovery_token, astray, peer::Ends, refusal::Refusal,
    rpc::forbidden, site::Site,
};

/// Tells who sends a request, checks its names and marks its answer. Of the address only the path is logged: a query
/// may hold a token.
pub(crate) async fn guard(
    State(site): State<Arc<Site>>,
    Extension(ends): Extension<Ends>,
    mut request: Request,
    next: Next,
) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let (peer, checked) = {
        let (settings, uri, headers) = (site.settings(), request.uri(), request.headers());
        let peer = ends.sender(uri, headers, &settings.trusted_proxies);
        (peer, check(&settings, &request))
    };
    let is_astray = (!is_ours(&path) || path == "/api/") && astray::wants_socket(request.headers());
    request.extensions_mut().insert(peer);
    let doubled = doubled_line(request.headers());
    let mut answer = match (doubled, checked) {
        (Some(name), _) => {
            let cause = words::DoubledLine { name }.into();
            site.notices.note(peer.address(), &path, &cause);
            Refusal::new(StatusCode::BAD_REQUEST, cause).into_response()
        }
        // Whatever name it calls us by: it is told where it belongs.
        (None, Ok(()) | Err(ForeignRequest::Host(_))) if is_astray => {
            astray::refuse(&site, peer.address())
        }
        (None, Ok(())) => next.run(request).await,
        (None, Err(foreign)) => {
            site.notices.note(peer.address(), &path, &cause(&foreign));
            refuse(&path, &foreign)
        }
    };
    let status = answer.status();
    let headers = answer.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    // Pages say for themselves what they may do and how long they are good.
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
    ] {
        let value = HeaderValue::from_static(value);
        headers.entry(name).or_insert(value);
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    debug!(%method, path, status = status.as_u16(), "request answered");
    answer
}

/// Whether somebody follows a link to a page of ours, which shows nothing without a session and cannot be
/// framed. What such a page then asks for comes from itself.
fn opens_page(request: &Request) -> bool {
    let says = |name: &str, value: &str| {
        let mut lines = request.headers().get_all(name).into_iter();
        lines.all(|line| line == value) && request.headers().contains_key(name)
    };
    let path = request.uri().path();
    matches!(*request.method(), Method::GET | Method::HEAD)
        && says("sec-fetch-mode", "navigate")
        && says("sec-fetch-dest", "document")
        && !is_ours(path)
}

/// Whether a path belongs to something that is no page.
fn is_ours(path: &str) -> bool {
    const NO_PAGES: [&str; 5] = ["/api/", "/rpc/", "/session", "/healthz", "/metrics"];
    NO_PAGES.iter().any(|other| path.starts_with(other))
}

/// A name of another site may be rebound to our address, and its pages then share an origin with
/// us: so the name itself must be one that nobody can rebind. Only the discovery token makes all of that
/// needless, as tokens do at the ports of clients: a session is that of pages too.
fn check(settings: &HttpSettings, request: &Request) -> Result<(), ForeignRequest> {
    let (uri, headers) = (request.uri(), request.headers());
    let Err(foreign) = settings.origins.check(uri, headers) else {
        return Ok(());
    };
    if uri.path().starts_with("/api/") && shows_discovery_token(settings, uri, headers) {
        return Ok(());
    }
    if foreign == ForeignRequest::Site && opens_page(request) {
        return Ok(());
    }
    Err(foreign)
}

/// Pages of ours show it, which ask for JSON; everybody else reads text.
fn refuse(path: &str, foreign: &ForeignRequest) -> Response {
    if !path.starts_with("/rpc/") && path != "/session" {
        return Refusal::new(StatusCode::FORBIDDEN, cause(foreign)).into_response();
    }
    let message = match foreign {
        ForeignRequest::Host(host) => words::NameNotAllowed { host }.into(),
        other => cause(other),
    };
    forbidden(message).into_response()
}

/// Why, without what whoever asks may choose.
fn cause(foreign: &ForeignRequest) -> Message {
    match foreign {
        ForeignRequest::Host(_) => words::ForeignHost.into(),
        ForeignRequest::Origin(_) => words::ForeignOrigin.into(),
        ForeignRequest::Site => words::ForeignSite.into(),
    }
}
