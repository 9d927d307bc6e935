//! Keeps pages of other origins away from our sockets.
//!
//! A browser lets any page open a WebSocket to `127.0.0.1`; only the `Origin` header tells. A page
//! whose name was rebound to our address has an `Origin` that equals `Host`, so where no token
//! protects a socket the `Host` must also be a name that only we have.

use std::net::IpAddr;

use http::{HeaderMap, header};

/// Names beyond IP addresses and `localhost` that a `Host` may hold.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// In lower case, without ports.
    pub allowed_hosts: Vec<String>,
}

impl Origins {
    /// Whether a request may come in: it has no `Origin`, or one that equals its `Host`.
    pub fn allow(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else {
            return true;
        };
        let (Ok(origin), Some(host)) = (origin.to_str(), host(headers)) else {
            return false;
        };
        let origin_host = origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"));
        origin_host.is_some_and(|origin_host| origin_host.eq_ignore_ascii_case(host))
    }

    /// Whether the `Host` can only mean this node: an IP address, `localhost`, or a name from the settings.
    pub fn host_is_ours(&self, headers: &HeaderMap) -> bool {
        let Some(host) = host(headers) else {
            return false;
        };
        let name = without_port(host).to_ascii_lowercase();
        host_is_local(&name) || self.allowed_hosts.contains(&name)
    }
}

/// Whether a host name is an IP address or `localhost`, which nobody can rebind.
pub fn host_is_local(name: &str) -> bool {
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok()
}

fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port))
            if !name.is_empty()
                && port.bytes().all(|byte| byte.is_ascii_digit())
                && !port.is_empty() =>
        {
            // An IPv6 address without brackets holds colons that are no port.
            if name.contains(':') && !name.ends_with(']') {
                host
            } else {
                name
            }
        }
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};

    use super::Origins;

    #[test]
    fn only_our_own_origin_comes_in() {
        for (host, origin, allowed) in [
            ("127.0.0.1:6700", None, true),
            ("127.0.0.1:6700", Some("http://127.0.0.1:6700"), true),
            ("Bot.Example:80", Some("https://bot.example:80"), true),
            ("127.0.0.1:6700", Some("http://127.0.0.1:8080"), false),
            ("127.0.0.1:6700", Some("http://evil.example"), false),
            ("127.0.0.1:6700", Some("null"), false),
            ("127.0.0.1:6700", Some(""), false),
        ] {
            assert_eq!(
                Origins::default().allow(&headers(host, origin)),
                allowed,
                "{host} {origin:?}"
            );
        }
    }

    #[test]
    fn a_rebound_name_is_not_ours() {
        let origins = Origins {
            allowed_hosts: vec!["bot.example".into()],
        };
        for (host, ours) in [
            ("127.0.0.1:6700", true),
            ("[::1]:6700", true),
            ("::1", true),
            ("localhost", true),
            ("BOT.example:1", true),
            ("evil.example:6700", false),
            ("127.0.0.1.evil.example", false),
        ] {
            assert_eq!(origins.host_is_ours(&headers(host, None)), ours, "{host}");
        }
    }

    fn headers(host: &str, origin: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_str(host).expect("valid"));
        if let Some(origin) = origin {
            headers.insert(
                header::ORIGIN,
                HeaderValue::from_str(origin).expect("valid"),
            );
        }
        headers
    }
}
