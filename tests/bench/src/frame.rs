//! WebSocket frames (RFC 6455, section 5.2), as little of them as a benchmark needs: whole messages, no
//! extensions. A full implementation in the driver would cost as much as the program that is measured.

/// A text message.
pub(crate) const TEXT: u8 = 0x1;
/// The end of the connection.
pub(crate) const CLOSE: u8 = 0x8;
/// A question whether we live.
pub(crate) const PING: u8 = 0x9;
/// Its answer.
pub(crate) const PONG: u8 = 0xA;

const FIN: u8 = 0x80;
const MASKED: u8 = 0x80;
const LENGTH_16: u8 = 126;
const LENGTH_64: u8 = 127;

/// Which end of a connection writes a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    /// The one that dialled; it masks what it sends.
    Client,
    /// The one that listened.
    Server,
}

/// One message.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    /// [`TEXT`], [`CLOSE`], [`PING`], [`PONG`], or what else came.
    pub(crate) opcode: u8,
    /// Unmasked.
    pub(crate) payload: &'a [u8],
}

/// Writes one message. The mask is all zeros: allowed, and it costs the driver nothing, while the receiver
/// unmasks as it does with any other.
pub(crate) fn write(out: &mut Vec<u8>, end: End, opcode: u8, payload: &[u8]) {
    let masked = if end == End::Client { MASKED } else { 0 };
    out.push(FIN | opcode);
    match u16::try_from(payload.len()) {
        Ok(length) if length < u16::from(LENGTH_16) => out.push(masked | length.to_be_bytes()[1]),
        Ok(length) => {
            out.push(masked | LENGTH_16);
            out.extend_from_slice(&length.to_be_bytes());
        }
        Err(_longer) => {
            out.push(masked | LENGTH_64);
            out.extend_from_slice(&payload.len().to_be_bytes());
        }
    }
    if end == End::Client {
        out.extend_from_slice(&[0; 4]);
    }
    out.extend_from_slice(payload);
}

/// Takes the first message and gives how many bytes it had; `None` when they have not all come.
pub(crate) fn read(bytes: &mut [u8]) -> Option<(Frame<'_>, usize)> {
    let (&first, &second) = (bytes.first()?, bytes.get(1)?);
    let (length, begin) = match second & !MASKED {
        LENGTH_16 => (
            usize::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?)),
            4,
        ),
        LENGTH_64 => (
            usize::try_from(u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?)).ok()?,
            10,
        ),
        short => (usize::from(short), 2),
    };
    let (key, begin) = if second & MASKED == 0 {
        (None, begin)
    } else {
        (Some(*bytes.get(begin..)?.first_chunk::<4>()?), begin + 4)
    };
    let end = begin.checked_add(length)?;
    let payload = bytes.get_mut(begin..end)?;
    if let Some(key) = key {
        for (byte, mask) in payload.iter_mut().zip(key.into_iter().cycle()) {
            *byte ^= mask;
        }
    }
    let opcode = first & !FIN;
    Some((Frame { opcode, payload }, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_every_length_and_from_both_ends_are_read_back() {
        for end in [End::Client, End::Server] {
            for length in [0, 1, 125, 126, 65_535, 65_536] {
                let payload = vec![b'x'; length];
                let mut bytes = Vec::new();
                write(&mut bytes, end, TEXT, &payload);
                let whole = bytes.len();
                assert!(read(&mut bytes[..whole - 1]).is_none(), "{end:?} {length}");
                let (frame, taken) = read(&mut bytes).expect("whole");
                assert_eq!(
                    (frame.opcode, frame.payload, taken),
                    (TEXT, &payload[..], whole)
                );
            }
        }
    }

    #[test]
    fn the_example_of_the_standard_is_unmasked() {
        let mut bytes = *b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
        let (frame, _taken) = read(&mut bytes).expect("whole");
        assert_eq!(frame.payload, b"Hello");
    }
}
