//! The HTTP client: rustls with ring, the roots of the system and Mozilla's, a proxy where one is set.

use std::fmt;
use std::time::Duration;

use perpetua_tls::{TlsClient, TlsSetupError};
use perpetua_words::{Message, install as words};
use reqwest::redirect;
use thiserror::Error;
use url::Url;

/// How long a connection may take to come about.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);
/// GitHub's downloads need one redirect; a mirror in front of them a few more.
const REDIRECTS: usize = 8;

/// Which way requests take.
#[derive(Clone, PartialEq, Eq, Default)]
pub enum Proxy {
    /// As the variables `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say.
    #[default]
    Environment,
    /// No proxy, whatever the environment says.
    Direct,
    /// Everything through this HTTP proxy; its address may hold a password.
    Address(String),
}

impl fmt::Debug for Proxy {
    /// The address may hold a password, so it is not shown.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Environment => "Environment",
            Self::Direct => "Direct",
            Self::Address(_) => "Address([redacted])",
        })
    }
}

/// There is no HTTP client with these settings.
#[derive(Debug, Error)]
#[error("{}", Message::from(self))]
pub enum ClientError {
    /// The proxy's address is none. The address itself is not shown: it may hold a password.
    Proxy,
    /// The TLS library refused its settings.
    Tls(String),
}

/// A client for `http` and `https`, with a limit on connecting and on redirects and none on the whole.
///
/// reqwest is built without a cryptography of its own, so `reqwest::Client::new` would panic:
/// every client of the program comes from here, or is given a TLS configuration.
pub fn http_client(proxy: &Proxy) -> Result<reqwest::Client, ClientError> {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(rustls(&TlsClient::with_system_roots()?))
        .user_agent(concat!("perpetua/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_LIMIT)
        .redirect(redirect::Policy::custom(follow));
    let builder = match proxy {
        Proxy::Environment => builder,
        Proxy::Direct => builder.no_proxy(),
        Proxy::Address(address) => builder.proxy(explicit(address)?),
    };
    let tls = |error: reqwest::Error| ClientError::Tls(error.without_url().to_string());
    builder.build().map_err(tls)
}

/// A client for programs of this machine over plain `http`: it trusts no certificate, so none has to
/// be read, which would take longer than the call itself.
pub fn loopback_client() -> Result<reqwest::Client, ClientError> {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(rustls(&TlsClient::without_roots()?))
        .no_proxy();
    let tls = |error: reqwest::Error| ClientError::Tls(error.without_url().to_string());
    builder.build().map_err(tls)
}

fn rustls(tls: &TlsClient) -> rustls::ClientConfig {
    (*tls.config()).clone()
}

impl From<TlsSetupError> for ClientError {
    fn from(error: TlsSetupError) -> Self {
        Self::Tls(error.to_string())
    }
}

fn explicit(address: &str) -> Result<reqwest::Proxy, ClientError> {
    let url = Url::parse(address).map_err(|_| ClientError::Proxy)?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(ClientError::Proxy);
    }
    reqwest::Proxy::all(url).map_err(|_| ClientError::Proxy)
}

/// Why a redirect is not followed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RedirectRefused {
    TooMany,
    /// From `https` to an address that is not.
    Insecure,
}

impl From<&RedirectRefused> for Message {
    fn from(refused: &RedirectRefused) -> Self {
        match refused {
            RedirectRefused::TooMany => words::RedirectsTooMany { max: REDIRECTS }.into(),
            RedirectRefused::Insecure => words::RedirectInsecure.into(),
        }
    }
}

impl fmt::Display for RedirectRefused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Message::from(self).fmt(formatter)
    }
}

impl std::error::Error for RedirectRefused {}

/// Follows so many redirects, and none from `https` to `http`.
fn follow(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let was_secure = attempt.previous().iter().any(|url| url.scheme() == "https");
    if attempt.previous().len() > REDIRECTS {
        attempt.error(RedirectRefused::TooMany)
    } else if was_secure && attempt.url().scheme() != "https" {
        attempt.error(RedirectRefused::Insecure)
    } else {
        attempt.follow()
    }
}

#[cfg(test)]
mod tests {
    use super::{Proxy, http_client};

    #[test]
    fn a_proxy_is_an_address_and_its_password_is_never_shown() {
        let good = Proxy::Address("http://me:hunter2@127.0.0.1:7890".to_owned());
        http_client(&good).expect("a client");
        assert!(!format!("{good:?}").contains("hunter2"));
        for bad in [
            "",
            "127.0.0.1:7890",
            "socks5://127.0.0.1:1",
            "me:hunter2@host",
        ] {
            let error = http_client(&Proxy::Address(bad.to_owned())).expect_err(bad);
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
