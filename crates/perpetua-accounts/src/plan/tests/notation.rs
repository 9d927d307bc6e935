//! Short words for settings and for what runs.
//!
//! `main[UPSTREAM]{CLIENT …}` is an account, with `(limits 5)` behind its name if it has other limits than
//! usual, and `main(stopping 1 2)` one that is being stopped and holds ports 1 and 2. Beside accounts stand
//! `hooks:1`, `cores:a` and `access:h`.
//!
//! An upstream is `sim`, `dial:x`, `rev:9` (it listens), `core:a` or `core:a/s` (with another signer). A client is
//! `name:PORT`, with a letter for another token and `#` for another queue; `*PORT` listens on every address. One that
//! dials frameworks is `name:~x` or `name:~x,y`, with `#` as well.
//!
//! `0@5` is port 0, for which 5 was chosen.
//!
//! What runs is written like what is wanted, followed or replaced by what happens to it:
//! `+1` a step towards it is under way, `-1` it is being closed, `!1` it was tried in vain, `?1` the same and
//! its next attempt is due.

use std::net::SocketAddr;

use tokio::time::Instant;

use perpetua_config::{self as config, Config, Name};
use perpetua_hub::AccountLimits;
use perpetua_words::{Message, io};

use super::model::{AccountModel, World};
use crate::{
    desired::{Claim, Desired, DesiredAccess, DesiredUpstream, Holds as _},
    plan::{Change, Step},
    slot::{RETRY_AFTER, Slot},
};

/// Settings as the plan gets them.
pub(super) fn desired(text: &str) -> Desired {
    let mut desired = Desired::new(&parsed(""));
    (desired.webhooks, desired.cores, desired.access) = (hooks(""), cores(""), access(""));
    for part in parts(text) {
        match part.split_once(':') {
            Some(("hooks", spec)) => desired.webhooks = hooks(spec),
            Some(("cores", spec)) => desired.cores = cores(spec),
            Some(("access", spec)) => desired.access = access(spec),
            _ => desired.accounts.push(account(part)),
        }
    }
    desired
}

fn account(text: &str) -> crate::desired::DesiredAccount {
    let (head, rest) = text.split_once('[').expect("an upstream");
    let (upstream_spec, rest) = rest.split_once(']').expect("the upstream's end");
    let clients = rest.trim_matches(['{', '}']).split_whitespace();
    let (name, limits) = head_of(head);
    crate::desired::DesiredAccount {
        name,
        limits,
        upstream: upstream(upstream_spec),
        clients: clients
            .map(|text| {
                let (name, spec) = text.split_once(':').expect("a port");
                client(name, spec)
            })
            .collect(),
    }
}

/// What runs.
pub(super) fn world(text: &str, now: Instant) -> World {
    let mut world = World {
        webhooks: slot("", hooks, now),
        cores: slot("", cores, now),
        access: slot("", access, now),
        accounts: Vec::new(),
    };
    for part in parts(text) {
        match part.split_once(':') {
            Some(("hooks", spec)) => world.webhooks = slot(spec, hooks, now),
            Some(("cores", spec)) => world.cores = slot(spec, cores, now),
            Some(("access", spec)) => world.access = slot(spec, access, now),
            _ => world.accounts.push(account_model(part, now)),
        }
    }
    world
}

fn account_model(text: &str, now: Instant) -> AccountModel {
    if let Some((name, ports)) = text.split_once("(stopping") {
        let ports = ports.trim_end_matches(')').split_whitespace();
        return AccountModel::Stopping {
            name: self::name(name),
            holds: ports.map(place).collect(),
        };
    }
    let (head, rest) = text.split_once('[').expect("an upstream");
    let (upstream_spec, rest) = rest.split_once(']').expect("the upstream's end");
    let (name, limits) = head_of(head);
    let clients = rest.trim_matches(['{', '}']).split_whitespace();
    let clients = clients.map(|text| {
        let (client_name, spec) = text.split_once(':').expect("a port");
        let make = |spec: &str| client(client_name, spec);
        (self::name(client_name), nothing_if_empty(spec, make, now))
    });
    AccountModel::Running {
        name,
        limits,
        upstream: nothing_if_empty(upstream_spec, upstream, now),
        clients: clients.collect(),
    }
}

