//! One event over one connection of its own: reaching the target, the request, its answer.
//!
//! A connection that is kept may be closed by the target at the moment at which the next event is written, and nobody
//! can tell whether that was handled. So none is kept.

use std::{future::pending, pin::pin, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Response, StatusCode, Uri, header};
use http_body_util::BodyExt as _;
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use perpetua_hub::PostFailure;
use perpetua_tls::TlsClient;
use perpetua_words::{Message, io as io_words, link as link_words, post as words};
use tokio::time::{Instant, timeout, timeout_at};

use super::{
    request::Letter,
    written::{Counted, Written},
};
use crate::{
    budget::Meter,
    dialling::{DialledStream, OpenFailure, stream_to},
    redirection,
};

/// How long reaching a target and TLS may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// How long a target may take for all of it, from the first byte that is sent to the end of its answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
/// A large event has more time: as much as a way with so many bytes a second needs.
const SLOWEST_WAY: u64 = 256 << 10;
/// The most of an answer that is read: no quick operation is longer, but for a picture in it.
pub(super) const LONGEST_ANSWER: usize = 1 << 20;

/// Where to, and how.
#[derive(Debug)]
pub(super) struct Post<'a> {
    pub(super) to: &'a Uri,
    pub(super) self_id: i64,
    pub(super) letter: &'a Letter,
    pub(super) tls: Option<&'a TlsClient>,
    /// Counts what is read.
    pub(super) meter: &'a Meter,
}

/// What came of an attempt that failed.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) failure: PostFailure,
    /// How long the target wants to be left alone.
    pub(super) asked: Option<Duration>,
}

/// What a target said that took an event.
#[derive(Debug)]
pub(super) enum Answer {
    /// All of it.
    Whole(HeaderMap, Bytes),
    /// More than is read.
    TooLarge,
    /// It did not come to its end.
    Unfinished,
}

impl From<PostFailure> for Failed {
    fn from(failure: PostFailure) -> Self {
        Self {
            failure,
            asked: None,
        }
    }
}

/// Posts once. `written` says how far it has come.
pub(super) async fn exchange(
    post: &Post<'_>,
    written: &mut Option<Written>,
) -> Result<Answer, Failed> {
    let stream = reach(post.to, post.tls).await?;
    let (request, bytes) = post.letter.request(post.to, post.self_id);
    let progress = written.insert(Written::new(bytes)).clone();
    let limit = ANSWER_LIMIT + Duration::from_secs(post.letter.body.len() as u64 / SLOWEST_WAY);
    let deadline = Instant::now() + limit;
    let stream = TokioIo::new(Counted::new(stream, progress.clone()));
    let (mut sender, connection) = http1::handshake(stream)
        .await
        .map_err(|error| broken(&error, &progress))?;
    let answer = async {
        let response = timeout_at(deadline, sender.send_request(request)).await;
        let response = response
            .map_err(|_elapsed| too_late(limit, &progress))?
            .map_err(|error| broken(&error, &progress))?;
        judge(post, response, deadline).await
    };
    // Nothing comes over it unless it is driven; how it ends, the answer tells.
    let driving = async {
        let _ended = pin!(connection).await;
        pending().await
    };
    tokio::select! {
        biased;
        answer = Box::pin(answer) => answer,
        never = driving => never,
    }
}

/// A connection to a target, over TLS where its address says so.
pub(super) async fn reach(to: &Uri, tls: Option<&TlsClient>) -> Result<DialledStream, PostFailure> {
    let is_secure = to
        .scheme_str()
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
    let reaching = stream_to(to, is_secure, tls);
    let reached = timeout(CONNECT_LIMIT, Box::pin(reaching)).await;
    let reached =
        reached.unwrap_or_else(|_elapsed| Err(OpenFailure::Unusable(silent(CONNECT_LIMIT))));
    let (stream, _activity) = reached.map_err(not_reached)?;
    Ok(stream)
}

async fn judge(
    post: &Post<'_>,
    response: Response<Incoming>,
    deadline: Instant,
) -> Result<Answer, Failed> {
    let (head, body) = response.into_parts();
    if head.status.is_success() {
        return Ok(read(head.headers, body, deadline, post.meter).await);
    }
    let status = head.status.as_u16();
    let failure = if head.status.is_redirection() && head.status != StatusCode::NOT_MODIFIED {
        let here = post.to.to_string();
        let address = redirection::address(&head.headers, &here, ["http", "https"]);
        PostFailure::Redirected(status, address)
    } else {
        PostFailure::Status(status)
    };
    Err(Failed {
        failure,
        asked: asked_wait(&head.headers),
    })
}

/// The seconds of `Retry-After`; a date is nobody's habit there.
fn asked_wait(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}

async fn read(headers: HeaderMap, mut body: Incoming, deadline: Instant, meter: &Meter) -> Answer {
    let mut read = Reading {
        bytes: BytesMut::new(),
        meter,
    };
    loop {
        match timeout_at(deadline, body.frame()).await {
            Ok(None) => return Answer::Whole(headers, read.bytes.split().freeze()),
            Err(_) | Ok(Some(Err(_))) => return Answer::Unfinished,
            Ok(Some(Ok(frame))) => {
                let data = frame.into_data().unwrap_or_default();
                if read.bytes.len() + data.len() > LONGEST_ANSWER {
                    return Answer::TooLarge;
                }
                read.add(&data);
            }
        }
    }
}

/// What has been read of an answer, and is counted for as long as that is read.
struct Reading<'a> {
    bytes: BytesMut,
    meter: &'a Meter,
}

impl Reading<'_> {
    fn add(&mut self, data: &[u8]) {
        self.meter.reads(data.len());
        self.bytes.extend_from_slice(data);
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        // Only this task reads for the meter.
        self.meter.taken(self.meter.reading());
    }
}

fn silent(limit: Duration) -> Message {
    let seconds = limit.as_secs();
    link_words::NoAnswer { seconds }.into()
}

fn not_reached(failure: OpenFailure) -> PostFailure {
    match failure {
        OpenFailure::Unusable(cause) => PostFailure::Unreachable(cause),
        OpenFailure::Connect(unreached) if unreached.is_nobody_here() => PostFailure::NobodyHere,
        OpenFailure::Connect(unreached) => PostFailure::Unreachable((&unreached.error).into()),
        OpenFailure::Tls(text) => PostFailure::Tls(text),
        // Nothing is upgraded here.
        OpenFailure::Upgrade(error) => PostFailure::Unreachable(crate::socket::cause(&error)),
    }
}

fn too_late(limit: Duration, written: &Written) -> Failed {
    if written.is_whole() {
        PostFailure::NoAnswer(limit.as_secs()).into()
    } else {
        PostFailure::Cut(silent(limit)).into()
    }
}

/// The connection ended, or what came over it is no HTTP.
fn broken(error: &hyper::Error, written: &Written) -> Failed {
    let cause = if error.is_parse() {
        let text = error.to_string();
        io_words::Other { text }.into()
    } else {
        words::ClosedIt.into()
    };
    if written.is_whole() {
        PostFailure::NoHttp(cause).into()
    } else {
        PostFailure::Cut(cause).into()
    }
}
