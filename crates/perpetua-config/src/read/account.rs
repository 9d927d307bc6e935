//! `[[accounts]]`.

use std::ops::RangeInclusive;
use std::time::Duration;

use perpetua_words::config as words;

use super::client::client;
use super::listeners::Listeners;
use super::name::{Named, Names, unique_name};
use super::section::Section;
use super::targets::Targets;
use super::upstream::{lagrange::Logins, upstream};
use crate::{Account, Name};

const ACTION_TIMEOUTS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(1);
const DEFAULT_ACTION_TIMEOUT: Duration = Duration::from_mins(1);
const UNSENT_TIMEOUTS: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_mins(10);
const DEFAULT_UNSENT_TIMEOUT: Duration = Duration::from_secs(8);
/// No less than what ordinary pictures need; no more than a few of which fit into memory.
const FRAME_SIZES: RangeInclusive<u64> = 1_000_000..=512 << 20;
const DEFAULT_FRAME_SIZE: usize = 64 << 20;

/// The accounts, and the names of all that have one: also of those with other faults.
pub(super) fn accounts(
    sections: Vec<Section<'_>>,
    listeners: &mut Listeners,
    logins: &mut Logins<'_>,
) -> (Vec<Account>, Vec<Name>) {
    let mut names = Names::default();
    let accounts = sections
        .into_iter()
        .filter_map(|section| account(section, &mut names, listeners, logins))
        .collect();
    (accounts, names.in_order())
}

fn account(
    mut section: Section<'_>,
    names: &mut Names,
    listeners: &mut Listeners,
    logins: &mut Logins<'_>,
) -> Option<Account> {
    let name = unique_name(&mut section, Named::Account, names);
    let enabled = section
        .take("enabled")
        .and_then(|item| item.boolean())
        .unwrap_or(true);
    let upstream = section
        .require("upstream", words::NeedsUpstream)
        .and_then(|item| item.table("[accounts.upstream]"))
        .and_then(|section| upstream(section, enabled, listeners, logins));
    let (mut client_names, mut targets) = (Names::default(), Targets::default());
    let clients = section
        .tables("clients", "[[accounts.clients]]")
        .into_iter()
        .filter_map(|section| client(section, enabled, &mut client_names, listeners, &mut targets))
        .collect();
    let action_timeout = section
        .take("action-timeout")
        .and_then(|item| item.duration(&ACTION_TIMEOUTS));
    let unsent_timeout = section
        .take("unsent-timeout")
        .and_then(|item| item.duration(&UNSENT_TIMEOUTS));
    let max_frame_size = section
        .take("max-frame-size")
        .and_then(|item| item.size(&FRAME_SIZES))
        .and_then(|bytes| usize::try_from(bytes).ok());
    section.finish();
    Some(Account {
        name: name?,
        enabled,
        upstream: upstream?,
        clients,
        action_timeout: action_timeout.unwrap_or(DEFAULT_ACTION_TIMEOUT),
        unsent_timeout: unsent_timeout.unwrap_or(DEFAULT_UNSENT_TIMEOUT),
        max_frame_size: max_frame_size.unwrap_or(DEFAULT_FRAME_SIZE),
    })
}
