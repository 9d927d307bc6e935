//! What is written and cannot work together, though each of it by itself is right.

use std::collections::HashMap;
use std::net::SocketAddr;

use perpetua_words::{Message, config as words};

use crate::{
    Account, Client, ClientFormat, ClientFramework, ClientKind, Config, ReverseRoles, Server,
    Upstream,
};

/// Something to be said of a client or an upstream whose settings are valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The account's name.
    pub account: String,
    /// The client's name; `None`: it is about the account's upstream.
    pub client: Option<String>,
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

/// Our ports, and what each is called in the settings; by their numbers, so that many clients are told soon.
#[derive(Default)]
struct OwnPorts(HashMap<u16, Vec<(SocketAddr, String)>>);

/// Where `NoneBot2` waits, which takes one connection for everything.
const NONEBOT_PATH: &str = "/onebot/v11/ws";

impl Config {
    /// What cannot work together, account by account. What is switched off is in nobody's way.
    pub fn remarks(&self) -> Vec<Remark> {
        let ports = OwnPorts::of(self);
        let enabled = self.accounts.iter().filter(|account| account.enabled);
        enabled
            .flat_map(|account| of_account(account, &ports))
            .collect()
    }
}

fn of_account(account: &Account, ports: &OwnPorts) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let mut say = |client: Option<&Client>, message: Message| {
        remarks.push(Remark {
            account: account.name.to_string(),
            client: client.map(|client| client.name.to_string()),
            message,
        });
    };
    if let Upstream::Onebot(onebot) = &account.upstream
        && let Some(message) = own_upstream(&onebot.url.server(), ports)
    {
        say(None, message);
    }
    let mut ways: HashMap<Server, Way<'_>> = HashMap::new();
    for client in account.clients.iter().filter(|client| client.enabled) {
        for message in of_framework(client) {
            say(Some(client), message);
        }
        for way in ways_of(client) {
            for message in of_way(&way, ways.get(&way.server), ports) {
                say(Some(client), message);
            }
            ways.entry(way.server.clone()).or_insert(way);
        }
    }
    remarks
}

/// That an account would listen to its own node.
fn own_upstream(server: &Server, ports: &OwnPorts) -> Option<Message> {
    let holder = ports.holder(server)?;
    let address = server.to_string();
    Some(words::OwnUpstream { address, holder }.into())
}

/// What the framework of a client cannot do.
fn of_framework(client: &Client) -> Vec<Message> {
    let mut said = Vec::new();
    if client.framework == Some(ClientFramework::Astrbot) {
        if client.format == ClientFormat::String {
            said.push(words::AstrbotTakesArrays.into());
        }
        if !matches!(client.kind, ClientKind::Reverse(_)) {
            let kind = client.kind.word();
            said.push(words::AstrbotWaits { kind }.into());
        }
    }
    said
}

/// What is wrong with a way; `former` is another one to the same server.
fn of_way(way: &Way<'_>, former: Option<&Way<'_>>, ports: &OwnPorts) -> Vec<Message> {
    let address = &way.server.to_string();
    let own = ports
        .holder(&way.server)
        .map(|holder| words::OwnPort { address, holder }.into());
    let two = former.map(|former| {
        let (one, other) = former.names_beside(way);
        Message::from(words::TwoWays {
            address,
            one,
            other,
        })
    });
    [own, two, way.split_in_vain()]
        .into_iter()
        .flatten()
        .collect()
}

/// The ways to the frameworks of a client, if we go there.
fn ways_of(client: &Client) -> Vec<Way<'_>> {
    match &client.kind {
        ClientKind::Forward(_) | ClientKind::Http(_) => Vec::new(),
        ClientKind::Post(post) => vec![Way {
            client,
            url: post.url.to_string(),
            path: post.url.uri().path().to_owned(),
            server: post.url.server(),
        }],
        ClientKind::Reverse(reverse) => reverse
            .targets()
            .map(|target| Way {
                client,
                url: target.url.to_string(),
                path: target.url.uri().path().to_owned(),
                server: target.url.server(),
            })
            .collect(),
    }
}

