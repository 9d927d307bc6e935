//! The tokens that a request shows, in any place where frameworks put one.

use http::{HeaderMap, Uri, header};
use perpetua_secrets::Secret;

/// How many tokens of one request are looked at: programs and the proxies in front of them send two
/// or three, and each takes a comparison.
const MAX_SHOWN: usize = 16;

/// What a request shows in place of a token: each `Authorization` line, as `Bearer`, as `Token` or
/// raw, and each `access_token` of the query.
///
/// One right one among them suffices. A reverse proxy adds its own `Basic`, and libraries send a
/// `Bearer` with nothing behind it beside the token in the query.
#[derive(Debug)]
pub struct ShownTokens(Vec<Shown>);

/// What stood in one place. It may be a secret, so it is not printed.
struct Shown {
    text: Vec<u8>,
    /// Whether it was meant as a token: the `Basic` of a proxy is not.
    is_token: bool,
}

impl ShownTokens {
    /// All that a request shows.
    pub fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let lines = in_headers(headers).chain(in_query(uri));
        Self(lines.take(MAX_SHOWN).collect())
    }

    /// Only what stands in its headers: addresses, and with them their queries, end up in logs.
    pub fn in_headers(headers: &HeaderMap) -> Self {
        Self(in_headers(headers).take(MAX_SHOWN).collect())
    }

    /// Whether the right one is among them.
    pub fn contain(&self, token: &Secret) -> bool {
        self.0.iter().any(|shown| token.matches(&shown.text))
    }

    /// Whether there is none, right or wrong.
    pub fn are_none(&self) -> bool {
        !self.0.iter().any(|shown| shown.is_token)
    }
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("[redacted]")
    }
}

fn in_headers(headers: &HeaderMap) -> impl Iterator<Item = Shown> {
    let lines = headers.get_all(header::AUTHORIZATION).into_iter();
    lines.map(|line| in_authorization(line.as_bytes().trim_ascii()))
}

/// `Bearer <token>` and `Token <token>` in any case, else the line as it is: perpetua's own SDK sends
/// the token alone.
fn in_authorization(line: &[u8]) -> Shown {
    let end = line.iter().position(u8::is_ascii_whitespace);
    let (scheme, rest) = line.split_at(end.unwrap_or(line.len()));
    let names_token = [&b"bearer"[..], b"token"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    let rest = rest.trim_ascii();
    let (text, is_token) = match (names_token, rest.is_empty()) {
        (true, false) => (rest, true),
        (true, true) => (line, false),
        (false, is_alone) => (line, is_alone && !line.is_empty()),
    };
    Shown {
        text: text.to_owned(),
        is_token,
    }
}

/// Where programs put a token that is not looked for: names of header lines and of the query.
const ELSEWHERE: [&str; 5] = [
    "token",
    "access_token",
    "access-token",
    "accesstoken",
    "x-access-token",
];

/// Whether something that may be a token stands where none is looked for, or is the password of a `Basic`.
pub(crate) fn is_elsewhere(uri: &Uri, headers: &HeaderMap) -> bool {
    let names_token = |name: &str| {
        ELSEWHERE
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    };
    let in_lines = headers.iter().any(|(name, value)| {
        let scheme = value.as_bytes().get(..6).unwrap_or_default();
        let is_basic = *name == header::AUTHORIZATION && scheme.eq_ignore_ascii_case(b"basic ");
        is_basic || (names_token(name.as_str()) && !value.is_empty())
    });
    let mut pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    in_lines || pairs.any(|(key, value)| names_token(&key) && !value.is_empty())
}

/// Each `access_token`, with its escapes and, where a blank came out of a `+`, also with that `+`: no
/// token holds blanks, and many programs escape nothing.
fn in_query(uri: &Uri) -> impl Iterator<Item = Shown> {
    let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let values = pairs.filter(|(key, value)| key == "access_token" && !value.is_empty());
    values.map(|(_, value)| Shown {
        text: value.replace(' ', "+").into_bytes(),
        is_token: true,
    })
}
