//! What is answered from what is known, so that a framework that asks while the upstream is away gets an
//! answer at once instead of none.

use bytes::Bytes;
use perpetua_onebot::{EchoSpans, Peek, compose};

use super::Hub;
use crate::{
    ClientProfile, ClockReading, ConnectionId, Outgoing,
    action::{Caller, NewAction, Question},
};

/// The longest `data` that is kept to be told again: real ones have a few hundred bytes.
pub(super) const LONGEST_KNOWN: usize = 16 << 10;

impl Hub {
    /// The answer to a question, as far as it is known: while the upstream is away for everyone, and
    /// `get_login_info` always for the perpetua profile, whose SDK asks first of all and does not wait long.
    pub(super) fn known_answer(
        &self,
        id: ConnectionId,
        asks: Question,
        echo: Option<&str>,
    ) -> Option<Outgoing> {
        let profile = self.connections.get(&id)?.profile;
        let is_first_of_all = asks == Question::Login && profile == ClientProfile::Perpetua;
        if self.presence.link_is_open() && !is_first_of_all {
            return None;
        }
        let data = match asks {
            Question::Login => self.presence.login_info()?,
            Question::Version => self.presence.version_info()?,
            Question::Status => r#"{"online":false,"good":false}"#,
            Question::Messages | Question::Other => return None,
        };
        Some(compose::success(data, echo).into())
    }

    /// Asks the upstream which implementation it is, unless this link's was asked before or has not yet shown
    /// which account it is. It waits behind what clients have asked for.
    pub fn ask_version(&mut self, now: ClockReading) {
        if !self.presence.takes_version_question() {
            return;
        }
        let question = NewAction {
            caller: Caller::VersionQuestion,
            echo: None,
            text: Bytes::from_static(br#"{"action":"get_version_info","params":{}}"#),
            spans: EchoSpans::default(),
            answer_limit: None,
            asks: Question::Version,
        };
        // There is always room for it: it counts for nobody.
        let _room = self.actions.add(question, true, now.instant);
        self.upstream_woken = true;
    }

    /// Keeps what an upstream says of itself, to whomever it says it.
    pub(super) fn learn_answer(&mut self, asks: Question, peek: &Peek<'_>) {
        let data = peek.data.filter(|data| data.len() <= LONGEST_KNOWN);
        if let (Question::Version, Some(0), Some(data)) = (asks, peek.retcode, data) {
            self.presence.set_version_info(data.to_owned());
        }
    }
}
