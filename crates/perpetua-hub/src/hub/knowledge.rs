//! What is answered from what is known, so that a framework that asks while the upstream is away gets an
//! answer at once instead of none.

use perpetua_onebot::{Peek, compose};

use super::Hub;
use crate::{ClientProfile, ConnectionId, Outgoing, action::Question};

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
            Question::Other => return None,
        };
        Some(compose::success(data, echo).into())
    }

    /// Keeps what an upstream says of itself, when it says it to a client.
    pub(super) fn learn_answer(&mut self, asks: Question, peek: &Peek<'_>) {
        let data = peek.data.filter(|data| data.len() <= LONGEST_KNOWN);
        if let (Question::Version, Some(0), Some(data)) = (asks, peek.retcode, data) {
            self.presence.set_version_info(data.to_owned());
        }
    }
}
