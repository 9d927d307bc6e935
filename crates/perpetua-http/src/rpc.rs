//! `POST /rpc/<method>`: the control RPC.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    body::{Body, HttpBody},
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;
use perpetua_schema::{Call, ErrorCode, MAX_SETTINGS_BYTES, Method, RpcError, SettingsWrite};
use perpetua_words::{Message, http as words};
use serde_json::Value;
use tokio::time::{Instant, timeout_at};
use tracing::error;

use crate::{admission::BrowserSession, site::Site};

/// The longest body of a call, in bytes.
pub const MAX_CALL_BYTES: usize = 2 * 1024 * 1024;

/// The same of a call that carries the whole settings, as they were and as they shall be: JSON writes a letter with
/// six at most.
pub const MAX_SETTINGS_CALL_BYTES: usize = MAX_CALL_BYTES + 2 * 6 * MAX_SETTINGS_BYTES;

/// How much of a body that is too long is read all the same: a caller that is still sending when the
/// connection is closed sees a reset instead of our answer.
const MAX_DISCARDED: usize = 8 * 1024 * 1024;

/// How long nothing of a body may come: longer than a radio link is away. All of it may take as long as it takes.
const SILENCE: Duration = Duration::from_secs(30);

/// How much of a body is read, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimits {
    /// What is kept of it at most, in bytes.
    pub(crate) bytes: usize,
    /// What is read beyond that and dropped.
    pub(crate) discarded: usize,
    pub(crate) patience: Patience,
}

/// How long it is waited for a body.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Patience {
    /// For all of it.
    Whole(Duration),
    /// For each next piece of it.
    Silence(Duration),
}

impl Patience {
    fn limit(self) -> Duration {
        match self {
            Self::Whole(limit) | Self::Silence(limit) => limit,
        }
    }
}

const CALL: BodyLimits = BodyLimits {
    bytes: MAX_CALL_BYTES,
    discarded: MAX_DISCARDED,
    patience: Patience::Silence(SILENCE),
};

const SETTINGS_CALL: BodyLimits = BodyLimits {
    bytes: MAX_SETTINGS_CALL_BYTES,
    ..CALL
};

/// Answers one call. It runs in a task of its own: a caller that leaves does not stop it halfway.
pub(crate) async fn call(
    State(site): State<Arc<Site>>,
    session: Option<Extension<BrowserSession>>,
    Path(method): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>, Failure> {
    let limits = if method == SettingsWrite::NAME {
        SETTINGS_CALL
    } else {
        CALL
    };
    let body = read(&headers, body, limits).await?;
    let call = Call::parse(&method, &body)?;
    if session.is_some() && lets_others_in(&call) {
        return Err(forbidden(words::NotForBrowsers));
    }
    let running = tokio::spawn(async move { site.backend.call(call).await });
    let reply = running.await.unwrap_or_else(|panic| {
        error!(method, %panic, "a call failed; please report this");
        let message = perpetua_words::rpc::Fault { call: method };
        Err(RpcError::new(ErrorCode::Internal, message))
    })?;
    Ok(Json(reply))
}

/// Whether a call gives what signs in. A page never needs it, and with it a session of minutes would become one
/// for good.
fn lets_others_in(call: &Call) -> bool {
    matches!(
        call,
        Call::SignInToken(_) | Call::SignInTokenNew(_) | Call::SignInLink(_)
    )
}

/// The body of a request. Whoever asks first whether it may send one that is too long is told so instead.
pub(crate) async fn read(
    headers: &HeaderMap,
    body: Body,
    limits: BodyLimits,
) -> Result<Vec<u8>, Failure> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > limits.bytes && headers.contains_key(header::EXPECT) {
        return Err(too_long(limits));
    }
    collect(body, limits).await
}

async fn collect(mut body: Body, limits: BodyLimits) -> Result<Vec<u8>, Failure> {
    let mut kept = Vec::new();
    let mut length = 0;
    let mut deadline = Instant::now() + limits.patience.limit();
    loop {
        let frame = timeout_at(deadline, body.frame()).await;
        let Some(frame) = frame.map_err(|_| too_slow(limits.patience))? else {
            break;
        };
        if let Patience::Silence(limit) = limits.patience {
            deadline = Instant::now() + limit;
        }
        let Ok(data) = frame.map_err(|_| broken_off())?.into_data() else {
            continue;
        };
        length += data.len();
        if length <= limits.bytes {
            kept.extend_from_slice(&data);
        } else if length > limits.bytes + limits.discarded {
            break;
        }
    }
    if length > limits.bytes {
        return Err(too_long(limits));
    }
    Ok(kept)
}

