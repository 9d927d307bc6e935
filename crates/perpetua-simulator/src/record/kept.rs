//! The lines that are kept, and the frames that belong to them.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::{Page, RecordedFrame, RecordedLine};
use crate::chat::Chat;

/// How many lines of a chat are kept, the newest.
const LINES_PER_CHAT: usize = 500;

/// How many bytes of lines are kept, those of all chats together, the newest: a name that somebody chose
/// stands in every line, and may be as long as a frame. The newest line is kept whatever its size.
const LINE_BYTES: usize = 16 << 20;

/// How many frames of a line are kept, the first.
const FRAMES_PER_LINE: usize = 64;

/// How many bytes of frames are kept, those of the newest lines.
const FRAME_BYTES: usize = 16 << 20;

/// The newest lines of each chat.
#[derive(Debug, Default)]
pub(super) struct KeptLines {
    count: u64,
    lines: BTreeMap<u64, Kept>,
    /// The lines of each chat that has some: no more chats than the world has people and groups.
    chats: HashMap<Chat, VecDeque<u64>>,
    line_bytes: usize,
    frame_bytes: usize,
    /// Lines before this one have lost their frames, and get no more.
    frames_from: u64,
}

#[derive(Debug)]
struct Kept {
    line: RecordedLine,
    frames: Vec<RecordedFrame>,
}

impl Kept {
    fn line_bytes(&self) -> usize {
        let clients = self.line.client.iter().chain(&self.line.delivered_to);
        self.line.shown.weight() + clients.map(|client| client.len()).sum::<usize>()
    }

    fn frame_bytes(&self) -> usize {
        self.frames.iter().map(|frame| frame.text.len()).sum()
    }
}

impl KeptLines {
    /// The id of the line that is added next.
    pub(super) fn next_id(&self) -> u64 {
        self.count + 1
    }

    /// Adds a line, with the frames that it has so far.
    pub(super) fn add(&mut self, line: RecordedLine, frames: &[RecordedFrame]) {
        self.count = line.id;
        let (id, chat) = (line.id, line.shown.place.chat);
        let kept = Kept {
            line,
            frames: Vec::new(),
        };
        self.line_bytes += kept.line_bytes();
        self.lines.insert(id, kept);
        let ids = self.chats.entry(chat).or_default();
        ids.push_back(id);
        if ids.len() > LINES_PER_CHAT
            && let Some(oldest) = ids.pop_front()
        {
            self.forget(oldest);
        }
        while self.line_bytes > LINE_BYTES
            && let Some(oldest) = self.lines.keys().next().copied().filter(|one| *one != id)
        {
            self.forget(oldest);
        }
        self.add_frames(id, frames);
    }

    /// Lets a line go, which is the oldest of its chat.
    fn forget(&mut self, id: u64) {
        let Some(gone) = self.lines.remove(&id) else {
            return;
        };
        self.line_bytes -= gone.line_bytes();
        self.frame_bytes -= gone.frame_bytes();
        let chat = gone.line.shown.place.chat;
        if let Some(ids) = self.chats.get_mut(&chat) {
            ids.retain(|one| *one != id);
            if ids.is_empty() {
                self.chats.remove(&chat);
            }
        }
    }

    /// Adds frames to a line, if it is kept and has room for them.
    pub(super) fn add_frames(&mut self, id: u64, frames: &[RecordedFrame]) {
        let Some(kept) = self.lines.get_mut(&id).filter(|_| id >= self.frames_from) else {
            return;
        };
        let before = kept.frame_bytes();
        let room = FRAMES_PER_LINE - kept.frames.len();
        kept.frames.extend(frames.iter().take(room).cloned());
        self.frame_bytes += kept.frame_bytes() - before;
        while self.frame_bytes > FRAME_BYTES
            && let Some((id, oldest)) = self.lines.range_mut(self.frames_from..).next()
        {
            self.frame_bytes -= oldest.frame_bytes();
            oldest.frames = Vec::new();
            self.frames_from = id + 1;
        }
    }

    pub(super) fn page(&self, chat: Chat, before: Option<u64>, limit: usize) -> Page {
        let ids = self.chats.get(&chat).into_iter().flatten();
        let ids: Vec<_> = ids
            .take_while(|id| before.is_none_or(|before| **id < before))
            .collect();
        let begin = ids.len().saturating_sub(limit);
        let lines = ids[begin..].iter().filter_map(|id| self.lines.get(id));
        Page {
            lines: lines.map(|kept| kept.line.clone()).collect(),
            more: begin > 0,
        }
    }

