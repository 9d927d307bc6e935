//! `perpetuad guide`: what to paste into a framework so that it and its client come together.

use perpetua_schema::{
    ClientStatus, Framework, Guide, GuideText, NodeStatus, Snippet, Status, TargetState,
    TargetStatus,
};
use perpetua_words::{Message, cli};

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
    let remote = Remote::find(&place::folders(place)?)?;
    let status = remote.call(&Status {})?;
    let ports = open_ports(&status);
    let chosen: Vec<&ClientName> = ports
        .iter()
        .filter(|port| wanted.is_none_or(|wanted| wanted == *port))
        .collect();
    if chosen.is_empty() {
        return Err(nothing_to_show(terminal, &status, wanted));
    }
    for port in chosen {
        let token = token::find(place, &TokenOwner::Client(port.clone()))?;
        let of = |framework| {
            remote.call(&Guide {
                account: port.account.clone(),
                client: port.client.clone(),
                framework,
            })
        };
        let client = client_of(&status, port);
        let frameworks = client.map(frameworks_of).unwrap_or_default();
        let port = Port {
            name: port.clone(),
            token,
            is_dialled: client.is_some_and(|client| client.listen.is_none()),
            any: of(Framework::Other)?,
            frameworks: frameworks
                .into_iter()
                .map(|(name, framework)| Ok((name, of(framework)?)))
                .collect::<Result<_, Failure>>()?,
        };
        let is_unnamed = client.is_some_and(|one| one.kind == "reverse" && one.framework.is_none());
        let port = if is_unnamed { port.fitting() } else { port };
        print(&page(terminal, &port))?;
    }
    Ok(())
}

/// Those whose lines are told.
const FRAMEWORKS: [(&str, Framework); 3] = [
    ("NoneBot2", Framework::Nonebot),
    ("Koishi", Framework::Koishi),
    ("AstrBot", Framework::Astrbot),
];

/// The framework that the settings name at a client, or else the one that waits at the path which is dialled: what the
/// address would have to be for another one is of no use.
fn frameworks_of(client: &ClientStatus) -> Vec<(&'static str, Framework)> {
    let all = FRAMEWORKS.into_iter();
    let only = |framework| all.clone().filter(|(_, one)| *one == framework).collect();
    if let Some(named) = client.framework {
        return only(named);
    }
    let Some(target) = client.targets.first().filter(|_| client.kind == "reverse") else {
        return FRAMEWORKS.to_vec();
    };
    match path_of(&target.address) {
        "/onebot/v11/ws" => only(Framework::Nonebot),
        "/onebot" => only(Framework::Koishi),
        "/ws" => only(Framework::Astrbot),
        _ => FRAMEWORKS.to_vec(),
    }
}

/// The path of an address, without the slash that frameworks leave out.
fn path_of(address: &str) -> &str {
    let (_, behind) = address.split_once("://").unwrap_or(("", address));
    let path = behind.find('/').map_or("", |slash| &behind[slash..]);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.trim_end_matches('/')
}

/// A client that frameworks can connect to.
struct Port {
    name: ClientName,
    token: Option<String>,
    /// Whether we go to it.
    is_dialled: bool,
    /// What any program has to know of it.
    any: GuideText,
    /// What single ones do.
    frameworks: Vec<(&'static str, GuideText)>,
}

impl Port {
    /// Without the frameworks that wait at another path: nobody has said that it is one of them.
    fn fitting(mut self) -> Self {
        let waits_elsewhere = |note: &Message| note.code == "guide.other_path";
        self.frameworks
            .retain(|(_, guide)| !guide.notes.iter().any(waits_elsewhere));
        self
    }
}

/// The clients with an open port, and those that are dialled.
fn open_ports(status: &NodeStatus) -> Vec<ClientName> {
    let mut ports = Vec::new();
    for account in &status.accounts {
        let open = account.clients.iter();
        let open = open.filter(|client| {
            let is_dialled = |target: &TargetStatus| target.state != TargetState::Closed;
            client.listen.is_some() || client.targets.iter().any(is_dialled)
        });
        ports.extend(open.map(|client| ClientName {
            account: account.name.clone(),
            client: client.name.clone(),
        }));
    }
    ports
}

/// Why there is nothing to paste: a client that does not exist, or none with an open port.
fn nothing_to_show(
    terminal: &Terminal,
    status: &NodeStatus,
    wanted: Option<&ClientName>,
) -> Failure {
    if status.accounts.is_empty() {
        let command = terminal.command("ui");
        return Failure::usage(cli::NoAccounts { command });
    }
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
        Some(client) if known.contains(&client) => match problem_of(status, wanted) {
            Some(cause) => Failure::usage(cli::GuideNotReady { client, cause }),
            None => Failure::usage(cli::GuideNoPort { client }),
        },
        Some(client) if known.is_empty() => Failure::usage(cli::NoClient { client }),
        Some(client) => {
            let known = known.join(", ");
            Failure::usage(cli::NoClientOf { client, known })
        }
    }
}

/// What keeps a client from its work.
fn problem_of(status: &NodeStatus, wanted: Option<&ClientName>) -> Option<Message> {
    client_of(status, wanted?)?.problem.clone()
}

fn client_of<'a>(status: &'a NodeStatus, of: &ClientName) -> Option<&'a ClientStatus> {
    let mut accounts = status.accounts.iter();
    let account = accounts.find(|account| account.name == of.account)?;
    let mut clients = account.clients.iter();
    clients.find(|client| client.name == of.client)
}

