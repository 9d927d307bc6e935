//! Hands large frames on in pieces. Pure.
//!
//! The reader behind makes its buffer as large as a frame, gives the frame out as a part of it, and keeps the rest: so
//! after one picture a connection would hold its megabytes until it ends, and whatever small came behind it, too. Of a
//! message in pieces it puts the payloads together, and gives out what it has put together.
//!
//! ```text
//!  Header ──► Payload ──► Header …          a small frame stays where it was read
//!     │
//!     └─────► Payload ──► a header of ours ──► Payload … ──► Header
//! ```

use super::{
    header::{Announced, FINAL, FrameKind, Header, OPCODE, announced},
    scanner::HeadLine,
};

/// The most that the reader gets as one frame: as much as it reads at once. A mask goes around in it without a rest.
pub(super) const PIECE_BYTES: usize = 16 << 10;

/// The bits of a header's first byte that nobody here understands; the reader ends the connection over them.
const RESERVED: u8 = 0x70;

/// The machine above.
#[derive(Debug)]
pub(super) struct Pieces {
    /// The largest frame that is handed on in pieces; the reader refuses larger ones by their header.
    largest: u64,
    stage: Stage,
    /// A header that goes out before anything else.
    ready: Header,
    /// What was read behind the place where a header of ours belongs, and is not looked at yet.
    behind: Vec<u8>,
}

#[derive(Debug)]
enum Stage {
    /// The head of the answer to our handshake, which goes on as it is.
    Head(HeadLine),
    /// Between two frames, or within a header, whose bytes so far are held back.
    Header(Header),
    /// So much of a frame comes still, and in which pieces.
    Payload { left: u64, split: Option<Split> },
}

/// A frame that is handed on in pieces.
#[derive(Clone, Copy, Debug)]
struct Split {
    /// What is left of this piece.
    of_piece: usize,
    mask: Option<[u8; 4]>,
    is_final: bool,
}

impl Pieces {
    /// For a connection that carries frames from its first byte on, and a reader that takes them up to this size.
    pub(super) fn of_frames(largest: usize) -> Self {
        Self::new(largest, Stage::Header(Header::default()))
    }

    /// The same for a connection on which the answer to a handshake comes first.
    pub(super) fn of_answer(largest: usize) -> Self {
        Self::new(largest, Stage::Head(HeadLine::default()))
    }

    fn new(largest: usize, stage: Stage) -> Self {
        Self {
            largest: largest as u64,
            stage,
            ready: Header::default(),
            behind: Vec::new(),
        }
    }

    /// How much may be read at once, so that a header of ours comes to its place.
    pub(super) fn limit(&self) -> usize {
        match self.stage {
            Stage::Payload {
                split: Some(split), ..
            } => split.of_piece,
            _ => usize::MAX,
        }
    }

    /// Moves what comes before anything that is read from now on; gives how much. Some of it has to be
    /// [`passed`](Self::pass) still, some not.
    pub(super) fn take_ready(&mut self, into: &mut [u8]) -> usize {
        let len = self.ready.len.min(into.len());
        into[..len].copy_from_slice(&self.ready.bytes[..len]);
        self.ready.drop_first(len);
        len
    }

    /// The same for what was read before and has to be passed.
    pub(super) fn take_behind(&mut self, into: &mut [u8]) -> usize {
        let len = self.behind.len().min(into.len()).min(self.limit());
        into[..len].copy_from_slice(&self.behind[..len]);
        self.behind.drain(..len);
        if self.behind.is_empty() {
            self.behind = Vec::new();
        }
        len
    }

