//! `[[accounts]]` and its upstream.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::item::Item;
use super::lagrange::{Logins, lagrange};
use super::listeners::{Listeners, check_open};
use super::section::Section;
use super::{client, token};
use crate::{Account, Name, OnebotReverseUpstream, OnebotUpstream, Upstream, WebSocketUrl};

const ACTION_TIMEOUTS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(1);
const DEFAULT_ACTION_TIMEOUT: Duration = Duration::from_mins(1);
const UNSENT_TIMEOUTS: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_mins(10);
const DEFAULT_UNSENT_TIMEOUT: Duration = Duration::from_secs(8);

/// The kinds of upstream that this version has.
#[derive(Clone, Copy)]
enum Kind {
    Simulator,
    Lagrange,
    Onebot,
    OnebotReverse,
}

const KINDS: [(&str, Kind); 4] = [
    ("simulator", Kind::Simulator),
    ("lagrange", Kind::Lagrange),
    ("onebot", Kind::Onebot),
    ("onebot-reverse", Kind::OnebotReverse),
];
const LATER_KINDS: [&str; 3] = ["milky", "qq-official", "telegram"];

/// The accounts, and the names of all that have one: also of those with other faults.
pub(super) fn accounts(
    sections: Vec<Section<'_>>,
    listeners: &mut Listeners,
    logins: &mut Logins<'_>,
) -> (Vec<Account>, Vec<Name>) {
    let mut names = Vec::with_capacity(sections.len());
    let accounts = sections
        .into_iter()
        .filter_map(|section| account(section, &mut names, listeners, logins))
        .collect();
    (accounts, names)
}

fn account(
    mut section: Section<'_>,
    names: &mut Vec<Name>,
    listeners: &mut Listeners,
    logins: &mut Logins<'_>,
) -> Option<Account> {
    let name = unique_name(&mut section, "account", names);
    let enabled = section
        .take("enabled")
        .and_then(|item| item.boolean())
        .unwrap_or(true);
    let upstream = section
        .require(
            "upstream",
            "it says where the events come from; add `[accounts.upstream]` with a `kind`",
        )
        .and_then(|item| item.table("[accounts.upstream]"))
        .and_then(|section| upstream(section, enabled, listeners, logins));
    let mut client_names = Vec::new();
    let clients = section
        .tables("clients", "[[accounts.clients]]")
        .into_iter()
        .filter_map(|section| client::client(section, enabled, &mut client_names, listeners))
        .collect();
    let action_timeout = section
        .take("action-timeout")
        .and_then(|item| item.duration(&ACTION_TIMEOUTS));
    let unsent_timeout = section
        .take("unsent-timeout")
        .and_then(|item| item.duration(&UNSENT_TIMEOUTS));
    section.finish();
    Some(Account {
        name: name?,
        enabled,
        upstream: upstream?,
        clients,
        action_timeout: action_timeout.unwrap_or(DEFAULT_ACTION_TIMEOUT),
        unsent_timeout: unsent_timeout.unwrap_or(DEFAULT_UNSENT_TIMEOUT),
    })
}

/// The `name` of an account or a client, which no other one of its kind has.
pub(super) fn unique_name(
    section: &mut Section<'_>,
    kind: &str,
    names: &mut Vec<Name>,
) -> Option<Name> {
    let item = section.require("name", "a short name such as `name = \"main\"`")?;
    let name = match Name::new(item.string("a name in quotes")?) {
        Ok(name) => name,
        Err(error) => return item.problem(error.to_string()),
    };
    if names.contains(&name) {
        return item.problem(format!(
            "another {kind} is named `{name}` already; give each its own name"
        ));
    }
    names.push(name.clone());
    Some(name)
}

fn upstream(
    mut section: Section<'_>,
    enabled: bool,
    listeners: &mut Listeners,
    logins: &mut Logins<'_>,
) -> Option<Upstream> {
    let kind = section.require(
        "kind",
        "`simulator`, `lagrange`, `onebot` or `onebot-reverse`",
    )?;
    // With no kind, nobody knows which other keys belong here.
    let upstream = match available(&kind, &KINDS, &LATER_KINDS)? {
        Kind::Simulator => Some(Upstream::Simulator),
        Kind::Lagrange => Some(Upstream::Lagrange(lagrange(&mut section, enabled, logins))),
        Kind::Onebot => onebot(&mut section).map(Upstream::Onebot),
        Kind::OnebotReverse => {
            onebot_reverse(&mut section, enabled, listeners).map(Upstream::OnebotReverse)
        }
    };
    section.finish();
    upstream
}

/// A kind that exists in this version; one that is planned is told apart from a slip of the pen.
pub(super) fn available<T: Copy>(
    item: &Item<'_>,
    kinds: &[(&'static str, T)],
    later: &[&str],
) -> Option<T> {
    let choices = super::section::list(kinds.iter().map(|(name, _)| *name), "or");
    let written = item.string(&choices)?;
    if later.contains(&written) {
        return item.problem(format!(
            "`{written}` is not available in this version; use {choices}"
        ));
    }
    item.word(kinds)
}

fn onebot(section: &mut Section<'_>) -> Option<OnebotUpstream> {
    let url = section.require(
        "url",
        "the address of the OneBot implementation, such as `url = \"ws://127.0.0.1:5700/\"`",
    );
    let token = token::shown(section.take("token").as_ref());
    let url = url.and_then(|item| {
        let text = item.string("an address in quotes, such as `\"ws://127.0.0.1:5700/\"`")?;
        WebSocketUrl::new(text).map_or_else(|error| item.problem(error.to_string()), Some)
    });
    Some(OnebotUpstream { url: url?, token })
}

fn onebot_reverse(
    section: &mut Section<'_>,
    enabled: bool,
    listeners: &mut Listeners,
) -> Option<OnebotReverseUpstream> {
    let listen = listen(section, enabled, listeners);
    let token_item = section.take("token");
    let path = section.take("path").and_then(|item| path(&item));
    let token = token::listener(token_item.as_ref());
    let listen = listen?;
    check_open(&token, token_item.as_ref(), listen);
    Some(OnebotReverseUpstream {
        listen,
        token,
        path,
    })
}

/// The `listen` of an upstream or a client.
pub(super) fn listen(
    section: &mut Section<'_>,
    enabled: bool,
    listeners: &mut Listeners,
) -> Option<std::net::SocketAddr> {
    let item = section.require(
        "listen",
        "the address to listen on, such as `listen = \"127.0.0.1:6700\"`",
    )?;
    let address = item.address()?;
    listeners.claim(&item, address, enabled);
    Some(address)
}

/// A path of a URL: no query, nothing that would need escapes.
fn path(item: &Item<'_>) -> Option<String> {
    const EXPECTED: &str = "a path that begins with `/`, such as `\"/onebot/v11/ws\"`";
    let text = item.string(EXPECTED)?;
    let fits = |byte: u8| {
        byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#' | b'"' | b'<' | b'>' | b'\\')
    };
    if text.starts_with('/') && text.bytes().all(fits) {
        Some(text.to_owned())
    } else {
        item.problem(format!("expected {EXPECTED}"))
    }
}
