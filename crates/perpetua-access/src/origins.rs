//! Keeps pages of other origins away from where no token protects.
//!
//! A browser lets any page open a WebSocket to `127.0.0.1`, or load an address there; only headers
//! tell. A WebSocket has an `Origin`; a plain `GET` has none, but newer browsers send `Sec-Fetch-Site` with it, and
//! its absence proves nothing. A page whose name was rebound to our address has an `Origin` that equals
//! `Host`, so the `Host` must also be a name that only we have.

use std::{borrow::Cow, net::IpAddr};

use http::{HeaderMap, Uri, header};
use perpetua_words::{Message, access as words};

/// How much of a name that somebody sent is shown, in characters: no real one is longer.
const MAX_SHOWN: usize = 80;

/// Names beyond IP addresses and `localhost` that a `Host` may hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Origins {
    /// In lower case, without ports.
    pub allowed_hosts: Vec<String>,
}

/// What shows that a request may come from a page that is not ours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ForeignRequest {
    /// It calls us by this name, which may be anybody's.
    Host(String),
    /// Its page is of this origin.
    Origin(String),
    /// Its browser says that the page is of another site.
    Site,
}

impl From<&ForeignRequest> for Message {
    fn from(foreign: &ForeignRequest) -> Self {
        match foreign {
            ForeignRequest::Host(host) => words::ForeignHost { host }.into(),
            ForeignRequest::Origin(origin) => words::ForeignOrigin { origin }.into(),
            ForeignRequest::Site => words::ForeignSite.into(),
        }
    }
}

impl Origins {
    /// Whether a request comes from a program or from a page of ours: each `Host` is a name of ours, there
    /// is no `Origin` or each equals it, and no browser says that the page is of another site.
    pub fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), ForeignRequest> {
        let hosts = hosts(uri, headers);
        if let Some(host) = hosts.iter().find(|host| !self.is_ours(host)) {
            return Err(ForeignRequest::Host(shortened(host)));
        }
        if hosts.is_empty() {
            return Err(ForeignRequest::Host(String::new()));
        }
        for origin in headers.get_all(header::ORIGIN) {
            let origin = String::from_utf8_lossy(origin.as_bytes());
            if !hosts.iter().all(|host| is_origin_of(&origin, host)) {
                return Err(ForeignRequest::Origin(shortened(&origin)));
            }
        }
        let mut sites = headers.get_all("sec-fetch-site").into_iter();
        let ours = |site: &http::HeaderValue| matches!(site.as_bytes(), b"none" | b"same-origin");
        if sites.all(ours) {
            Ok(())
        } else {
            Err(ForeignRequest::Site)
        }
    }

    /// Whether all names of others are names here.
    pub(crate) fn include(&self, others: &Self) -> bool {
        let mut names = others.allowed_hosts.iter();
        names.all(|name| self.allowed_hosts.contains(name))
    }

    /// Whether a `Host` can only mean this node: an IP address, `localhost`, or a name from the settings.
    fn is_ours(&self, host: &str) -> bool {
        let name = name_and_port(host).0.to_ascii_lowercase();
        host_is_local(&name) || self.allowed_hosts.contains(&name)
    }
}

/// Whether a host name is an IP address or `localhost`, which nobody can rebind.
pub fn host_is_local(name: &str) -> bool {
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok()
}

/// Whether all names by which a request calls us are such.
pub fn hosts_are_local(uri: &Uri, headers: &HeaderMap) -> bool {
    let mut hosts = hosts(uri, headers).into_iter();
    hosts.all(|host| host_is_local(name_and_port(&host).0))
}

/// Every name that a request calls us by: its `Host` lines, and that of an address in absolute form.
/// What is no text in one is shown as such, and makes it nobody's name.
fn hosts<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Vec<Cow<'a, str>> {
    let lines = headers.get_all(header::HOST).into_iter();
    let lines = lines.map(|line| String::from_utf8_lossy(line.as_bytes()));
    let absolute = uri.authority().map(http::uri::Authority::as_str);
    lines.chain(absolute.map(Cow::Borrowed)).collect()
}

/// Whether an origin is that of a page which this host has served. A port left out is the scheme's own.
fn is_origin_of(origin: &str, host: &str) -> bool {
    let schemes = [("http://", 80), ("https://", 443)];
    schemes.into_iter().any(|(scheme, default_port)| {
        origin.strip_prefix(scheme).is_some_and(|origin| {
            let [(page, page_port), (own, own_port)] = [origin, host].map(name_and_port);
            page.eq_ignore_ascii_case(own)
                && page_port.unwrap_or(default_port) == own_port.unwrap_or(default_port)
        })
    })
}

