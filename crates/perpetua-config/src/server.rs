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
    /// The server of an address as it is shown; `None` for what is none.
    pub fn at(address: &str) -> Option<Self> {
        let uri: Uri = address.parse().ok()?;
        let usual = match uri.scheme_str()? {
            "wss" | "https" => 443,
            _ => 80,
        };
        Some(Self::of(&uri, uri.port_u16().unwrap_or(usual)))
    }

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

#[cfg(test)]
mod tests {
    use super::Server;
    use crate::{HttpUrl, WebSocketUrl};

    #[test]
    fn an_address_that_is_shown_leads_where_that_of_the_settings_leads() {
        for (address, server) in [
            ("ws://LOCALHOST/ws", "127.0.0.1:80"),
            ("wss://[::1]/ws?x=1", "127.0.0.1:443"),
            ("ws://Bot.example:6199/ws", "bot.example:6199"),
            ("ws://192.0.2.7:1", "192.0.2.7:1"),
        ] {
            let shown = Server::at(address).expect(address);
            assert_eq!(shown.to_string(), server);
            assert_eq!(shown, WebSocketUrl::new(address).expect(address).server());
            let posted = address.replacen("ws", "http", 1);
            assert_eq!(Server::at(&posted), Some(shown));
            let written = HttpUrl::new(&posted).expect(&posted);
            assert_eq!(written.server().to_string(), server);
        }
        for no_address in ["", "ws:///", "127.0.0.1:80", "a b"] {
            assert_eq!(Server::at(no_address), None, "{no_address}");
        }
    }
}
