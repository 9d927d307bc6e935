//! Which account the upstream is.

use bytes::Bytes;
use perpetua_onebot::{EchoSpans, FrameLimits, Peek};
use perpetua_words::{Message, link as words, notice};
use thiserror::Error;

use super::{Hub, knowledge::LONGEST_KNOWN, lost_frames::UpstreamSizes};
use crate::{
    ClockReading, DisconnectReason,
    action::{Caller, NewAction, Question},
    presence::{IdentityChange, StatusSummary},
};

/// The `retcode`s that say that there is no such action: of OneBot v11 and its HTTP status, and of v12.
const NO_SUCH_ACTION: [i64; 3] = [1404, 404, 10_002];

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
    pub fn set_uin(&mut self, uin: Option<i64>, now: ClockReading) {
        let before = self.presence.summary();
        let change = self.presence.set_uin(uin, now.instant);
        self.follow_identity(change, before, now);
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

    /// Takes the account's id from outside, for example from `X-Self-ID`. It counts if none is known.
    pub fn learn_self_id(&mut self, self_id: i64, now: ClockReading) {
        self.meet(self_id, now);
    }

    /// An event names this id, or whoever connects; false: it is not of this account.
    pub(super) fn meet(&mut self, self_id: i64, now: ClockReading) -> bool {
        // Some send it before they are logged in.
        if self_id == 0 || self.presence.knows(self_id) {
            return true;
        }
        let before = self.presence.summary();
        let change = self.presence.meet(self_id, now.instant);
        if change != IdentityChange::Refused {
            self.prove(now);
        }
        self.follow_identity(change, before, now);
        change != IdentityChange::Refused
    }

    /// An event is of another account: it is counted and left out. While nobody knows yet where the link
    /// leads, its upstream may just have become that account, which is nothing to be told of.
    pub(super) fn leave_out(&mut self, self_id: i64, now: ClockReading) {
        self.upstream.other_accounts_events += 1;
        if self.presence.may_change(now.instant) {
            return;
        }
        let known = self.presence.self_id().unwrap_or_default();
        if self.presence.uin().is_some() {
            self.note_upstream_latest(notice::NotTheUin { self_id, known }, now);
        } else {
            self.note_upstream_latest(notice::OtherAccount { self_id, known }, now);
        }
    }

    /// The upstream has shown which account it is: actions that waited for that may go.
    fn prove(&mut self, now: ClockReading) {
        if self.presence.prove() {
            self.actions.upstream_came(now.instant);
            self.upstream_woken = true;
        }
    }

    /// What follows from what an id has said.
    fn follow_identity(
        &mut self,
        change: IdentityChange,
        before: StatusSummary,
        now: ClockReading,
    ) {
        if change == IdentityChange::Changed {
            self.upstream.sizes = UpstreamSizes::default();
            self.actions.forget_account(now.instant);
            self.cut_all(DisconnectReason::AccountChanged);
            // The question that was under way is forgotten with the rest.
            if self.presence.awaits_answer() {
                self.ask_login(now);
            }
        }
        if before.proven && !self.presence.is_proven() {
            self.actions.upstream_went(now.instant);
        }
        // Before the greetings, which tell it themselves.
        self.note_presence(before, now.instant);
        if change == IdentityChange::First || change == IdentityChange::Changed {
            self.greet_waiting(now);
        }
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
            asks: Question::Other,
        };
        // There is always room for it: it counts for nobody.
        let _room = self.actions.add(probe, self.takes_actions(), now.instant);
        self.presence.asked(now.instant);
        self.upstream_woken = true;
    }

    /// The answer to who it is. A good one also shows that it is logged in again if it had been offline;
    /// one that says nothing of it is asked for again.
    pub(super) fn learn_login(&mut self, peek: &Peek<'_>, now: ClockReading) {
        let before = self.presence.summary();
        let (change, data) = match login_answer(peek) {
            LoginAnswer::Account { self_id, data } => {
                (self.presence.answer_named(self_id, now.instant), Some(data))
            }
            LoginAnswer::NoSuchAction => (self.presence.answer_unknown(now.instant), None),
            LoginAnswer::Nothing => {
                self.presence.answered_in_vain(now.instant);
                return;
            }
        };
        if change != IdentityChange::Refused {
            self.prove(now);
            if let Some(data) = data {
                let known = Some(data).filter(|data| data.len() <= LONGEST_KNOWN);
                self.presence.log_in(known.map(ToOwned::to_owned));
            }
        }
        self.follow_identity(change, before, now);
    }
}

/// What an upstream says of who it is.
enum LoginAnswer<'a> {
    Account {
        self_id: i64,
        /// As it came.
        data: &'a str,
    },
    /// It does not know the question.
    NoSuchAction,
    /// It could not say, or said something else.
    Nothing,
}

fn login_answer<'a>(peek: &Peek<'a>) -> LoginAnswer<'a> {
    if peek
        .retcode
        .is_some_and(|code| NO_SUCH_ACTION.contains(&code))
    {
        return LoginAnswer::NoSuchAction;
    }
    // An id is read as in frames: as a number or as a string of digits, the last of several.
    let self_id = peek.data.and_then(|data| {
        let login = perpetua_onebot::peek(data, &FrameLimits::default()).ok()?;
        login.user_id.filter(|self_id| *self_id > 0)
    });
    match (self_id, peek.data) {
        (Some(self_id), Some(data)) => LoginAnswer::Account { self_id, data },
        _ => LoginAnswer::Nothing,
    }
}
