//! Tells when an account goes offline or comes online: the node's watchers at once, the log and
//! webhooks when it is worth a line or a message.

use std::{convert::Infallible, time::Duration};

use perpetua_proxy::{AccountHandle, Presence};
use perpetua_schema::Event;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use perpetua_words::{Message, node as words};

use crate::events::Events;
use crate::webhooks::{Notification, Notifier};

/// A link that breaks is often back within this time, and nobody wants to be woken for that. What
/// the upstream itself says of being offline is told at once.
const FLICKER_LIMIT: Duration = Duration::from_secs(5);

/// An upstream that says online and offline in turns has a pair of lines in the log no more often.
const LOG_PAUSE: Duration = Duration::from_secs(10);

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
    let (name, presence) = (follower.name.clone(), follower.presence.clone());
    let log = follow_turns(presence, |turn| match turn {
        Turn::Offline(reason) => warn!(account = name, %reason, "account offline"),
        Turn::OnlineAgain => info!(account = name, "account online again"),
    });
    let both = async { tokio::join!(follower.run(), log) };
    cancel.run_until_cancelled(both).await;
}

/// What the log says of an account.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Turn {
    Offline(Message),
    OnlineAgain,
}

/// Tells when an account is offline for a reason, and when it is online again, until it ends. Links that
/// break have lines of their own.
async fn follow_turns(
    mut presence: watch::Receiver<Presence>,
    mut tell: impl FnMut(Turn),
) -> Result<Infallible, watch::error::RecvError> {
    loop {
        let is_offline = |presence: &Presence| !presence.online && presence.reason.is_some();
        let reason = presence.wait_for(is_offline).await?.reason.clone();
        let next = Instant::now() + LOG_PAUSE;
        if let Some(reason) = reason {
            tell(Turn::Offline(reason));
        }
        presence.wait_for(|presence| presence.online).await?;
        tell(Turn::OnlineAgain);
        sleep_until(next).await;
    }
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
        if presence.linked {
            self.account.ask_version();
        }
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use perpetua_proxy::Presence;
    use perpetua_words::{Message, link as words};
    use tokio::{
        sync::{mpsc, watch},
        time::sleep,
    };

    use super::{LOG_PAUSE, Turn, follow_turns};

    fn kicked() -> Message {
        words::UpstreamSaid { text: "kicked" }.into()
    }

    fn presence(online: bool, reason: Option<Message>) -> Presence {
        Presence {
            linked: true,
            online,
            reason,
            blocked_since: None,
        }
    }

    /// What is told of an account that starts offline, and where its presence is changed.
    fn followed() -> (watch::Sender<Presence>, mpsc::Receiver<Turn>) {
        let (sender, receiver) = watch::channel(presence(false, None));
        let (told, turns) = mpsc::channel(8);
        tokio::spawn(follow_turns(receiver, move |turn| {
            told.try_send(turn).expect("the test reads");
        }));
        (sender, turns)
    }

    async fn all(turns: &mut mpsc::Receiver<Turn>) -> Vec<Turn> {
        sleep(Duration::from_millis(1)).await;
        std::iter::from_fn(|| turns.try_recv().ok()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn every_reason_and_the_return_is_told_once() {
        for reason in [
            kicked(),
            words::WentOffline.into(),
            words::HeartbeatOffline.into(),
        ] {
            let (account, mut turns) = followed();
            account.send_replace(presence(true, None));
            assert_eq!(all(&mut turns).await, [], "the start");
            account.send_replace(presence(false, Some(reason.clone())));
            account.send_replace(presence(false, Some(reason.clone())));
            assert_eq!(all(&mut turns).await, [Turn::Offline(reason)]);
            account.send_replace(presence(false, None));
            assert_eq!(all(&mut turns).await, [], "its link broke too");
            account.send_replace(presence(true, None));
            assert_eq!(all(&mut turns).await, [Turn::OnlineAgain]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_link_that_breaks_is_told_by_others() {
        let (account, mut turns) = followed();
        for online in [true, false, true] {
            account.send_replace(presence(online, None));
            assert_eq!(all(&mut turns).await, []);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn turns_in_a_row_are_told_after_a_pause_and_the_last_one_is_not_lost() {
        let (account, mut turns) = followed();
        for _ in 0..100 {
            account.send_replace(presence(true, None));
            sleep(Duration::from_millis(2)).await;
            account.send_replace(presence(false, Some(kicked())));
            sleep(Duration::from_millis(2)).await;
        }
        let kick = Turn::Offline(kicked());
        assert_eq!(all(&mut turns).await, [kick.clone(), Turn::OnlineAgain]);
        sleep(LOG_PAUSE).await;
        assert_eq!(all(&mut turns).await, [kick]);
    }
}
