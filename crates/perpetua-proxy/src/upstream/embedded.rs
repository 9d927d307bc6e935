//! An upstream inside the node, such as the simulator: no socket, the same hub.

use bytes::Bytes;
use perpetua_hub::LinkState;
use perpetua_onebot::peek;

use crate::{AccountHandle, account::FRAME_LIMITS};

/// The upstream's end of an account: open as long as it lives.
#[derive(Debug)]
pub struct Embedded {
    account: AccountHandle,
}

impl Embedded {
    /// Opens the account's link; `self_id` is the account's id.
    pub fn open(account: AccountHandle, self_id: i64) -> Self {
        let since = account.now().instant;
        account.with(|hub, now| hub.learn_self_id(self_id, now));
        account.set_link(LinkState::Open { since });
        Self { account }
    }

    /// The next action, UTF-8 text with the hub's echo. Safe to cancel.
    pub async fn next_action(&self) -> Bytes {
        loop {
            if let Some(action) = self.account.with(|hub, _| hub.take_action()) {
                return action.into_bytes();
            }
            self.account.upstream_woken().await;
        }
    }

    /// Gives the hub a response or an event.
    pub fn send(&self, frame: &str) {
        match peek(frame, &FRAME_LIMITS) {
            Ok(peek) => {
                let bytes = Bytes::copy_from_slice(frame.as_bytes());
                self.account
                    .with(|hub, now| hub.from_upstream(bytes, &peek, now));
            }
            Err(_malformed) => self.account.with(|hub, _| hub.count_foreign_frame()),
        }
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.account.set_link(LinkState::Closed);
    }
}
