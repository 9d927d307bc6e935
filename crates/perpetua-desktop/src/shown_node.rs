//! What a person is shown of the node, from one look to the next: the tray, and the notifications that are due.

use std::{sync::Arc, time::Instant};

use perpetua_schema::{NodeStatus, Preferences};

use crate::{
    IconKeeper, Notification, NotificationRules, Surroundings, TrayView,
    node_keeper::language_of,
    tray_view,
    wake::{StatusClock, minute_of_day, now_ms},
};

/// What was shown of the node so far, as far as it decides what is shown next.
#[derive(Debug, Default)]
pub struct ShownNode {
    icon: IconKeeper,
    rules: NotificationRules,
    clock: StatusClock,
}

impl ShownNode {
    /// What the tray shows of a node that stands like this, and which notifications are due. `looked_at` is
    /// the path of the page that a person has before them.
    pub fn look(
        &mut self,
        status: Option<&Arc<NodeStatus>>,
        preferences: &Preferences,
        looked_at: Option<&str>,
    ) -> (TrayView, Vec<Notification>) {
        let now = Instant::now();
        let now_ms = status.map_or(0, |status| self.clock.now_ms(status, now, now_ms()));
        let chosen = preferences.language;
        let status = status.map(AsRef::as_ref);
        let icon = self.icon.next(status, now, now_ms);
        let view = tray_view(status, icon, language_of(chosen), chosen, now_ms);
        let surroundings = Surroundings {
            now,
            now_ms,
            minute: minute_of_day(),
            looked_at,
            preferences: &preferences.notifications,
        };
        let due = status.map(|status| self.rules.observe(status, &surroundings));
        (view, due.unwrap_or_default())
    }
}
