//! `[[accounts.clients]]`.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::account::{available, listen, unique_name};
use super::listeners::{Listeners, check_open};
use super::section::Section;
use super::token;
use crate::{Client, Name, Profile, Queue, WhenFull};

const KINDS: [(&str, ()); 1] = [("forward", ())];
const LATER_KINDS: [&str; 3] = ["reverse", "http", "post"];
const PROFILES: [(&str, Profile); 2] = [
    ("standard", Profile::Standard),
    ("perpetua", Profile::Perpetua),
];
const WHEN_FULL: [(&str, WhenFull); 2] = [
    ("drop-oldest", WhenFull::DropOldest),
    ("disconnect", WhenFull::Disconnect),
];

const CONNECTIONS: RangeInclusive<usize> = 1..=10_000;
const DEFAULT_CONNECTIONS: usize = 8;
/// NoneBot drops a connection after 30 s without a frame, so half of that is the most.
const HEARTBEATS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(15);
const DEFAULT_HEARTBEAT: Duration = Duration::from_secs(5);
/// A connection is greeted with up to three frames that must find room.
const QUEUE_EVENTS: RangeInclusive<usize> = 16..=1_000_000;
const DEFAULT_QUEUE_EVENTS: usize = 4096;
/// The most fits a `usize` of 32 bits.
const QUEUE_BYTES: RangeInclusive<u64> = 64_000..=2_000_000_000;
const DEFAULT_QUEUE_BYTES: usize = 64_000_000;

pub(super) fn client(
    mut section: Section<'_>,
    account_enabled: bool,
    names: &mut Vec<Name>,
    listeners: &mut Listeners,
) -> Option<Client> {
    let name = unique_name(&mut section, "client of this account", names);
    let enabled = section
        .take("enabled")
        .and_then(|item| item.boolean())
        .unwrap_or(true);
    let kind = section.require(
        "kind",
        "`forward`: the framework connects to a port of ours",
    )?;
    // With no kind, nobody knows which other keys belong here.
    available(&kind, &KINDS, &LATER_KINDS)?;
    let listen = listen(&mut section, enabled && account_enabled, listeners);
    let token_item = section.take("token");
    let profile = section
        .take("profile")
        .and_then(|item| item.word(&PROFILES));
    let connections = section
        .take("max-connections")
        .and_then(|item| item.number(&CONNECTIONS));
    let heartbeat = section
        .take("heartbeat")
        .and_then(|item| item.duration(&HEARTBEATS));
    let queue = queue(&mut section);
    section.finish();
    let token = token::listener(token_item.as_ref());
    let listen = listen?;
    check_open(&token, token_item.as_ref(), listen);
    Some(Client {
        name: name?,
        enabled,
        listen,
        token,
        profile: profile.unwrap_or_default(),
        max_connections: connections.unwrap_or(DEFAULT_CONNECTIONS),
        heartbeat: heartbeat.unwrap_or(DEFAULT_HEARTBEAT),
        queue,
    })
}

fn queue(section: &mut Section<'_>) -> Queue {
    let events = section
        .take("queue-events")
        .and_then(|item| item.number(&QUEUE_EVENTS));
    let bytes = section
        .take("queue-bytes")
        .and_then(|item| item.size(&QUEUE_BYTES));
    let when_full = section
        .take("when-full")
        .and_then(|item| item.word(&WHEN_FULL));
    Queue {
        events: events.unwrap_or(DEFAULT_QUEUE_EVENTS),
        bytes: bytes
            .and_then(|bytes| usize::try_from(bytes).ok())
            .unwrap_or(DEFAULT_QUEUE_BYTES),
        when_full: when_full.unwrap_or_default(),
    }
}
