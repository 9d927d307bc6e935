//! Answering one request.

use std::{str::FromStr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, header, request::Parts};
use hyper::body::Incoming;
use perpetua_access::{AccessDenied, WaitingPlace};
use perpetua_hub::{ClientFrame, DisconnectReason, Remaining, Role, Visitor};
use perpetua_onebot::{FrameLimits, compose, peek};
use serde::Deserialize;
use serde_json::Value;

use super::{
    answer::{AnswerBody, events, refusal, whole},
    body::{CallBody, read_body},
    call,
    desk::Desk,
    event_stream::events_of,
    mailbox::Handed,
    refused::CallRefused,
    route::{BodyKind, Wanted, body_kind, is_poll, wanted},
};
use crate::{
    account::Connected,
    client::user_agent,
    connection::{Ended, cut_reason, note},
    refused::Refused,
};

/// What is said of an action that is not there: by most as OneBot v11 has it for a WebSocket, by Lagrange with the status
/// itself (`OperationService`).
const RETCODES_NO_SUCH_ACTION: [i64; 2] = [1404, 404];
/// The longest that a poll waits: a proxy on the way gives up sooner.
const LONGEST_POLL: Duration = Duration::from_mins(5);

/// What a poll may say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct PollParams {
    timeout: Value,
    limit: Value,
}

/// Answers a request, the first of its socket or a further one. `waiting` is its place until it has shown its token.
pub(super) async fn answer(
    request: Request<Incoming>,
    desk: Arc<Desk>,
    waiting: &WaitingPlace,
) -> Response<AnswerBody> {
    let (parts, body) = request.into_parts();
    let mut body = CallBody::new(body);
    if let Err(refused) = let_in(&parts, &desk, waiting) {
        return refused_with(&refused, true, &desk);
    }
    if body.is_read() {
        desk.request_ends(Some(0));
    }
    let answered = carried_out(&parts, &mut body, &desk).await;
    answered.unwrap_or_else(|refused| refused_with(&refused, !body.is_read(), &desk))
}

fn refused_with(refused: &CallRefused, ends: bool, desk: &Arc<Desk>) -> Response<AnswerBody> {
    desk.note(refused);
    let (parts, text) = refusal(refused, ends).into_parts();
    let mut answer = whole(desk, parts.status, [text.into()], None);
    answer.headers_mut().extend(parts.headers);
    answer
}

/// By the rules of the port, and if there is a seat.
fn let_in(parts: &Parts, desk: &Desk, waiting: &WaitingPlace) -> Result<(), CallRefused> {
    let access = &desk.port.settings.access;
    access
        .check(&parts.uri, &parts.headers)
        .map_err(|denied| match denied {
            AccessDenied::WrongToken if shows_undefined(&parts.headers) => {
                CallRefused::TokenUndefined
            }
            denied => Refused::from(denied).into(),
        })?;
    waiting.let_in();
    desk.sits()?;
    if parts.headers.contains_key(header::SEC_WEBSOCKET_KEY) {
        return Err(CallRefused::WebSocket);
    }
    Ok(())
}

/// Whether the token that is shown is what JavaScript makes of none.
fn shows_undefined(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::AUTHORIZATION).iter();
    let mut words = lines.filter_map(|line| line.to_str().ok()?.split_ascii_whitespace().last());
    words.any(|word| word == "undefined")
}

async fn carried_out(
    parts: &Parts,
    body: &mut CallBody,
    desk: &Arc<Desk>,
) -> Result<Response<AnswerBody>, CallRefused> {
    match wanted(&parts.method, parts.uri.path())? {
        Wanted::Events => stream_events(parts, desk),
        Wanted::Frame => call(None, parts, body, desk).await,
        Wanted::Action(name) => call(Some(&name), parts, body, desk).await,
    }
}

/// A connection of the client that gets its events.
fn stream_events(parts: &Parts, desk: &Arc<Desk>) -> Result<Response<AnswerBody>, CallRefused> {
    let settings = &desk.port.settings;
    let connected = settings
        .account
        .connect(&settings.client, visitor(parts, desk));
    let connected = Arc::new(connected?);
    still_open(desk)?;
    let stream = events_of(Arc::clone(&connected), desk.listens.clone());
    Ok(events(desk, stream, connected))
}

/// Who gets events.
fn visitor(parts: &Parts, desk: &Desk) -> Visitor {
    Visitor {
        role: Role::Event,
        peer: Some(desk.peer.to_string()),
        user_agent: user_agent(&parts.headers),
    }
}

/// Who came into the hub just after those who were there by the same settings were cut off, is not served by them.
fn still_open(desk: &Desk) -> Result<(), CallRefused> {
    if desk.port.stop.is_cancelled() {
        return Err(CallRefused::Ended(DisconnectReason::SettingsChanged));
    }
    Ok(())
}

