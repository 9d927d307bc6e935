//! Addresses: what is wrong with one, and those of upstreams that we dial.

use std::fmt;

use http::Uri;
use perpetua_words::{Message, config as words};

/// A `ws://` or `wss://` address with a host, without user, password or token in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebSocketUrl(Uri);

/// Why a text is no [`WebSocketUrl`]. The text itself is not repeated: it may hold a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", Message::from(self))]
#[non_exhaustive]
pub enum WebSocketUrlError {
    /// The text is no address at all.
    Malformed,
    /// The scheme is missing or another one.
    Scheme,
    /// There is no host, or port 0.
    Host,
    /// The address contains a user, a password or an access token.
    Secret,
}

impl From<&WebSocketUrlError> for Message {
    fn from(error: &WebSocketUrlError) -> Self {
        let example = "ws://127.0.0.1:5700/";
        match error {
            WebSocketUrlError::Malformed => words::UrlMalformed { example }.into(),
            WebSocketUrlError::Scheme => words::UrlScheme {
                example,
                first: "ws://",
                second: "wss://",
            }
            .into(),
            WebSocketUrlError::Host => words::UrlHost { example }.into(),
            WebSocketUrlError::Secret => words::WebsocketUrlSecret.into(),
        }
    }
}

impl WebSocketUrl {
    /// Takes an address that fits.
    pub fn new(text: &str) -> Result<Self, WebSocketUrlError> {
        match checked(text, ["ws://", "wss://"], &["token"]) {
            Ok(uri) => Ok(Self(uri)),
            Err(Fault::Malformed) => Err(WebSocketUrlError::Malformed),
            Err(Fault::Scheme) => Err(WebSocketUrlError::Scheme),
            Err(Fault::Host) => Err(WebSocketUrlError::Host),
            Err(Fault::Secret) => Err(WebSocketUrlError::Secret),
        }
    }

    /// Takes an address as people type it: `host:port` without a scheme is one of `ws://`.
    pub fn entered(text: &str) -> Result<Self, WebSocketUrlError> {
        let text = text.trim();
        let names_port = text
            .split('/')
            .next()
            .is_some_and(|host| host.contains(':'));
        if text.contains("://") || !names_port {
            return Self::new(text);
        }
        Self::new(&format!("ws://{text}"))
    }

    /// The address for a WebSocket library.
    pub fn uri(&self) -> &Uri {
        &self.0
    }

    /// The host, an IPv6 address with its brackets.
    pub fn host(&self) -> &str {
        self.0.host().unwrap_or_default()
    }

    /// The port: the written one, else 80 for `ws` and 443 for `wss`.
    pub fn port(&self) -> u16 {
        let usual = if self.is_encrypted() { 443 } else { 80 };
        self.0.port_u16().unwrap_or(usual)
    }

    /// Whether it is `wss://`.
    pub fn is_encrypted(&self) -> bool {
        self.0
            .scheme_str()
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("wss"))
    }
}

impl fmt::Display for WebSocketUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// What is wrong with an address, whatever its scheme.
pub(crate) enum Fault {
    Malformed,
    Scheme,
    Host,
    Secret,
}

/// Takes an address with one of the schemes and a host, without user and password, and without a
/// parameter whose name ends like one of `secrets`.
pub(crate) fn checked(text: &str, schemes: [&str; 2], secrets: &[&str]) -> Result<Uri, Fault> {
    let scheme = schemes.iter().find(|scheme| has_scheme(text, scheme));
    let scheme = scheme.ok_or(Fault::Scheme)?;
    // Libraries that dial know the scheme in small letters only.
    let rest = text.get(scheme.len()..).unwrap_or_default();
    let uri: Uri = format!("{scheme}{rest}")
        .parse()
        .map_err(|_| Fault::Malformed)?;
    let authority = uri.authority().ok_or(Fault::Host)?;
    let names_secret = |parameter: &str| {
        let (name, _) = parameter.split_once('=').unwrap_or((parameter, ""));
        let name = name.to_ascii_lowercase();
        secrets.iter().any(|secret| name.ends_with(secret))
    };
    let query = uri.query().unwrap_or_default();
    if authority.as_str().contains('@') || query.split('&').any(names_secret) {
        return Err(Fault::Secret);
    }
    // Behind the host stands nothing or `:port`; the library takes any digits for a port.
    let behind_host = authority
        .as_str()
        .strip_prefix(authority.host())
        .unwrap_or_default();
    let port_fits = behind_host
        .strip_prefix(':')
        .map_or(behind_host.is_empty(), |port| {
            port.parse::<u16>().is_ok_and(|port| port != 0)
        });
    if authority.host().is_empty() || !port_fits {
        return Err(Fault::Host);
    }
    Ok(uri)
}

/// Whether the text begins with the scheme, in any case.
pub(crate) fn has_scheme(text: &str, scheme: &str) -> bool {
    text.get(..scheme.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_port_and_encryption() {
        let shouted = WebSocketUrl::new("WSS://bot.example/Path").expect("an address");
        assert_eq!(shouted.to_string(), "wss://bot.example/Path");
        for (text, host, port, encrypted) in [
            ("ws://127.0.0.1:5700/", "127.0.0.1", 5700, false),
            ("wss://bot.example/onebot?x=1", "bot.example", 443, true),
            ("WS://[::1]", "[::1]", 80, false),
        ] {
            let url = WebSocketUrl::new(text).expect(text);
            assert_eq!(
                (url.host(), url.port(), url.is_encrypted()),
                (host, port, encrypted)
            );
        }
    }

    #[test]
    fn what_is_typed_without_a_scheme_is_completed_where_it_can_only_mean_one_thing() {
        for (text, whole) in [
            (" 127.0.0.1:3001 ", "ws://127.0.0.1:3001/"),
            ("localhost:3001/onebot", "ws://localhost:3001/onebot"),
            ("[::1]:3001", "ws://[::1]:3001/"),
            ("wss://bot.example", "wss://bot.example/"),
        ] {
            let url = WebSocketUrl::entered(text).expect(text);
            assert_eq!(url.to_string(), whole);
        }
        for (text, fault) in [
            ("", WebSocketUrlError::Scheme),
            ("bot.example", WebSocketUrlError::Scheme),
            ("http://127.0.0.1:3001", WebSocketUrlError::Scheme),
            ("127.0.0.1:", WebSocketUrlError::Host),
            ("127.0.0.1:0", WebSocketUrlError::Host),
            ("127.0.0.1:65536", WebSocketUrlError::Host),
            ("user:pass@127.0.0.1:3001", WebSocketUrlError::Secret),
        ] {
            assert_eq!(WebSocketUrl::entered(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn each_fault_has_its_reason() {
        use WebSocketUrlError as Fault;
        for (text, fault) in [
            ("", Fault::Scheme),
            ("127.0.0.1:5700", Fault::Scheme),
            ("http://127.0.0.1:5700", Fault::Scheme),
            ("名ws://x", Fault::Scheme),
            ("ws://", Fault::Malformed),
            ("ws://a b/", Fault::Malformed),
            ("ws://:5700/", Fault::Host),
            ("ws://host:0/", Fault::Host),
            ("ws://host:/", Fault::Host),
            ("ws://host:99999/", Fault::Host),
            ("ws://user:pass@host/", Fault::Secret),
            ("ws://host/?Access_Token=abc", Fault::Secret),
        ] {
            assert_eq!(WebSocketUrl::new(text), Err(fault), "{text}");
        }
    }
}
