//! Which account the upstream is.

use bytes::Bytes;
use perpetua_onebot::{EchoSpans, Peek, compose};
use perpetua_words::{Message, link as words};
use serde::Deserialize;
use thiserror::Error;

use super::Hub;
use crate::{
    ClientProfile, ClockReading, ConnectionId, DisconnectReason, Outgoing,
    action::{Caller, NewAction},
    presence::IdentityChange,
};

/// An upstream is not the account that the settings name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("{}", Message::from(self))]
pub struct OtherAccount {
    /// The id that it gives.
    pub found: i64,
    /// The id that the settings want.
    pub uin: i64,
}

impl From<&OtherAccount> for Message {
    fn from(OtherAccount { found, uin }: &OtherAccount) -> Self {
        words::OtherAccount {
            found: *found,
            uin: *uin,
        }
        .into()
    }
}

impl Hub {
    /// The account that the settings want to be served here; `None`: the one that the upstream is.
    pub fn set_uin(&mut self, uin: Option<i64>, _now: ClockReading) {
        self.presence.set_uin(uin);
    }

    /// Whether an upstream that names this id before it is connected is one that may come in.
    pub fn expects_upstream(&self, self_id: i64) -> Result<(), OtherAccount> {
        match self.presence.uin() {
            Some(uin) if uin != self_id => Err(OtherAccount {
                found: self_id,
                uin,
            }),
            _ => Ok(()),
        }
    }

    /// Takes the account's id, from a frame or from outside, for example from `X-Self-ID`.
    pub fn learn_self_id(&mut self, self_id: i64, now: ClockReading) {
        if self_id == 0 || self.presence.knows(self_id) {
            return;
        }
        let before = self.presence.summary();
        let named = self.presence.name(self_id);
        if named == IdentityChange::Other {
            self.actions.forget_account(now.instant);
            self.cut_all(DisconnectReason::AccountChanged);
            // The question that was under way is forgotten with the rest.
            if self.presence.awaits_answer() {
                self.ask_login(now);
            }
        }
        self.prove();
        // Before the greetings, which tell it themselves.
        self.note_presence(before);
        if named != IdentityChange::Same {
            self.greet_waiting(now);
        }
    }

    /// The upstream has shown which account it is: actions that waited for that may go.
    fn prove(&mut self) {
        self.upstream_woken |= self.presence.prove();
    }

    /// Asks who the account is: its id names the bot for clients that wait, the answer serves them
    /// while the upstream is away, and that one comes shows that the upstream does not hang.
    pub(super) fn ask_login(&mut self, now: ClockReading) {
        let probe = NewAction {
            caller: Caller::LoginProbe,
            echo: None,
            text: Bytes::from_static(br#"{"action":"get_login_info","params":{}}"#),
            spans: EchoSpans::default(),
            answer_limit: None,
        };
        // There is always room for it: it counts for nobody.
        let _room = self.actions.add(probe, now.instant);
        self.upstream_woken = true;
    }

    /// Any answer shows that the upstream works; a good one shows which account it is, and that it is
    /// logged in again if it had been offline.
    pub(super) fn learn_login(&mut self, peek: &Peek<'_>, now: ClockReading) {
        let login = login(peek);
        if let Some((self_id, _)) = login {
            self.learn_self_id(self_id, now);
        }
        let before = self.presence.summary();
        self.prove();
        if let Some((_, data)) = login {
            self.presence.log_in(data);
        }
        self.note_presence(before);
    }

    /// `get_login_info` as far as it is known: while the upstream is away for everyone, and always
    /// for the perpetua profile, whose SDK asks first of all and does not wait long.
    pub(super) fn known_login(&self, id: ConnectionId, echo: Option<&str>) -> Option<Outgoing> {
        let profile = self.connections.get(&id)?.profile;
        if self.presence.link_is_open() && profile == ClientProfile::Standard {
            return None;
        }
        let data = self.presence.login_info()?;
        Some(compose::success(data, echo).into())
    }
}

/// The account's id and the raw `data` of a `get_login_info` that was answered well.
fn login(peek: &Peek<'_>) -> Option<(i64, String)> {
    #[derive(Deserialize)]
    struct LoginInfo {
        user_id: i64,
    }
    let data = peek.data?;
    let LoginInfo { user_id } = serde_json::from_str(data).ok()?;
    (user_id != 0).then(|| (user_id, data.to_owned()))
}
