//! Which account it is: what ids on the link mean, and what the upstream's own answer does.
//!
//! The settings may want one account (`uin`): then no other is ever served. Without that the first id counts,
//! and after it only the answer to `get_login_info` makes another account of it, at most once per
//! [`BRAKE`]. Frames that name another id are left out, so an implementation with several accounts on one
//! link serves one of them.

use std::time::Instant;

use perpetua_words::{Message, link as words};

use super::{
    Line, Presence, Stage,
    inquiry::{BRAKE, Inquiry},
};

/// What an id says about the account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum IdentityChange {
    /// It was not known before.
    First,
    /// It is the one that was known.
    Same,
    /// Another account is logged in now.
    Changed,
    /// It is another account's, which is not served here, or not yet.
    Refused,
}

impl Presence {
    pub(crate) fn self_id(&self) -> Option<i64> {
        self.self_id
    }

    pub(crate) fn uin(&self) -> Option<i64> {
        self.uin
    }

    /// Whether an event of this account says nothing new of it, as nearly all do.
    pub(crate) fn knows(&self, self_id: i64) -> bool {
        self.self_id == Some(self_id) && !matches!(self.stage, Stage::Unproven(_))
    }

    /// The settings want this account, or whichever it is.
    pub(crate) fn set_uin(&mut self, uin: Option<i64>, now: Instant) -> IdentityChange {
        if std::mem::replace(&mut self.uin, uin) == uin {
            return IdentityChange::Same;
        }
        if let Some(line) = self.line_mut() {
            line.inquiry.start_over(now);
        }
        let Some(uin) = uin else {
            return IdentityChange::Same;
        };
        let change = self.become_account(uin);
        if change == IdentityChange::Changed {
            self.doubt();
        }
        change
    }

    /// An event names an id, or somebody who connects.
    pub(crate) fn meet(&mut self, self_id: i64, now: Instant) -> IdentityChange {
        let settles = self
            .line_mut()
            .is_some_and(|line| line.inquiry.names(self_id));
        match self.self_id {
            Some(known) if known == self_id => IdentityChange::Same,
            None => self.become_account(self_id),
            Some(_) if self.uin.is_some() => IdentityChange::Refused,
            Some(_) if settles && !self.is_proven() => self.change_account(self_id, now),
            Some(_) => {
                if let Some(line) = self.line_mut() {
                    line.inquiry.raise();
                }
                IdentityChange::Refused
            }
        }
    }

    /// The upstream's own answer names an id.
    pub(crate) fn answer_named(&mut self, self_id: i64, now: Instant) -> IdentityChange {
        if let Some(line) = self.line_mut() {
            line.inquiry.refused = None;
        }
        match (self.self_id, self.uin) {
            (Some(known), _) if known == self_id => IdentityChange::Same,
            (None, _) => self.become_account(self_id),
            (Some(_), Some(_)) => self.refuse(self_id, now + BRAKE),
            (Some(_), None) => self.change_account(self_id, now),
        }
    }

    /// The upstream does not know the question who it is.
    pub(crate) fn answer_unknown(&mut self, now: Instant) -> IdentityChange {
        let first_id = self
            .line_mut()
            .and_then(|line| line.inquiry.does_not_know());
        match first_id {
            Some(first) if self.self_id == Some(first) => IdentityChange::Same,
            Some(first) if self.uin.is_none() && !self.is_proven() => {
                self.change_account(first, now)
            }
            _ => IdentityChange::Refused,
        }
    }

    /// The answer did not say who it is: as long as nobody knows, it is asked again.
    pub(crate) fn answered_in_vain(&mut self, now: Instant) {
        if let Stage::Unproven(line) = &mut self.stage {
            line.inquiry.answered_in_vain(now);
        }
    }

    /// The question who it is goes out.
    pub(crate) fn asked(&mut self, now: Instant) {
        if let Some(line) = self.line_mut() {
            line.inquiry.asked(now);
        }
    }

    /// The upstream has shown that it is the account; false when that was known, there is no link, or it
    /// says that it is another one.
    pub(crate) fn prove(&mut self) -> bool {
        match self.stage {
            Stage::Unproven(line) if line.inquiry.refused.is_none() => {
                self.stage = Stage::Proven(line);
                true
            }
            _ => false,
        }
    }

    /// Whether an event of another account may be the first word of a change: the link has not been open
    /// for long and has not shown where it leads, which the settings leave open too.
    pub(crate) fn may_change(&self, now: Instant) -> bool {
        match &self.stage {
            Stage::Unproven(line) => self.uin.is_none() && now < line.since + BRAKE,
            _ => false,
        }
    }

    /// Why an upstream that is there is not served.
    pub(crate) fn account_refusal(&self) -> Option<Message> {
        let found = self.line()?.inquiry.refused?;
        Some(match (self.uin, self.self_id) {
            (Some(uin), _) => words::OtherAccount { found, uin }.into(),
            (None, Some(known)) => words::ChangesAccount { found, known }.into(),
            (None, None) => return None,
        })
    }

    fn change_account(&mut self, self_id: i64, now: Instant) -> IdentityChange {
        match self.changed.map(|changed| changed + BRAKE) {
            Some(until) if now < until => self.refuse(self_id, until),
            _ => {
                self.changed = Some(now);
                self.become_account(self_id)
            }
        }
    }

    /// What was known of another account is forgotten, and what was refused of this one.
    fn become_account(&mut self, self_id: i64) -> IdentityChange {
        match self.self_id.replace(self_id) {
            None => IdentityChange::First,
            Some(former) if former == self_id => IdentityChange::Same,
            Some(_) => {
                self.login_info = None;
                self.version_info = None;
                self.offline = None;
                if let Some(line) = self.line_mut() {
                    line.inquiry.refused = None;
                }
                IdentityChange::Changed
            }
        }
    }

    fn refuse(&mut self, self_id: i64, again: Instant) -> IdentityChange {
        self.doubt();
        if let Some(line) = self.line_mut() {
            line.inquiry.refuse(self_id, again);
        }
        IdentityChange::Refused
    }

    /// Nobody knows any longer where the link leads.
    fn doubt(&mut self) {
        if let Stage::Proven(line) = self.stage {
            self.stage = Stage::Unproven(line);
        }
    }
}

impl Line {
    pub(super) fn opened(since: Instant, now: Instant) -> Self {
        Self {
            since,
            liveness: super::Liveness::Probing { since: now },
            inquiry: Inquiry::opened(now),
            version_asked: false,
        }
    }
}
