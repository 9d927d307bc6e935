//! `/session`: a browser signs in, asks whether it is signed in, and signs out.
//!
//! The session lives in a cookie, which no page can read: browsers send it with every call and with the stream of
//! events, where they can set no header. It is bound to this port by its name, since cookies are shared by all
//! ports of a host; over HTTPS it has another name, since a browser refuses to let a page of HTTP replace one that
//! is for HTTPS.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use perpetua_access::SESSION_KNOWN;
use perpetua_schema::{ErrorCode, RpcError, SessionStatus, SignInCredential, SignInRefused};
use perpetua_secrets::Secret;
use perpetua_words::{Message, http as words, refused};

use crate::{
    peer::Peer,
    rpc::{BodyLimits, Failure, Patience, read},
    sign_in::whole_seconds,
    site::Site,
};

/// What signs in is one line. Nobody is known yet who sends it.
const CREDENTIAL: BodyLimits = BodyLimits {
    bytes: 4 * 1024,
    discarded: 4 * 1024,
    patience: Patience::Whole(Duration::from_secs(5)),
};
/// What browsers keep from everything but HTTPS of this very host.
const HTTPS_ALONE: &str = "__Host-";

/// `GET /session`: whether this browser is signed in. Asking is no attempt.
pub(crate) async fn status(
    State(site): State<Arc<Site>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
) -> Result<Json<SessionStatus>, Failure> {
    let shown = shown(&site, &headers);
    let signed_in = !shown.is_empty() && {
        let token = token(&site).await?;
        shown
            .iter()
            .any(|id| site.sign_in.left(id, &token).is_some())
    };
    let locked = site.sign_in.locked(peer.address());
    Ok(Json(SessionStatus {
        signed_in,
        locked_s: locked.map(whole_seconds),
    }))
}

/// `POST /session`: signs in.
pub(crate) async fn begin(
    State(site): State<Arc<Site>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let begun = async {
        let body = read(&headers, body, CREDENTIAL).await?;
        let credential = serde_json::from_slice::<SignInCredential>(&body);
        let credential = credential.map_err(|error| unreadable(&error))?;
        let token = token(&site).await?;
        Ok::<_, Failure>((credential, token))
    };
    let (credential, token) = match begun.await {
        Ok(begun) => begun,
        Err(failure) => return failure.into_response(),
    };
    let checked = match &credential {
        SignInCredential::Token(shown) => site.sign_in.by_token(peer.address(), shown, &token),
        SignInCredential::Code(shown) => site.sign_in.by_code(peer.address(), shown, &token),
    };
    if let Err(why) = checked {
        return refuse(&site, peer, &why);
    }
    let id = match site.sign_in.begin(&token) {
        Ok(id) => id,
        Err(error) => {
            return Failure::from(RpcError::new(ErrorCode::Internal, &error)).into_response();
        }
    };
    site.backend.sessions_changed().await;
    // It outlives the session, so that this node says what has become of it.
    let seconds = SESSION_KNOWN.as_secs();
    let cookie = cookie(&site, peer, &headers, id.expose(), seconds);
    let status = SessionStatus {
        signed_in: true,
        locked_s: None,
    };
    ([(header::SET_COOKIE, cookie)], Json(status)).into_response()
}

/// `DELETE /session`: signs out, in every tab that shares the session.
pub(crate) async fn end(
    State(site): State<Arc<Site>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let shown = shown(&site, &headers);
    if !shown.is_empty() {
        let token = token(&site).await?;
        for id in shown {
            site.sign_in.end(id, &token);
        }
        // The browser keeps its cookie then, and may sign out again.
        let ended = site.backend.sessions_ended().await;
        ended.map_err(|why| {
            Failure::new(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Internal, why)
        })?;
    }
    let gone = cookie(&site, peer, &headers, "", 0);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, gone)]).into_response())
}

/// The ids in the cookies of this port, all that a head has room for: a browser may send many that are over, or that
/// another program of this host has set, before the one that counts. Cookies of others are bytes.
pub(crate) fn shown<'a>(site: &Site, headers: &'a HeaderMap) -> Vec<&'a str> {
    let plain = site.cookie.as_bytes();
    let lines = headers.get_all(header::COOKIE).into_iter();
    let pairs = lines.flat_map(|line| line.as_bytes().split(|&byte| byte == b';'));
    let found = pairs.filter_map(|pair| {
        let pair = pair.trim_ascii();
        let pair = pair.strip_prefix(HTTPS_ALONE.as_bytes()).unwrap_or(pair);
        let id = pair.strip_prefix(plain)?.strip_prefix(b"=")?;
        std::str::from_utf8(id).ok().filter(|id| !id.is_empty())
    });
    found.collect()
}

