//! Where an address leads: its host and its port.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use http::Uri;

use crate::{HttpUrl, WebSocketUrl};

/// The server that an address leads to, whatever it is asked for there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Server {
    /// In small letters; all names of this machine are one.
    host: String,
    port: u16,
}

impl WebSocketUrl {
    /// The server that it leads to.
    pub fn server(&self) -> Server {
        Server::of(self.uri(), self.port())
    }
}

impl HttpUrl {
    /// The server that it leads to.
    pub fn server(&self) -> Server {
        Server::of(&self.uri(), self.port())
    }
}

impl Server {
    fn of(uri: &Uri, port: u16) -> Self {
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        let host = if is_here(&host) {
            "127.0.0.1".to_owned()
        } else {
            host
        };
        Self { host, port }
    }

    /// The port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Whether it is what listens here: by its address, or by one of this machine alone where every address is
    /// listened on.
    pub(crate) fn is_at(&self, listen: SocketAddr) -> bool {
        let listens = listen.ip().to_canonical();
        let is_its_address = self.ip().is_some_and(|ip| {
            ip == listens || ip.is_loopback() && (listens.is_unspecified() || listens.is_loopback())
        });
        listen.port() != 0 && listen.port() == self.port && is_its_address
    }

    fn ip(&self) -> Option<IpAddr> {
        bare(&self.host).parse().ok()
    }
}

impl fmt::Display for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.port)
    }
}

/// `localhost`, `127.0.0.1` and `[::1]` are one host.
fn is_here(host: &str) -> bool {
    host == "localhost" || bare(host).parse::<IpAddr>().is_ok_and(is_loopback)
}

fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

/// An address of IPv6 without its brackets.
fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}
