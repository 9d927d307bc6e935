//! `http` addresses: of signers, webhooks, proxies and release sources.

use std::fmt;

use http::Uri;
use perpetua_words::{Message, config as words};

use crate::TokenSource;
use crate::url::{Fault, checked, has_scheme};

/// An `http://` or `https://` address with a host, without user, password, key or token in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpUrl(String);

/// Why a text is no [`HttpUrl`]. The text itself is not repeated: it may hold a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", Message::from(self))]
#[non_exhaustive]
pub enum HttpUrlError {
    /// The text is no address at all.
    Malformed,
    /// The scheme is missing or another one.
    Scheme,
    /// There is no host, or port 0.
    Host,
    /// The address contains a user, a password, a key or a token.
    Secret,
}

impl From<&HttpUrlError> for Message {
    fn from(error: &HttpUrlError) -> Self {
        let example = "https://host.example/path";
        match error {
            HttpUrlError::Malformed => words::UrlMalformed { example }.into(),
            HttpUrlError::Scheme => words::UrlScheme {
                example,
                first: "http://",
                second: "https://",
            }
            .into(),
            HttpUrlError::Host => words::UrlHost { example }.into(),
            HttpUrlError::Secret => words::HttpUrlSecret.into(),
        }
    }
}

impl HttpUrl {
    /// Takes an address that fits.
    pub fn new(text: &str) -> Result<Self, HttpUrlError> {
        const SECRETS: [&str; 4] = ["token", "key", "secret", "password"];
        match checked(text, ["http://", "https://"], &SECRETS) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(Fault::Malformed) => Err(HttpUrlError::Malformed),
            Err(Fault::Scheme) => Err(HttpUrlError::Scheme),
            Err(Fault::Host) => Err(HttpUrlError::Host),
            Err(Fault::Secret) => Err(HttpUrlError::Secret),
        }
    }

    /// Takes an address as people type it: `host:port` without a scheme is one of `http://`.
    pub fn entered(text: &str) -> Result<Self, HttpUrlError> {
        let text = text.trim();
        let names_port = text
            .split('/')
            .next()
            .is_some_and(|host| host.contains(':'));
        if text.contains("://") || !names_port {
            return Self::new(text);
        }
        Self::new(&format!("http://{text}"))
    }

    /// Its parts. What was taken as an address is one.
    pub fn uri(&self) -> Uri {
        self.0.parse().unwrap_or_default()
    }

    /// The port: the written one, else 80 for `http` and 443 for `https`.
    pub fn port(&self) -> u16 {
        let usual = if self.is_encrypted() { 443 } else { 80 };
        self.uri().port_u16().unwrap_or(usual)
    }

    /// Whether it is `https://`.
    pub fn is_encrypted(&self) -> bool {
        has_scheme(&self.0, "https://")
    }

    /// The address as it was written, with or without a `/` at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The API of GitHub itself.
    pub(crate) fn github_api() -> Self {
        Self("https://api.github.com".to_owned())
    }

    /// Whether it is `http://host:port` and nothing else, as for a proxy.
    pub(crate) fn is_proxy(&self) -> bool {
        has_scheme(&self.0, "http://")
            && !self.0["http://".len()..]
                .trim_end_matches('/')
                .contains(['/', '?', '#'])
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// An address that may be a secret itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressSource {
    /// It is written in the settings and contains no secret.
    Plain(HttpUrl),
    /// It is kept elsewhere; it has not been checked yet.
    From(TokenSource),
}

/// An HTTP proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProxySource {
    /// `http://host:port`, without user and password.
    Plain(HttpUrl),
    /// It is kept elsewhere, perhaps as `http://user:password@host:port`; it has not been checked yet.
    From(TokenSource),
}

/// `[[notify]]`: a webhook that is called when an account goes offline, comes online, or needs a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// The address that is posted to.
    pub post: AddressSource,
    /// The token that is sent there; `None` sends none.
    pub token: Option<TokenSource>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_kept() {
        for text in [
            "https://host.example/api/sign/30366",
            "HTTP://[::1]:8000",
            "http://127.0.0.1:7890/",
            "https://host.example/?turkey_recipe=1",
        ] {
            assert_eq!(HttpUrl::new(text).expect(text).as_str(), text);
        }
        assert_eq!(
            HttpUrl::new(HttpUrl::github_api().as_str()),
            Ok(HttpUrl::github_api())
        );
    }

    #[test]
    fn each_fault_has_its_reason() {
        use HttpUrlError as Fault;
        for (text, fault) in [
            ("", Fault::Scheme),
            ("host.example", Fault::Scheme),
            ("ws://host.example", Fault::Scheme),
            ("http://", Fault::Malformed),
            ("http://a b/", Fault::Malformed),
            ("https://:443/", Fault::Host),
            ("https://host:0/", Fault::Host),
            ("https://user:pass@host/", Fault::Secret),
            ("https://host/?x=1&Api_Key=abc", Fault::Secret),
            ("https://host/?access_token=abc", Fault::Secret),
        ] {
            assert_eq!(HttpUrl::new(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn a_proxy_has_a_host_and_nothing_behind_it() {
        let is_proxy = |text| HttpUrl::new(text).expect(text).is_proxy();
        assert!(is_proxy("http://127.0.0.1:7890") && is_proxy("HTTP://proxy/"));
        assert!(!is_proxy("https://127.0.0.1:7890"));
        assert!(!is_proxy("http://127.0.0.1:7890/path") && !is_proxy("http://proxy?x=1"));
    }
}
