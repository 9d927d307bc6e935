//! An upstream that we dial: one of the settings (`onebot`), or the core that this node runs.

use std::{fmt::Display, io, time::Duration};

use http::{HeaderValue, Request, header};
use perpetua_backoff::Backoff;
use perpetua_hub::{Link, LinkFailure, LinkState};
use perpetua_secrets::Secret;
use perpetua_tls::TlsClient;
use perpetua_words::{Message, link as words};
use tokio::{sync::Notify, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream, rustls::pki_types::ServerName};
use tokio_tungstenite::{
    client_async_with_config,
    tungstenite::{self, client::IntoClientRequest},
};
use tokio_util::{either::Either, sync::CancellationToken};
use tracing::{debug, info, warn};

use super::{reach::reach, serve::serve};
use crate::{
    AccountHandle,
    account::LinkGuard,
    activity::{LastActivity, WatchedStream},
    budget::Meter,
    gate::{FrameGate, GateRules},
    socket::{self, GatedSocket, WRITE_LIMIT},
};

/// How long reaching the upstream, TLS and the upgrade may take together.
const DIAL_LIMIT: Duration = Duration::from_secs(10);

/// The waits for a core on this machine: it says in its log when its port is open, so the first
/// attempt comes at once, and nobody is disturbed by the next.
const CORE_BACKOFF: Backoff = Backoff {
    first: Duration::from_millis(50),
    longest: Duration::from_secs(1),
    jitter: 0.0,
};

/// How long a core may leave unread what is written to it: it asks its signer in the loop that reads, for 100 s
/// at most. One that says nothing meanwhile, not even heartbeats, is given up sooner.
const CORE_WRITE_LIMIT: Duration = Duration::from_secs(100);

/// Where an upstream is, and what we show there.
#[derive(Clone, Debug)]
pub struct DialSettings {
    /// `ws://` or `wss://`.
    pub url: String,
    /// Sent as `Authorization: Bearer …`.
    pub token: Option<Secret>,
    /// The waits between attempts.
    pub backoff: Backoff,
    /// How it is spoken to over `wss://`; without it there is only `ws://`.
    pub tls: Option<TlsClient>,
}

impl DialSettings {
    /// Where a core of this machine is, with the token that it was given at this start.
    pub(super) fn of_core(url: String, token: Secret) -> Self {
        Self {
            url,
            token: Some(token),
            backoff: CORE_BACKOFF,
            tls: None,
        }
    }
}

/// Plain, or under TLS.
pub(super) type Stream = Either<WatchedStream, TlsStream<WatchedStream>>;

/// Keeps the account's link up until cancelled.
pub async fn run_dial(
    account: AccountHandle,
    dial: DialSettings,
    seed: u64,
    cancel: CancellationToken,
) {
    let link = Link::new(dial.backoff, seed);
    run(account, dial, link, WRITE_LIMIT, cancel).await;
}

/// Keeps the link to a core of this machine up until cancelled: `url` is on the loopback address, and
/// `token` is the one that the core was given at this start. It is tried again within a second whatever
/// went wrong, also when the token is refused.
pub async fn run_dial_core(
    account: AccountHandle,
    url: String,
    token: Secret,
    cancel: CancellationToken,
) {
    let dial = DialSettings::of_core(url, token);
    // Without jitter the seed decides nothing.
    let link = Link::with_own_token(dial.backoff, 0);
    run(account, dial, link, CORE_WRITE_LIMIT, cancel).await;
}

async fn run(
    account: AccountHandle,
    dial: DialSettings,
    mut link: Link,
    write_limit: Duration,
    cancel: CancellationToken,
) {
    let _closed_at_last = LinkGuard::new(&account);
    let keep_up = async {
        loop {
            link.dialled();
            account.set_link(link.state().clone());
            let rules = GateRules::of_upstream(account.frame_limits());
            let opening = Box::pin(open(&dial, rules, account.meter()));
            let failure = match timeout(DIAL_LIMIT, opening).await {
                Ok(Ok((socket, activity))) => {
                    link.opened(account.now().instant);
                    account.set_link(link.state().clone());
                    info!(account = account.name(), "upstream connected");
                    serve(socket, &account, &activity, &Notify::new(), write_limit).await
                }
                Ok(Err(failure)) => failure.into(),
                Err(_elapsed) => LinkFailure::Unreachable(
                    words::NoAnswer {
                        seconds: DIAL_LIMIT.as_secs(),
                    }
                    .into(),
                ),
            };
            if is_known(link.state(), &failure) {
                debug!(account = account.name(), reason = %failure, "still no link to the upstream");
            } else {
                warn!(account = account.name(), reason = %failure, "no link to the upstream");
            }
            let until = link.failed(failure, account.now().instant);
            account.set_link(link.state().clone());
            tokio::time::sleep_until(until.into()).await;
        }
    };
    cancel.run_until_cancelled(keep_up).await;
}

