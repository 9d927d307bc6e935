//! Why somebody is not let in at a port: what is answered to them, and what the owner is told.

use std::{net::IpAddr, time::Duration};

use http::StatusCode;
use perpetua_access::{AccessDenied, ForeignRequest, GaveWay, NormalPath};
use perpetua_hub::{ClientRefused, OtherAccount};
use perpetua_words::{Message, connection as answers, refused as notices};

/// Why somebody is not let in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Refused {
    /// By the rules of the port.
    Denied(AccessDenied),
    /// It asks for a page.
    NoWebsocket,
    /// It speaks plain HTTP, and is no browser.
    PlainHttp,
    /// It asks for a WebSocket, and something on the way took the words for it out.
    ProxyWithoutUpgrade,
    /// Its request's target does not begin with a slash.
    TargetWithoutSlash,
    /// It speaks TLS.
    Tls,
    /// It speaks something else.
    NotHttp,
    /// One of its headers is none that HTTP allows.
    BadHeader,
    /// A header that may stand there once stands there twice.
    DoubledLine(&'static str),
    /// It names no host.
    NoHost,
    /// It says in two ways how long it is.
    TwoLengths,
    /// It wants a WebSocket in HTTP/1.0.
    OldHttp,
    /// It wants another version of WebSocket than that of the RFC.
    OldWebsocket,
    /// Its `Sec-WebSocket-Key` is none.
    BadKey,
    /// Its head is too long, or has too many lines.
    HeadTooLarge,
    /// It did not say in time what it wants.
    TooSlow,
    /// It had said nothing yet when others needed its room.
    GaveWay(GaveWay),
    /// The client has its connections already, or is no more.
    Client(ClientRefused),
    /// The leased port has its client already.
    LeaseTaken,
    /// The upstream is expected at another path.
    WrongPath {
        asked: NormalPath,
        wanted: NormalPath,
    },
    /// The account has its upstream already.
    UpstreamActive,
    /// The last links of this upstream were of no use: the next one may come after this wait.
    EndsTooSoon(Duration),
    /// Others want to be the upstream at the same moment, and it is not known yet who stays.
    PlaceContested,
    /// Half of a connection waits already, and is that of another account.
    OtherHalf { found: i64, waiting: i64 },
    /// `X-Client-Role` names none that there is.
    UnknownRole(String),
    /// The settings want another account.
    OtherAccount(OtherAccount),
}

/// Which port it was.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place<'a> {
    /// A client's.
    Client { account: &'a str, client: &'a str },
    /// A leased one.
    Leased,
    /// The upstream's.
    Upstream { account: &'a str },
}

impl From<AccessDenied> for Refused {
    fn from(denied: AccessDenied) -> Self {
        Self::Denied(denied)
    }
}

