//! Who may use which routes.
//!
//! On this machine is who asks by itself, at an IP address or `localhost`. What comes through a proxy or by another
//! name is from elsewhere ([`Peer`]).
//!
//! | routes | on this machine | from elsewhere |
//! |---|---|---|
//! | `/api/*` | anybody, unless the settings name a discovery token | listed addresses, and the discovery token |
//! | `/rpc/*` | the session token, or a browser that has signed in | the same |
//! | `/session`, the pages | anybody | anybody |
//! | `/healthz`, `/metrics` | anybody | the session token |

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, StatusCode, Uri, header};
use perpetua_access::{AccessDenied, AccessPolicy, Auth, ShownTokens};
use perpetua_schema::ErrorCode;
use perpetua_secrets::Secret;
use perpetua_words::{Message, http as words};

use crate::{
    api::Envelope,
    peer::Peer,
    refusal::Refusal,
    room::Seat,
    rpc::{Failure, forbidden},
    session::{over, shown as shown_session, token},
    settings::HttpSettings,
    site::Site,
};

/// Guards `/api`.
pub(crate) async fn discovery(
    State(site): State<Arc<Site>>,
    Extension(peer): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let checked = may_discover(&site.settings(), peer, request.uri(), request.headers());
    let Err(message) = checked else {
        return next.run(request).await;
    };
    note(&site, peer, &request, &message);
    (
        StatusCode::UNAUTHORIZED,
        Envelope::failed(UNAUTHORIZED, &message),
    )
        .into_response()
}

/// The session of the browser that makes a request; programs have none.
#[derive(Clone)]
pub(crate) struct BrowserSession(pub(crate) String);

/// Guards `/rpc`.
pub(crate) async fn session(
    State(site): State<Arc<Site>>,
    Extension(peer): Extension<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    let shown = Shown::new(request.headers(), &site.settings().session_token);
    if matches!(shown, Shown::Right) {
        known(&request);
        return next.run(request).await;
    }
    let cookies = shown_session(&site, request.headers());
    // Browsers name the origin of everything that may change something. The guard has compared it.
    let names_origin =
        request.method() == Method::GET || request.headers().contains_key(header::ORIGIN);
    let message: Message = match shown {
        _ if !cookies.is_empty() => match of_browser(&site, &cookies, names_origin).await {
            Ok(session) => {
                known(&request);
                request.extensions_mut().insert(session);
                return next.run(request).await;
            }
            Err(failure) => {
                unknown(&request);
                return failure.into_response();
            }
        },
        Shown::Wrong => words::WrongSession.into(),
        _ => words::NoSession.into(),
    };
    unknown(&request);
    if matches!(shown, Shown::Wrong) || !is_of_our_page(request.headers()) {
        note(&site, peer, &request, &message);
    }
    Failure::new(StatusCode::UNAUTHORIZED, ErrorCode::Unauthorized, message).into_response()
}

/// Whether a page of ours asks, as its browser says: another tab of somebody who has signed out is no stranger.
/// The guard has compared the origin.
fn is_of_our_page(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site");
    site.is_some_and(|site| site == "same-origin") || headers.contains_key(header::ORIGIN)
}

/// Whoever may call keeps its connection while others have to give way.
fn known(request: &Request) {
    if let Some(seat) = request.extensions().get::<Seat>() {
        seat.is_known();
    }
}

/// Whoever may call no longer keeps nothing either.
fn unknown(request: &Request) {
    if let Some(seat) = request.extensions().get::<Seat>() {
        seat.is_refused();
    }
}

/// The session among a browser's cookies, if the call is that of a page of ours. That a session has ended is no
/// news for the owner, who has ended it.
async fn of_browser(
    site: &Site,
    cookies: &[&str],
    names_origin: bool,
) -> Result<BrowserSession, Failure> {
    let token = token(site).await?;
    let session = cookies
        .iter()
        .find(|id| site.sign_in.left(id, &token).is_some());
    match session {
        None => {
            let mut cookies = cookies.iter();
            Err(over(cookies.any(|id| site.sign_in.has_expired(id, &token))))
        }
        Some(id) if names_origin => Ok(BrowserSession((*id).to_owned())),
        Some(_) => Err(forbidden(words::CookieWithoutOrigin)),
    }
}

/// Guards `/healthz` and `/metrics`.
pub(crate) async fn monitoring(
    State(site): State<Arc<Site>>,
    Extension(peer): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let checked = may_monitor(&site.settings(), peer, request.headers());
    let Err(message) = checked else {
        return next.run(request).await;
    };
    note(&site, peer, &request, &message);
    Refusal::new(StatusCode::UNAUTHORIZED, message).into_response()
}