    /// Passes what was read, no more than [`limit`](Self::limit); gives how much of it goes on where it stands.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> usize {
        let mut passed = 0;
        while passed < bytes.len() {
            let rest = &bytes[passed..];
            match &mut self.stage {
                Stage::Head(line) => {
                    passed += line.read(rest);
                    if line.is_over() {
                        self.stage = Stage::Header(Header::default());
                    }
                }
                Stage::Header(held) => {
                    let is_in_one = held.len == 0;
                    let used = held.push(rest);
                    let Some(announced) = announced(held.as_slice()) else {
                        return passed;
                    };
                    let header = *held;
                    if self.enter(&header, &announced) && is_in_one {
                        passed += used;
                        continue;
                    }
                    if self.ready.len == 0 {
                        self.ready = header;
                    }
                    self.keep_behind(&rest[used..]);
                    return passed;
                }
                Stage::Payload { left, split } => {
                    let used =
                        usize::try_from(*left).map_or(rest.len(), |left| left.min(rest.len()));
                    *left -= used as u64;
                    if let Some(split) = split {
                        split.of_piece = split.of_piece.saturating_sub(used);
                    }
                    passed += used;
                    self.finish_piece();
                }
            }
        }
        passed
    }

    /// No more will come: what is held back goes on as it is. Gives whether there is something.
    pub(super) fn end(&mut self) -> bool {
        if let Stage::Header(held) = &mut self.stage {
            self.ready = std::mem::take(held);
        }
        self.ready.len > 0
    }

    /// Goes on to the payload of a frame; whether its header goes on as it is.
    fn enter(&mut self, header: &Header, announced: &Announced) -> bool {
        let left = announced.payload_bytes;
        let first = header.bytes[0];
        let is_split = left > PIECE_BYTES as u64
            && left <= self.largest
            && announced.kind != FrameKind::Control
            && first & RESERVED == 0;
        if !is_split {
            self.stage = Stage::Payload { left, split: None };
            self.finish_piece();
            return true;
        }
        let split = Split {
            of_piece: PIECE_BYTES,
            mask: announced.is_masked.then_some(announced.mask),
            is_final: first & FINAL != 0,
        };
        self.ready = Header::of_data(first & OPCODE, PIECE_BYTES, split.mask);
        self.stage = Stage::Payload {
            left,
            split: Some(split),
        };
        false
    }

    /// Goes on to the next piece, or to the next frame, once one has come to its end.
    fn finish_piece(&mut self) {
        let Stage::Payload { left, split } = &mut self.stage else {
            return;
        };
        if *left == 0 {
            self.stage = Stage::Header(Header::default());
            return;
        }
        if let Some(split) = split
            && split.of_piece == 0
        {
            let piece = usize::try_from(*left).map_or(PIECE_BYTES, |left| left.min(PIECE_BYTES));
            let is_last = *left == piece as u64;
            let end = if is_last && split.is_final { FINAL } else { 0 };
            split.of_piece = piece;
            self.ready = Header::of_data(end, piece, split.mask);
        }
    }

    fn keep_behind(&mut self, rest: &[u8]) {
        if !rest.is_empty() {
            self.behind.splice(0..0, rest.iter().copied());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{PIECE_BYTES, Pieces};
    use crate::gate::header::{FINAL, FrameKind, Header, announced};

    /// The largest frame of these tests that is handed on in pieces.
    const LARGEST: usize = 4 * PIECE_BYTES;

    /// A frame with its payload unmasked.
    #[derive(Clone, PartialEq, Eq, Debug)]
    struct Frame {
        first: u8,
        mask: Option<[u8; 4]>,
        payload: Vec<u8>,
    }

    impl Frame {
        fn bytes(&self) -> Vec<u8> {
            let header = Header::of_data(self.first, self.payload.len(), self.mask);
            let mask = self.mask.unwrap_or_default();
            let masked = self.payload.iter().zip(mask.iter().cycle());
            let masked = masked.map(|(byte, mask)| byte ^ mask);
            header.as_slice().iter().copied().chain(masked).collect()
        }

        /// All frames of what came out.
        fn all(mut bytes: &[u8]) -> Vec<Self> {
            let mut frames = Vec::new();
            while !bytes.is_empty() {
                let head = announced(bytes).expect("a whole header");
                let (header, behind) = bytes.split_at(head.header_bytes);
                let (payload, rest) =
                    behind.split_at(usize::try_from(head.payload_bytes).expect("small"));
                let masked = payload.iter().zip(head.mask.iter().cycle());
                frames.push(Self {
                    first: header[0],
                    mask: head.is_masked.then_some(head.mask),
                    payload: masked.map(|(byte, mask)| byte ^ mask).collect(),
                });
                bytes = rest;
            }
            frames
        }

        fn is_handed_on_in_pieces(&self) -> bool {
            let is_control = self.first & 0x08 != 0;
            let is_large = (PIECE_BYTES + 1..=LARGEST).contains(&self.payload.len());
            is_large && !is_control && self.first & 0x70 == 0
        }

        /// As it has to come out.
        fn expected(&self) -> Vec<Self> {
            if !self.is_handed_on_in_pieces() {
                return vec![self.clone()];
            }
            let count = self.payload.len().div_ceil(PIECE_BYTES);
            let pieces = self.payload.chunks(PIECE_BYTES).enumerate();
            let pieces = pieces.map(|(index, payload)| {
                let opcode = if index == 0 { self.first & 0x0f } else { 0 };
                let end = if index + 1 == count {
                    self.first & FINAL
                } else {
                    0
                };
                Self {
                    first: opcode | end,
                    mask: self.mask,
                    payload: payload.to_vec(),
                }
            });
            pieces.collect()
        }
    }

    /// What comes out of `bytes` for a reader with room for so many at a time.
    fn handed_on(mut bytes: &[u8], room: &[usize]) -> Vec<u8> {
        let mut pieces = Pieces::of_frames(LARGEST);
        let mut out = Vec::new();
        let mut rooms = room.iter().cycle();
        loop {
            let mut buffer = vec![0; *rooms.next().expect("endless")];
            let ready = pieces.take_ready(&mut buffer);
            if ready > 0 {
                out.extend(&buffer[..ready]);
                continue;
            }
            let mut read = pieces.take_behind(&mut buffer);
            if read == 0 {
                read = bytes.len().min(buffer.len()).min(pieces.limit());
                buffer[..read].copy_from_slice(&bytes[..read]);
                bytes = &bytes[read..];
            }
            let passed = pieces.pass(&buffer[..read]);
            out.extend(&buffer[..passed]);
            if read == 0 && !pieces.end() {
                return out;
            }
        }
    }

    prop_compose! {
        fn frame()(
            first in prop_oneof![
                4 => Just(0x81_u8), 1 => Just(0x82_u8), 1 => Just(0x01_u8), 1 => Just(0x00_u8), 1 => Just(0x80_u8), 1 => any::<u8>(),
            ],
            mask in any::<Option<[u8; 4]>>(),
            len in prop_oneof![
                3 => 0_usize..200,
                2 => PIECE_BYTES - 2..PIECE_BYTES + 3,
                1 => 2 * PIECE_BYTES - 2..2 * PIECE_BYTES + 3,
                1 => LARGEST - 2..LARGEST + 3,
                1 => 65_530_usize..65_540,
            ],
            seed in any::<u8>(),
        ) -> Frame {
            let payload = (seed..=u8::MAX).chain(0..7).cycle().take(len).collect();
            Frame { first, mask, payload }
        }
    }

    proptest! {
        #[test]
        fn messages_are_the_same_and_no_frame_is_larger_than_a_piece(
            frames in vec(frame(), 0..6),
            room in vec(prop_oneof![1_usize..20, 1_usize..2 * PIECE_BYTES], 1..5),
        ) {
            let bytes: Vec<u8> = frames.iter().flat_map(Frame::bytes).collect();
            let out = handed_on(&bytes, &room);
            let expected: Vec<Frame> = frames.iter().flat_map(Frame::expected).collect();
            prop_assert!(Frame::all(&out) == expected);
        }

        #[test]
        fn any_bytes_pass_and_what_is_cut_short_comes_out(
            bytes in vec(any::<u8>(), 0..60),
            room in vec(1_usize..20, 1..5),
        ) {
            let out = handed_on(&bytes, &room);
            let is_split = |bytes: &[u8]| announced(bytes).is_some_and(|head| {
                head.kind != FrameKind::Control && head.payload_bytes > PIECE_BYTES as u64
            });
            let mut frames = &bytes[..];
            let mut has_split = false;
            while let Some(head) = announced(frames) {
                has_split |= is_split(frames);
                let end = u64::try_from(head.header_bytes).expect("small").saturating_add(head.payload_bytes);
                frames = usize::try_from(end).ok().and_then(|end| frames.get(end..)).unwrap_or_default();
            }
            prop_assert!(has_split || out == bytes);
        }
    }
}
