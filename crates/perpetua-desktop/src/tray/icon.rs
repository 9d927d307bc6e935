//! Which of the four shapes the icon has.

use std::time::{Duration, Instant};

use perpetua_schema::NodeStatus;

use crate::standing::{Tone, standing_of, waits_for_scan};

/// What comes back by itself within this time leaves the icon as it was.
const BUSY_LIMIT: Duration = Duration::from_secs(30);

/// A shape of the icon; each means something, without any colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrayIcon {
    /// Everything that should be online is.
    Online,
    /// Nothing runs, or it is not back yet.
    #[default]
    Offline,
    /// A code waits for a phone, and nothing is worse.
    Scan,
    /// An account has stopped or works less.
    Problem,
}

/// Keeps the icon while something comes back by itself.
#[derive(Clone, Debug, Default)]
pub struct IconKeeper {
    shown: TrayIcon,
    busy_since: Option<Instant>,
}

impl IconKeeper {
    /// The icon for a node that stands like this; `None`: no node answers.
    pub fn next(&mut self, status: Option<&NodeStatus>, now: Instant, now_ms: i64) -> TrayIcon {
        let settled = match status {
            Some(status) => settled(status, now_ms),
            None => Some(TrayIcon::Offline),
        };
        if let Some(icon) = settled {
            self.busy_since = None;
            self.shown = icon;
        } else {
            let since = *self.busy_since.get_or_insert(now);
            if now.saturating_duration_since(since) >= BUSY_LIMIT {
                self.shown = TrayIcon::Offline;
            }
        }
        self.shown
    }
}

/// The icon of what does not change by itself; `None` while something does, and nothing is worse.
fn settled(status: &NodeStatus, now_ms: i64) -> Option<TrayIcon> {
    let standings = status.accounts.iter().map(|account| {
        let tone = standing_of(account, now_ms).tone;
        (account, tone)
    });
    let all: Vec<_> = standings.collect();
    let worst = all.iter().map(|(_, tone)| *tone).min();
    match worst {
        Some(Tone::You) if all.iter().any(|(account, _)| waits_for_scan(account)) => {
            Some(TrayIcon::Scan)
        }
        Some(Tone::Bad | Tone::You) => Some(TrayIcon::Problem),
        Some(Tone::Busy) => None,
        Some(Tone::Ok) => Some(TrayIcon::Online),
        Some(Tone::Idle) | None => Some(TrayIcon::Offline),
    }
}
