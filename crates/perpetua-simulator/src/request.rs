//! Requests that wait for a bot's answer.

use std::collections::VecDeque;

/// How many requests wait at most; beyond it the oldest is forgotten, as its asker would have.
const WAITING_REQUESTS: usize = 256;

/// What somebody asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// To become a friend of the bot account.
    Friendship { user_id: i64 },
    /// To come into a group that the bot administers.
    Admission { group_id: i64, user_id: i64 },
    /// That the bot comes into a group.
    Invitation { group_id: i64, user_id: i64 },
}

/// The requests that no bot has answered, by their flags.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    waiting: VecDeque<(String, Request)>,
}

impl Requests {
    pub(crate) fn add(&mut self, flag: String, request: Request) {
        if self.waiting.len() == WAITING_REQUESTS {
            self.waiting.pop_front();
        }
        self.waiting.push_back((flag, request));
    }

    pub(crate) fn get(&self, flag: &str) -> Option<Request> {
        self.waiting
            .iter()
            .find(|(waiting, _)| waiting == flag)
            .map(|(_, request)| *request)
    }

    pub(crate) fn remove(&mut self, flag: &str) {
        self.waiting.retain(|(waiting, _)| waiting != flag);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_request_is_forgotten_beyond_the_bound() {
        let mut requests = Requests::default();
        for number in 0..=WAITING_REQUESTS {
            requests.add(number.to_string(), Request::Friendship { user_id: 1 });
        }
        assert_eq!(requests.waiting.len(), WAITING_REQUESTS);
        assert_eq!(requests.get("0"), None);
        assert_eq!(requests.get("1"), Some(Request::Friendship { user_id: 1 }));
    }
}
