//! `perpetuad guide`: what to paste into a framework so that it finds its port.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use perpetua_schema::{NodeStatus, Status};
use perpetua_words::cli;

use crate::{
    arguments::{ClientName, PlaceArguments, TokenOwner},
    failure::Failure,
    place,
    remote::Remote,
    terminal::{Terminal, padded, print},
    token,
};

pub(crate) fn guide(
    terminal: &Terminal,
    place: &PlaceArguments,
    wanted: Option<&ClientName>,
) -> Result<(), Failure> {
    let status = Remote::find(&place::folders(place)?)?.call(&Status {})?;
    let ports = ports(&status);
    let chosen: Vec<&Port> = ports
        .iter()
        .filter(|port| wanted.is_none_or(|wanted| *wanted == port.name))
        .collect();
    if chosen.is_empty() {
        return Err(nothing_to_show(&status, wanted));
    }
    for port in chosen {
        let token = token::find(place, &TokenOwner::Client(port.name.clone()))?;
        print(&page(terminal, port, token.as_deref()))?;
    }
    Ok(())
}

/// A client that frameworks can connect to.
struct Port {
    name: ClientName,
    listen: String,
    /// The bot's id, once it is known.
    self_id: Option<i64>,
}

fn ports(status: &NodeStatus) -> Vec<Port> {
    let mut ports = Vec::new();
    for account in &status.accounts {
        for client in &account.clients {
            ports.extend(client.listen.clone().map(|listen| Port {
                name: ClientName {
                    account: account.name.clone(),
                    client: client.name.clone(),
                },
                listen,
                self_id: account.self_id,
            }));
        }
    }
    ports
}

/// Why there is nothing to paste: a client that does not exist, or none with an open port.
fn nothing_to_show(status: &NodeStatus, wanted: Option<&ClientName>) -> Failure {
    let accounts = status.accounts.iter();
    let known: Vec<String> = accounts
        .flat_map(|account| {
            let clients = account.clients.iter();
            clients.map(|client| format!("{}/{}", account.name, client.name))
        })
        .collect();
    match wanted.map(ToString::to_string) {
        None if known.is_empty() => Failure::usage(cli::GuideNoClients),
        None => Failure::usage(cli::GuideNoPorts),
        Some(client) if known.contains(&client) => Failure::usage(cli::GuideNoPort { client }),
        Some(client) if known.is_empty() => Failure::usage(cli::NoClient { client }),
        Some(client) => {
            let known = known.join(", ");
            Failure::usage(cli::NoClientOf { client, known })
        }
    }
}

/// An address that a program of this machine can dial: `0.0.0.0` is every address of it and none to dial.
fn dialled(listen: &str) -> String {
    let Ok(mut address) = listen.parse::<SocketAddr>() else {
        return listen.to_owned();
    };
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address.to_string()
}

fn page(terminal: &Terminal, port: &Port, token: Option<&str>) -> String {
    let address = dialled(&port.listen);
    let shown_token = token.map_or_else(|| terminal.text(cli::GuideNoToken), str::to_owned);
    let token = token.unwrap_or_default();
    let self_id = port
        .self_id
        .map_or_else(|| terminal.text(cli::GuideSelfId), |id| id.to_string());
    let row = |what: String, value: &str| format!("{} {value}", padded(&what, 8));
    let mut lines = vec![
        format!("── {} ──", port.name),
        row(terminal.text(cli::GuideAddress), &format!("ws://{address}")),
        row(terminal.text(cli::GuideToken), &shown_token),
    ];
    if address != port.listen {
        let listen = &port.listen;
        lines.push(terminal.text(cli::GuideEveryAddress { listen }));
    }
    lines.extend([
        String::new(),
        terminal.text(cli::GuideNonebot),
        "DRIVER=~aiohttp".to_owned(),
        format!("ONEBOT_WS_URLS=[\"ws://{address}\"]"),
        format!("ONEBOT_ACCESS_TOKEN={token}"),
        String::new(),
        terminal.text(cli::GuideKoishi),
        format!("selfId: \"{self_id}\""),
        "protocol: ws".to_owned(),
        format!("endpoint: ws://{address}"),
        format!("token: {token}"),
        String::new(),
        terminal.text(cli::GuideAstrbot),
        String::new(),
    ]);
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use perpetua_words::Language::{Chinese, English};

    use super::{Port, dialled, nothing_to_show, page};
    use crate::{arguments::PlaceArguments, failure::Failure, terminal::Terminal};

    fn port(listen: &str) -> Port {
        Port {
            name: "main/bot".parse().expect("valid"),
            listen: listen.to_owned(),
            self_id: Some(10000),
        }
    }

    fn terminal(language: perpetua_words::Language) -> Terminal {
        let place = PlaceArguments {
            data_dir: None,
            config: None,
        };
        Terminal::new(language, &place)
    }

    fn node_without_open_ports() -> perpetua_schema::NodeStatus {
        serde_json::from_value(serde_json::json!({
            "version": "1", "pid": 1, "uptime_s": 1, "api": "", "problems": [], "notices": [],
            "accounts": [{
                "name": "main", "enabled": true, "self_id": null, "online": false, "problem": null,
                "upstream": {
                    "kind": "simulator", "state": "open", "address": null, "retry_in_s": null,
                    "notices": [],
                },
                "core": null, "events": 0, "responses": 0, "late_responses": 0,
                "clients": [{
                    "name": "bot", "enabled": true, "listen": null, "problem": null,
                    "connections": [], "sent": 0, "dropped": 0, "actions": 0, "refusals": 0,
                    "cuts": 0, "notices": [],
                }],
            }],
        }))
        .expect("a status")
    }

    #[test]
    fn the_guide_holds_address_and_token_for_both_frameworks() {
        for language in [English, Chinese] {
            let page = page(&terminal(language), &port("127.0.0.1:6700"), Some("t0ken"));
            assert_eq!(page.matches("ws://127.0.0.1:6700").count(), 3, "{page}");
            assert!(page.contains("ONEBOT_ACCESS_TOKEN=t0ken\n"), "{page}");
            assert!(page.contains("selfId: \"10000\"\n"), "{page}");
            assert!(page.contains("token: t0ken\n"), "{page}");
            assert!(page.contains("AstrBot"), "{page}");
        }
    }

    #[test]
    fn an_address_that_is_printed_can_be_dialled() {
        assert_eq!(dialled("0.0.0.0:6700"), "127.0.0.1:6700");
        assert_eq!(dialled("[::]:6700"), "[::1]:6700");
        assert_eq!(dialled("192.0.2.7:6700"), "192.0.2.7:6700");
        let page = page(&terminal(English), &port("0.0.0.0:6700"), None);
        assert!(!page.contains("ws://0.0.0.0"), "{page}");
        assert!(page.contains("`0.0.0.0:6700`"), "{page}");
    }

    #[test]
    fn an_unknown_client_is_refused_with_the_names_that_there_are() {
        let refused = |wanted: &str| {
            let wanted = wanted.parse().expect("valid");
            match nothing_to_show(&node_without_open_ports(), Some(&wanted)) {
                Failure::Told { message, exit, .. } => (message.to_string(), exit),
                Failure::OutputClosed => panic!("said to a person"),
            }
        };
        let (text, exit) = refused("main/bto");
        assert_eq!(exit, perpetua_node::ExitCode::Usage);
        assert_eq!(text, "there is no client `main/bto`; there are: main/bot");
        assert_eq!(refused("main/bot").0, "client `main/bot` has no open port");
    }
}
