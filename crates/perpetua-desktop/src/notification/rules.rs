//! Which notifications are due when the node stands elsewhere than before.
//!
//! ```text
//!  status ─► cause of each account ─► unknown to its owner? wanted? not quiet? not told lately? ─► due
//!                                                                      more than 3 in a minute ─► one for all
//!  an account whose outage was told is online again ─────────────────────────────────────────► due
//! ```

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use perpetua_schema::{AccountStatus, NodeStatus, NotificationKind, NotificationPreferences};

use super::due::{Cause, Notification};
use crate::standing::account_path;

/// How long the same is not told of the same account again.
const ONCE_IN: Duration = Duration::from_mins(10);
/// So many in [`TOGETHER_WITHIN`] stand alone; from the next one on there is one for all.
const ALONE: usize = 3;
/// See [`ALONE`].
const TOGETHER_WITHIN: Duration = Duration::from_mins(1);

/// What beside the node decides whether a notification is due.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'s> {
    /// Now.
    pub now: Instant,
    /// The same in milliseconds since 1970.
    pub now_ms: i64,
    /// The minute of the day here, counted from midnight.
    pub minute: u16,
    /// The path of the page that a person has before them: of a window that has the focus.
    pub looked_at: Option<&'s str>,
    /// What the owner wants to hear of.
    pub preferences: &'s NotificationPreferences,
}

impl Surroundings<'_> {
    fn is_quiet(&self) -> bool {
        self.preferences.quiet_hours.is_some_and(|quiet| {
            let (from, to) = (quiet.from_minute, quiet.to_minute);
            if from <= to {
                (from..to).contains(&self.minute)
            } else {
                self.minute >= from || self.minute < to
            }
        })
    }

    pub(super) fn wants(&self, kind: NotificationKind) -> bool {
        self.preferences.kinds.contains(&kind) && !self.is_quiet()
    }

    fn looks_at(&self, account: &str) -> bool {
        self.looks_below(&account_path(account))
    }

    pub(super) fn looks_below(&self, page: &str) -> bool {
        self.looked_at.is_some_and(|path| {
            let below = path.strip_prefix(page);
            below.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
        })
    }
}

/// What an account lacks.
#[derive(Clone, Copy, Debug)]
struct Outage {
    cause: Cause,
    /// Since when it lacks that.
    since: Instant,
    /// Its owner knows: it was told, or its page was before them. What is held back stays open.
    known: bool,
}

/// What was told, and when.
#[derive(Clone, Debug, Default)]
pub struct NotificationRules {
    /// What each account lacks at present.
    present: BTreeMap<String, Outage>,
    /// When what was told of whom.
    told: BTreeMap<(String, Cause), Instant>,
    /// Since when each account is away whose outage was told.
    outages: BTreeMap<String, Instant>,
    /// When the latest ones were shown.
    latest: VecDeque<Instant>,
}

impl NotificationRules {
    /// The notifications that are due now that the node stands like this.
    pub fn observe(
        &mut self,
        status: &NodeStatus,
        surroundings: &Surroundings<'_>,
    ) -> Vec<Notification> {
        let now = surroundings.now;
        self.forget(now);
        let mut due = Vec::new();
        for account in &status.accounts {
            let Some(cause) = Cause::of(account) else {
                self.present.remove(&account.name);
                if account.online {
                    due.extend(self.back(account, surroundings));
                }
                continue;
            };
            if self.is_due(&account.name, cause, surroundings) {
                due.push(Notification::of_cause(account, surroundings.now_ms));
            }
        }
        let known = |name: &String| status.accounts.iter().any(|account| account.name == *name);
        self.present.retain(|name, _| known(name));
        self.outages.retain(|name, _| known(name));
        self.together(due, now)
    }

    /// Whether a cause is told now; it is taken for told then. One that is held back, by quiet hours or
    /// because the same was told a moment ago, is asked for again at the next look.
    fn is_due(&mut self, account: &str, cause: Cause, surroundings: &Surroundings<'_>) -> bool {
        let new = Outage {
            cause,
            since: surroundings.now,
            known: false,
        };
        let outage = self.present.entry(account.to_owned()).or_insert(new);
        if outage.cause != cause {
            *outage = new;
        }
        if outage.known {
            return false;
        }
        if surroundings.looks_at(account) {
            outage.known = true;
            return false;
        }
        let key = (account.to_owned(), cause);
        if !surroundings.wants(cause.kind()) || self.told.contains_key(&key) {
            return false;
        }
        outage.known = true;
        let since = outage.since;
        self.told.insert(key, surroundings.now);
        self.outages.entry(account.to_owned()).or_insert(since);
        true
    }

    fn back(
        &mut self,
        account: &AccountStatus,
        surroundings: &Surroundings<'_>,
    ) -> Option<Notification> {
        let since = self.outages.remove(&account.name)?;
        let wanted = surroundings.wants(NotificationKind::BackOnline)
            && !surroundings.looks_at(&account.name);
        let away = surroundings.now.saturating_duration_since(since);
        wanted.then(|| Notification::back_online(account, away))
    }

    /// Many at once become one.
    fn together(&mut self, due: Vec<Notification>, now: Instant) -> Vec<Notification> {
        self.latest.extend(due.iter().map(|_| now));
        if due.is_empty() || self.latest.len() <= ALONE {
            return due;
        }
        let away = self.present.len();
        if away == 0 {
            return due.into_iter().take(1).collect();
        }
        vec![Notification::of_several(away)]
    }

    fn forget(&mut self, now: Instant) {
        let since = |then: &Instant| now.saturating_duration_since(*then);
        self.told.retain(|_, then| since(then) < ONCE_IN);
        self.latest.retain(|then| since(then) < TOGETHER_WITHIN);
    }
}

#[cfg(test)]
mod tests;