/// Whether the last attempt failed for the same reason.
fn is_known(link: &LinkState, failure: &LinkFailure) -> bool {
    matches!(link, LinkState::Dialling { last_failure: Some(last) } if last == failure)
}

/// Why an upstream could not be dialled: how far that came.
#[derive(Debug)]
pub(super) enum DialFailure {
    /// Its address or its token cannot be used.
    Unusable(Message),
    /// There is no way to it, or nobody listens there.
    Connect(io::Error),
    /// It does not speak TLS, or in a way that we do not trust.
    Tls(Message),
    /// It does not become a WebSocket.
    Upgrade(Box<tungstenite::Error>),
}

impl From<DialFailure> for LinkFailure {
    fn from(failure: DialFailure) -> Self {
        match failure {
            DialFailure::Unusable(cause) => Self::Unreachable(cause),
            DialFailure::Connect(error) => Self::Unreachable((&error).into()),
            DialFailure::Tls(text) => Self::Unreachable(words::TlsFailed { text }.into()),
            DialFailure::Upgrade(error) => refused(&error),
        }
    }
}

/// Dials an upstream.
pub(super) async fn open(
    dial: &DialSettings,
    rules: GateRules,
    meter: Meter,
) -> Result<(GatedSocket<Stream>, LastActivity), DialFailure> {
    let request = request(dial)?;
    let (host, port) = host_and_port(&request)?;
    let stream = reach(&host, port).await.map_err(DialFailure::Connect)?;
    let _latency_only = stream.set_nodelay(true);
    let activity = LastActivity::now();
    let stream = activity.watch(stream);
    let stream = if is_secure(&request) {
        let tls = dial.tls.as_ref();
        let tls = tls.ok_or_else(|| DialFailure::Unusable(words::TlsUnavailable.into()))?;
        let name = ServerName::try_from(host).map_err(|error| unusable(&error))?;
        let secured = TlsConnector::from(tls.config()).connect(name, stream).await;
        let failed = |error: io::Error| DialFailure::Tls((&error).into());
        Either::Right(secured.map_err(failed)?)
    } else {
        Either::Left(stream)
    };
    let (gate, skipped) = FrameGate::of_answer(stream, rules, meter.clone());
    let config = socket::config(rules.limits);
    let opened = client_async_with_config(request, gate, Some(config)).await;
    let (socket, _answer) = opened.map_err(|error| DialFailure::Upgrade(Box::new(error)))?;
    let socket = GatedSocket {
        socket,
        skipped,
        limits: rules.limits,
        meter,
    };
    Ok((socket, activity))
}

fn unusable(error: &dyn Display) -> DialFailure {
    let text = error.to_string();
    DialFailure::Unusable(words::BadAddress { text }.into())
}

fn is_secure(request: &Request<()>) -> bool {
    request.uri().scheme_str() == Some("wss")
}

fn request(dial: &DialSettings) -> Result<Request<()>, DialFailure> {
    let mut request = dial
        .url
        .as_str()
        .into_client_request()
        .map_err(|error| unusable(&error))?;
    let headers = request.headers_mut();
    let agent = HeaderValue::from_static(concat!("perpetua/", env!("CARGO_PKG_VERSION")));
    headers.insert(header::USER_AGENT, agent);
    if let Some(token) = &dial.token {
        // The error would quote the token, so it is not passed on.
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
            .map_err(|_quotes_token| DialFailure::Unusable(words::ForbiddenCharacters.into()))?;
        bearer.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, bearer);
    }
    Ok(request)
}

fn host_and_port(request: &Request<()>) -> Result<(String, u16), DialFailure> {
    let uri = request.uri();
    let host = uri
        .host()
        .ok_or_else(|| DialFailure::Unusable(words::AddressWithoutHost.into()))?;
    let bare = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    let default = if is_secure(request) { 443 } else { 80 };
    Ok((bare, uri.port_u16().unwrap_or(default)))
}

fn refused(error: &tungstenite::Error) -> LinkFailure {
    match error {
        tungstenite::Error::Http(answer) => match answer.status().as_u16() {
            401 | 403 => LinkFailure::WrongToken,
            status @ 200..=299 => LinkFailure::NotOneBot(words::WebServer { status }.into()),
            status => LinkFailure::Refused(status),
        },
        tungstenite::Error::Protocol(_)
        | tungstenite::Error::HttpFormat(_)
        | tungstenite::Error::Utf8(_) => LinkFailure::NotOneBot(
            words::NotWebsocket {
                text: error.to_string(),
            }
            .into(),
        ),
        other => LinkFailure::Unreachable(socket::cause(other)),
    }
}
