//! What a request asks for, by its method, its path and its headers. Pure.

use http::{HeaderMap, Method, header};
use perpetua_access::NormalPath;

use super::refused::CallRefused;

/// Where events are streamed, as NapCat and LLBot have it.
const EVENTS: &str = "_events";

/// What a request asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Wanted {
    /// The action that stands in the body, as a whole frame.
    Frame,
    /// An action of this name.
    Action(String),
    /// Events, as they come.
    Events,
}

/// Finds out what a request wants.
pub(super) fn wanted(method: &Method, path: &str) -> Result<Wanted, CallRefused> {
    if !matches!(*method, Method::GET | Method::POST) {
        return Err(not_with(method, "`GET`, `POST`"));
    }
    let normal = NormalPath::new(path);
    let nothing_there = || CallRefused::NoSuchPath(normal.to_string());
    let name = normal.as_bytes().strip_prefix(b"/").unwrap_or_default();
    let name = std::str::from_utf8(name).map_err(|_| nothing_there())?;
    match (name, method) {
        ("", &Method::POST) => Ok(Wanted::Frame),
        (EVENTS, &Method::GET) => Ok(Wanted::Events),
        (EVENTS, _) => Err(not_with(method, "`GET`")),
        ("", _) => Err(nothing_there()),
        (name, _) if name.contains('/') => Err(nothing_there()),
        (name, _) => Ok(Wanted::Action(name.to_owned())),
    }
}

fn not_with(method: &Method, allowed: &'static str) -> CallRefused {
    CallRefused::Method {
        asked: method.to_string(),
        allowed,
    }
}

/// Whether an action asks for events that wait, which is never the upstream's to answer. The first is the
/// name that OneBot 12 has for it, the other that of go-cqhttp.
pub(super) fn is_poll(action: &str) -> bool {
    matches!(action, "get_latest_events" | "get_updates")
}

/// What a body is, as its headers say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum BodyKind {
    Json,
    /// Many programs send JSON under this name, which is what `curl -d` says of everything.
    Form,
    /// Nothing that says it, or nothing that is known to say it: only JSON can be told by itself.
    Unsaid(Option<String>),
}

/// Judges the headers of a request that has a body.
pub(super) fn body_kind(headers: &HeaderMap) -> Result<BodyKind, CallRefused> {
    if let Some(encoding) = headers.get(header::CONTENT_ENCODING) {
        let encoding = String::from_utf8_lossy(encoding.as_bytes());
        if !encoding.eq_ignore_ascii_case("identity") {
            return Err(CallRefused::Encoded(encoding.into_owned()));
        }
    }
    let Some(line) = headers.get(header::CONTENT_TYPE) else {
        return Ok(BodyKind::Unsaid(None));
    };
    let line = String::from_utf8_lossy(line.as_bytes());
    let kind = line.split(';').next().unwrap_or_default();
    let kind = kind.trim().to_ascii_lowercase();
    Ok(match &*kind {
        "application/json" | "text/json" => BodyKind::Json,
        "application/x-www-form-urlencoded" => BodyKind::Form,
        "" | "text/plain" | "application/octet-stream" => BodyKind::Unsaid(Some(kind)),
        kind if kind.ends_with("+json") => BodyKind::Json,
        _ => return Err(CallRefused::Kind(kind)),
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Method};

    use super::{BodyKind, Wanted, body_kind, wanted};
    use crate::callers::refused::CallRefused;

    #[test]
    fn a_path_of_one_part_is_an_action() {
        let action = |name: &str| Ok(Wanted::Action(name.to_owned()));
        let nothing = |path: &str| Err(CallRefused::NoSuchPath(path.to_owned()));
        for (method, path, expected) in [
            (Method::GET, "/send_msg", action("send_msg")),
            (Method::POST, "/send_msg/", action("send_msg")),
            (Method::POST, "//send%5Fmsg//", action("send_msg")),
            (Method::GET, "/send_msg_async", action("send_msg_async")),
            (
                Method::POST,
                "/.handle_quick_operation",
                action(".handle_quick_operation"),
            ),
            (Method::POST, "/", Ok(Wanted::Frame)),
            (Method::POST, "", Ok(Wanted::Frame)),
            (Method::GET, "/", nothing("/")),
            (Method::GET, "/_events/", Ok(Wanted::Events)),
            (Method::GET, "/v11/send_msg", nothing("/v11/send_msg")),
            (Method::POST, "/a%2Fb", nothing("/a/b")),
        ] {
            assert_eq!(wanted(&method, path), expected, "{method} {path}");
        }
        for (method, path, allowed) in [
            (Method::PUT, "/send_msg", "`GET`, `POST`"),
            (Method::OPTIONS, "/send_msg", "`GET`, `POST`"),
            (Method::HEAD, "/", "`GET`, `POST`"),
            (Method::DELETE, "/a/b", "`GET`, `POST`"),
            (Method::POST, "/_events", "`GET`"),
        ] {
            let asked = method.to_string();
            let refused = CallRefused::Method { asked, allowed };
            assert_eq!(wanted(&method, path), Err(refused), "{path}");
        }
    }

    #[test]
    fn a_body_is_what_its_header_says() {
        let kind = |line: Option<&'static str>| {
            let line = line.map(HeaderValue::from_static);
            body_kind(&HeaderMap::from_iter(
                line.map(|line| (http::header::CONTENT_TYPE, line)),
            ))
        };
        for (line, expected) in [
            ("application/json", BodyKind::Json),
            ("Application/JSON; charset=utf-8", BodyKind::Json),
            ("application/vnd.x+json", BodyKind::Json),
            ("application/x-www-form-urlencoded", BodyKind::Form),
            ("text/plain", BodyKind::Unsaid(Some("text/plain".into()))),
        ] {
            assert_eq!(kind(Some(line)), Ok(expected), "{line}");
        }
        assert_eq!(kind(None), Ok(BodyKind::Unsaid(None)));
        for line in ["multipart/form-data; boundary=x", "text/html", "x"] {
            let refused = matches!(kind(Some(line)), Err(CallRefused::Kind(_)));
            assert!(refused, "{line}");
        }
        let gzip = HeaderMap::from_iter([(
            http::header::CONTENT_ENCODING,
            HeaderValue::from_static("gzip"),
        )]);
        assert_eq!(body_kind(&gzip), Err(CallRefused::Encoded("gzip".into())));
    }
}
