//! The clients that the ways of an installation to its frameworks become.

use std::net::SocketAddr;

use perpetua_config::{
    Client, ClientKind, Config, ForwardClient, HttpClient, HttpUrl, ListenerToken, Name,
    PostClient, ReverseClient, TargetAddress, TokenSource, WebSocketUrl, edit::NewClient,
};
use perpetua_lagrange::import::{
    ClientUrl, FoundInstallation, ImportedPort, ImportedToken, SuggestedClient,
};
use perpetua_schema::RpcError;
use perpetua_words::{Message, config as config_words, import as words};

use super::{Draft, free};

/// So many ports become clients; each has a secret of its own in the store, and a port of this machine.
const MOST_PORTS: usize = 64;

impl Draft<'_> {
    /// One client for each port on which frameworks connected, and for each address that was dialled or posted to, as far
    /// as one account may have that many.
    pub(super) fn clients(
        &mut self,
        account: &Name,
        found: &FoundInstallation,
        config: &Config,
    ) -> Result<Vec<NewClient>, RpcError> {
        let mut clients: Vec<NewClient> = Vec::new();
        let mut left_out = 0;
        for suggested in &found.clients {
            if clients.len() == MOST_PORTS {
                left_out += 1;
                continue;
            }
            if let Some(holder) = holder(suggested, &clients) {
                let cause = config_words::DialledTwice { holder }.into();
                self.imported.not_taken.push(not_a_client(suggested, cause));
                continue;
            }
            let name = free("bot", |name| {
                clients.iter().any(|client| client.name == *name)
            })?;
            let kind = match suggested {
                SuggestedClient::Forward(port) | SuggestedClient::Http(port) => {
                    match usable(&port.listen, config, &clients) {
                        Some(listen) => {
                            let token = self.waited_for(account, &name, port, listen)?;
                            Ok(match suggested {
                                SuggestedClient::Http(_) => {
                                    ClientKind::Http(HttpClient { listen, token })
                                }
                                _ => ClientKind::Forward(ForwardClient { listen, token }),
                            })
                        }
                        None => Err(words::PortUnusable {
                            address: &port.listen,
                        }
                        .into()),
                    }
                }
                SuggestedClient::Reverse(url) => self.reverse(account, &name, url)?,
                SuggestedClient::Post(url) => self.post(account, &name, url)?,
            };
            match kind {
                Ok(kind) => clients.push(NewClient {
                    name,
                    framework: None,
                    kind,
                }),
                Err(told) => self.imported.not_taken.push(told),
            }
        }
        if left_out > 0 {
            self.imported
                .not_taken
                .push(words::MorePorts { count: left_out }.into());
        }
        Ok(clients)
    }

    /// The client that dials an address as the installation did, or why there is none.
    fn reverse(
        &mut self,
        account: &Name,
        name: &Name,
        dialled: &ClientUrl,
    ) -> Result<Result<ClientKind, Message>, RpcError> {
        let url = match WebSocketUrl::new(&dialled.url) {
            Ok(url) => url,
            Err(error) => {
                let client = SuggestedClient::Reverse(dialled.clone());
                return Ok(Err(not_a_client(&client, (&error).into())));
            }
        };
        let token = self.keep_of(account, name, dialled)?;
        let (address, client) = (dialled.shown(), name.as_str());
        let became = words::BecameReverse { address, client };
        self.imported.taken.push(became.into());
        Ok(Ok(ClientKind::Reverse(ReverseClient::new(url, token))))
    }

    /// The client that posts to an address as the installation did, or why there is none.
    fn post(
        &mut self,
        account: &Name,
        name: &Name,
        posted: &ClientUrl,
    ) -> Result<Result<ClientKind, Message>, RpcError> {
        let url = match HttpUrl::new(&posted.url) {
            Ok(url) => url,
            Err(error) => {
                let client = SuggestedClient::Post(posted.clone());
                return Ok(Err(not_a_client(&client, (&error).into())));
            }
        };
        let secret = self.keep_of(account, name, posted)?;
        let (address, client) = (posted.shown(), name.as_str());
        let became = words::BecamePost { address, client };
        self.imported.taken.push(became.into());
        Ok(Ok(ClientKind::Post(PostClient {
            url,
            secret,
            trust: None,
        })))
    }

    /// Keeps what is shown at an address, if there is something.
    fn keep_of(
        &self,
        account: &Name,
        name: &Name,
        url: &ClientUrl,
    ) -> Result<Option<TokenSource>, RpcError> {
        let token = url.token.as_ref();
        token
            .map(|token| self.keep(format!("{account}-{name}"), token.expose()))
            .transpose()
    }

    /// What is asked for at a port that becomes a client's.
    fn waited_for(
        &mut self,
        account: &Name,
        name: &Name,
        port: &ImportedPort,
        listen: SocketAddr,
    ) -> Result<ListenerToken, RpcError> {
        let (address, client) = (listen, name.as_str());
        let (token, became): (_, Message) = match &port.token {
            ImportedToken::Usable(token) => (
                ListenerToken::From(self.keep(format!("{account}-{name}"), token.expose())?),
                words::BecameClient { address, client }.into(),
            ),
            ImportedToken::Absent => (
                ListenerToken::Generated,
                words::BecameClientNewToken { address, client }.into(),
            ),
            ImportedToken::Unusable(why) => {
                let cause = Message::from(*why);
                let became = words::BecameClientOtherToken {
                    address,
                    cause,
                    client,
                };
                (ListenerToken::Generated, became.into())
            }
        };
        self.imported.taken.push(became);
        if is_open_to_others(&port.listen) {
            let address = &port.listen;
            self.imported
                .not_taken
                .push(words::LoopbackOnly { address, client }.into());
        }
        Ok(token)
    }
}

/// The client that goes already where another one would: an account goes there once.
fn holder<'a>(suggested: &SuggestedClient, clients: &'a [NewClient]) -> Option<&'a str> {
    let target = match suggested {
        SuggestedClient::Forward(_) | SuggestedClient::Http(_) => return None,
        SuggestedClient::Reverse(url) => TargetAddress::from(&WebSocketUrl::new(&url.url).ok()?),
        SuggestedClient::Post(url) => TargetAddress::from(&HttpUrl::new(&url.url).ok()?),
    };
    let mut clients = clients.iter();
    let found = clients.find(|client| client.kind.targets().contains(&target))?;
    Some(found.name.as_str())
}

fn not_a_client(client: &SuggestedClient, cause: Message) -> Message {
    let client = Message::from(client);
    words::AddressUnusable { cause, client }.into()
}

fn is_open_to_others(listen: &str) -> bool {
    let address: Result<SocketAddr, _> = listen.parse();
    address.is_ok_and(|address| !address.ip().to_canonical().is_loopback())
}

/// An address on this machine that no other client of the settings has.
fn usable(listen: &str, config: &Config, clients: &[NewClient]) -> Option<SocketAddr> {
    let listen = listen.replacen("localhost", "127.0.0.1", 1);
    let listen: SocketAddr = listen.parse().ok()?;
    let of_settings = config.accounts.iter().flat_map(|account| &account.clients);
    let mut ports = of_settings
        .filter_map(Client::listen)
        .chain(clients.iter().filter_map(|client| client.kind.listen()))
        .chain([config.api.listen]);
    let is_free = ports.all(|taken| taken.port() != listen.port());
    // A port that was open to the world without a need is not opened again.
    let listen = SocketAddr::new(std::net::Ipv4Addr::LOCALHOST.into(), listen.port());
    is_free.then_some(listen)
}
