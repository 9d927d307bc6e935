//! The HTTP client: rustls with ring, the roots of the system and Mozilla's, a proxy where one is set.
//!
//! ```text
//! downloads ─► follow eight redirects; none from `https` to `http`, none from elsewhere to this machine
//! signers ───► follow those that keep method and body (307, 308), on the same server
//! webhooks ──► follow none
//! ```
//!
//! Whatever the purpose: no proxy leads to this machine, and no `Referer` tells where a request came from.

mod proxies;
mod redirects;

use std::fmt;
use std::time::Duration;

use perpetua_tls::{TlsClient, TlsSetupError};
use perpetua_words::Message;
use thiserror::Error;

pub(crate) use redirects::RedirectRefused;

/// How long a connection may take to come about.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);

/// What a client is for, which decides what it makes of a redirect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// Listings and files of release sources, which only GET.
    Downloads,
    /// Questions to signers: an answer counts only if it is one to the question as it was put.
    Signers,
    /// Notifications: what is answered by somebody else, or to something else, was not delivered.
    Webhooks,
}

/// Which way requests take.
#[derive(Clone, PartialEq, Eq, Default)]
pub enum Proxy {
    /// As the variables `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say, and directly to this machine.
    #[default]
    Environment,
    /// No proxy, whatever the environment says.
    Direct,
    /// Everything but what is for this machine through this HTTP proxy; its address may hold a password.
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

/// A client for `http` and `https`, with a limit on connecting and none on the whole.
///
/// reqwest is built without a cryptography of its own, so `reqwest::Client::new` would panic:
/// every client of the program comes from here, or is given a TLS configuration.
pub fn http_client(purpose: Purpose, proxy: &Proxy) -> Result<reqwest::Client, ClientError> {
    let proxies = match proxy {
        Proxy::Environment => proxies::of_variables(|name| std::env::var(name).ok()),
        Proxy::Direct => Vec::new(),
        Proxy::Address(address) => vec![proxies::explicit(address)?],
    };
    client_through(purpose, proxies)
}

/// Each request goes through the first proxy that takes it, or directly.
fn client_through(
    purpose: Purpose,
    proxies: Vec<reqwest::Proxy>,
) -> Result<reqwest::Client, ClientError> {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(rustls(&TlsClient::with_system_roots()?))
        .user_agent(concat!("perpetua/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_LIMIT)
        // An address may hold a key, which is nothing for whoever is redirected to.
        .referer(false)
        .redirect(redirects::policy(purpose))
        // Only those that are named.
        .no_proxy();
    let builder = proxies
        .into_iter()
        .fold(builder, reqwest::ClientBuilder::proxy);
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

#[cfg(test)]
mod tests {
    use super::{Proxy, Purpose, http_client};

    #[test]
    fn a_proxy_is_an_address_and_its_password_is_never_shown() {
        let good = Proxy::Address("http://me:hunter2@127.0.0.1:7890".to_owned());
        http_client(Purpose::Downloads, &good).expect("a client");
        assert!(!format!("{good:?}").contains("hunter2"));
        for bad in [
            "",
            "127.0.0.1:7890",
            "socks5://127.0.0.1:1",
            "me:hunter2@host",
        ] {
            let bad_proxy = Proxy::Address(bad.to_owned());
            let error = http_client(Purpose::Downloads, &bad_proxy).expect_err(bad);
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
