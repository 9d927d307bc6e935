//! Whether an address can be listened on, found out by listening on it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use perpetua_accounts::View;
use perpetua_config::{Config, clash};
use perpetua_proxy::{BindError, PortHolder, bind};
use perpetua_schema::{PortCheck, PortReport, PortState};
use perpetua_words::Message;

use crate::edits::{
    opening::cannot,
    ports::{entered, find_free, listeners},
};

/// Finds out about an address.
pub(crate) async fn port_check(call: PortCheck, config: &Config, view: &View) -> PortReport {
    let address = match entered(&call.listen) {
        Ok(address) => address,
        Err(error) => {
            return PortReport {
                state: PortState::Unusable {
                    problem: error.message,
                },
                next_free: None,
                beyond_loopback: false,
            };
        }
    };
    let state = match owner(address, config, view) {
        Some(owner) if owner.is(&call) => PortState::Free,
        Some(Owner { account, client }) => PortState::Ours { account, client },
        None => bound(address).await,
    };
    let next_free = match state {
        PortState::Free => None,
        _ => find_free(config, address).await,
    };
    PortReport {
        state,
        next_free: next_free.map(|address| address.to_string()),
        beyond_loopback: !address.ip().is_loopback(),
    }
}

async fn bound(address: SocketAddr) -> PortState {
    match bind(address).await {
        Ok(_closed_at_once) if is_broadcast(address) => PortState::Unusable {
            problem: Message::from(&BindError::NoHost { address }),
        },
        Ok(_closed_at_once) => PortState::Free,
        Err(BindError::InUse { holder, .. }) => PortState::Taken {
            holder: holder.map(|PortHolder { program, pid }| format!("{program} (pid {pid})")),
        },
        Err(error) => PortState::Unusable {
            problem: cannot(&error, address),
        },
    }
}

/// What systems say to a program that sends to every machine of a network without having asked for it.
#[cfg(unix)]
const NOT_TO_ALL: i32 = 13;
/// The same (`WSAEACCES`).
#[cfg(windows)]
const NOT_TO_ALL: i32 = 10_013;

/// Whether an address is the broadcast of one of this machine's networks, which only the system knows.
/// Nothing is sent.
fn is_broadcast(address: SocketAddr) -> bool {
    let any: IpAddr = match address {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        // There is no such thing.
        SocketAddr::V6(_) => return false,
    };
    let asked = UdpSocket::bind((any, 0)).and_then(|socket| socket.connect(address));
    asked.is_err_and(|error| error.raw_os_error() == Some(NOT_TO_ALL))
}

/// Who of this node has an address.
#[derive(Debug)]
struct Owner {
    account: String,
    client: Option<String>,
}

impl Owner {
    /// Whether it is the one that asks.
    fn is(&self, call: &PortCheck) -> bool {
        call.account.as_ref() == Some(&self.account) && call.client == self.client
    }
}

/// The enabled client or upstream that has an address in the settings, or listens there by its own choice.
fn owner(address: SocketAddr, config: &Config, view: &View) -> Option<Owner> {
    let enabled = config.accounts.iter().filter(|account| account.enabled);
    let written = enabled.flat_map(|account| {
        let is_enabled = |client: Option<&str>| {
            let mut clients = account.clients.iter();
            client.is_none_or(|name| clients.any(|one| one.enabled && one.name == *name))
        };
        let name = account.name.to_string();
        let listeners = listeners(account).into_iter();
        let listeners = listeners.filter(move |(client, _)| is_enabled(*client));
        listeners.map(move |(client, listen)| (name.clone(), client.map(str::to_owned), listen))
    });
    let running = view.accounts.iter().flat_map(|account| {
        let clients = account.running.iter().flat_map(|running| &running.clients);
        clients.filter_map(|client| {
            let (account, name) = (account.name.clone(), client.name.clone());
            Some((account, Some(name), client.listen?))
        })
    });
    let mut all = written.chain(running);
    all.find(|(_, _, listen)| clash(*listen, address).is_some())
        .map(|(account, client, _)| Owner { account, client })
}