impl Refused {
    /// The HTTP status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Denied(denied) => denied.status(),
            Self::NoWebsocket
            | Self::PlainHttp
            | Self::ProxyWithoutUpgrade
            | Self::OldWebsocket => StatusCode::UPGRADE_REQUIRED,
            Self::TargetWithoutSlash
            | Self::Tls
            | Self::NotHttp
            | Self::BadHeader
            | Self::DoubledLine(_)
            | Self::NoHost
            | Self::TwoLengths
            | Self::OldHttp
            | Self::BadKey
            | Self::UnknownRole(_) => StatusCode::BAD_REQUEST,
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Client(_) | Self::LeaseTaken | Self::UpstreamActive | Self::OtherHalf { .. } => {
                StatusCode::CONFLICT
            }
            Self::EndsTooSoon(_) | Self::PlaceContested | Self::GaveWay(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::OtherAccount(_) => StatusCode::FORBIDDEN,
            Self::WrongPath { .. } => StatusCode::NOT_FOUND,
        }
    }

    /// When it is worth another attempt, where that is known.
    pub(crate) fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::EndsTooSoon(wait) => Some(whole_seconds(*wait)),
            Self::PlaceContested => Some(1),
            _ => None,
        }
    }

    /// What is said to whoever came to this place.
    pub(crate) fn answer_at(&self, place: Place<'_>) -> Message {
        match (self, place) {
            (Self::NoWebsocket, Place::Upstream { .. }) => answers::UpstreamWebsocketOnly.into(),
            _ => self.answer(),
        }
    }

    /// What is said to whoever came, at any place.
    pub(crate) fn answer(&self) -> Message {
        match self {
            Self::Denied(denied) => denied.into(),
            Self::NoWebsocket => answers::WebsocketOnly.into(),
            Self::PlainHttp => answers::PlainHttp.into(),
            Self::ProxyWithoutUpgrade => answers::ProxyWithoutUpgrade.into(),
            Self::TargetWithoutSlash => answers::TargetWithoutSlash.into(),
            Self::Tls => answers::PlainOnly.into(),
            Self::NotHttp => answers::NotHttp.into(),
            Self::BadHeader => answers::BadHeader.into(),
            Self::DoubledLine(name) => answers::DoubledLine { name: *name }.into(),
            Self::NoHost => answers::NoHost.into(),
            Self::TwoLengths => answers::TwoLengths.into(),
            Self::OldHttp => answers::OldHttp.into(),
            Self::OldWebsocket => answers::OldWebsocket.into(),
            Self::BadKey => answers::BadKey.into(),
            Self::HeadTooLarge => answers::HeadTooLarge.into(),
            Self::TooSlow => answers::TooSlow.into(),
            Self::GaveWay(_) => answers::GaveWay.into(),
            Self::Client(refused) => refused.into(),
            Self::LeaseTaken => answers::LeaseTaken.into(),
            Self::WrongPath { .. } => answers::WrongPath.into(),
            Self::UpstreamActive => answers::UpstreamActive.into(),
            Self::EndsTooSoon(wait) => {
                let seconds = whole_seconds(*wait);
                answers::EndsTooSoon { seconds }.into()
            }
            Self::PlaceContested => answers::PlaceContested.into(),
            Self::OtherHalf { found, waiting } => answers::OtherHalf {
                found: *found,
                waiting: *waiting,
            }
            .into(),
            Self::UnknownRole(role) => answers::UnknownRole { role }.into(),
            Self::OtherAccount(other) => other.into(),
        }
    }

    /// What the owner is told of it; nothing where a client has just been taken out of the settings.
    pub(crate) fn notice(&self, peer: IpAddr, place: Place<'_>) -> Option<Message> {
        Some(match self {
            Self::Denied(denied) => denied_notice(denied, peer, place),
            Self::NoWebsocket => match place {
                Place::Upstream { .. } => notices::NoUpstreamWebsocket { peer }.into(),
                Place::Client { .. } | Place::Leased => notices::NoWebsocket { peer }.into(),
            },
            Self::PlainHttp => match place {
                Place::Upstream { .. } => notices::UpstreamPlainHttp { peer }.into(),
                Place::Client { .. } | Place::Leased => notices::PlainHttp { peer }.into(),
            },
            Self::ProxyWithoutUpgrade => notices::ProxyWithoutUpgrade { peer }.into(),
            Self::TargetWithoutSlash => notices::TargetWithoutSlash { peer }.into(),
            Self::Tls => notices::Tls { peer }.into(),
            Self::NotHttp => notices::NotHttp { peer }.into(),
            Self::BadHeader => notices::BadHeader { peer }.into(),
            Self::DoubledLine(name) => notices::DoubledLine { peer, name: *name }.into(),
            Self::NoHost => notices::NoHost { peer }.into(),
            Self::TwoLengths => notices::TwoLengths { peer }.into(),
            Self::OldHttp => notices::OldHttp { peer }.into(),
            Self::OldWebsocket => notices::OldWebsocket { peer }.into(),
            Self::BadKey => notices::BadKey { peer }.into(),
            Self::HeadTooLarge => notices::HeadTooLarge { peer }.into(),
            Self::TooSlow => notices::TooSlow { peer }.into(),
            Self::GaveWay(why) => why.notice(peer),
            Self::Client(ClientRefused::Unknown) => return None,
            Self::Client(ClientRefused::TooManyConnections { limit }) => notices::TooMany {
                peer,
                limit: *limit,
            }
            .into(),
            Self::LeaseTaken => notices::LeaseTaken { peer }.into(),
            Self::WrongPath { asked, wanted } => {
                let (asked, wanted) = (shortened(&asked.to_string()), wanted.to_string());
                notices::WrongPath {
                    peer,
                    asked,
                    wanted,
                }
                .into()
            }
            Self::UpstreamActive => notices::UpstreamActive { peer }.into(),
            Self::EndsTooSoon(_) => notices::EndsTooSoon { peer }.into(),
            Self::PlaceContested => notices::PlaceContested { peer }.into(),
            Self::OtherHalf { found, waiting } => notices::OtherHalf {
                peer,
                found: *found,
                waiting: *waiting,
            }
            .into(),
            Self::UnknownRole(role) => {
                let role = shortened(role);
                notices::UnknownRole { peer, role }.into()
            }
            Self::OtherAccount(OtherAccount { found, uin }) => notices::OtherAccount {
                peer,
                found: *found,
                uin: *uin,
            }
            .into(),
        })
    }
}

/// Whoever came needs the token of the port to which it came.
fn denied_notice(denied: &AccessDenied, peer: IpAddr, place: Place<'_>) -> Message {
    match (denied, place) {
        (AccessDenied::Foreign(foreign), place) => foreign_notice(foreign, peer, place),
        (AccessDenied::TokenElsewhere, _) => notices::TokenElsewhere { peer }.into(),
        (AccessDenied::NoToken, Place::Client { account, client }) => notices::NoToken {
            peer,
            account,
            client,
        }
        .into(),
        (AccessDenied::WrongToken, Place::Client { account, client }) => notices::WrongToken {
            peer,
            account,
            client,
        }
        .into(),
        (AccessDenied::NoToken, Place::Upstream { account }) => {
            notices::NoUpstreamToken { peer, account }.into()
        }
        (AccessDenied::WrongToken, Place::Upstream { account }) => {
            notices::WrongUpstreamToken { peer, account }.into()
        }
        (AccessDenied::NoToken, Place::Leased) => notices::NoLeasedToken { peer }.into(),
        (AccessDenied::WrongToken, Place::Leased) => notices::WrongLeasedToken { peer }.into(),
    }
}

/// A leased port has no token of its own: `[discovery]` has one for all of them.
fn foreign_notice(foreign: &ForeignRequest, peer: IpAddr, place: Place<'_>) -> Message {
    match (foreign, place) {
        (ForeignRequest::Host(host), Place::Leased) => notices::LeasedHost { peer, host }.into(),
        (ForeignRequest::Host(host), _) => notices::ForeignHost { peer, host }.into(),
        (ForeignRequest::Origin(origin), Place::Leased) => {
            notices::LeasedOrigin { peer, origin }.into()
        }
        (ForeignRequest::Origin(origin), _) => notices::ForeignOrigin { peer, origin }.into(),
        (ForeignRequest::Site, _) => notices::ForeignSite { peer }.into(),
    }
}

/// Rounded up: who comes after that is not refused once more.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_millis()
        .div_ceil(1000)
        .try_into()
        .unwrap_or(u64::MAX)
}

/// How much of a text that somebody sent is shown, in characters: no real path or role is longer.
const MAX_SHOWN: usize = 80;

fn shortened(text: &str) -> String {
    text.chars().take(MAX_SHOWN).collect()
}
