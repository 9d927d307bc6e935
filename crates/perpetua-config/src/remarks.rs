//! What is written and cannot work together, though each of it by itself is right.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use http::Uri;
use perpetua_words::{Message, config as words};

use crate::{Account, Client, ClientKind, Config, ReverseRoles, Upstream};

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

/// A way that leads from us to a framework.
struct Way<'a> {
    client: &'a Client,
    /// Its address as the settings have it.
    url: String,
    path: String,
    server: Server,
}

/// Where a way leads to.
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

/// Where `NoneBot2` waits, which takes one connection for everything.
const NONEBOT_PATH: &str = "/onebot/v11/ws";

impl Config {
    /// What cannot work together, client by client. What is switched off is in nobody's way.
    pub fn remarks(&self) -> Vec<Remark> {
        let ports = own_ports(self);
        let mut remarks = Vec::new();
        for account in self.accounts.iter().filter(|account| account.enabled) {
            let ways: Vec<_> = ways(account).collect();
            for (place, way) in ways.iter().enumerate() {
                let address = way.server.to_string();
                let holder = ports.iter().find(|own| own.is_at(&way.server));
                let own = holder.map(|own| words::OwnPort {
                    address: &address,
                    holder: &own.holder,
                });
                let mut former = ways.iter().take(place);
                let former = former.find(|former| former.server == way.server);
                let two = former.map(|former| {
                    let (one, other) = former.names_beside(way);
                    let address = &address;
                    Message::from(words::TwoWays {
                        address,
                        one,
                        other,
                    })
                });
                let said = [own.map(Message::from), two, way.split_in_vain()];
                remarks.extend(said.into_iter().flatten().map(|message| Remark {
                    account: account.name.to_string(),
                    client: way.client.name.to_string(),
                    message,
                }));
            }
        }
        remarks
    }
}

/// The ways of an account to its frameworks.
fn ways(account: &Account) -> impl Iterator<Item = Way<'_>> {
    let clients = account.clients.iter().filter(|client| client.enabled);
    clients.flat_map(|client| match &client.kind {
        ClientKind::Forward(_) | ClientKind::Http(_) => Vec::new(),
        ClientKind::Post(post) => {
            vec![Way::new(
                client,
                &post.url,
                &post.url.uri(),
                post.url.port(),
            )]
        }
        ClientKind::Reverse(reverse) => {
            let urls = reverse.targets().map(|target| &target.url);
            urls.map(|url| Way::new(client, url, url.uri(), url.port()))
                .collect()
        }
    })
}

impl<'a> Way<'a> {
    fn new(client: &'a Client, url: &impl fmt::Display, uri: &Uri, port: u16) -> Self {
        Self {
            client,
            url: url.to_string(),
            path: uri.path().to_owned(),
            server: Server::of(uri, port),
        }
    }

    /// What to call it and a later one: their clients, or the addresses of the same client.
    fn names_beside<'b>(&'b self, later: &'b Self) -> (&'b str, &'b str) {
        if self.client.name == later.client.name {
            return (&self.url, &later.url);
        }
        (self.client.name.as_str(), later.client.name.as_str())
    }

    /// That a framework is dialled twice which takes one connection.
    fn split_in_vain(&self) -> Option<Message> {
        let ClientKind::Reverse(reverse) = &self.client.kind else {
            return None;
        };
        let path = self.path.trim_end_matches('/');
        let is_in_vain = reverse.roles == ReverseRoles::Split && path == NONEBOT_PATH;
        is_in_vain.then(|| words::SplitInVain { path }.into())
    }
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

impl fmt::Display for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.port)
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

    /// The codes of what is said of one client that dials with these keys.
    fn said_of_dialled(keys: &str) -> Vec<(String, String)> {
        let text = format!(
            "[[accounts]]\nname = \"main\"\nupstream = {{ kind = \"simulator\" }}\n[[accounts.clients]]\nname = \"a\"\nkind = \"reverse\"\n{keys}\n"
        );
        let config = parse(&text).unwrap_or_else(|wrong| panic!("{wrong}"));
        let remarks = config.remarks().into_iter();
        remarks
            .map(|remark| {
                let mut names = remark.message.params.values();
                let named = names.find(|name| format!("{name:?}").contains("ws://"));
                let code = remark.message.code.to_string();
                (
                    code,
                    named.map(|name| format!("{name:?}")).unwrap_or_default(),
                )
            })
            .collect()
    }

    #[test]
    fn several_addresses_of_one_client_are_looked_at_each() {
        let two = said_of_dialled("urls = [\"ws://h:1/a\", \"ws://h:2/a\", \"ws://H:1/b\"]");
        let [(code, named)] = two.as_slice() else {
            panic!("{two:?}")
        };
        assert_eq!(code, "config.two_ways");
        assert!(named.contains("ws://"), "{named}");
        let own = said_of_dialled("urls = [\"ws://h:1/a\", \"ws://127.0.0.1:8080/\"]");
        assert_eq!(own[0].0, "config.own_port");
    }

    #[test]
    fn halves_for_nonebot_are_in_vain() {
        for (url, roles, is_said) in [
            ("ws://h:1/onebot/v11/ws/", "split", true),
            ("ws://h:1/onebot/v11/ws", "universal", false),
            ("ws://h:1/ws", "split", false),
        ] {
            let said = said_of_dialled(&format!("url = \"{url}\"\nroles = \"{roles}\""));
            let codes: Vec<_> = said.iter().map(|(code, _)| &**code).collect();
            let expected: &[&str] = if is_said {
                &["config.split_in_vain"]
            } else {
                &[]
            };
            assert_eq!(codes, expected, "{url}");
        }
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
