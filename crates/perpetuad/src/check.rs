//! `perpetuad check`: are the settings valid?

use std::{
    io::ErrorKind,
    net::{IpAddr, SocketAddr, UdpSocket},
};

use perpetua_config::{
    Account, AddressSource, Client, ClientKind, Config, ListenerToken, ProxySource, Remark,
    SecretsBackend, TokenSource, Upstream,
};
use perpetua_node::{TokenProblem, Tokens, read_settings};
use perpetua_words::{Message, cli, port};

use crate::{
    arguments::PlaceArguments,
    failure::Failure,
    place,
    terminal::{Terminal, padded, print, quoted},
};

/// Reads the settings and tells what they mean; nothing is started or written.
pub(crate) fn check(terminal: &Terminal, place: &PlaceArguments) -> Result<(), Failure> {
    let folders = place::folders(place)?;
    let path = place.config.clone().unwrap_or_else(|| folders.settings());
    let settings = read_settings(path)?;
    let path = &settings.path;
    terminal.say(cli::SettingsValid { path })?;
    let tokens = place::tokens(place, &folders, &settings);
    let seen = Seen {
        terminal,
        tokens: &tokens,
        config: &settings.config,
    };
    let mut lines = seen.summary();
    if settings.text.trim().is_empty() {
        lines = remark(terminal, cli::SettingsBlank.into()) + &lines;
    }
    print(&lines)
}

/// The settings, and where what they name is looked for.
struct Seen<'a> {
    terminal: &'a Terminal,
    tokens: &'a Tokens,
    config: &'a Config,
}