fn note(site: &Site, peer: Peer, request: &Request, message: &Message) {
    site.notices
        .note(peer.address(), request.uri().path(), message);
}

/// The retcode of a refusal for want of rights, as the hub gives it.
const UNAUTHORIZED: i32 = 1401;

/// Whether a program may lease a port, or why not.
fn may_discover(
    settings: &HttpSettings,
    peer: Peer,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<(), Message> {
    let is_listed = |address| settings.discovery.allow.contains(&address);
    let needs_none = peer.is_only_local() && !settings.discovery.asks_here;
    if needs_none || peer.known_address().is_some_and(is_listed) {
        return Ok(());
    }
    let address = peer.address();
    let Some(policy) = discovery_policy(settings) else {
        if settings.discovery.asks_here {
            return Err(words::DiscoveryTokenGone.into());
        }
        return Err(match peer.known_address() {
            Some(address) => words::NotAllowed { address }.into(),
            None => words::BehindProxy.into(),
        });
    };
    policy.check(uri, headers).map_err(|denied| match denied {
        AccessDenied::WrongToken => words::WrongDiscoveryToken { address }.into(),
        _ => words::NoDiscoveryToken { address }.into(),
    })
}

/// Whether the discovery token is among what a request shows.
pub(crate) fn shows_discovery_token(
    settings: &HttpSettings,
    uri: &Uri,
    headers: &HeaderMap,
) -> bool {
    discovery_policy(settings).is_some_and(|policy| policy.check(uri, headers).is_ok())
}

/// The rules for those who show the discovery token, if there is one.
fn discovery_policy(settings: &HttpSettings) -> Option<AccessPolicy> {
    let token = settings.discovery.token.clone()?;
    Some(AccessPolicy {
        auth: Auth::Token(token),
        origins: settings.origins.clone(),
    })
}

/// Whether somebody may see how the node stands, or why not.
fn may_monitor(settings: &HttpSettings, peer: Peer, headers: &HeaderMap) -> Result<(), Message> {
    if peer.is_local() || matches!(Shown::new(headers, &settings.session_token), Shown::Right) {
        return Ok(());
    }
    Err(words::MonitoringToken.into())
}

/// What a request shows in place of the session token. Only a header counts: addresses, and with
/// them their queries, end up in histories and logs.
enum Shown {
    Right,
    Wrong,
    Nothing,
}

impl Shown {
    fn new(headers: &HeaderMap, token: &Secret) -> Self {
        let mut lines = headers.get_all(header::AUTHORIZATION).iter();
        // A proxy may have put its own before ours.
        if lines.any(|line| is_bearer_of(token, line.as_bytes())) {
            Self::Right
        } else if ShownTokens::of(&Uri::default(), headers).are_none() {
            Self::Nothing
        } else {
            Self::Wrong
        }
    }
}

fn is_bearer_of(token: &Secret, line: &[u8]) -> bool {
    let shown = line.split_at_checked(b"Bearer ".len());
    shown.is_some_and(|(scheme, shown)| {
        scheme.eq_ignore_ascii_case(b"Bearer ") && token.matches(shown.trim_ascii())
    })
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use http::{HeaderMap, HeaderValue, Uri, header};
    use perpetua_access::Origins;
    use perpetua_secrets::Secret;

    use super::{Shown, may_discover, may_monitor};
    use crate::{
        Discovery, HttpSettings,
        peer::{Ends, Peer},
    };

    #[test]
    fn monitoring_from_another_machine_needs_the_session_token() {
        let settings = settings();
        assert_eq!(
            may_monitor(&settings, peer("127.0.0.1:1"), &headers(None)),
            Ok(())
        );
        assert_eq!(
            may_monitor(&settings, peer("[::ffff:127.0.0.1]:1"), &headers(None)),
            Ok(())
        );
        let far = peer("192.168.1.5:1");
        assert_eq!(
            may_monitor(&settings, far, &headers(Some("Bearer s3ssion"))),
            Ok(())
        );
        assert_eq!(
            may_monitor(&settings, far, &headers(Some("bearer  s3ssion "))),
            Ok(())
        );
        let mut behind_a_proxy = headers(Some("Basic dTpw"));
        behind_a_proxy.append(
            header::AUTHORIZATION,
            HeaderValue::from_static("Bearer s3ssion"),
        );
        assert_eq!(may_monitor(&settings, far, &behind_a_proxy), Ok(()));
        for lines in [["s3ssion", "guess"], ["guess", "s3ssion"]] {
            let mut both = headers(None);
            for token in lines {
                let line = HeaderValue::from_str(&format!("Bearer {token}")).expect("text");
                both.append(header::AUTHORIZATION, line);
            }
            assert_eq!(may_monitor(&settings, far, &both), Ok(()), "{lines:?}");
        }
        for shown in [
            None,
            Some("Basic dTpw"),
            Some("s3ssion"),
            Some("Bearer d1scovery"),
            Some("Bearer "),
            Some("Bear"),
        ] {
            let refused = may_monitor(&settings, far, &headers(shown)).expect_err("refused");
            assert_eq!(refused.code, "http.monitoring_token");
        }
    }

    #[test]
    fn what_is_no_session_token_is_told_from_a_wrong_one_as_at_the_ports() {
        for (shown, is_nothing) in [
            (None, true),
            (Some("Basic dTpw"), true),
            (Some("basic dTpw"), true),
            (Some("Bearer "), true),
            (Some("Bearer"), true),
            (Some(""), true),
            (Some("Bearer guess"), false),
            (Some("guess"), false),
            (Some("Token s3ssion"), false),
        ] {
            let shown_is = Shown::new(&headers(shown), &secret("s3ssion"));
            let expected = if is_nothing { "nothing" } else { "wrong" };
            let found = match shown_is {
                Shown::Right => "right",
                Shown::Wrong => "wrong",
                Shown::Nothing => "nothing",
            };
            assert_eq!(found, expected, "{shown:?}");
        }
    }

    #[test]
    fn discovery_from_another_machine_needs_its_address_listed_or_the_discovery_token() {
        let (settings, uri) = (settings(), Uri::from_static("/api/get_ws_port"));
        let ask = |from, shown| may_discover(&settings, peer(from), &uri, &headers(shown));
        assert_eq!(ask("192.168.1.7:1", None), Ok(()));
        assert_eq!(ask("[::ffff:192.168.1.7]:1", None), Ok(()));
        assert_eq!(ask("192.168.1.5:1", Some("d1scovery")), Ok(()));
        for shown in [None, Some("Bearer s3ssion"), Some("Bearer ")] {
            let refused = ask("192.168.1.5:1", shown)
                .expect_err("refused")
                .to_string();
            assert!(
                refused.contains("add `192.168.1.5` to `allow`"),
                "{refused}"
            );
        }
    }

    #[test]
    fn on_this_machine_the_discovery_token_is_asked_for_where_the_settings_say_so() {
        let (mut settings, uri) = (settings(), Uri::from_static("/api/get_ws_port"));
        settings.discovery.allow.push(Ipv4Addr::LOCALHOST.into());
        for (asks_here, here, shown, is_right) in [
            (false, "127.0.0.2:1", None, true),
            (true, "127.0.0.2:1", None, false),
            (true, "[::1]:1", Some("Bearer guess"), false),
            (true, "127.0.0.2:1", Some("Bearer d1scovery"), true),
            (true, "127.0.0.1:1", None, true),
        ] {
            settings.discovery.asks_here = asks_here;
            let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
            let ends = Ends::new(here.parse().expect("an address"), local);
            let mut headers = headers(shown);
            headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:8080"));
            let peer = ends.sender(&uri, &headers, &[]);
            let checked = may_discover(&settings, peer, &uri, &headers);
            assert_eq!(checked.is_ok(), is_right, "{asks_here} {here} {shown:?}");
        }
        settings.discovery = Discovery {
            asks_here: true,
            ..Discovery::default()
        };
        let ends = Ends::new(([127, 0, 0, 1], 1).into(), Ipv4Addr::LOCALHOST.into());
        let peer = ends.sender(&uri, &headers(None), &[]);
        for shown in [None, Some("Bearer d1scovery")] {
            let refused = may_discover(&settings, peer, &uri, &headers(shown));
            let refused = refused.expect_err("the token cannot be had, and is still asked for");
            assert_eq!(refused.code, "http.discovery_token_gone");
        }
    }

    fn settings() -> HttpSettings {
        HttpSettings {
            session_token: secret("s3ssion"),
            origins: Origins::default(),
            trusted_proxies: Vec::new(),
            discovery: Discovery {
                token: Some(secret("d1scovery")),
                asks_here: false,
                allow: vec![IpAddr::V4(Ipv4Addr::new(192, 168, 1, 7))],
            },
        }
    }

    fn secret(text: &str) -> Secret {
        Secret::new(text).expect("a token")
    }

    fn peer(address: &str) -> Peer {
        let everywhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let ends = Ends::new(address.parse().expect("an address"), everywhere);
        ends.sender(&Uri::default(), &headers(None), &[])
    }

    fn headers(authorization: Option<&'static str>) -> HeaderMap {
        let mut headers =
            HeaderMap::from_iter([(header::HOST, HeaderValue::from_static("192.168.1.2:8080"))]);
        headers.extend(
            authorization.map(|shown| (header::AUTHORIZATION, HeaderValue::from_static(shown))),
        );
        headers
    }
}
