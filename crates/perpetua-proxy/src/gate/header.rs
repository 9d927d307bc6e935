//! The header of a WebSocket frame (RFC 6455, section 5.2). Pure.

/// The longest header: two bytes, a length of eight, a mask of four.
pub(super) const MAX_HEADER_BYTES: usize = 14;

pub(super) const FINAL: u8 = 0x80;
const CONTROL: u8 = 0x08;
pub(super) const OPCODE: u8 = 0x0f;
pub(super) const TEXT: u8 = 1;
pub(super) const BINARY: u8 = 2;
const MASKED: u8 = 0x80;
const LENGTH: u8 = 0x7f;
/// The length itself follows in so many bytes.
const IN_TWO_BYTES: u8 = 0x7e;
const IN_EIGHT_BYTES: u8 = 0x7f;

/// A header as far as it has come.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Header {
    pub(super) bytes: [u8; MAX_HEADER_BYTES],
    pub(super) len: usize,
}

/// What a complete header says.
pub(super) struct Announced {
    /// The header's own length.
    pub(super) header_bytes: usize,
    pub(super) payload_bytes: u64,
    pub(super) mask: [u8; 4],
    pub(super) is_masked: bool,
    pub(super) is_whole_message: bool,
    pub(super) kind: FrameKind,
}

/// What a frame is to the message that is being read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum FrameKind {
    /// A ping, a pong or a close: no part of it.
    Control,
    /// A part of it, after which more come.
    Part,
    /// The end of it, or all of it.
    Last,
}

impl Header {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut header = Self::default();
        header.push(bytes);
        header
    }

    /// One that we make: its first byte, how much stands behind it, and how that is masked.
    pub(super) fn of_data(first: u8, payload_bytes: usize, mask: Option<[u8; 4]>) -> Self {
        let mut header = Self::default();
        let masked = if mask.is_some() { MASKED } else { 0 };
        let mut add = |bytes: &[u8]| {
            header.bytes[header.len..][..bytes.len()].copy_from_slice(bytes);
            header.len += bytes.len();
        };
        match (u8::try_from(payload_bytes), u16::try_from(payload_bytes)) {
            (Ok(short), _) if short < IN_TWO_BYTES => add(&[first, masked | short]),
            (_, Ok(middle)) => {
                add(&[first, masked | IN_TWO_BYTES]);
                add(&middle.to_be_bytes());
            }
            _ => {
                add(&[first, masked | IN_EIGHT_BYTES]);
                add(&(payload_bytes as u64).to_be_bytes());
            }
        }
        if let Some(mask) = mask {
            add(&mask);
        }
        header
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// How long it is when it is complete, as far as can be told.
    pub(super) fn full_len(&self) -> usize {
        match *self.as_slice() {
            [_, second, ..] => header_bytes(second),
            _ => 2,
        }
    }

    /// Adds bytes until it is complete; gives how many belong to it.
    pub(super) fn push(&mut self, bytes: &[u8]) -> usize {
        let before = self.len;
        for byte in bytes {
            if self.len == self.full_len() {
                break;
            }
            self.bytes[self.len] = *byte;
            self.len += 1;
        }
        self.len - before
    }

    pub(super) fn drop_first(&mut self, len: usize) {
        self.bytes.copy_within(len..self.len, 0);
        self.len -= len;
    }
}

/// Understands a header, if all of it is there.
pub(super) fn announced(bytes: &[u8]) -> Option<Announced> {
    let [first, second, ..] = *bytes else {
        return None;
    };
    let header_bytes = header_bytes(second);
    let header = bytes.get(2..header_bytes)?;
    let (length, mask) = header.split_at(header.len() - mask_bytes(second));
    let payload_bytes = match length {
        [] => u64::from(second & LENGTH),
        length => length
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    };
    let is_data = matches!(first & OPCODE, TEXT | BINARY);
    Some(Announced {
        header_bytes,
        payload_bytes,
        mask: mask.try_into().unwrap_or_default(),
        is_masked: !mask.is_empty(),
        is_whole_message: is_data && first & FINAL != 0,
        kind: match (first & CONTROL != 0, first & FINAL != 0) {
            (true, _) => FrameKind::Control,
            (false, false) => FrameKind::Part,
            (false, true) => FrameKind::Last,
        },
    })
}

/// How long a header is whose second byte this is.
fn header_bytes(second: u8) -> usize {
    let length = match second & LENGTH {
        IN_TWO_BYTES => 2,
        IN_EIGHT_BYTES => 8,
        _ => 0,
    };
    2 + length + mask_bytes(second)
}

fn mask_bytes(second: u8) -> usize {
    if second & MASKED == 0 { 0 } else { 4 }
}
