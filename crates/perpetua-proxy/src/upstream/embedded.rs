//! An upstream inside the node, such as the simulator: no socket of ours, the same hub.
//!
//! What stands behind it may still be far away (a platform's gateway, a bot's HTTP API), so it says itself
//! how its link stands, and whether asking it now and then costs nothing.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use perpetua_hub::{AskedAction, ClockReading, Hub, LinkFailure, LinkState, ProbeSettings};
use perpetua_onebot::Peek;
use tracing::{info, warn};

use super::frames::look_at_text;
use crate::AccountHandle;

/// What kind of upstream it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct EmbeddedSettings {
    /// The account's id, where it is known before the link is open.
    pub self_id: Option<i64>,
    /// When it is asked whether it is still there; `None` for one that cannot hang, or for which each
    /// question is a call to somebody's API.
    pub probes: Option<ProbeSettings>,
}

/// How the link behind an embedded upstream stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EmbeddedLink {
    /// It is being made.
    Connecting,
    /// Frames flow.
    Open,
    /// It is gone, and made again after this wait.
    Waiting {
        /// The wait from now on.
        wait: Duration,
        /// What went wrong.
        failure: LinkFailure,
    },
}

/// The upstream's end of an account. The link closes when it is dropped.
#[derive(Debug)]
pub struct Embedded {
    account: AccountHandle,
}

impl Embedded {
    /// Takes the account's upstream over; its link is [`EmbeddedLink::Connecting`].
    pub fn new(account: AccountHandle, settings: EmbeddedSettings) -> Self {
        account.set_probes(settings.probes);
        if let Some(self_id) = settings.self_id {
            account.with(|hub, now| hub.learn_self_id(self_id, now));
        }
        let embedded = Self { account };
        embedded.set_link(EmbeddedLink::Connecting);
        embedded
    }

    /// The link stands like this from now on.
    pub fn set_link(&self, link: EmbeddedLink) {
        let (account, now) = (&self.account, self.account.now().instant);
        let state = match link {
            EmbeddedLink::Connecting => {
                let last_failure = match account.snapshot().link {
                    LinkState::Waiting { failure, .. } => Some(failure),
                    LinkState::Dialling { last_failure } => last_failure,
                    LinkState::Closed | LinkState::Open { .. } => None,
                };
                LinkState::Dialling { last_failure }
            }
            // Said twice, it is the same link.
            EmbeddedLink::Open if account.snapshot().link.is_open() => return,
            EmbeddedLink::Open => {
                info!(account = account.name(), "upstream connected");
                LinkState::Open { since: now }
            }
            EmbeddedLink::Waiting { wait, failure } => {
                warn!(account = account.name(), reason = %failure, "no link to the upstream");
                let until = now + wait;
                LinkState::Waiting { until, failure }
            }
        };
        account.set_link(state);
    }

    /// The next action, UTF-8 text with the hub's echo. Safe to cancel.
    pub async fn next_action(&self) -> Bytes {
        self.next_asked_action().await.frame.into_bytes()
    }

    /// The next action, and whose it is. Safe to cancel.
    pub async fn next_asked_action(&self) -> AskedAction {
        loop {
            if let Some(action) = self.account.with(Hub::take_asked_action) {
                return action;
            }
            self.account.upstream_woken().await;
        }
    }

    /// Gives the hub a response or an event.
    pub fn send(&self, frame: &str) {
        self.give(frame, |hub, text, peek, now| {
            hub.from_upstream(text, peek, now);
        });
    }

    /// As [`Embedded::send`]; of an event, gives the clients that it goes to.
    pub fn send_told(&self, frame: &str) -> Vec<Arc<str>> {
        self.give(frame, |hub, text, peek, now| {
            hub.from_embedded(text, peek, now)
        })
    }

    fn give<R: Default>(
        &self,
        frame: &str,
        verb: impl FnOnce(&mut Hub, Bytes, &Peek<'_>, ClockReading) -> R,
    ) -> R {
        match look_at_text(&self.account, frame, &self.account.frame_limits()) {
            Ok(peek) => {
                let bytes = Bytes::copy_from_slice(frame.as_bytes());
                let given = self.account.with(|hub, now| verb(hub, bytes, &peek, now));
                self.account.came(frame.len());
                given
            }
            Err(frame) => {
                frame.report(&self.account);
                R::default()
            }
        }
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.account.set_link(LinkState::Closed);
        // Whatever upstream comes next is asked as usual.
        self.account.set_probes(Some(ProbeSettings::default()));
    }
}
