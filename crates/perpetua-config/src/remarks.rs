//! What is written and cannot work together, though each of it by itself is right.

use std::net::{IpAddr, SocketAddr};

use http::Uri;
use perpetua_words::{Message, config as words};

use crate::{Account, Client, ClientKind, Config, Upstream};

/// Something to be said of a client whose settings are valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The account's name.
    pub account: String,
    /// The client's name.
    pub client: String,
    /// What to say.
    pub message: Message,
}

/// Where a client leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Server {
    /// In small letters; all names of this machine are one.
    host: String,
    port: u16,
}

/// A port of ours, and what it is called in the settings.
struct OwnPort {
    listen: SocketAddr,
    holder: String,
}

impl Config {
    /// What cannot work together, client by client. What is switched off is in nobody's way.
    pub fn remarks(&self) -> Vec<Remark> {
        let ports = own_ports(self);
        let mut remarks = Vec::new();
        for account in self.accounts.iter().filter(|account| account.enabled) {
            let dialled: Vec<_> = dialled(account).collect();
            for (place, (client, server)) in dialled.iter().enumerate() {
                let mut say = |message: Message| {
                    remarks.push(Remark {
                        account: account.name.to_string(),
                        client: client.name.to_string(),
                        message,
                    });
                };
                let address = format!("{}:{}", server.host, server.port);
                if let Some(own) = ports.iter().find(|own| own.is_at(server)) {
                    let holder = &own.holder;
                    say(words::OwnPort {
                        address: &address,
                        holder,
                    }
                    .into());
                }
                let mut former = dialled.iter().take(place);
                if let Some((other, _)) = former.find(|(_, other)| other == server) {
                    let (one, other) = (other.name.as_str(), client.name.as_str());
                    say(words::TwoWays {
                        address: &address,
                        one,
                        other,
                    }
                    .into());
                }
            }
        }
        remarks
    }
}

/// The clients of an account that we go to, and where they are.
fn dialled(account: &Account) -> impl Iterator<Item = (&Client, Server)> {
    let clients = account.clients.iter().filter(|client| client.enabled);
    clients.filter_map(|client| {
        let server = match &client.kind {
            ClientKind::Forward(_) | ClientKind::Http(_) => return None,
            ClientKind::Post(post) => Server::of(&post.url.uri(), post.url.port()),
            ClientKind::Reverse(reverse) => Server::of(reverse.url.uri(), reverse.url.port()),
        };
        Some((client, server))
    })
}

fn own_ports(config: &Config) -> Vec<OwnPort> {
    let mut ports = vec![OwnPort {
        listen: config.api.listen,
        holder: "[api] listen".to_owned(),
    }];
    for account in config.accounts.iter().filter(|account| account.enabled) {
        if let Upstream::OnebotReverse(reverse) = &account.upstream {
            ports.push(OwnPort {
                listen: reverse.listen,
                holder: account.name.to_string(),
            });
        }
        let clients = account.clients.iter().filter(|client| client.enabled);
        ports.extend(clients.filter_map(|client| {
            Some(OwnPort {
                listen: client.listen()?,
                holder: format!("{}/{}", account.name, client.name),
            })
        }));
    }
    ports
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

    fn ip(&self) -> Option<IpAddr> {
        bare(&self.host).parse().ok()
    }
}

impl OwnPort {
    /// Whether a server is this port: by its address, or by one of this machine alone where every address is listened on.
    fn is_at(&self, server: &Server) -> bool {
        let listens = self.listen.ip().to_canonical();
        let is_its_address = server.ip().is_some_and(|ip| {
            ip == listens || ip.is_loopback() && (listens.is_unspecified() || listens.is_loopback())
        });
        self.listen.port() != 0 && self.listen.port() == server.port && is_its_address
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
    use crate::parse;

    /// The codes of what is said of each client of these.
    fn said(clients: &[(&str, &str, &str)]) -> Vec<(String, String)> {
        let mut text = String::from(
            "[[accounts]]\nname = \"main\"\nupstream = { kind = \"onebot-reverse\", listen = \"127.0.0.1:5701\" }\n",
        );
        for (name, kind, address) in clients {
            let key = if *kind == "forward" { "listen" } else { "url" };
            let client = format!(
                "[[accounts.clients]]\nname = \"{name}\"\nkind = \"{kind}\"\n{key} = \"{address}\"\n"
            );
            text.push_str(&client);
        }
        let config = parse(&text).unwrap_or_else(|wrong| panic!("{wrong}"));
        let remarks = config.remarks().into_iter();
        remarks
            .map(|remark| (remark.client, remark.message.code.to_string()))
            .collect()
    }

    fn one(client: &str, code: &str) -> Vec<(String, String)> {
        vec![(client.to_owned(), code.to_owned())]
    }

    #[test]
    fn two_ways_into_one_server_are_found_whatever_this_machine_is_called() {
        for other in ["localhost", "127.0.0.1", "[::1]", "LOCALHOST", "127.0.0.2"] {
            let reverse = format!("ws://{other}:9080/onebot/v11/ws");
            let clients = [
                ("a", "post", "http://127.0.0.1:9080/onebot/v11/http"),
                ("b", "reverse", &reverse),
            ];
            assert_eq!(said(&clients), one("b", "config.two_ways"), "{other}");
        }
        let slash = [
            ("a", "reverse", "ws://bot.example/ws"),
            ("b", "reverse", "ws://BOT.example:80/ws/"),
        ];
        assert_eq!(said(&slash), one("b", "config.two_ways"));
        let others = [
            ("a", "reverse", "ws://bot.example/ws"),
            ("b", "post", "https://bot.example/ws"),
        ];
        assert_eq!(said(&others), []);
    }

    #[test]
    fn an_address_of_our_own_is_found() {
        for (url, is_own) in [
            ("http://127.0.0.1:8080/", true),
            ("http://localhost:8080/rpc", true),
            ("http://127.0.0.1:5701/", true),
            ("http://[::1]:6700/", true),
            ("http://127.0.0.1:6701/", false),
            ("http://192.0.2.7:6700/", false),
            ("http://bot.example:8080/", false),
        ] {
            let clients = [("f", "forward", "0.0.0.0:6700"), ("p", "post", url)];
            let expected = if is_own {
                one("p", "config.own_port")
            } else {
                Vec::new()
            };
            assert_eq!(said(&clients), expected, "{url}");
        }
    }
}
