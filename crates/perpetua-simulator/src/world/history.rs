//! What was said, as far back as the bounds reach.

use std::collections::VecDeque;

use perpetua_onebot::segment::{self, Segment};

use crate::chat::Chat;

/// How many messages are kept: enough for anything that a bot quotes or pages through in a test.
pub(crate) const MESSAGES_KEPT: usize = 2_000;

/// How many bytes of messages are kept: pictures come inside messages, as megabytes of base64. The newest
/// message is kept whatever its size, because its sender may ask for it next.
pub(crate) const BYTES_KEPT: usize = 4 << 20;

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Message {
    pub(crate) id: i32,
    /// Its place among all messages, from 1 on.
    pub(crate) seq: i64,
    pub(crate) chat: Chat,
    pub(crate) sender_id: i64,
    /// In seconds since 1970.
    pub(crate) time: i64,
    pub(crate) segments: Vec<Segment>,
    /// What a `forward` segment stands for.
    pub(crate) forward: Option<Forward>,
    pub(crate) recalled: bool,
}

/// Messages that one message passes on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Forward {
    pub(crate) id: String,
    /// Segments of the kind `node`, with `user_id`, `nickname` and `content`.
    pub(crate) nodes: Vec<Segment>,
}

impl Message {
    fn weight(&self) -> usize {
        let forwarded = self.forward.as_ref().map_or(&[][..], |it| &it.nodes);
        segment::to_cq(&self.segments).len() + segment::to_cq(forwarded).len()
    }
}

/// The newest messages, oldest first.
#[derive(Debug, Default)]
pub(crate) struct History {
    messages: VecDeque<(Message, usize)>,
    bytes: usize,
    count: i64,
}

impl History {
    /// The `seq` of the next message.
    pub(crate) fn next_seq(&self) -> i64 {
        self.count + 1
    }

    pub(crate) fn add(&mut self, message: Message) {
        self.count = message.seq;
        let weight = message.weight();
        self.bytes += weight;
        self.messages.push_back((message, weight));
        while self.messages.len() > MESSAGES_KEPT
            || (self.bytes > BYTES_KEPT && self.messages.len() > 1)
        {
            let gone = self.messages.pop_front().map_or(0, |(_, weight)| weight);
            self.bytes -= gone;
        }
    }

    /// The message with this id, also when it was recalled: bots look at what was taken back.
    pub(crate) fn get(&self, message_id: i32) -> Option<&Message> {
        self.newest_first().find(|message| message.id == message_id)
    }

    pub(crate) fn mark_recalled(&mut self, message_id: i32) {
        for (message, _) in &mut self.messages {
            if message.id == message_id {
                message.recalled = true;
            }
        }
    }

    /// The newest `count` messages of a chat that were not recalled, oldest first; with `until`, a message id
    /// or a `seq`, those up to and with that one. `None` when the chat has no such message.
    pub(crate) fn page(
        &self,
        chat: Chat,
        until: Option<i64>,
        count: usize,
    ) -> Option<Vec<&Message>> {
        let mut messages = self
            .newest_first()
            .filter(|message| message.chat == chat && !message.recalled)
            .peekable();
        if let Some(until) = until {
            while messages
                .next_if(|message| i64::from(message.id) != until && message.seq != until)
                .is_some()
            {}
            messages.peek()?;
        }
        let mut page: Vec<_> = messages.take(count).collect();
        page.reverse();
        Some(page)
    }

    pub(crate) fn forward(&self, id: &str) -> Option<&Forward> {
        self.newest_first()
            .find(|message| {
                message.id.to_string() == id
                    || message.forward.as_ref().is_some_and(|it| it.id == id)
            })
            .and_then(|message| message.forward.as_ref())
    }

    fn newest_first(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter().rev().map(|(message, _)| message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(history: &mut History, text: &str) -> i32 {
        let seq = history.next_seq();
        let message_id = -i32::try_from(seq).expect("tests say little");
        history.add(Message {
            id: message_id,
            seq,
            chat: Chat::Group(1),
            sender_id: 2,
            time: 0,
            segments: vec![Segment::text(text)],
            forward: None,
            recalled: false,
        });
        message_id
    }

    #[test]
    fn the_oldest_message_goes_beyond_the_bound_of_messages() {
        let mut history = History::default();
        let first = said(&mut history, "first");
        let second = said(&mut history, "second");
        for _ in 2..=MESSAGES_KEPT {
            said(&mut history, "more");
        }
        assert_eq!(history.get(first), None);
        assert!(history.get(second).is_some());
        assert_eq!(history.messages.len(), MESSAGES_KEPT);
    }

    #[test]
    fn old_messages_go_beyond_the_bound_of_bytes_but_never_the_newest() {
        let mut history = History::default();
        let small = said(&mut history, "small");
        let huge = said(&mut history, &"x".repeat(BYTES_KEPT + 1));
        assert_eq!(history.get(small), None);
        assert!(history.get(huge).is_some());
        let next = said(&mut history, "next");
        assert_eq!(history.get(huge), None);
        assert!(history.get(next).is_some());
        assert_eq!(history.bytes, "next".len());
    }

    #[test]
    fn a_page_ends_at_the_message_asked_for_and_leaves_out_recalled_ones() {
        let mut history = History::default();
        let ids: Vec<i32> = ["a", "b", "c", "d"]
            .map(|text| said(&mut history, text))
            .to_vec();
        history.mark_recalled(ids[1]);
        let page = |until, count| -> Option<Vec<i32>> {
            let messages = history.page(Chat::Group(1), until, count)?;
            Some(messages.iter().map(|message| message.id).collect())
        };
        assert_eq!(page(None, 2), Some(vec![ids[2], ids[3]]));
        assert_eq!(page(Some(3), 5), Some(vec![ids[0], ids[2]]));
        assert_eq!(page(Some(i64::from(ids[2])), 1), Some(vec![ids[2]]));
        assert_eq!(page(Some(99), 5), None);
        assert_eq!(history.page(Chat::User(1), None, 5), Some(vec![]));
    }
}
