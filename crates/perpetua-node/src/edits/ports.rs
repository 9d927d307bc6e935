//! Addresses for what is new.

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    ops::RangeInclusive,
};

use perpetua_config::{Account, Config, clash};
use perpetua_proxy::{BindError, is_for_many};
use perpetua_schema::{ErrorCode, RpcError};
use perpetua_task::blocking;
use perpetua_words::edit as words;

use super::bad_request;

/// The first port that is given to what listens.
const FIRST: u16 = 6700;
/// How many ports are tried: each costs a call of the system.
const TRIED: u16 = 1000;

/// An address that somebody has entered. `localhost` and a port alone mean this machine.
pub(crate) fn entered(text: &str) -> Result<SocketAddr, RpcError> {
    let text = text.trim();
    if let Ok(port) = text
        .strip_prefix("localhost:")
        .unwrap_or(text)
        .parse::<u16>()
    {
        return Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    }
    let address: SocketAddr = text
        .parse()
        .map_err(|_no_address| bad_request(words::ListenAddress))?;
    if is_for_many(address.ip()) {
        return Err(bad_request(&BindError::NoHost { address }));
    }
    match address.ip().to_canonical() {
        // An IPv4 address that is written as an IPv6 address.
        ip if ip != address.ip() => Ok(SocketAddr::new(ip, address.port())),
        _ => Ok(address),
    }
}

/// The ports that somebody has entered, if the settings can have them.
pub(super) fn range(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-')?;
    let (first, last): (u16, u16) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first >= 1 && first <= last).then_some(first..=last)
}

/// Ports as the settings have them.
pub(super) fn written(range: &RangeInclusive<u16>) -> String {
    format!("{}-{}", range.start(), range.end())
}

/// Refuses ports to lease of which the API, at this address, and what else the settings have leave none.
pub(super) fn can_lease(
    range: &RangeInclusive<u16>,
    api: SocketAddr,
    config: &Config,
) -> Result<(), RpcError> {
    let listeners = config.accounts.iter().flat_map(listeners);
    let listening = listeners.map(|(_, address)| address).chain([api]);
    let used: BTreeSet<u16> = listening
        .filter(|address| clash(*address, SocketAddr::new(api.ip(), address.port())).is_some())
        .map(|address| address.port())
        .collect();
    let is_left = |port: u16| !used.contains(&port);
    if range.clone().any(is_left) {
        return Ok(());
    }
    let (first, last) = (*range.start(), *range.end());
    Err(RpcError::new(
        ErrorCode::Conflict,
        words::NoFreePort { first, last },
    ))
}

/// The next address of this machine alone that neither the settings nor the system use.
pub(super) async fn free(config: &Config) -> Result<SocketAddr, RpcError> {
    let from = SocketAddr::from((Ipv4Addr::LOCALHOST, FIRST));
    find_free(config, from).await.ok_or_else(|| {
        let (first, last) = (FIRST, FIRST + (TRIED - 1));
        RpcError::new(ErrorCode::Conflict, words::NoFreePort { first, last })
    })
}

/// See [`next_free`].
pub(crate) async fn find_free(config: &Config, from: SocketAddr) -> Option<SocketAddr> {
    let candidates = candidates(config, from);
    blocking(move || first_free(candidates)).await
}

/// The first address from this one on, on the same interface, that neither the settings nor the system use.
/// Blocks.
pub fn next_free(config: &Config, from: SocketAddr) -> Option<SocketAddr> {
    first_free(candidates(config, from))
}

fn candidates(config: &Config, from: SocketAddr) -> Vec<SocketAddr> {
    let last = from.port().saturating_add(TRIED - 1);
    let used = used_ports(config);
    let ports = (from.port().max(1)..=last).filter(|port| !used.contains(port));
    ports.map(|port| SocketAddr::new(from.ip(), port)).collect()
}

fn first_free(candidates: Vec<SocketAddr>) -> Option<SocketAddr> {
    let can_be_bound = |address: &SocketAddr| TcpListener::bind(address).is_ok();
    candidates.into_iter().find(can_be_bound)
}

/// The ports of the settings, also of what is disabled: it may be enabled again.
fn used_ports(config: &Config) -> BTreeSet<u16> {
    let listeners = config.accounts.iter().flat_map(listeners);
    let leased = config.discovery.range.clone().into_iter().flatten();
    let api = config.api.listen.port();
    let ports = listeners.map(|(_, address)| address.port());
    ports.chain(leased).chain([api]).collect()
}

/// The addresses of an account, each with its client; without one it is the upstream's.
pub(crate) fn listeners(account: &Account) -> Vec<(Option<&str>, SocketAddr)> {
    let upstream = match &account.upstream {
        perpetua_config::Upstream::OnebotReverse(reverse) => Some((None, reverse.listen)),
        _ => None,
    };
    let clients = account.clients.iter();
    let clients = clients.filter_map(|client| Some((Some(client.name.as_str()), client.listen()?)));
    upstream.into_iter().chain(clients).collect()
}
