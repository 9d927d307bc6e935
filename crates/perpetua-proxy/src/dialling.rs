//! Dialling a WebSocket server: reaching it, TLS, the upgrade.

use std::{fmt::Display, io};

use http::{HeaderMap, HeaderValue, Request, Uri, header};
use perpetua_secrets::Secret;
use perpetua_tls::{TlsClient, other_certificate};
use perpetua_words::{Message, link as words};
use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream, rustls::pki_types::ServerName};
use tokio_tungstenite::{
    client_async_with_config,
    tungstenite::{self, client::IntoClientRequest},
};
use tokio_util::either::Either;

use crate::{
    activity::{LastActivity, WatchedStream},
    budget::Meter,
    gate::{FrameGate, GateRules},
    reach::{Unreached, reach},
    socket::{self, GatedSocket},
};

/// Plain, or under TLS.
pub(crate) type DialledStream = Either<WatchedStream, TlsStream<WatchedStream>>;

/// What stands on a TCP connection of its own.
pub(crate) trait OverTcp: AsyncRead + AsyncWrite + Unpin {
    /// That connection.
    fn tcp(&self) -> &TcpStream;
}

impl OverTcp for WatchedStream {
    fn tcp(&self) -> &TcpStream {
        self.get_ref()
    }
}

impl OverTcp for DialledStream {
    fn tcp(&self) -> &TcpStream {
        match self {
            Self::Left(plain) => plain.tcp(),
            Self::Right(secured) => secured.get_ref().0.tcp(),
        }
    }
}

/// Where a server is, and what we show there.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    /// `ws://` or `wss://`.
    pub(crate) url: &'a str,
    /// Sent as `Authorization: Bearer …`; without it there is no such header.
    pub(crate) token: Option<&'a Secret>,
    /// Further headers.
    pub(crate) headers: HeaderMap,
    /// How it is spoken to over `wss://`; without it there is only `ws://`.
    pub(crate) tls: Option<&'a TlsClient>,
}

/// Why a server could not be dialled: how far that came.
#[derive(Debug)]
pub(crate) enum OpenFailure {
    /// Its address or its token cannot be used.
    Unusable(Message),
    /// There is no way to it, or nobody listens there.
    Connect(Unreached),
    /// It does not speak TLS, or in a way that we do not trust.
    Tls(Message),
    /// It does not become a WebSocket.
    Upgrade(Box<tungstenite::Error>),
}

/// A connection that has not been asked for its upgrade yet.
pub(crate) struct Reached {
    request: Request<()>,
    stream: DialledStream,
    activity: LastActivity,
}

/// Reaches a server and upgrades.
pub(crate) async fn open(
    target: &Target<'_>,
    rules: GateRules,
    meter: Meter,
) -> Result<(GatedSocket<DialledStream>, LastActivity), OpenFailure> {
    connect(target).await?.upgrade(rules, meter).await
}

/// Reaches a server, over TLS where its address says so.
pub(crate) async fn connect(target: &Target<'_>) -> Result<Reached, OpenFailure> {
    let request = request(target)?;
    let is_secure = request.uri().scheme_str() == Some("wss");
    let (stream, activity) = stream_to(request.uri(), is_secure, target.tls).await?;
    Ok(Reached {
        request,
        stream,
        activity,
    })
}

/// Reaches the server of an address, over TLS where that is said; `tls` is how.
pub(crate) async fn stream_to(
    uri: &Uri,
    is_secure: bool,
    tls: Option<&TlsClient>,
) -> Result<(DialledStream, LastActivity), OpenFailure> {
    let (host, port) = host_and_port(uri, is_secure)?;
    let stream = reach(&host, port).await.map_err(OpenFailure::Connect)?;
    let _latency_only = stream.set_nodelay(true);
    let activity = LastActivity::now();
    let stream = activity.watch(stream);
    if !is_secure {
        return Ok((Either::Left(stream), activity));
    }
    let tls = tls.ok_or_else(|| OpenFailure::Unusable(words::TlsUnavailable.into()))?;
    let name = ServerName::try_from(host).map_err(|error| unusable(&error))?;
    let secured = TlsConnector::from(tls.config()).connect(name, stream).await;
    let failed = |error: io::Error| {
        let pinned = other_certificate(&error).map(Message::from);
        OpenFailure::Tls(pinned.unwrap_or_else(|| (&error).into()))
    };
    Ok((Either::Right(secured.map_err(failed)?), activity))
}

impl Reached {
    /// Whatever ends it before it is upgraded resets it: a server that is stuck finds no request of somebody who left.
    pub(crate) fn resets_when_dropped(&self) {
        let _gone_already = self.stream.tcp().set_zero_linger();
    }

    /// Asks for the upgrade.
    pub(crate) async fn upgrade(
        self,
        rules: GateRules,
        meter: Meter,
    ) -> Result<(GatedSocket<DialledStream>, LastActivity), OpenFailure> {
        let (gate, skipped) = FrameGate::of_answer(self.stream, rules, meter.clone());
        let config = socket::config(rules.limits);
        let opened = client_async_with_config(self.request, gate, Some(config)).await;
        let (socket, _answer) = opened.map_err(|error| OpenFailure::Upgrade(Box::new(error)))?;
        let tcp = SockRef::from(socket.get_ref().get_ref().tcp());
        let _gone_already = tcp.set_linger(None);
        let socket = GatedSocket {
            socket,
            skipped,
            limits: rules.limits,
            meter,
        };
        Ok((socket, self.activity))
    }
}

fn unusable(error: &dyn Display) -> OpenFailure {
    let text = error.to_string();
    OpenFailure::Unusable(words::BadAddress { text }.into())
}

fn request(target: &Target<'_>) -> Result<Request<()>, OpenFailure> {
    let mut request = target
        .url
        .into_client_request()
        .map_err(|error| unusable(&error))?;
    let headers = request.headers_mut();
    let agent = HeaderValue::from_static(concat!("perpetua/", env!("CARGO_PKG_VERSION")));
    headers.insert(header::USER_AGENT, agent);
    headers.extend(target.headers.clone());
    if let Some(token) = target.token {
        // The error would quote the token, so it is not passed on.
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
            .map_err(|_quotes_token| OpenFailure::Unusable(words::ForbiddenCharacters.into()))?;
        bearer.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, bearer);
    }
    Ok(request)
}

fn host_and_port(uri: &Uri, is_secure: bool) -> Result<(String, u16), OpenFailure> {
    let host = uri
        .host()
        .ok_or_else(|| OpenFailure::Unusable(words::AddressWithoutHost.into()))?;
    let bare = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    let default = if is_secure { 443 } else { 80 };
    Ok((bare, uri.port_u16().unwrap_or(default)))
}