impl Seen<'_> {
    /// What is wrong with what these places hold, which a thing of the settings needs, and with where it listens.
    fn wrong(&self, mut sources: Vec<&TokenSource>, listen: Option<SocketAddr>) -> String {
        sources.dedup();
        let missing = sources
            .into_iter()
            .filter_map(|source| self.missing(source));
        let strange = listen
            .map(|listen| listen.ip())
            .filter(|ip| is_strange(*ip));
        let strange = strange.map(|address| port::NotHere { address }.into());
        self.remarks(missing.chain(strange))
    }

    fn remarks(&self, problems: impl Iterator<Item = Message>) -> String {
        problems
            .map(|problem| remark(self.terminal, problem))
            .collect()
    }

    /// Why a token cannot be had.
    fn missing(&self, source: &TokenSource) -> Option<Message> {
        self.lacking(source, |tokens| tokens.find(source).err())
    }

    /// Why what signs cannot be had.
    fn missing_key(&self, source: &TokenSource) -> Option<Message> {
        self.lacking(source, |tokens| tokens.find_key(source).err())
    }

    /// Why a secret cannot be had. A keyring is not asked: it may want its password.
    fn lacking(
        &self,
        source: &TokenSource,
        problem: impl FnOnce(&Tokens) -> Option<TokenProblem>,
    ) -> Option<Message> {
        let is_in_keyring = self.config.secrets == SecretsBackend::Keyring;
        if matches!(source, TokenSource::Secret(_)) && is_in_keyring {
            return None;
        }
        Some(match problem(self.tokens)? {
            TokenProblem::NoSecret(name) => {
                let set = ["secret set", &quoted(&name)].join(" ");
                let command = self.terminal.command(&set);
                cli::SecretNotStored { name, command }.into()
            }
            problem => (&problem).into(),
        })
    }

    /// A line for each thing that would run, with what is to be said of it.
    fn summary(&self) -> String {
        let listen = self.config.api.listen;
        let mut lines = self.row("", cli::RowApi.into(), &listen.to_string());
        lines += &self.wrong(Vec::new(), Some(listen));
        let remarks = self.config.remarks();
        for account in &self.config.accounts {
            lines += &self.account(account, &remarks);
            for client in &account.clients {
                lines += &self.client(account, client, &remarks);
            }
        }
        lines + &self.beside_accounts()
    }

    fn account(&self, account: &Account, remarks: &[Remark]) -> String {
        let name = named(self.terminal, account.name.as_str(), account.enabled);
        let value = upstream(&account.upstream);
        let of = self.terminal.text(cli::RowOf { name, value });
        let mut lines = self.row("", cli::RowAccount.into(), &of);
        let (sources, listen) = match &account.upstream {
            Upstream::Simulator => (None, None),
            Upstream::Lagrange(lagrange) => {
                let said = lagrange.remark().into_iter();
                lines.extend(said.map(|found| remark(self.terminal, found)));
                let proxy = lagrange.sign_proxy.as_ref();
                (proxy.and_then(of_proxy), None)
            }
            Upstream::Onebot(onebot) => (onebot.token.as_ref(), None),
            Upstream::OnebotReverse(reverse) => (source(&reverse.token), Some(reverse.listen)),
        };
        let about_it = remarks_of(remarks, account.name.as_str(), None);
        lines.extend(about_it.map(|found| remark(self.terminal, found)));
        lines + &self.wrong(sources.into_iter().collect(), listen)
    }

    fn client(&self, account: &Account, client: &Client, remarks: &[Remark]) -> String {
        let name = format!("{}/{}", account.name, client.name);
        let name = named(self.terminal, &name, client.enabled);
        let value = match &client.kind {
            ClientKind::Forward(forward) => forward.listen.to_string(),
            ClientKind::Http(http) => format!("http {}", http.listen),
            ClientKind::Post(post) => format!("post {}", post.url),
            ClientKind::Reverse(_) => format!("reverse {}", client.dialled().join(", ")),
        };
        let of = self.terminal.text(cli::RowOf { name, value });
        let mut lines = self.row("  ", cli::RowClient.into(), &of);
        let about_it = remarks_of(remarks, account.name.as_str(), Some(client.name.as_str()));
        lines.extend(about_it.map(|found| remark(self.terminal, found)));
        match client.signing_key() {
            Some(key) => lines + &self.remarks(self.missing_key(key).into_iter()),
            None => lines + &self.wrong(client.secrets(), client.listen()),
        }
    }

    /// What is wrong with the tables that have no row of their own, by their names.
    fn beside_accounts(&self) -> String {
        let config = self.config;
        let signers = config.signers.iter().map(|signer| &signer.url);
        let signers = signers.filter_map(of_address);
        let hooks = config.notify.iter();
        let hooks = hooks.flat_map(|hook| of_address(&hook.post).into_iter().chain(&hook.token));
        let proxy = config.core.proxy.as_ref().and_then(of_proxy);
        let tables = [
            (
                "[discovery]",
                source(&config.discovery.token).into_iter().collect(),
            ),
            ("[core]", proxy.into_iter().collect()),
            ("[[signers]]", signers.collect::<Vec<_>>()),
            ("[[notify]]", hooks.collect()),
        ];
        let wrong = tables.into_iter().flat_map(move |(name, sources)| {
            let missing = sources
                .into_iter()
                .filter_map(move |source| self.missing(source));
            missing.map(move |problem| {
                let value = self.terminal.text(problem);
                remark(self.terminal, cli::RowOf { name, value }.into())
            })
        });
        wrong.collect()
    }

    /// `account        main: simulator`, with the second column at the same place in every line.
    fn row(&self, indent: &str, what: Message, value: &str) -> String {
        let what = format!("{indent}{}", self.terminal.text(what));
        format!("{} {value}\n", padded(&what, 12))
    }
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

fn of_proxy(proxy: &ProxySource) -> Option<&TokenSource> {
    match proxy {
        ProxySource::From(source) => Some(source),
        ProxySource::Plain(_) => None,
    }
}

fn of_address(address: &AddressSource) -> Option<&TokenSource> {
    match address {
        AddressSource::From(source) => Some(source),
        AddressSource::Plain(_) => None,
    }
}

fn remark(terminal: &Terminal, remark: Message) -> String {
    format!("  ! {}\n", terminal.text(remark))
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
