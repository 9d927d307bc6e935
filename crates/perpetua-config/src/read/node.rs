//! The settings of the node as a whole: `[api]`, `[log]`, `[limits]`, `[discovery]`.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use ipnet::IpNet;
use perpetua_words::config as words;

use super::item::Item;
use super::listeners::{Listeners, check_open};
use super::section::Section;
use super::token;
use crate::{Api, DiscoverySettings, Limits, Log, LogFormat, LogLevel, Name, SecretsBackend};

pub(super) const SECRETS_BACKENDS: [(&str, SecretsBackend); 2] = [
    ("keyring", SecretsBackend::Keyring),
    ("file", SecretsBackend::File),
];

const LOG_LEVELS: [(&str, LogLevel); 6] = [
    ("off", LogLevel::Off),
    ("error", LogLevel::Error),
    ("warn", LogLevel::Warn),
    ("info", LogLevel::Info),
    ("debug", LogLevel::Debug),
    ("trace", LogLevel::Trace),
];
const LOG_FORMATS: [(&str, LogFormat); 2] = [("text", LogFormat::Text), ("json", LogFormat::Json)];

/// Below it a busy node would do little else than open files; above it no editor opens one.
const LOG_FILE_SIZES: RangeInclusive<u64> = 10_000..=1_000_000_000;
const LOG_FILES: RangeInclusive<usize> = 1..=1000;
const LOG_DAYS: RangeInclusive<usize> = 1..=3650;

/// Below it a few connections of ordinary size would not fit; above it a limit is none.
const MEMORY: RangeInclusive<u64> = 32_000_000..=64 << 30;

const WAITS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_mins(10);
const DEFAULT_WAIT: Duration = Duration::from_secs(15);
const PENDING: RangeInclusive<usize> = 1..=1000;
const DEFAULT_PENDING: usize = 4;

pub(super) fn api(mut section: Section<'_>, listeners: &mut Listeners) -> Api {
    let default = Api::default();
    let listen_item = section.take("listen");
    let listen = listen_item
        .as_ref()
        .and_then(Item::address)
        .unwrap_or(default.listen);
    if let Some(item) = &listen_item {
        listeners.claim(item, listen, true);
    } else {
        listeners.claim_default("api.listen", listen);
    }
    let allow_hosts = section
        .take("allow-hosts")
        .and_then(|item| item.array())
        .unwrap_or_default();
    let trusted_proxies = section
        .take("trusted-proxies")
        .and_then(|item| item.array())
        .unwrap_or_default();
    section.finish();
    Api {
        listen,
        allow_hosts: allow_hosts.iter().filter_map(host_name).collect(),
        trusted_proxies: trusted_proxies.iter().filter_map(proxies).collect(),
    }
}

/// The address of a proxy, or a range of them. A range of all addresses would let everybody be anybody.
fn proxies(item: &Item<'_>) -> Option<IpNet> {
    item.parsed(words::ProxyRange, |text| {
        let address = text.parse::<IpAddr>().map(|one| one.to_canonical().into());
        let range: IpNet = address.or_else(|_| text.parse()).ok()?;
        (range.prefix_len() > 0).then(|| range.trunc())
    })
}

/// A name as it stands in a `Host` header, without its port.
fn host_name(item: &Item<'_>) -> Option<String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let name = item.fitting(words::HostName, |text| {
        !text.is_empty() && text.bytes().all(fits)
    })?;
    Some(name.to_ascii_lowercase())
}

pub(super) fn log(mut section: Section<'_>) -> Log {
    let default = Log::default();
    let level = section
        .take("level")
        .and_then(|item| item.word(&LOG_LEVELS));
    let targets = section.take("targets").and_then(|item| log_targets(&item));
    let format = section
        .take("format")
        .and_then(|item| item.word(&LOG_FORMATS));
    let max_file_size = section
        .take("max-file-size")
        .and_then(|item| item.size(&LOG_FILE_SIZES));
    let max_files = section
        .take("max-files")
        .and_then(|item| item.number(&LOG_FILES));
    let max_age_days = section
        .take("max-age-days")
        .and_then(|item| item.number(&LOG_DAYS));
    section.finish();
    Log {
        level: level.unwrap_or(default.level),
        targets: targets.unwrap_or_default(),
        format,
        max_file_size: max_file_size.unwrap_or(default.max_file_size),
        max_files: max_files.unwrap_or(default.max_files),
        max_age: max_age_days.map_or(default.max_age, |days| {
            Duration::from_hours(24 * days as u64)
        }),
    }
}

/// `targets = { "perpetua_proxy" = "debug" }`; any module path is a key.
fn log_targets(item: &Item<'_>) -> Option<BTreeMap<String, LogLevel>> {
    let mut targets = BTreeMap::new();
    for (name, level) in item.entries()? {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':');
        if name.is_empty() || !name.bytes().all(fits) {
            level.problem::<()>(words::LogTarget);
        } else if let Some(level) = level.word(&LOG_LEVELS) {
            targets.insert(name.to_owned(), level);
        }
    }
    Some(targets)
}

pub(super) fn limits(mut section: Section<'_>) -> Limits {
    let default = Limits::default();
    let memory = section.take("memory").and_then(|item| item.size(&MEMORY));
    section.finish();
    Limits {
        memory: memory.map_or(default.memory, |bytes| {
            usize::try_from(bytes).unwrap_or(usize::MAX)
        }),
    }
}

pub(super) fn discovery(
    mut section: Section<'_>,
    api: &Api,
    accounts: &[Name],
) -> DiscoverySettings {
    let enabled = section.take("enabled").and_then(|item| item.boolean());
    let account = section
        .take("account")
        .and_then(|item| known_account(&item, accounts));
    let range = section.take("range").and_then(|item| port_range(&item));
    let wait = section.take("wait").and_then(|item| item.duration(&WAITS));
    let allow = section
        .take("allow")
        .and_then(|item| item.array())
        .unwrap_or_default();
    let token_item = section.take("token");
    let pending = section
        .take("pending-per-address")
        .and_then(|item| item.number(&PENDING));
    section.finish();
    let token = token::listener(token_item.as_ref());
    check_open(&token, token_item.as_ref(), api.listen);
    DiscoverySettings {
        enabled: enabled.unwrap_or(true),
        account: account.or_else(|| accounts.first().cloned()),
        range,
        wait: wait.unwrap_or(DEFAULT_WAIT),
        allow: allow.iter().filter_map(peer_address).collect(),
        token,
        pending_per_address: pending.unwrap_or(DEFAULT_PENDING),
    }
}

/// The name of an account that the file has.
fn known_account(item: &Item<'_>, accounts: &[Name]) -> Option<Name> {
    let written = item.string(words::AccountName)?;
    let name = accounts.iter().find(|name| **name == *written);
    name.cloned().or_else(|| item.problem(words::NoSuchAccount))
}

/// `"18100-18110"`, both ends included.
fn port_range(item: &Item<'_>) -> Option<RangeInclusive<u16>> {
    item.parsed(words::PortRange, |text| {
        let (first, last) = text.split_once('-')?;
        let (first, last): (u16, u16) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        (first >= 1 && first <= last).then_some(first..=last)
    })
}

fn peer_address(item: &Item<'_>) -> Option<IpAddr> {
    item.parsed(words::IpAddress, |text| text.parse().ok())
}
