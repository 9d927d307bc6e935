//! Addresses of signers and proxies, which may hold keys and passwords.

use perpetua_words::{Message, config, signer as words};
use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

/// Where a signer signs. Its path or query may hold a key, so that only the host is ever shown.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SignerUrl(Url);

/// An HTTP proxy, perhaps with a password; shown without it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ProxyUrl(Url);

/// What cannot be the address of a signer. The address itself is not repeated.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", Message::from(self))]
#[non_exhaustive]
pub enum SignerUrlError {
    /// It is no address.
    Invalid,
    /// It is one of another kind.
    Scheme,
    /// HTTP does not carry it.
    Fragment,
}

/// What cannot be the address of a proxy. The address itself is not repeated.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", Message::from(self))]
#[non_exhaustive]
pub enum ProxyUrlError {
    /// It is no address.
    Invalid,
    /// It is one of another kind.
    Scheme,
    /// There is something behind it that no proxy has.
    Fragment,
}

/// What is no address that is asked over HTTP.
enum Fault {
    Invalid,
    Fragment,
}

impl SignerUrl {
    /// Takes the full address to which signatures are asked for, such as `https://host/api/sign/30366`; a slash at
    /// the end of its path is taken off, because `/appinfo` is added to it.
    pub fn new(text: &str) -> Result<Self, SignerUrlError> {
        let mut url = parsed(text).map_err(|fault| match fault {
            Fault::Invalid => SignerUrlError::Invalid,
            Fault::Fragment => SignerUrlError::Fragment,
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(SignerUrlError::Scheme);
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// The address itself, for the core's settings and for asking.
    pub fn expose(&self) -> &str {
        let text = self.0.as_str();
        // An address without a path is written with a slash.
        if self.0.query().is_none() {
            text.trim_end_matches('/')
        } else {
            text
        }
    }

    /// Where it says what client of QQ it signs for. A key in the query belongs there, too.
    pub fn app_info(&self) -> Url {
        let mut url = self.0.clone();
        let path = format!("{}/appinfo", url.path().trim_end_matches('/'));
        url.set_path(&path);
        url
    }

    /// Its host, with its port where that is not the usual one.
    pub fn host(&self) -> String {
        host_of(&self.0)
    }

    /// Whether it is a program of this machine, which no proxy leads to.
    pub fn is_loopback(&self) -> bool {
        let host = self.0.host_str().unwrap_or_default();
        let (name, address) = (
            host.trim_end_matches('.'),
            host.trim_start_matches('[').trim_end_matches(']'),
        );
        let is_here = |address: IpAddr| {
            let address = address.to_canonical();
            address.is_loopback() || address.is_unspecified()
        };
        name == "localhost" || name.ends_with(".localhost") || address.parse().is_ok_and(is_here)
    }
}

impl ProxyUrl {
    /// Takes `http://host:port`, with `user:password@` where the proxy wants it.
    pub fn new(text: &str) -> Result<Self, ProxyUrlError> {
        let url = parsed(text).map_err(|fault| match fault {
            Fault::Invalid => ProxyUrlError::Invalid,
            Fault::Fragment => ProxyUrlError::Fragment,
        })?;
        if url.scheme() == "http" {
            Ok(Self(url))
        } else {
            Err(ProxyUrlError::Scheme)
        }
    }

    /// The address with its password, for the one place that uses it.
    pub fn expose(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it holds a password or a user's name.
    pub fn has_password(&self) -> bool {
        !self.0.username().is_empty() || self.0.password().is_some()
    }

    /// The address without user and password, for files.
    pub fn without_password(&self) -> String {
        format!("http://{}", host_of(&self.0))
    }
}

fn parsed(text: &str) -> Result<Url, Fault> {
    let url: Url = text.trim().parse().map_err(|_| Fault::Invalid)?;
    if url.fragment().is_some() {
        return Err(Fault::Fragment);
    }
    if url.has_host() {
        Ok(url)
    } else {
        Err(Fault::Invalid)
    }
}

fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

impl fmt::Display for SignerUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.host())
    }
}

impl fmt::Debug for SignerUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SignerUrl({self})")
    }
}

impl fmt::Display for ProxyUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&host_of(&self.0))
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ProxyUrl({self})")
    }
}

impl From<&SignerUrlError> for Message {
    fn from(error: &SignerUrlError) -> Self {
        match error {
            SignerUrlError::Invalid => words::BadAddress.into(),
            SignerUrlError::Scheme => words::BadScheme.into(),
            SignerUrlError::Fragment => words::Fragment.into(),
        }
    }
}

impl From<&ProxyUrlError> for Message {
    fn from(error: &ProxyUrlError) -> Self {
        match error {
            ProxyUrlError::Invalid => config::ProxyMalformed.into(),
            ProxyUrlError::Scheme => config::ProxyScheme.into(),
            ProxyUrlError::Fragment => config::ProxyFragment.into(),
        }
    }
}