impl Way<'_> {
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

impl OwnPorts {
    fn of(config: &Config) -> Self {
        let mut ports = Self::default();
        ports.add(config.api.listen, "[api] listen".to_owned());
        for account in config.accounts.iter().filter(|account| account.enabled) {
            if let Upstream::OnebotReverse(reverse) = &account.upstream {
                ports.add(reverse.listen, account.name.to_string());
            }
            for client in account.clients.iter().filter(|client| client.enabled) {
                if let Some(listen) = client.listen() {
                    ports.add(listen, format!("{}/{}", account.name, client.name));
                }
            }
        }
        ports
    }

    fn add(&mut self, listen: SocketAddr, holder: String) {
        let same_port = self.0.entry(listen.port()).or_default();
        same_port.push((listen, holder));
    }

    /// What a server is called in the settings, if it is one of these.
    fn holder(&self, server: &Server) -> Option<&str> {
        let mut same_port = self.0.get(&server.port()).into_iter().flatten();
        same_port
            .find(|(listen, _)| server.is_at(*listen))
            .map(|(_, holder)| holder.as_str())
    }
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
            .map(|remark| {
                let client = remark.client.unwrap_or_default();
                (client, remark.message.code.to_string())
            })
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
                let params = remark.message.params.values();
                let mut shown = params.map(|value| format!("{value:?}"));
                let address = shown.find(|value| value.contains("ws://"));
                let code = remark.message.code.to_string();
                (code, address.unwrap_or_default())
            })
            .collect()
    }

    /// The codes of what is said of these settings.
    fn codes(text: &str) -> Vec<(Option<String>, String)> {
        let config = parse(text).unwrap_or_else(|wrong| panic!("{wrong}"));
        let remarks = config.remarks().into_iter();
        remarks
            .map(|remark| (remark.client, remark.message.code.to_string()))
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
    fn an_account_that_listens_to_its_own_node_is_found() {
        let client = "[[accounts.clients]]\nname = \"bot\"\nkind = \"forward\"\nlisten = \"127.0.0.1:6700\"\n";
        for (url, is_own) in [
            ("ws://localhost:6700/", true),
            ("ws://[::1]:8080/", true),
            ("ws://127.0.0.1:3001/", false),
            ("ws://napcat.example:6700/", false),
        ] {
            for enabled in [true, false] {
                let upstream = format!("upstream = {{ kind = \"onebot\", url = \"{url}\" }}\n");
                let account = format!("[[accounts]]\nname = \"main\"\nenabled = {enabled}\n");
                let expected =
                    (is_own && enabled).then(|| (None, "config.own_upstream".to_owned()));
                let found = codes(&(account + &upstream + client));
                assert_eq!(found, Vec::from_iter(expected), "{url} {enabled}");
            }
        }
    }

    #[test]
    fn what_a_framework_cannot_do_is_found() {
        let reverse = "kind = \"reverse\"\nurl = \"ws://127.0.0.1:6199/ws\"";
        let forward = "kind = \"forward\"\nlisten = \"127.0.0.1:6700\"";
        for (kind, more, expected) in [
            (reverse, "framework = \"astrbot\"", &[][..]),
            (reverse, "framework = \"astrbot\"\nformat = \"array\"", &[]),
            (
                reverse,
                "framework = \"astrbot\"\nformat = \"string\"",
                &["config.astrbot_takes_arrays"],
            ),
            (
                forward,
                "framework = \"astrbot\"",
                &["config.astrbot_waits"],
            ),
            (forward, "framework = \"koishi\"\nformat = \"string\"", &[]),
            (forward, "format = \"string\"", &[]),
        ] {
            let text = format!(
                "[[accounts]]\nname = \"main\"\nupstream = {{ kind = \"simulator\" }}\n[[accounts.clients]]\nname = \"bot\"\n{kind}\n{more}\n"
            );
            let expected: Vec<_> = expected
                .iter()
                .map(|code| (Some("bot".to_owned()), (*code).to_owned()))
                .collect();
            assert_eq!(codes(&text), expected, "{kind} {more}");
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
