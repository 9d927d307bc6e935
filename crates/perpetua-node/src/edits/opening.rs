//! What a change of the network does to people: whom it lets in, whom it locks out, and whether perpetua can start
//! with it.

use std::{io, net::SocketAddr};

use perpetua_config::{Config, clash};
use perpetua_proxy::{BindError, bind};
use perpetua_schema::{Applied, ErrorCode, RpcError, SettingsWrite};
use perpetua_words::{Message, config, edit as words};

use super::{Edits, bad_request, ports};

impl Edits {
    /// Writes a whole text of settings; `applied` is what counts now.
    pub(crate) async fn write_text(
        &self,
        call: SettingsWrite,
        applied: &Config,
    ) -> Result<Applied, RpcError> {
        // A text with mistakes is refused when it is to be written, with all of them.
        if let Ok(parsed) = perpetua_config::parse(&call.text) {
            let (now, next) = (&applied.api, &parsed.api);
            if next.listen != now.listen {
                self.can_listen(next.listen).await?;
            }
            agreed(now.listen, next.listen, call.opens)?;
            keeps(
                call.keeps_host.as_deref(),
                &now.allow_hosts,
                &next.allow_hosts,
            )?;
            let is_other =
                next.listen != now.listen || parsed.discovery.range != applied.discovery.range;
            if let Some(range) = parsed.discovery.range.as_ref().filter(|_| is_other) {
                ports::can_lease(range, next.listen, &parsed)?;
            }
        }
        self.settings.write(call).await
    }

    /// Refuses an address with which the next start would fail.
    pub(super) async fn can_listen(&self, address: SocketAddr) -> Result<(), RpcError> {
        let mut tried = address;
        if clash(self.listening, address).is_some() {
            // Its port is ours until then.
            tried.set_port(0);
        }
        match bind(tried).await {
            Ok(_closed_at_once) => Ok(()),
            Err(error) => Err(bad_request(cannot(&error, address))),
        }
    }
}

/// Why an address cannot be listened on. What belongs to one network alone and does not say to which is no address
/// of this machine either.
pub(crate) fn cannot(error: &BindError, address: SocketAddr) -> Message {
    use io::ErrorKind::{AddrNotAvailable, InvalidInput};
    match error {
        BindError::Other { cause, .. }
            if matches!(cause.kind(), AddrNotAvailable | InvalidInput) =>
        {
            words::NotOurAddress { address }.into()
        }
        _ => Message::from(error),
    }
}

/// Refuses an address beyond loopback in place of one that is not, unless a person has agreed.
pub(super) fn agreed(now: SocketAddr, next: SocketAddr, opens: bool) -> Result<(), RpcError> {
    let is_ours_alone = |address: SocketAddr| address.ip().to_canonical().is_loopback();
    if opens || is_ours_alone(next) || !is_ours_alone(now) {
        return Ok(());
    }
    let address = next;
    Err(RpcError::new(
        ErrorCode::Conflict,
        words::OpensToOthers { address },
    ))
}

/// How many names the pages may be opened by.
const MOST_HOSTS: usize = 64;
/// The longest name of a host, and the longest part of one between dots.
const LONGEST_HOST: usize = 253;
const LONGEST_LABEL: usize = 63;

/// Refuses names that no host can have, in lower case; those that the settings have may stay.
pub(super) fn can_be_hosts(hosts: &[String], now: &[String]) -> Result<(), RpcError> {
    if hosts.len() > MOST_HOSTS {
        let limit = MOST_HOSTS;
        return Err(bad_request(words::TooManyHosts { limit }));
    }
    for (index, host) in hosts.iter().enumerate() {
        if !is_host(host) && !now.contains(host) {
            let wanted = Message::from(config::HostName);
            return Err(bad_request(config::Expected { wanted }));
        }
        if hosts.iter().take(index).any(|other| other == host) {
            return Err(bad_request(config::ListedTwice { name: host }));
        }
    }
    Ok(())
}

fn is_host(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=LONGEST_LABEL).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    name.len() <= LONGEST_HOST && name.split('.').all(is_label)
}

/// Refuses names without that by which the page was opened that asks.
pub(super) fn keeps(host: Option<&str>, now: &[String], next: &[String]) -> Result<(), RpcError> {
    let host = host.map(str::to_lowercase);
    match host.filter(|host| now.contains(host) && !next.contains(host)) {
        None => Ok(()),
        Some(host) => Err(RpcError::new(
            ErrorCode::Conflict,
            words::LocksOut { host: &host },
        )),
    }
}
