//! Finds the frames in the bytes of a WebSocket, and takes out those that are too large. Pure.
//!
//! ```text
//!  Head ──► Header ──► Passing ──► Header …     bytes come out as they came in
//!              │
//!              └─────► Skipping ─► Header …     they do not, but for their first and last in the report
//! ```
//!
//! Only a frame that is a whole message is taken out. A message of several frames goes through: a part of
//! it may be with the reader already, and only the reader knows how much of it has come.

use std::collections::VecDeque;

use super::{
    header::{Announced, BINARY, FrameKind, Header, OPCODE, TEXT, announced},
    rules::GateRules,
    skipping::{SkippedFrame, Skipping},
};

/// The machine above.
#[derive(Debug)]
pub(crate) struct Scanner {
    rules: GateRules,
    stage: Stage,
    /// A header that came in parts and is complete; it goes out before anything else.
    released: Header,
    skipped: VecDeque<SkippedFrame>,
    /// Parts of a message have come, and its end has not.
    is_amid_parts: bool,
    progress: Progress,
}

/// What came of messages.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Progress {
    /// Bytes of them that went on.
    pub(crate) bytes: usize,
    /// Bytes that the frames begun since say they have: the reader makes room for a frame at its header.
    pub(crate) announced: usize,
    /// One of them came to its end, or something else between two of them: what comes next begins anew.
    pub(crate) has_ended_one: bool,
}

#[derive(Debug)]
enum Stage {
    /// The head of the answer to our handshake, which an empty line ends.
    Head(HeadLine),
    /// Between two frames, or within a header, whose bytes so far are held back.
    Header(Header),
    /// So much of a frame comes out still.
    Passing { left: u64, kind: FrameKind },
    /// A frame that is taken out.
    Skipping(Skipping),
}

/// The line of a head that is being read.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) enum HeadLine {
    /// Empty lines before the first one end nothing.
    #[default]
    BeforeFirst,
    Empty,
    Begun,
    /// The head is over.
    Last,
}

impl Scanner {
    /// For a connection that carries frames from its first byte on.
    pub(crate) fn of_frames(rules: GateRules) -> Self {
        Self::new(rules, Stage::Header(Header::default()))
    }

    /// For a connection on which the answer to a handshake comes first.
    pub(crate) fn of_answer(rules: GateRules) -> Self {
        Self::new(rules, Stage::Head(HeadLine::default()))
    }

    fn new(rules: GateRules, stage: Stage) -> Self {
        Self {
            rules,
            stage,
            released: Header::default(),
            skipped: VecDeque::new(),
            is_amid_parts: false,
            progress: Progress::default(),
        }
    }

    /// Reads what came next. What goes on is moved to the beginning of `bytes`; gives how much that is.
    /// Before it comes what [`Scanner::release`] gives.
    pub(crate) fn scan(&mut self, bytes: &mut [u8]) -> usize {
        let (mut read, mut kept) = (0, 0);
        while read < bytes.len() {
            let rest = &mut bytes[read..];
            let (used, passes) = match &mut self.stage {
                Stage::Passing { left, kind } => {
                    let (used, passes) = pass(left, rest.len());
                    if *kind != FrameKind::Control {
                        self.progress.bytes += used;
                    }
                    (used, passes)
                }
                Stage::Skipping(skipping) => (skipping.take(rest), false),
                Stage::Header(held) if held.len == 0 => self.begin_frame(rest),
                Stage::Header(_) => (self.go_on_with_header(rest), false),
                Stage::Head(line) => (line.read(rest), true),
            };
            if passes {
                if kept < read {
                    bytes.copy_within(read..read + used, kept);
                }
                kept += used;
            }
            read += used;
            self.finish_stage();
        }
        kept
    }

    /// How many bytes complete the header that is held back, as far as can be told; zero if none is.
    /// After exactly so many, nothing but the header comes out.
    pub(crate) fn missing(&self) -> usize {
        match &self.stage {
            Stage::Header(held) if held.len > 0 => held.full_len() - held.len,
            _ => 0,
        }
    }