/// What is to be entered, framework by framework. What holds for all of them stands once, at the top.
fn page(terminal: &Terminal, port: &Port) -> String {
    let token = port.token.as_deref();
    let none: Message = if port.is_dialled {
        cli::GuideNoneSent.into()
    } else {
        cli::GuideNoToken.into()
    };
    let shown_token = token.map_or_else(|| terminal.text(none), str::to_owned);
    let filled = |text: &str| text.replace(Snippet::TOKEN, token.unwrap_or_default());
    let address = port.any.snippets.first();
    let address = address.map_or_else(String::new, |snippet| filled(&snippet.text));
    // Of one with two addresses, each has its line.
    let address = address.replace('\n', &format!("\n{:9}", ""));
    let row = |what: String, value: &str| format!("{} {value}", padded(&what, 8));
    let say = |note: &Message| terminal.text(note.clone());
    let mut lines = vec![
        format!("── {} ──", port.name),
        row(terminal.text(cli::GuideAddress), &address),
        row(terminal.text(cli::GuideToken), &shown_token),
    ];
    lines.extend(port.any.notes.iter().map(say));
    for (framework, guide) in &port.frameworks {
        lines.push(String::new());
        for snippet in &guide.snippets {
            if let Some(file) = &snippet.file {
                lines.push(terminal.text(cli::GuideInFile {
                    file,
                    framework: *framework,
                }));
            }
            lines.push(filled(snippet.text.trim_end_matches('\n')));
        }
        let own = guide
            .notes
            .iter()
            .filter(|note| !port.any.notes.contains(note));
        lines.extend(own.map(say));
    }
    lines.join("\n") + "\n\n"
}

#[cfg(test)]
mod tests {
    use perpetua_schema::{GuideText, Snippet};
    use perpetua_words::{
        Language::{Chinese, English},
        Message, guide as words,
    };

    use super::{Port, nothing_to_show, page};
    use crate::{arguments::PlaceArguments, failure::Failure, terminal::Terminal};

    fn guide(text: &str, file: Option<&str>, notes: Vec<Message>) -> GuideText {
        let snippet = Snippet {
            file: file.map(str::to_owned),
            language: "text".into(),
            text: text.into(),
        };
        GuideText {
            snippets: vec![snippet],
            notes,
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
        let client = serde_json::json!({
            "name": "bot", "enabled": true, "kind": "forward", "framework": null, "has_token": true, "remarks": [],
            "queue_events": 10, "queue_bytes": 10, "dropped_last_minute": 0, "since_ms": 0, "listen": null, "targets": [], "problem": null,
            "connections": [], "sent": 0, "dropped": 0, "actions": 0, "refusals": 0,
            "cuts": 0, "notices": [],
        });
        serde_json::from_value(serde_json::json!({
            "version": "1", "pid": 1, "uptime_s": 1, "api": "", "problems": [], "notices": [],
            "accounts": [{
                "name": "main", "enabled": true, "self_id": null, "nickname": null, "since_ms": 0, "online": false, "problem": null,
                "upstream": {
                    "kind": "simulator", "state": "open", "address": null, "retry_in_s": null,
                    "since_ms": 0, "implementation": null, "remarks": [],
                    "notices": [],
                },
                "core": null, "events": 0, "responses": 0, "late_responses": 0,
                "clients": [client],
            }],
        }))
        .expect("a status")
    }

    #[test]
    fn a_page_holds_every_framework_and_what_holds_for_all_of_them_once() {
        let shared = || Message::from(words::NoToken);
        let port = Port {
            name: "main/bot".parse().expect("valid"),
            token: Some("t0ken".into()),
            is_dialled: false,
            any: guide("ws://127.0.0.1:6700", None, vec![shared()]),
            frameworks: vec![
                (
                    "NoneBot2",
                    guide(
                        "A={{token}}\n",
                        Some(".env"),
                        vec![shared(), words::NonebotDriver.into()],
                    ),
                ),
                (
                    "Koishi",
                    guide("  token: {{token}}\n", Some("koishi.yml"), vec![shared()]),
                ),
            ],
        };
        for language in [English, Chinese] {
            let page = page(&terminal(language), &port);
            assert!(page.contains(" ws://127.0.0.1:6700\n"), "{page}");
            assert!(
                page.contains("`.env`") && page.contains("\nA=t0ken\n"),
                "{page}"
            );
            assert!(page.contains("\n  token: t0ken\n"), "{page}");
            let once = shared().in_language(language);
            assert_eq!(page.matches(&once).count(), 1, "{page}");
            let own = Message::from(words::NonebotDriver).in_language(language);
            assert!(page.contains(&own), "{page}");
        }
    }

    #[test]
    fn an_unknown_client_is_refused_with_the_names_that_there_are() {
        let refused = |wanted: &str| {
            let wanted = wanted.parse().expect("valid");
            match nothing_to_show(
                &terminal(English),
                &node_without_open_ports(),
                Some(&wanted),
            ) {
                Failure::Told { message, exit, .. } => (message.to_string(), exit),
                Failure::OutputClosed => panic!("said to a person"),
            }
        };
        let (text, exit) = refused("main/bto");
        assert_eq!(exit, perpetua_node::ExitCode::Usage);
        assert_eq!(text, "there is no client `main/bto`; there are: main/bot");
        assert_eq!(refused("main/bot").0, "client `main/bot` has no open port");
    }

    #[test]
    fn without_an_account_the_way_to_the_first_one_is_told() {
        let mut node = node_without_open_ports();
        node.accounts.clear();
        for language in [English, Chinese] {
            let terminal = terminal(language);
            let Failure::Told { message, .. } = nothing_to_show(&terminal, &node, None) else {
                panic!("said to a person");
            };
            let text = terminal.text(message);
            assert!(text.contains("perpetuad ui"), "{text}");
            assert!(text.contains("[[accounts]]"), "{text}");
        }
    }
}