/// The steps as the table writes them.
pub(super) fn steps(planned: &[Step]) -> String {
    let change = |change: &Change| match change {
        Change::Open => "open",
        Change::Adjust => "adjust",
        Change::Close => "close",
        Change::CallOff => "call off",
    };
    let words: Vec<_> = planned
        .iter()
        .map(|step| match step {
            Step::StartAccount(account) => format!("start {account}"),
            Step::StopAccount(account) => format!("stop {account}"),
            Step::SetLimits(account) => format!("limits {account}"),
            Step::Upstream(account, what) => format!("{} {account}", change(what)),
            Step::Client(account, client, what) => format!("{} {account}/{client}", change(what)),
            Step::Webhooks => "hooks".into(),
            Step::Cores => "cores".into(),
            Step::Access => "access".into(),
        })
        .collect();
    words.join(", ")
}

/// Splits at the spaces that are in no brackets.
fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (place, letter) in text.char_indices() {
        match letter {
            '[' | '{' | '(' => depth += 1,
            ']' | '}' | ')' => depth -= 1,
            ' ' if depth == 0 => {
                parts.push(&text[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts.retain(|part| !part.is_empty());
    parts
}

fn head_of(head: &str) -> (Name, AccountLimits) {
    let (name, seconds) = head.split_once("(limits ").unwrap_or((head, "30"));
    let seconds = seconds.trim_end_matches(')').parse().expect("seconds");
    (self::name(name), limits(seconds))
}

/// A slot whose empty text means that nothing is there at all.
fn nothing_if_empty<W: Clone>(text: &str, make: impl Fn(&str) -> W, now: Instant) -> Slot<W, ()> {
    if text.is_empty() {
        Slot::default()
    } else {
        slot(text, make, now)
    }
}

/// A slot from what runs and what happens to it.
fn slot<W: Clone>(text: &str, make: impl Fn(&str) -> W, now: Instant) -> Slot<W, ()> {
    let mut slot = Slot::default();
    let (text, bound) = text.split_once('@').unwrap_or((text, ""));
    let place = text.find(['+', '-', '!', '?']).unwrap_or(text.len());
    let (runs, happens) = text.split_at(place);
    if !runs.is_empty() || happens.is_empty() {
        slot.begin(make(runs));
        slot.opened((), Vec::new(), now);
    }
    match (happens.chars().next(), happens.get(1..).map(&make)) {
        (Some('+'), Some(wanted)) => slot.begin(wanted),
        (Some('-'), Some(of)) => {
            slot.begin(of);
            slot.opened((), Vec::new(), now);
            let _closing = slot.begin_close();
        }
        (Some('!'), Some(wanted)) => {
            slot.begin(wanted);
            slot.failed(problem(), now);
        }
        (Some('?'), Some(wanted)) => {
            slot.begin(wanted);
            let long_ago = now.checked_sub(RETRY_AFTER).expect("a clock that has run");
            slot.failed(problem(), long_ago);
        }
        _ => {}
    }
    if !bound.is_empty() {
        slot.listens_at(Some(port(bound)));
    }
    slot
}

pub(super) fn problem() -> Message {
    io::Other { text: "tried" }.into()
}

pub(super) fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

pub(super) fn limits(seconds: u64) -> AccountLimits {
    AccountLimits {
        answer: std::time::Duration::from_secs(seconds),
        unsent: std::time::Duration::from_secs(seconds),
        ..AccountLimits::default()
    }
}

fn port(text: &str) -> SocketAddr {
    let (ip, port) = match text.strip_prefix('*') {
        Some(port) => ([0, 0, 0, 0], port),
        None => ([127, 0, 0, 1], text),
    };
    SocketAddr::from((ip, port.parse().expect("a port")))
}

pub(super) fn client(name: &str, spec: &str) -> config::Client {
    let (spec, queue) = match spec.strip_suffix('#') {
        Some(spec) => (
            spec,
            "queue-events = 700\nformat = \"string\"\nframework = \"koishi\"",
        ),
        None => (spec, ""),
    };
    if let Some(frameworks) = spec.strip_prefix('~') {
        return reverse_client(name, frameworks, queue);
    }
    let port_only = spec.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
    let token = match &spec[port_only.len()..] {
        "" => String::new(),
        letter => format!("token = {{ env = \"{letter}\" }}"),
    };
    let listen = port(port_only);
    let mut config = parsed(&format!(
        r#"
        [[accounts]]
        name = "a"
        upstream = {{ kind = "simulator" }}
        [[accounts.clients]]
        name = "{name}"
        kind = "forward"
        listen = "{listen}"
        {token}
        {queue}
        "#
    ));
    config.accounts.remove(0).clients.remove(0)
}

fn reverse_client(name: &str, frameworks: &str, queue: &str) -> config::Client {
    let urls = frameworks.split(',');
    let urls: Vec<_> = urls.map(|one| format!("ws://{one}.example/")).collect();
    let mut config = parsed(&format!(
        r#"
        [[accounts]]
        name = "a"
        upstream = {{ kind = "simulator" }}
        [[accounts.clients]]
        name = "{name}"
        kind = "reverse"
        urls = {urls:?}
        {queue}
        "#
    ));
    config.accounts.remove(0).clients.remove(0)
}

/// A port or a framework, `~x`, that something being stopped holds.
fn place(text: &str) -> Claim {
    match text.strip_prefix('~') {
        Some(_) => client("stopping", text).places().remove(0),
        None => Claim::Port(port(text)),
    }
}

pub(super) fn upstream(spec: &str) -> DesiredUpstream {
    let (kind, rest) = spec.split_once(':').unwrap_or((spec, ""));
    let (which, signer) = rest.split_once('/').unwrap_or((rest, ""));
    let settings = match kind {
        "sim" => r#"kind = "simulator""#.to_owned(),
        "dial" => format!(r#"kind = "onebot", url = "ws://{which}.example/""#),
        "rev" => format!(r#"kind = "onebot-reverse", listen = "{}""#, port(which)),
        "core" => {
            let uin = 10_000 + u64::from(which.as_bytes()[0]);
            format!(r#"kind = "lagrange", uin = {uin}"#)
        }
        other => panic!("`{other}` is no upstream"),
    };
    let signers = match signer {
        "" => String::new(),
        name => format!("[[signers]]\nname = \"{name}\"\nurl = \"http://signer.example/\""),
    };
    let config = parsed(&format!(
        "{signers}\n[[accounts]]\nname = \"a\"\nupstream = {{ {settings} }}"
    ));
    Desired::new(&config).accounts.remove(0).upstream
}

fn hooks(spec: &str) -> Vec<config::Hook> {
    match spec {
        "" => Vec::new(),
        path => {
            parsed(&format!(
                "[[notify]]\npost = \"http://hook.example/{path}\""
            ))
            .notify
        }
    }
}

fn cores(spec: &str) -> config::CoreInstallSettings {
    parsed(&format!(
        "[[core.sources]]\nkind = \"local\"\npath = \"/{spec}\""
    ))
    .core
}

fn access(spec: &str) -> DesiredAccess {
    DesiredAccess {
        allow_hosts: vec![spec.to_owned()],
        trusted_proxies: Vec::new(),
        discovery: parsed("").discovery,
    }
}

fn parsed(text: &str) -> Config {
    perpetua_config::parse(text).unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}
