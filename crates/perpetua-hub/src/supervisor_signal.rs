//! What a managed account's supervisor has to know at once.

use std::collections::VecDeque;

/// Something that the supervisor of the account's core acts on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SupervisorSignal {
    /// A client wants the core to be restarted (`set_restart`); the delay that it asked for is over.
    RestartWanted,
    /// The upstream says that the account was logged out (`bot_offline`), in these words. The core's
    /// log says so too, most often before.
    Kicked(String),
    /// The link is open and the account does not answer over it: the supervisor looks whether the core answers
    /// over another connection, and tells the hub (`Hub::looked_elsewhere`).
    AnswersDoubted,
    /// The link is open, and the core answers neither over it nor elsewhere: it hangs.
    AnswersStopped,
    /// An action came back with `retcode` 9057: the core could not have it signed.
    SendUnsigned,
}

/// Signals that nobody has taken yet: of each kind the latest only, so there are never more than kinds.
#[derive(Debug, Default)]
pub(crate) struct PendingSignals {
    waiting: VecDeque<SupervisorSignal>,
    woken: bool,
}

impl PendingSignals {
    pub(crate) fn post(&mut self, signal: SupervisorSignal) {
        let kind = std::mem::discriminant(&signal);
        self.waiting
            .retain(|one| std::mem::discriminant(one) != kind);
        self.waiting.push_back(signal);
        self.woken = true;
    }

    pub(crate) fn take(&mut self) -> Option<SupervisorSignal> {
        self.waiting.pop_front()
    }

    /// Whether there is something new since the last call.
    pub(crate) fn woken(&mut self) -> bool {
        std::mem::take(&mut self.woken)
    }

    /// The link is gone: what its core did is nothing to act on when the next one is there.
    pub(crate) fn link_closed(&mut self) {
        self.waiting
            .retain(|one| *one == SupervisorSignal::RestartWanted);
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{PendingSignals, SupervisorSignal};

    #[test]
    fn of_each_kind_only_the_latest_waits() {
        let mut pending = PendingSignals::default();
        for signal in [
            SupervisorSignal::Kicked("first".into()),
            SupervisorSignal::RestartWanted,
            SupervisorSignal::Kicked("second".into()),
            SupervisorSignal::RestartWanted,
        ] {
            pending.post(signal);
        }
        assert_eq!(
            pending.take(),
            Some(SupervisorSignal::Kicked("second".into()))
        );
        assert_eq!(pending.take(), Some(SupervisorSignal::RestartWanted));
        assert_eq!(pending.take(), None);
    }

    #[test]
    fn a_restart_is_wanted_even_when_the_link_has_closed_meanwhile() {
        let mut pending = PendingSignals::default();
        pending.post(SupervisorSignal::AnswersStopped);
        pending.post(SupervisorSignal::RestartWanted);
        pending.post(SupervisorSignal::SendUnsigned);
        pending.link_closed();
        assert_eq!(pending.take(), Some(SupervisorSignal::RestartWanted));
        assert_eq!(pending.take(), None);
    }
}