    pub(super) fn frames(&self, id: u64) -> Option<Vec<RecordedFrame>> {
        self.lines.get(&id).map(|kept| kept.frames.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::{FRAME_BYTES, FRAMES_PER_LINE, KeptLines, LINE_BYTES, LINES_PER_CHAT};
    use crate::{
        chat::Chat,
        record::{RecordedFrame, RecordedKind, RecordedLine},
        shown::{Deed, Shown, ShownPlace, Who},
        timestamp::Timestamp,
    };

    fn add(lines: &mut KeptLines, chat: Chat, frames: &[RecordedFrame]) -> u64 {
        let id = lines.next_id();
        lines.add(line_of(id, chat), frames);
        id
    }

    fn line_of(id: u64, chat: Chat) -> RecordedLine {
        RecordedLine {
            id,
            shown: Shown {
                time_ms: 0,
                place: ShownPlace {
                    chat,
                    name: "name".into(),
                },
                by: Who {
                    user_id: 1,
                    name: "name".into(),
                },
                by_bot: false,
                deed: Deed::Joined,
            },
            client: None,
            took_ms: None,
            delivered_to: Vec::new(),
        }
    }

    fn frame(bytes: usize) -> RecordedFrame {
        RecordedFrame {
            time: Timestamp::from_unix_ms(0),
            kind: RecordedKind::Event,
            client: None,
            text: "x".repeat(bytes).into(),
        }
    }

    fn ids(lines: &KeptLines, chat: Chat, before: Option<u64>, limit: usize) -> (Vec<u64>, bool) {
        let page = lines.page(chat, before, limit);
        (page.lines.iter().map(|line| line.id).collect(), page.more)
    }

    #[test]
    fn a_page_ends_before_the_line_asked_for_and_tells_whether_there_is_more() {
        let (mut lines, here, there) = (KeptLines::default(), Chat::Group(1), Chat::User(1));
        for chat in [here, there, here, here] {
            add(&mut lines, chat, &[]);
        }
        assert_eq!(ids(&lines, here, None, 2), (vec![3, 4], true));
        assert_eq!(ids(&lines, here, Some(4), 2), (vec![1, 3], false));
        assert_eq!(ids(&lines, here, Some(3), 9), (vec![1], false));
        assert_eq!(ids(&lines, here, None, 0), (vec![], true));
        assert_eq!(ids(&lines, there, None, 9), (vec![2], false));
        assert_eq!(ids(&lines, Chat::Group(9), None, 9), (vec![], false));
    }

    #[test]
    fn the_oldest_lines_of_a_chat_go_with_their_frames_and_others_stay() {
        let (mut lines, busy) = (KeptLines::default(), Chat::Group(1));
        let quiet = add(&mut lines, Chat::User(1), &[frame(1)]);
        for _ in 0..=LINES_PER_CHAT {
            add(&mut lines, busy, &[frame(1)]);
        }
        let (kept, more) = ids(&lines, busy, None, usize::MAX);
        assert_eq!(
            (kept.len(), kept[0], more),
            (LINES_PER_CHAT, quiet + 2, false)
        );
        assert_eq!(lines.frames(quiet + 1), None);
        assert_eq!(lines.frames(quiet).map(|frames| frames.len()), Some(1));
        assert_eq!(lines.frame_bytes, LINES_PER_CHAT + 1);
    }

    #[test]
    fn lines_with_endless_names_go_beyond_the_bound_of_bytes_but_never_the_newest() {
        let mut lines = KeptLines::default();
        let quiet = add(&mut lines, Chat::User(1), &[frame(1)]);
        let long = |lines: &mut KeptLines, bytes: usize| {
            let mut line = line_of(lines.next_id(), Chat::Group(1));
            line.shown.place.name = "x".repeat(bytes);
            lines.add(line, &[]);
        };
        for _ in 0..40 {
            long(&mut lines, 1 << 20);
            assert!(lines.line_bytes <= LINE_BYTES);
        }
        assert_eq!(ids(&lines, Chat::Group(1), None, 99).0.len(), 15);
        assert_eq!(ids(&lines, Chat::User(1), None, 99), (vec![], false));
        assert_eq!((lines.frames(quiet), lines.frame_bytes), (None, 0));
        assert_eq!(lines.chats.len(), 1, "a chat without lines is none");
        long(&mut lines, LINE_BYTES + 1);
        assert_eq!(ids(&lines, Chat::Group(1), None, 99), (vec![42], false));
    }

    #[test]
    fn a_line_keeps_its_first_frames() {
        let mut lines = KeptLines::default();
        let line = add(&mut lines, Chat::Group(1), &[frame(7)]);
        for _ in 0..FRAMES_PER_LINE {
            lines.add_frames(line, &[frame(1), frame(1)]);
        }
        let frames = lines.frames(line).expect("kept");
        assert_eq!((frames.len(), frames[0].text.len()), (FRAMES_PER_LINE, 7));
        lines.add_frames(line + 1, &[frame(1)]);
        assert_eq!(lines.frame_bytes, 7 + FRAMES_PER_LINE - 1);
    }

    #[test]
    fn frames_of_old_lines_go_beyond_the_bound_of_bytes_and_do_not_come_back() {
        let mut lines = KeptLines::default();
        let [first, second, third] =
            [(); 3].map(|()| add(&mut lines, Chat::Group(1), &[frame(FRAME_BYTES / 2)]));
        let count = |lines: &KeptLines, line| lines.frames(line).map(|frames| frames.len());
        assert_eq!(count(&lines, first), Some(0));
        lines.add_frames(first, &[frame(1)]);
        assert_eq!(count(&lines, first), Some(0));
        lines.add_frames(second, &[frame(1)]);
        assert_eq!(
            (count(&lines, second), count(&lines, third)),
            (Some(0), Some(1))
        );
        assert_eq!(lines.frame_bytes, FRAME_BYTES / 2);
        assert_eq!(
            ids(&lines, Chat::Group(1), None, 9).0,
            [first, second, third]
        );
    }
}
