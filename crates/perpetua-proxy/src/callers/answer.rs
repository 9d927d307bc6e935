//! What goes out: the answer to a call, in pieces, and who holds it meanwhile.

use std::{
    collections::VecDeque,
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::Stream;
use http::{HeaderValue, Response, StatusCode, header};
use hyper::body::{Body, Frame, SizeHint};
use perpetua_onebot::compose;

use super::{desk::Desk, refused::CallRefused};
use crate::account::Connected;

/// An answer goes into the socket's buffer in pieces of this size, so that it is held by whom it counts for.
const PIECE: usize = 64 << 10;
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream; charset=utf-8");

/// The events of a connection, each as it goes onto the wire.
pub(super) type Events = Pin<Box<dyn Stream<Item = Bytes> + Send>>;

/// What is written behind the head of an answer. Its end is the end of the call.
pub(super) struct AnswerBody {
    content: Content,
    /// In the hub for as long as it is being written.
    _held: Option<Arc<Connected>>,
    desk: Arc<Desk>,
}

enum Content {
    /// What is left of it, none of it empty, and how many bytes that are.
    Whole {
        rest: VecDeque<Bytes>,
        bytes: usize,
    },
    Events(Events),
}

/// The answer to a call that has one: its text, in parts.
pub(super) fn whole(
    desk: &Arc<Desk>,
    status: StatusCode,
    text: impl IntoIterator<Item = Bytes>,
    held: Option<Arc<Connected>>,
) -> Response<AnswerBody> {
    let parts = text.into_iter();
    let rest: VecDeque<_> = parts.filter(|part| !part.is_empty()).collect();
    let bytes = rest.iter().map(Bytes::len).sum();
    with_body(desk, status, JSON, Content::Whole { rest, bytes }, held)
}

/// Events without an end.
pub(super) fn events(
    desk: &Arc<Desk>,
    events: Events,
    held: Arc<Connected>,
) -> Response<AnswerBody> {
    let content = Content::Events(events);
    let mut answer = with_body(desk, StatusCode::OK, EVENT_STREAM, content, Some(held));
    let never = HeaderValue::from_static("no-cache");
    answer.headers_mut().insert(header::CACHE_CONTROL, never);
    answer
}

fn with_body(
    desk: &Arc<Desk>,
    status: StatusCode,
    kind: HeaderValue,
    content: Content,
    held: Option<Arc<Connected>>,
) -> Response<AnswerBody> {
    desk.writes(held.as_deref());
    let mut answer = Response::new(AnswerBody {
        content,
        _held: held,
        desk: Arc::clone(desk),
    });
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    answer
}

/// The answer to a call that is not carried out, as OneBot answers a failed action. What nobody has read of
/// the request would be taken for the next one, so `ends` ends the connection.
pub(super) fn refusal(refused: &CallRefused, ends: bool) -> Response<String> {
    let words = refused.answer().to_string();
    let mut answer = Response::new(compose::refusal(refused.retcode(), &words, None));
    *answer.status_mut() = refused.status();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, JSON);
    if ends {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    match refused.status() {
        StatusCode::UNAUTHORIZED => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            if let CallRefused::Method { allowed, .. } = refused
                && let Ok(allowed) = allowed.replace('`', "").parse()
            {
                headers.insert(header::ALLOW, allowed);
            }
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(1));
        }
        _ => {}
    }
    answer
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut self.content {
            Content::Whole { rest, bytes } => {
                let Some(part) = rest.front_mut() else {
                    return Poll::Ready(None);
                };
                let piece = part.split_to(part.len().min(PIECE));
                *bytes -= piece.len();
                if part.is_empty() {
                    rest.pop_front();
                }
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            Content::Events(events) => events
                .as_mut()
                .poll_next(context)
                .map(|event| event.map(|event| Ok(Frame::data(event)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.content, Content::Whole { bytes: 0, .. })
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Whole { bytes, .. } => SizeHint::with_exact(*bytes as u64),
            Content::Events(_) => SizeHint::default(),
        }
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        self.desk.wrote(self.is_end_stream());
    }
}