    /// Moves as much as there is room for of a header that was held back and goes on; gives how much.
    pub(crate) fn release(&mut self, into: &mut [u8]) -> usize {
        let len = self.released.len.min(into.len());
        into[..len].copy_from_slice(&self.released.bytes[..len]);
        self.released.drop_first(len);
        len
    }

    /// Whether [`Scanner::release`] has something.
    pub(crate) fn has_released(&self) -> bool {
        self.released.len > 0
    }

    /// No more will come: what is held back goes on as it is.
    pub(crate) fn end(&mut self) {
        if let Stage::Header(held) = &mut self.stage {
            self.released = std::mem::take(held);
        }
    }

    /// Whether what comes next belongs to a frame that is taken out.
    pub(crate) fn is_skipping(&self) -> bool {
        matches!(self.stage, Stage::Skipping(_))
    }

    /// Whether a message has begun and not come to its end; one that is taken out has a limit of its own.
    pub(crate) fn is_amid_message(&self) -> bool {
        match &self.stage {
            Stage::Head(_) | Stage::Skipping(_) => false,
            Stage::Header(held) => held.len > 0 || self.is_amid_parts,
            Stage::Passing { .. } => true,
        }
    }

    /// What came of messages since the last call.
    pub(crate) fn take_progress(&mut self) -> Progress {
        std::mem::take(&mut self.progress)
    }

    /// Whether [`Scanner::next_skipped`] has something.
    pub(crate) fn has_skipped(&self) -> bool {
        !self.skipped.is_empty()
    }

    /// The next of the frames that were taken out.
    pub(crate) fn next_skipped(&mut self) -> Option<SkippedFrame> {
        self.skipped.pop_front()
    }

    /// Reads the header of a frame where it stands, or holds back what there is of it.
    fn begin_frame(&mut self, rest: &mut [u8]) -> (usize, bool) {
        let Some(announced) = announced(rest) else {
            self.stage = Stage::Header(Header::of(rest));
            return (rest.len(), false);
        };
        let passes = self.enter(&announced);
        if passes {
            self.rewrite(&mut rest[0]);
        }
        (announced.header_bytes, passes)
    }

    /// Adds to a header of which a part is held back; gives how much of `rest` belongs to it.
    fn go_on_with_header(&mut self, rest: &[u8]) -> usize {
        let Stage::Header(mut held) = self.stage else {
            return 0;
        };
        let used = held.push(rest);
        match announced(held.as_slice()) {
            None => self.stage = Stage::Header(held),
            Some(announced) => {
                if self.enter(&announced) {
                    self.rewrite(&mut held.bytes[0]);
                    self.released = held;
                }
            }
        }
        used
    }

    /// Goes on to the payload of a frame; whether it comes out.
    fn enter(&mut self, announced: &Announced) -> bool {
        let bytes = announced.payload_bytes;
        let fits = bytes <= self.rules.limits.max_bytes as u64;
        if fits && announced.kind != FrameKind::Control {
            self.progress.announced += usize::try_from(bytes).unwrap_or_default();
        }
        let passes = fits || !announced.is_whole_message || bytes > self.rules.max_skipped_bytes();
        self.stage = if passes {
            Stage::Passing {
                left: bytes,
                kind: announced.kind,
            }
        } else {
            Stage::Skipping(Skipping::of(announced))
        };
        passes
    }

    fn rewrite(&self, first: &mut u8) {
        if self.rules.text_as_binary && *first & OPCODE == TEXT {
            *first = *first & !OPCODE | BINARY;
        }
    }

    /// Goes on to the next header once a payload has come to its end.
    fn finish_stage(&mut self) {
        match &mut self.stage {
            Stage::Head(HeadLine::Last) => {}
            Stage::Passing { left: 0, kind } => match kind {
                // Between the parts of a message it brings that no further.
                FrameKind::Control => self.progress.has_ended_one |= !self.is_amid_parts,
                FrameKind::Part => self.is_amid_parts = true,
                FrameKind::Last => {
                    self.is_amid_parts = false;
                    self.progress.has_ended_one = true;
                }
            },
            Stage::Skipping(skipping) if skipping.rest == 0 => {
                self.skipped.push_back(skipping.report());
                self.progress.has_ended_one |= !self.is_amid_parts;
            }
            _ => return,
        }
        self.stage = Stage::Header(Header::default());
    }
}

