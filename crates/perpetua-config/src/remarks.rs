//! What is written and cannot work together, though each of it by itself is right.

use std::collections::HashMap;
use std::net::SocketAddr;

use perpetua_words::{Message, config as words};

use crate::{Account, Client, ClientFormat, ClientFramework, ClientKind, Config, Server, Upstream};

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

/// Our ports, and what each is called in the settings; by their numbers, so that many clients are told soon.
#[derive(Default)]
struct OwnPorts(HashMap<u16, Vec<(SocketAddr, String)>>);

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
    let mut ways: HashMap<Server, &Client> = HashMap::new();
    for client in account.clients.iter().filter(|client| client.enabled) {
        for message in of_framework(client) {
            say(Some(client), message);
        }
        let Some(server) = server_of(client) else {
            continue;
        };
        if let Some(holder) = ports.holder(&server) {
            let address = server.to_string();
            say(Some(client), words::OwnPort { address, holder }.into());
        }
        if let Some(first) = ways.get(&server) {
            let address = server.to_string();
            let (one, other) = (first.name.as_str(), client.name.as_str());
            let two_ways = words::TwoWays {
                address,
                one,
                other,
            };
            say(Some(client), two_ways.into());
        } else {
            ways.insert(server, client);
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

/// Where we go to a client, if we do.
fn server_of(client: &Client) -> Option<Server> {
    match &client.kind {
        ClientKind::Forward(_) | ClientKind::Http(_) => None,
        ClientKind::Post(post) => Some(post.url.server()),
        ClientKind::Reverse(reverse) => Some(reverse.url.server()),
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

    /// The codes of what is said of these settings.
    fn codes(text: &str) -> Vec<(Option<String>, String)> {
        let config = parse(text).unwrap_or_else(|wrong| panic!("{wrong}"));
        let remarks = config.remarks().into_iter();
        remarks
            .map(|remark| (remark.client, remark.message.code.to_string()))
            .collect()
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
