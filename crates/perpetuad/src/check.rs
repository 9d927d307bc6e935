//! `perpetuad check`: are the settings valid?

use std::{
    collections::BTreeSet,
    io::ErrorKind,
    net::{IpAddr, UdpSocket},
};

use perpetua_config::{Client, ClientKind, Config, ListenerToken, Remark, TokenSource, Upstream};
use perpetua_node::{Tokens, read_settings};
use perpetua_words::{Message, cli, port};

use crate::{
    arguments::PlaceArguments,
    failure::Failure,
    place,
    terminal::{Terminal, padded, print},
};

/// Reads the settings and tells what they mean; nothing is started or written.
pub(crate) fn check(terminal: &Terminal, place: &PlaceArguments) -> Result<(), Failure> {
    let folders = place::folders(place)?;
    let path = place.config.clone().unwrap_or_else(|| folders.settings());
    let settings = read_settings(path)?;
    let path = &settings.path;
    terminal.say(cli::SettingsValid { path })?;
    let tokens = place::tokens(place, &folders, &settings);
    let mut lines = summary(terminal, &settings.config);
    if settings.text.trim().is_empty() {
        lines = remark(terminal, cli::SettingsBlank.into()) + &lines;
    }
    for problem in missing(&settings.config, &tokens) {
        lines += &remark(terminal, problem);
    }
    for problem in not_here(&settings.config) {
        lines += &remark(terminal, problem);
    }
    print(&lines)
}

/// What is wrong with the tokens of variables and files. The secret store is not asked: a keyring may want its password.
fn missing(config: &Config, tokens: &Tokens) -> Vec<Message> {
    let sources = config.accounts.iter().flat_map(|account| {
        let of_upstream = match &account.upstream {
            Upstream::Onebot(onebot) => onebot.token.as_ref(),
            Upstream::OnebotReverse(reverse) => source(&reverse.token),
            Upstream::Simulator | Upstream::Lagrange(_) => None,
        };
        let of_clients = account
            .clients
            .iter()
            .filter(|one| one.signing_key().is_none());
        of_upstream
            .into_iter()
            .chain(of_clients.flat_map(Client::secrets))
    });
    let sources = sources.chain(source(&config.discovery.token));
    let clients = config.accounts.iter().flat_map(|one| &one.clients);
    let is_looked_at = |source: &&TokenSource| !matches!(source, TokenSource::Secret(_));
    let keys = clients.filter_map(Client::signing_key).filter(is_looked_at);
    let of_tokens = sources.filter(is_looked_at).map(|one| tokens.find(one));
    let all = of_tokens.chain(keys.map(|one| tokens.find_key(one)));
    all.filter_map(|found| found.err().map(|problem| (&problem).into()))
        .collect()
}

/// The addresses of listeners that this machine does not have, each once.
fn not_here(config: &Config) -> Vec<Message> {
    let of_accounts = config.accounts.iter().flat_map(|account| {
        let of_upstream = match &account.upstream {
            Upstream::OnebotReverse(reverse) => Some(reverse.listen),
            Upstream::Simulator | Upstream::Onebot(_) | Upstream::Lagrange(_) => None,
        };
        let of_clients = account.clients.iter().filter_map(Client::listen);
        of_upstream.into_iter().chain(of_clients)
    });
    let all: BTreeSet<_> = of_accounts
        .chain([config.api.listen])
        .map(|listen| listen.ip())
        .collect();
    let strange = all.into_iter().filter(|address| is_strange(*address));
    strange
        .map(|address| port::NotHere { address }.into())
        .collect()
}

/// Whether this machine does not have an address. Nothing is sent from it, and no port is taken that anybody needs.
fn is_strange(address: IpAddr) -> bool {
    let bound = UdpSocket::bind((address, 0));
    bound.is_err_and(|error| error.kind() == ErrorKind::AddrNotAvailable)
}

fn source(token: &ListenerToken) -> Option<&TokenSource> {
    match token {
        ListenerToken::From(source) => Some(source),
        ListenerToken::Generated | ListenerToken::Off => None,
    }
}

fn remark(terminal: &Terminal, remark: Message) -> String {
    format!("  ! {}\n", terminal.text(remark))
}

/// A line for each thing that would run.
fn summary(terminal: &Terminal, config: &Config) -> String {
    let mut lines = vec![row(
        terminal,
        "",
        cli::RowApi.into(),
        &config.api.listen.to_string(),
    )];
    let remarks = config.remarks();
    for account in &config.accounts {
        let name = named(terminal, account.name.as_str(), account.enabled);
        let upstream = upstream(&account.upstream);
        lines.push(row(
            terminal,
            "",
            cli::RowAccount.into(),
            &terminal.text(cli::RowOf {
                name,
                value: upstream,
            }),
        ));
        if let Upstream::Lagrange(lagrange) = &account.upstream {
            let remark = lagrange.remark().into_iter();
            lines.extend(remark.map(|found| self::remark(terminal, found)));
        }
        let about_it = remarks_of(&remarks, account.name.as_str(), None);
        lines.extend(about_it.map(|found| remark(terminal, found)));
        for client in &account.clients {
            let name = format!("{}/{}", account.name, client.name);
            let name = named(terminal, &name, client.enabled);
            let value = match &client.kind {
                ClientKind::Forward(forward) => forward.listen.to_string(),
                ClientKind::Http(http) => format!("http {}", http.listen),
                ClientKind::Post(post) => format!("post {}", post.url),
                ClientKind::Reverse(_) => format!("reverse {}", client.dialled().join(", ")),
            };
            lines.push(row(
                terminal,
                "  ",
                cli::RowClient.into(),
                &terminal.text(cli::RowOf { name, value }),
            ));
            let about_it = remarks_of(&remarks, account.name.as_str(), Some(client.name.as_str()));
            lines.extend(about_it.map(|found| remark(terminal, found)));
        }
    }
    lines.concat()
}

fn remarks_of(
    remarks: &[Remark],
    account: &str,
    client: Option<&str>,
) -> impl Iterator<Item = Message> {
    let about_it =
        move |remark: &&Remark| remark.account == account && remark.client.as_deref() == client;
    let found = remarks.iter().filter(about_it);
    found.map(|remark| remark.message.clone())
}

/// `account        main: simulator`, with the second column at the same place in every line.
fn row(terminal: &Terminal, indent: &str, what: Message, value: &str) -> String {
    let what = format!("{indent}{}", terminal.text(what));
    format!("{} {value}\n", padded(&what, 12))
}

fn named(terminal: &Terminal, name: &str, enabled: bool) -> String {
    if enabled {
        name.to_owned()
    } else {
        format!("{name} ({})", terminal.text(cli::Disabled))
    }
}

fn upstream(upstream: &Upstream) -> String {
    match upstream {
        Upstream::Simulator => "simulator".to_owned(),
        Upstream::Lagrange(lagrange) => match lagrange.uin {
            Some(uin) => format!("lagrange, QQ {uin}"),
            None => "lagrange".to_owned(),
        },
        Upstream::Onebot(onebot) => format!("onebot {}", onebot.url),
        Upstream::OnebotReverse(reverse) => format!("onebot-reverse {}", reverse.listen),
    }
}
