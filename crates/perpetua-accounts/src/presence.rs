//! Tells when an account goes offline or comes online: the node's watchers at once, webhooks
//! when it is worth a message.

use std::time::Duration;

use perpetua_proxy::{AccountHandle, Presence};
use perpetua_schema::Event;
use tokio::{sync::watch, time::timeout};
use tokio_util::sync::CancellationToken;

use perpetua_words::node as words;

use crate::events::Events;
use crate::webhooks::{Notification, Notifier};

/// A link that breaks is often back within this time, and nobody wants to be woken for that. What
/// the upstream itself says of being offline is told at once.
const FLICKER_LIMIT: Duration = Duration::from_secs(5);

/// Follows one account until cancelled.
pub(crate) async fn follow(
    account: AccountHandle,
    watchers: Events,
    notifier: Notifier,
    cancel: CancellationToken,
) {
    let mut follower = Follower {
        name: account.name().to_owned(),
        presence: account.presence(),
        account,
        watchers,
        notifier,
        notified_offline: false,
    };
    cancel.run_until_cancelled(follower.run()).await;
}

struct Follower {
    name: String,
    account: AccountHandle,
    presence: watch::Receiver<Presence>,
    watchers: Events,
    notifier: Notifier,
    /// Webhooks know that it is offline, and not yet that it is back.
    notified_offline: bool,
}

impl Follower {
    async fn run(&mut self) {
        while self.presence.changed().await.is_ok() {
            let presence = self.presence.borrow_and_update().clone();
            self.watch(&presence);
            if presence.online {
                self.notify_online();
            } else if presence.reason.is_some() {
                self.notify_offline();
            } else if !self.account.snapshot().managed && !self.is_back_soon().await {
                // A managed account without a reason was stopped because somebody wanted it.
                self.notify_offline();
            }
        }
    }

    /// Waits for a link that may only have flickered.
    async fn is_back_soon(&mut self) -> bool {
        let news = self
            .presence
            .wait_for(|presence| presence.online || presence.reason.is_some());
        let came = timeout(FLICKER_LIMIT, news).await;
        let presence = came
            .ok()
            .and_then(|found| found.ok().map(|found| found.clone()));
        if let Some(presence) = &presence {
            self.watch(presence);
        }
        presence.is_some_and(|presence| presence.online)
    }

    fn watch(&self, presence: &Presence) {
        self.watchers.state_changed();
        self.watchers.send(Event::Account {
            account: self.name.clone(),
            online: presence.online,
            reason: presence.reason.clone(),
        });
    }

    fn notify_offline(&mut self) {
        if self.notified_offline {
            return;
        }
        self.notified_offline = true;
        let reason = self.presence.borrow().reason.clone();
        let message = reason.map_or_else(
            || words::UpstreamLost.into(),
            |reason| words::WentOffline { reason }.into(),
        );
        self.notifier
            .notify(Notification::now("offline", &self.name, message));
    }

    fn notify_online(&mut self) {
        if std::mem::take(&mut self.notified_offline) {
            let message = words::OnlineAgain.into();
            self.notifier
                .notify(Notification::now("online", &self.name, message));
        }
    }
}