/// Takes `name:port` apart. What stands behind the colon and is no port belongs to the name.
fn name_and_port(host: &str) -> (&str, Option<u16>) {
    let Some((name, port)) = host.rsplit_once(':') else {
        return (host, None);
    };
    // An IPv6 address without brackets holds colons that are no port.
    if name.is_empty() || (name.contains(':') && !name.ends_with(']')) {
        return (host, None);
    }
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse() {
        Ok(port) if is_number => (name, Some(port)),
        _ => (host, None),
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(MAX_SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};

    use super::{ForeignRequest, MAX_SHOWN, Origins};

    const HERE: (&str, &str) = ("host", "127.0.0.1:6700");

    #[test]
    fn programs_and_pages_of_ours_come_in() {
        for headers in [
            &[HERE][..],
            &[HERE, ("origin", "http://127.0.0.1:6700")],
            &[
                ("host", "Bot.Example:80"),
                ("origin", "https://bot.example:80"),
            ],
            &[
                ("host", "bot.example"),
                ("origin", "https://bot.example:443"),
            ],
            &[("host", "bot.example:80"), ("origin", "http://bot.example")],
            &[("host", "[::1]:6700"), ("origin", "http://[::1]:6700")],
            &[("host", "::1")],
            &[("host", "localhost")],
            &[("host", "BOT.example:1")],
            &[HERE, ("sec-fetch-site", "none")],
            &[HERE, ("sec-fetch-site", "same-origin")],
        ] {
            assert_eq!(check("/", headers), Ok(()), "{headers:?}");
        }
    }

    #[test]
    fn another_origin_is_foreign() {
        for origin in [
            "http://127.0.0.1:8080",
            "http://127.0.0.1",
            "http://localhost:6700",
            "http://evil.example",
            "http://127.0.0.1:6700.evil.example",
            "http://127.0.0.1:6700/",
            "ws://127.0.0.1:6700",
            "file://",
            "null",
            "",
            "127.0.0.1:6700",
        ] {
            let foreign = ForeignRequest::Origin(origin.into());
            assert_eq!(
                check("/", &[HERE, ("origin", origin)]),
                Err(foreign.clone())
            );
            let after_our_own = [
                HERE,
                ("origin", "http://127.0.0.1:6700"),
                ("origin", origin),
            ];
            assert_eq!(check("/", &after_our_own), Err(foreign));
        }
    }

    #[test]
    fn a_name_that_may_be_anybodys_is_foreign() {
        for host in [
            "evil.example:6700",
            "127.0.0.1.evil.example",
            "127.0.0.1:6700.evil.example",
            "localhost.evil.example",
            "",
        ] {
            let foreign = Err(ForeignRequest::Host(host.into()));
            let rebound = format!("http://{host}");
            for headers in [
                &[("host", host)][..],
                &[("host", host), ("origin", &rebound)],
                &[HERE, ("host", host)],
                &[("host", host), HERE],
            ] {
                assert_eq!(check("/", headers), foreign, "{headers:?}");
            }
        }
        for (sent, shown) in [("机器人.example", "机器人.example"), ("h\u{e9}", "h\u{e9}")] {
            let value = HeaderValue::from_bytes(sent.as_bytes()).expect("a header");
            let headers = HeaderMap::from_iter([(header::HOST, value)]);
            let foreign = Origins::default().check(&Uri::from_static("/"), &headers);
            assert_eq!(foreign, Err(ForeignRequest::Host(shown.into())));
        }
        let latin = HeaderValue::from_bytes(b"h\xe9.example").expect("a header");
        let headers = HeaderMap::from_iter([(header::HOST, latin)]);
        let foreign = Origins::default().check(&Uri::from_static("/"), &headers);
        let shown = "h\u{fffd}.example".into();
        assert_eq!(foreign, Err(ForeignRequest::Host(shown)));
        let foreign = ForeignRequest::Host("evil.example:6700".into());
        assert_eq!(check("http://evil.example:6700/", &[HERE]), Err(foreign));
        assert_eq!(check("http://127.0.0.1:6700/", &[HERE]), Ok(()));
        let none = ForeignRequest::Host(String::new());
        assert_eq!(check("/", &[]), Err(none));
    }

    #[test]
    fn a_browser_that_names_another_site_is_believed() {
        for site in ["cross-site", "same-site", "", "None", "what"] {
            let foreign = Err(ForeignRequest::Site);
            assert_eq!(check("/", &[HERE, ("sec-fetch-site", site)]), foreign);
            let twice = [HERE, ("sec-fetch-site", "none"), ("sec-fetch-site", site)];
            assert_eq!(check("/", &twice), foreign);
        }
    }

    #[test]
    fn what_is_shown_of_a_name_is_bounded() {
        let long = "x".repeat(1000);
        let Err(ForeignRequest::Origin(shown)) = check("/", &[HERE, ("origin", &long)]) else {
            panic!("let in");
        };
        assert_eq!(shown.len(), MAX_SHOWN);
    }

    fn check(uri: &'static str, lines: &[(&'static str, &str)]) -> Result<(), ForeignRequest> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            let value = HeaderValue::from_str(value).expect("valid");
            headers.append(HeaderName::from_static(name), value);
        }
        let origins = Origins {
            allowed_hosts: vec!["bot.example".into()],
        };
        origins.check(&Uri::from_static(uri), &headers)
    }
}
