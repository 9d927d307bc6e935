//! `[accounts.upstream]`: one file for each kind.

pub(super) mod lagrange;
mod onebot;
mod onebot_reverse;

use std::ops::RangeInclusive;

use super::kind::kind;
use super::listeners::Listeners;
use super::section::Section;
use crate::Upstream;
use lagrange::Logins;

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

/// The ids that a OneBot v11 frame can hold.
const IDS: RangeInclusive<usize> = 1..=usize::MAX / 2;

/// The only account whose frames count, of an upstream that logs in by itself.
fn uin(section: &mut Section<'_>) -> Option<u64> {
    let uin = section
        .take("uin")?
        .number_or(&IDS, perpetua_words::config::UinRange)?;
    Some(uin as u64)
}

/// Reads the upstream of an account, which may be disabled.
pub(super) fn upstream(
    mut section: Section<'_>,
    enabled: bool,
    listeners: &mut Listeners,
    logins: &mut Logins<'_>,
) -> Option<Upstream> {
    let upstream = match kind(&mut section, &KINDS, &LATER_KINDS)? {
        Kind::Simulator => Some(Upstream::Simulator),
        Kind::Lagrange => {
            let lagrange = lagrange::lagrange(&mut section, enabled, logins);
            Some(Upstream::Lagrange(lagrange))
        }
        Kind::Onebot => onebot::onebot(&mut section).map(Upstream::Onebot),
        Kind::OnebotReverse => onebot_reverse::onebot_reverse(&mut section, enabled, listeners)
            .map(Upstream::OnebotReverse),
    };
    section.finish();
    upstream
}