/// A part of a payload that comes out.
pub(super) fn pass(left: &mut u64, available: usize) -> (usize, bool) {
    let used = usize::try_from(*left).map_or(available, |left| left.min(available));
    *left -= used as u64;
    (used, true)
}

impl HeadLine {
    /// Whether the head has come to its end.
    pub(super) fn is_over(self) -> bool {
        self == Self::Last
    }

    /// Reads on to the end of the head; gives how much belongs to it.
    pub(super) fn read(&mut self, bytes: &[u8]) -> usize {
        for (index, byte) in bytes.iter().enumerate() {
            *self = match (*self, byte) {
                (Self::BeforeFirst, b'\r' | b'\n') => Self::BeforeFirst,
                (Self::Empty, b'\n') => {
                    *self = Self::Last;
                    return index + 1;
                }
                (Self::Empty, b'\r') | (_, b'\n') => Self::Empty,
                _ => Self::Begun,
            };
        }
        bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use perpetua_onebot::FrameLimits;

    use super::Scanner;
    use crate::gate::{
        rules::GateRules,
        skipping::{KEPT_BYTES, SkippedFrame},
    };

    /// The largest frame that goes through in these tests.
    const LIMIT: usize = 3000;
    const RULES: GateRules = GateRules {
        limits: FrameLimits {
            max_bytes: LIMIT,
            max_depth: 0,
        },
        text_as_binary: false,
    };

    /// A frame of a test, as a peer makes it.
    #[derive(Clone, Debug)]
    struct Sent {
        first: u8,
        mask: Option<[u8; 4]>,
        payload: Vec<u8>,
    }

    impl Sent {
        fn is_too_large(&self) -> bool {
            self.payload.len() > LIMIT && matches!(self.first & 0x8f, 0x81 | 0x82)
        }

        fn bytes(&self) -> Vec<u8> {
            let mut bytes = header(self.first, self.mask, self.payload.len() as u64);
            let mask = self.mask.unwrap_or_default();
            let masked = self.payload.iter().zip(mask.iter().cycle());
            bytes.extend(masked.map(|(byte, mask)| byte ^ mask));
            bytes
        }

        fn report(&self) -> SkippedFrame {
            let len = self.payload.len();
            SkippedFrame {
                bytes: len as u64,
                head: self.payload[..KEPT_BYTES.min(len)].to_vec(),
                tail: self.payload[len - KEPT_BYTES.min(len)..].to_vec(),
            }
        }
    }

    fn header(first: u8, mask: Option<[u8; 4]>, len: u64) -> Vec<u8> {
        let bit = if mask.is_some() { 0x80 } else { 0 };
        let mut bytes = vec![first];
        match (u8::try_from(len), u16::try_from(len)) {
            (Ok(short), _) if short < 126 => bytes.push(bit | short),
            (_, Ok(middle)) => {
                bytes.push(bit + 126);
                bytes.extend(middle.to_be_bytes());
            }
            _ => {
                bytes.push(bit + 127);
                bytes.extend(len.to_be_bytes());
            }
        }
        bytes.extend(mask.iter().flatten());
        bytes
    }

    /// All that comes out of `bytes`, which come in pieces of these sizes, again and again.
    fn scanned(
        mut scanner: Scanner,
        bytes: &[u8],
        pieces: &[usize],
    ) -> (Vec<u8>, Vec<SkippedFrame>) {
        let (mut out, mut skipped, mut rest) = (Vec::new(), Vec::new(), bytes);
        for size in pieces.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, behind) = rest.split_at((*size).min(rest.len()));
            rest = behind;
            let mut piece = piece.to_vec();
            let kept = scanner.scan(&mut piece);
            release(&mut scanner, &mut out);
            out.extend(&piece[..kept]);
            skipped.extend(std::iter::from_fn(|| scanner.next_skipped()));
        }
        scanner.end();
        release(&mut scanner, &mut out);
        (out, skipped)
    }

    fn release(scanner: &mut Scanner, out: &mut Vec<u8>) {
        let mut byte = [0];
        while scanner.release(&mut byte) > 0 {
            out.extend(byte);
        }
    }

    prop_compose! {
        /// Every opcode and flag, sizes on both sides of each way to write a length and of the limit.
        fn sent()(
            first in prop_oneof![4 => Just(0x81_u8), 1 => Just(0x82_u8), 2 => any::<u8>()],
            mask in any::<Option<[u8; 4]>>(),
            len in prop_oneof![
                0_usize..5, 120_usize..130, 500_usize..2000, LIMIT - 2..LIMIT + 3, 65_530_usize..65_540,
            ],
            seed in any::<u8>(),
        ) -> Sent {
            let payload = (seed..=u8::MAX).cycle().take(len).collect();
            Sent { first, mask, payload }
        }
    }

    proptest! {
        #[test]
        fn what_is_not_too_large_comes_out_byte_for_byte_and_the_rest_is_reported(
            frames in vec(sent(), 0..8),
            pieces in vec(prop_oneof![1_usize..4, 1_usize..100, 1_usize..20_000], 1..6),
        ) {
            let bytes: Vec<u8> = frames.iter().flat_map(Sent::bytes).collect();
            let (out, skipped) = scanned(Scanner::of_frames(RULES), &bytes, &pieces);
            let expected: Vec<u8> = frames.iter().filter(|frame| !frame.is_too_large()).flat_map(Sent::bytes).collect();
            prop_assert!(out == expected);
            let reports: Vec<_> = frames.iter().filter(|frame| frame.is_too_large()).map(Sent::report).collect();
            prop_assert!(skipped == reports);
        }

        #[test]
        fn the_answer_to_a_handshake_comes_out_whatever_it_holds(
            lines in vec("[ -~]{1,40}", 1..5),
            line_end in prop_oneof![Just("\r\n"), Just("\n")],
            frames in vec(sent(), 0..4),
            pieces in vec(1_usize..50, 1..6),
        ) {
            let mut bytes = (lines.join(line_end) + line_end + line_end).into_bytes();
            let mut expected = bytes.clone();
            for frame in &frames {
                bytes.extend(frame.bytes());
                if !frame.is_too_large() {
                    expected.extend(frame.bytes());
                }
            }
            let (out, skipped) = scanned(Scanner::of_answer(RULES), &bytes, &pieces);
            prop_assert!(out == expected);
            prop_assert_eq!(skipped.len(), frames.iter().filter(|frame| frame.is_too_large()).count());
        }

        #[test]
        fn text_becomes_binary_and_nothing_else_changes(
            frames in vec(sent(), 0..8),
            pieces in vec(1_usize..100, 1..6),
        ) {
            let rules = GateRules { text_as_binary: true, ..RULES };
            let bytes: Vec<u8> = frames.iter().flat_map(Sent::bytes).collect();
            let (out, _) = scanned(Scanner::of_frames(rules), &bytes, &pieces);
            let mut expected = Vec::new();
            for mut frame in frames.into_iter().filter(|frame| !frame.is_too_large()) {
                if frame.first & 0x0f == 1 {
                    frame.first += 1;
                }
                expected.extend(frame.bytes());
            }
            prop_assert!(out == expected);
        }

        #[test]
        fn any_bytes_are_scanned_and_those_cut_short_come_out(
            bytes in vec(any::<u8>(), 0..40),
            pieces in vec(1_usize..5, 1..4),
        ) {
            let (out, _) = scanned(Scanner::of_frames(RULES), &bytes, &pieces);
            prop_assert!(out.len() <= bytes.len());
            if bytes.len() < 2 {
                prop_assert_eq!(out, bytes);
            }
        }
    }

    #[test]
    fn parts_of_messages_and_senseless_lengths_go_through() {
        for (first, len) in [
            (0x01, LIMIT as u64 + 1),
            (0x80, LIMIT as u64 + 1),
            (0x00, LIMIT as u64 + 1),
            (0x89, LIMIT as u64 + 1),
            (0x81, RULES.max_skipped_bytes() + 1),
            (0x81, u64::MAX),
        ] {
            let bytes = header(first, None, len);
            let (out, skipped) = scanned(Scanner::of_frames(RULES), &bytes, &[1]);
            assert_eq!(out, bytes, "{first:x} {len}");
            assert_eq!(skipped, []);
        }
    }
}
