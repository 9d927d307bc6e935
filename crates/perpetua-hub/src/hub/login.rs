//! Which account the upstream is.

use bytes::Bytes;
use perpetua_onebot::{EchoSpans, Peek, compose};
use serde::Deserialize;

use super::Hub;
use crate::{ConnectionId, Cut, Moment, Outgoing, Profile, action::Caller};

impl Hub {
    /// Takes the account's id, from a frame or from outside, for example from `X-Self-ID`.
    pub fn learn_self_id(&mut self, self_id: i64, now: Moment) {
        if self_id == 0 {
            return;
        }
        let was_online = self.online();
        let former = self.upstream.self_id.replace(self_id);
        if former.is_some_and(|former| former != self_id) {
            self.upstream.login_info = None;
            self.upstream.offline = None;
            self.actions.forget_account(now.instant);
            self.cut_all(Cut::AccountChanged);
        }
        self.confirm();
        // Before the greetings, which tell it themselves.
        self.note_online(was_online);
        if former != Some(self_id) {
            self.greet_waiting(now);
        }
    }

    /// The upstream has shown which account it is: actions that waited for that may go.
    fn confirm(&mut self) {
        if self.upstream.link.is_open() && !self.upstream.confirmed {
            self.upstream.confirmed = true;
            self.upstream_woken = true;
        }
    }

    /// Asks who the account is: its id names the bot for clients that wait, and the answer serves
    /// them while the upstream is away.
    pub(super) fn probe_login(&mut self, now: Moment) {
        self.upstream.confirmed = false;
        let probe = (
            Bytes::from_static(br#"{"action":"get_login_info","params":{}}"#),
            EchoSpans::default(),
        );
        // There is always room for it: it counts for nobody.
        let _room = self
            .actions
            .add(Caller::LoginProbe, None, probe, None, now.instant);
        self.upstream_woken = true;
    }

    /// Any answer shows that the upstream works; a good one shows which account it is, and that it is
    /// logged in again if it had been offline.
    pub(super) fn learn_login(&mut self, peek: &Peek<'_>, now: Moment) {
        let login = login(peek);
        if let Some((self_id, _)) = login {
            self.learn_self_id(self_id, now);
        }
        let was_online = self.online();
        self.confirm();
        if let Some((_, data)) = login {
            self.upstream.login_info = Some(data);
            self.upstream.offline = None;
        }
        self.note_online(was_online);
    }

    /// `get_login_info` as far as it is known: while the upstream is away for everyone, and always
    /// for the perpetua profile, whose SDK asks first of all and does not wait long.
    pub(super) fn known_login(&self, id: ConnectionId, echo: Option<&str>) -> Option<Outgoing> {
        let profile = self.connections.get(&id)?.profile;
        if self.upstream.link.is_open() && profile == Profile::Standard {
            return None;
        }
        let data = self.upstream.login_info.as_deref()?;
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