/// The sign-in token, or why it cannot be had.
pub(crate) async fn token(site: &Site) -> Result<Secret, Failure> {
    let found = site.backend.sign_in_token().await;
    found.map_err(|cause| {
        let message = words::NoSignInToken { cause };
        Failure::new(
            StatusCode::SERVICE_UNAVAILABLE,
            ErrorCode::Internal,
            message,
        )
    })
}

/// The owner is told of every guess; of a link that was opened twice only its user is.
fn refuse(site: &Site, peer: Peer, why: &SignInRefused) -> Response {
    let guessed = match why {
        SignInRefused::WrongToken { .. }
        | SignInRefused::CodeUnknown
        | SignInRefused::Locked { .. } => true,
        SignInRefused::CodeUsed | SignInRefused::CodeLate => false,
    };
    if guessed {
        let address = peer.address();
        site.notices.note_latest(match peer.known_address() {
            None if !peer.is_local() => Message::from(refused::SignInHidden { peer: address }),
            _ => refused::SignIn { peer: address }.into(),
        });
    }
    let status = match why {
        SignInRefused::Locked { .. } => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::UNAUTHORIZED,
    };
    let mut answer = (status, Json(why)).into_response();
    if let SignInRefused::Locked { seconds } = why {
        let after = HeaderValue::from(*seconds);
        answer.headers_mut().insert(header::RETRY_AFTER, after);
    }
    answer
}

fn unreadable(error: &serde_json::Error) -> Failure {
    let reason = error.to_string();
    Failure::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::BadRequest,
        words::UnreadableSignIn { reason },
    )
}

/// The cookie, for so many seconds. It is for HTTPS alone where the page came over it: the `Origin`, which
/// has been compared with `Host`, says so, also where a reverse proxy takes the TLS off, and so does a proxy
/// that is trusted.
fn cookie(site: &Site, peer: Peer, headers: &HeaderMap, id: &str, seconds: u64) -> String {
    let origin = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
    let is_page_of_https = origin.is_some_and(|origin| origin.starts_with(b"https://"));
    let (prefix, secure) = if is_page_of_https || peer.is_over_https() {
        (HTTPS_ALONE, "; Secure")
    } else {
        ("", "")
    };
    let name = &site.cookie;
    format!("{prefix}{name}={id}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

/// Why a call in a browser is refused whose session is over. What a page shows outlives one that has expired: its
/// owner is still there.
pub(crate) fn over(has_expired: bool) -> Failure {
    let message: Message = if has_expired {
        words::SessionExpired.into()
    } else {
        words::SessionOver.into()
    };
    Failure::new(StatusCode::UNAUTHORIZED, ErrorCode::Unauthorized, message)
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, time::Duration};

    use axum::body::{Body, Bytes};
    use futures_util::stream;
    use http::HeaderMap;
    use tokio::time::{Instant, sleep};

    use super::CREDENTIAL;
    use crate::rpc::read;

    #[tokio::test(start_paused = true)]
    async fn a_stranger_who_sends_a_letter_now_and_then_is_given_up_as_soon() {
        let letters = stream::unfold((), async |()| {
            sleep(Duration::from_secs(1)).await;
            Some((Ok::<_, Infallible>(Bytes::from_static(b"{")), ()))
        });
        let begin = Instant::now();
        let refused = read(&HeaderMap::new(), Body::from_stream(letters), CREDENTIAL).await;
        assert!(refused.is_err());
        assert_eq!(begin.elapsed().as_secs(), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stranger_who_sends_nothing_is_given_up_soon() {
        let (silent, begin) = (
            stream::pending::<Result<Bytes, Infallible>>(),
            Instant::now(),
        );
        let refused = read(&HeaderMap::new(), Body::from_stream(silent), CREDENTIAL).await;
        assert!(refused.is_err());
        assert_eq!(begin.elapsed().as_secs(), 5);
    }
}