fn too_long(limits: BodyLimits) -> Failure {
    let message = words::BodyTooLong {
        limit: limits.bytes,
    };
    Failure::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::BadRequest,
        message,
    )
}

fn too_slow(patience: Patience) -> Failure {
    let seconds = patience.limit().as_secs();
    let message: Message = match patience {
        Patience::Whole(_) => words::BodyTooSlow { seconds }.into(),
        Patience::Silence(_) => words::BodySilent { seconds }.into(),
    };
    Failure::new(StatusCode::REQUEST_TIMEOUT, ErrorCode::BadRequest, message)
}

fn broken_off() -> Failure {
    Failure::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::BadRequest,
        words::BodyBrokeOff,
    )
}

/// Signing in does not help.
pub(crate) fn forbidden(message: impl Into<Message>) -> Failure {
    Failure::new(StatusCode::FORBIDDEN, ErrorCode::Forbidden, message)
}

/// A call that failed, as the caller gets it: the status, and the error as JSON.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    error: RpcError,
}

impl Failure {
    pub(crate) fn new(status: StatusCode, code: ErrorCode, message: impl Into<Message>) -> Self {
        let error = RpcError::new(code, message);
        Self { status, error }
    }
}

impl From<RpcError> for Failure {
    fn from(error: RpcError) -> Self {
        let status = StatusCode::from_u16(error.code.http_status());
        Self {
            status: status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            error,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.status, Json(self.error)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, time::Duration};

    use axum::body::{Body, Bytes};
    use futures_util::stream;
    use http::{HeaderMap, StatusCode};

    use tokio::time::{Instant, sleep};

    use super::{
        BodyLimits, CALL, Failure, MAX_CALL_BYTES, MAX_DISCARDED, MAX_SETTINGS_CALL_BYTES,
        SETTINGS_CALL, SILENCE,
    };

    #[tokio::test]
    async fn a_body_of_the_limit_is_read_and_one_byte_more_is_refused() {
        let kept = read(Body::from(vec![b' '; MAX_CALL_BYTES]), CALL)
            .await
            .expect("within the limit");
        assert_eq!(kept.len(), MAX_CALL_BYTES);
        let failure = read(Body::from(vec![b' '; MAX_CALL_BYTES + 1]), CALL)
            .await
            .expect_err("too long");
        assert_eq!(failure.status, StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[tokio::test]
    async fn a_body_without_end_is_not_read_without_end() {
        let chunk = Bytes::from(vec![b' '; MAX_DISCARDED / 8]);
        let endless = stream::repeat_with(move || Ok::<_, Infallible>(chunk.clone()));
        let failure = read(Body::from_stream(endless), CALL)
            .await
            .expect_err("too long");
        assert_eq!(failure.status, StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_comes_is_given_up() {
        let silent = stream::pending::<Result<Bytes, Infallible>>();
        let failure = read(Body::from_stream(silent), CALL)
            .await
            .expect_err("given up");
        assert_eq!(failure.status, StatusCode::REQUEST_TIMEOUT);
        assert_eq!(failure.error.message.code, "http.body_silent");
    }

    #[tokio::test(start_paused = true)]
    async fn the_longest_body_may_come_over_a_slow_link() {
        // That much a second: half a megabit.
        const PIECE: usize = 64 * 1024;
        const PIECES: usize = MAX_SETTINGS_CALL_BYTES / PIECE;
        let slow = stream::unfold(0, async |sent| {
            sleep(Duration::from_secs(1)).await;
            let piece = Bytes::from(vec![b' '; PIECE]);
            (sent < PIECES).then(|| (Ok::<_, Infallible>(piece), sent + 1))
        });
        let begun = Instant::now();
        let kept = read(Body::from_stream(slow), SETTINGS_CALL)
            .await
            .expect("it comes");
        assert_eq!(kept.len(), PIECES * PIECE);
        assert!(begun.elapsed() > 2 * SILENCE, "{:?}", begun.elapsed());
    }

    async fn read(body: Body, limits: BodyLimits) -> Result<Vec<u8>, Failure> {
        super::read(&HeaderMap::new(), body, limits).await
    }
}
