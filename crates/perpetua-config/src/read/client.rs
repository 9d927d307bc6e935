//! `[[accounts.clients]]`: what all kinds share; one file for each kind.

mod forward;
mod http;
mod post;
mod reverse;
mod trust;

use std::ops::RangeInclusive;
use std::time::Duration;

use super::kind::kind;
use super::listeners::Listeners;
use super::name::{Named, Names, unique_name};
use super::section::Section;
use super::targets::Targets;
use crate::{Client, ClientFormat, ClientFramework, ClientKind, Profile, Queue, WhenFull};
use forward::forward;
use http::http;
use post::post;
use reverse::reverse;

/// The kinds of client that this version has.
#[derive(Clone, Copy)]
enum Kind {
    Forward,
    Post,
    Reverse,
    Http,
}

const KINDS: [(&str, Kind); 4] = [
    ("forward", Kind::Forward),
    ("reverse", Kind::Reverse),
    ("http", Kind::Http),
    ("post", Kind::Post),
];
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
/// Programs that call over HTTP have one for each call at a time, and leave some of them open.
const DEFAULT_CALLERS: usize = 256;
/// One for the address that is posted to.
const POSTED_CONNECTIONS: usize = 1;
/// NoneBot drops a connection after 30 s without a frame, so half of that is the most.
const HEARTBEATS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(15);
const DEFAULT_HEARTBEAT: Duration = Duration::from_secs(5);
/// A connection is greeted with up to three frames that must find room.
const QUEUE_EVENTS: RangeInclusive<usize> = 16..=1_000_000;
const DEFAULT_QUEUE_EVENTS: usize = 4096;
/// The most fits a `usize` of 32 bits.
const QUEUE_BYTES: RangeInclusive<u64> = 64_000..=2_000_000_000;
const DEFAULT_QUEUE_BYTES: usize = 64_000_000;
/// The hub keeps 16384 for a whole account.
const PENDING_ACTIONS: RangeInclusive<usize> = 1..=16_384;
/// Frameworks keep tens; eight such clients fit into an account.
const DEFAULT_PENDING_ACTIONS: usize = 2048;

/// Reads a client of an account; both may be disabled.
pub(super) fn client(
    mut section: Section<'_>,
    account_enabled: bool,
    names: &mut Names,
    listeners: &mut Listeners,
    targets: &mut Targets,
) -> Option<Client> {
    let name = unique_name(&mut section, Named::Client, names);
    targets.are_of(name.as_ref());
    let enabled = section
        .take("enabled")
        .and_then(|item| item.boolean())
        .unwrap_or(true);
    let runs = enabled && account_enabled;
    let (kind, connections) = match kind(&mut section, &KINDS, &[])? {
        Kind::Forward => {
            let client = forward(&mut section, runs, listeners);
            let connections = connections(&mut section, DEFAULT_CONNECTIONS);
            (client.map(ClientKind::Forward), connections)
        }
        Kind::Http => {
            let client = http(&mut section, runs, listeners);
            let connections = connections(&mut section, DEFAULT_CALLERS);
            (client.map(ClientKind::Http), connections)
        }
        Kind::Post => (
            post(&mut section, runs, targets).map(ClientKind::Post),
            POSTED_CONNECTIONS,
        ),
        Kind::Reverse => {
            let client = reverse(&mut section, runs, targets);
            let connections = client.as_ref().map_or(0, |client| client.dials().len());
            (client.map(ClientKind::Reverse), connections)
        }
    };
    let profile = section
        .take("profile")
        .and_then(|item| item.word(&PROFILES));
    let heartbeat = section
        .take("heartbeat")
        .and_then(|item| item.duration(&HEARTBEATS));
    let queue = queue(&mut section);
    let pending_actions = section
        .take("max-pending-actions")
        .and_then(|item| item.number(&PENDING_ACTIONS));
    let format = section
        .take("format")
        .and_then(|item| item.word(&ClientFormat::WORDS));
    let framework = section
        .take("framework")
        .and_then(|item| item.word(&ClientFramework::WORDS));
    section.finish();
    Some(Client {
        name: name?,
        enabled,
        profile: profile.unwrap_or_default(),
        max_connections: connections,
        heartbeat: heartbeat.unwrap_or(DEFAULT_HEARTBEAT),
        queue,
        max_pending_actions: pending_actions.unwrap_or(DEFAULT_PENDING_ACTIONS),
        format: format.unwrap_or_default(),
        framework,
        kind: kind?,
    })
}

fn connections(section: &mut Section<'_>, default: usize) -> usize {
    let connections = section
        .take("max-connections")
        .and_then(|item| item.number(&CONNECTIONS));
    connections.unwrap_or(default)
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