/// One action: `name` is that of the path, if its body is not a whole frame.
async fn call(
    name: Option<&str>,
    parts: &Parts,
    body: &mut CallBody,
    desk: &Arc<Desk>,
) -> Result<Response<AnswerBody>, CallRefused> {
    let settings = &desk.port.settings;
    let account = &settings.account;
    let called = Arc::new(account.begin_call(&settings.client)?);
    still_open(desk)?;
    let limits = account.frame_limits();
    let written = tokio::select! {
        biased;
        () = called.signals.cut.cancelled() => return Err(ended(&called)),
        written = read(name, parts, body, &limits, &called, desk) => written?,
    };
    let peeked = written.peek(&limits)?;
    let meter = &called.signals.meter;
    if peeked.action.as_deref().is_some_and(is_poll) {
        let params = peeked.params.and_then(|raw| serde_json::from_str(raw).ok());
        let echo = peeked.echo().map(ToOwned::to_owned);
        drop(called);
        return poll(&params.unwrap_or_default(), echo.as_deref(), parts, desk).await;
    }
    // It is kept beside the frame, and may be nearly all of it.
    let echo = peeked.echo().map_or(0, str::len);
    meter.reads(echo);
    meter.room_for(echo).await;
    {
        let peeked = Ok(peeked);
        let frame = ClientFrame::new(&written.frame, &peeked);
        account.with(|hub, now| {
            // From here on the hub counts both.
            meter.taken(meter.reading());
            hub.from_client(called.id, frame, now);
        });
    }
    drop(written);
    let text = response(&called).await?;
    Ok(whole(desk, status_of(&text), [text], Some(called)))
}

/// Reads what is asked for.
async fn read(
    name: Option<&str>,
    parts: &Parts,
    body: &mut CallBody,
    limits: &FrameLimits,
    called: &Connected,
    desk: &Desk,
) -> Result<call::Written, CallRefused> {
    let is_empty = body.is_read();
    let kind = if is_empty {
        BodyKind::Unsaid(None)
    } else {
        body_kind(&parts.headers)?
    };
    let query = call::query(parts.uri.query())?;
    let mut read = name.map(call::beginning).unwrap_or_default();
    let begins = read.len();
    read_body(body, limits.max_bytes, &called.signals.meter, &mut read).await?;
    if !is_empty {
        // What comes next is another request, perhaps before this one is answered.
        desk.request_ends(body.announced());
    }
    match name {
        Some(_) => call::action(read, begins, &kind, query, limits),
        None => Ok(call::frame(read)),
    }
}

/// Waits for the one response to a call.
async fn response(called: &Connected) -> Result<Bytes, CallRefused> {
    let signals = &called.signals;
    loop {
        tokio::select! {
            biased;
            () = signals.cut.cancelled() => return Err(ended(called)),
            () = signals.wake.notified() => {}
        }
        let mut batch = Vec::new();
        let taken = called
            .account
            .with(|hub, now| hub.take_at_most(1, called.id, now, &mut batch));
        signals.meter.writes(&batch);
        match (batch.pop(), taken) {
            (Some(frame), _) => return Ok(signals.meter.brought_out(frame).await),
            (None, Remaining::Emptied | Remaining::More) => {}
            (None, Remaining::Disconnect(_) | Remaining::Gone) => return Err(ended(called)),
        }
    }
}

/// Why the hub has ended a call or a poll; the owner is told.
fn ended(called: &Connected) -> CallRefused {
    let ended = cut_reason(called);
    note(called, &ended);
    match ended {
        Ended::Disconnected(reason) => CallRefused::Ended(reason),
        _ => CallRefused::Left,
    }
}

/// That an action is not there has a status of its own; what else became of it stands in the answer.
fn status_of(response: &[u8]) -> StatusCode {
    let limits = FrameLimits {
        max_bytes: usize::MAX,
        ..FrameLimits::default()
    };
    let text = std::str::from_utf8(response).ok();
    let peeked = text.and_then(|text| peek(text, &limits).ok());
    match peeked.and_then(|peeked| peeked.retcode) {
        Some(code) if RETCODES_NO_SUCH_ACTION.contains(&code) => StatusCode::NOT_FOUND,
        _ => StatusCode::OK,
    }
}

/// The events that wait, or the first that come.
async fn poll(
    params: &PollParams,
    echo: Option<&str>,
    parts: &Parts,
    desk: &Arc<Desk>,
) -> Result<Response<AnswerBody>, CallRefused> {
    let seconds: f64 = number("timeout", &params.timeout)?.unwrap_or_default();
    let timeout = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    let timeout = timeout.min(LONGEST_POLL);
    let limit: Option<i64> = number("limit", &params.limit)?;
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.filter(|limit| *limit > 0).unwrap_or(usize::MAX);
    let mailbox = &desk.port.mailbox;
    let until = (timeout, &desk.listens);
    let came = mailbox.poll(visitor(parts, desk), until, limit).await?;
    let text = listed(came.as_ref(), echo);
    if let Some(handed) = came {
        desk.hands(handed);
    }
    Ok(whole(desk, StatusCode::OK, text, None))
}

/// An answer with these events, which are not copied.
fn listed(handed: Option<&Handed>, echo: Option<&str>) -> Vec<Bytes> {
    let mut whole = Bytes::from(compose::success("[]", echo));
    // The first of its kind is our own.
    let inside = whole
        .iter()
        .position(|byte| *byte == b'[')
        .map_or(0, |at| at + 1);
    let mut parts = vec![whole.split_to(inside)];
    for event in handed.into_iter().flat_map(Handed::events) {
        if parts.len() > 1 {
            parts.push(Bytes::from_static(b","));
        }
        parts.push(event.into_bytes());
    }
    parts.push(whole);
    parts
}

/// A number, written as one or as a text; `None` where there is none.
fn number<T: FromStr>(name: &'static str, value: &Value) -> Result<Option<T>, CallRefused> {
    let text = match value {
        Value::Null => return Ok(None),
        Value::String(text) if text.trim().is_empty() => return Ok(None),
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    match text.parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => Err(CallRefused::NoNumber { name, found: text }),
    }
}
