//! What a managed account's supervisor has to know at once.

use std::collections::VecDeque;

/// Something that the supervisor of the account's core acts on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum News {
    /// A client wants the core to be restarted (`set_restart`); the delay that it asked for is over.
    RestartWanted,
    /// The upstream says that the account was logged out (`bot_offline`), in these words. The core's
    /// log says so too, most often before.
    Kicked(String),
    /// The link is open and the account does not answer: the core hangs.
    AnswersStopped,
    /// An action came back with `retcode` 9057: the core could not have it signed.
    SendUnsigned,
}

/// News that nobody has taken yet: of each kind the latest only, so there are never more than kinds.
#[derive(Debug, Default)]
pub(crate) struct NewsBoard {
    waiting: VecDeque<News>,
    woken: bool,
}

impl NewsBoard {
    pub(crate) fn post(&mut self, news: News) {
        let kind = std::mem::discriminant(&news);
        self.waiting
            .retain(|one| std::mem::discriminant(one) != kind);
        self.waiting.push_back(news);
        self.woken = true;
    }

    pub(crate) fn take(&mut self) -> Option<News> {
        self.waiting.pop_front()
    }

    /// Whether there is something new since the last call.
    pub(crate) fn woken(&mut self) -> bool {
        std::mem::take(&mut self.woken)
    }

    /// The link is gone: what its core did is nothing to act on when the next one is there.
    pub(crate) fn link_closed(&mut self) {
        self.waiting.retain(|one| *one == News::RestartWanted);
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{News, NewsBoard};

    #[test]
    fn of_each_kind_only_the_latest_waits() {
        let mut board = NewsBoard::default();
        for news in [
            News::Kicked("first".into()),
            News::RestartWanted,
            News::Kicked("second".into()),
            News::RestartWanted,
        ] {
            board.post(news);
        }
        assert_eq!(board.take(), Some(News::Kicked("second".into())));
        assert_eq!(board.take(), Some(News::RestartWanted));
        assert_eq!(board.take(), None);
    }

    #[test]
    fn a_restart_is_wanted_even_when_the_link_has_closed_meanwhile() {
        let mut board = NewsBoard::default();
        board.post(News::AnswersStopped);
        board.post(News::RestartWanted);
        board.post(News::SendUnsigned);
        board.link_closed();
        assert_eq!(board.take(), Some(News::RestartWanted));
        assert_eq!(board.take(), None);
    }
}
