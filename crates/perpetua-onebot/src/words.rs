//! Eight bytes at a time, as one number: runs of plain text and of digits.

const BYTES: usize = size_of::<u64>();
/// 1 in every byte.
const ONES: u64 = u64::MAX / 0xff;
/// The highest bit of every byte.
const HIGHS: u64 = ONES << 7;

/// Where the run of plain string text that stands at `at` ends: at a quote, a backslash, a control
/// character or the end of `bytes`.
#[inline(never)]
pub(crate) fn plain_end(bytes: &[u8], at: usize) -> usize {
    if let Some(short) = bytes.get(at..).and_then(<[u8]>::first_chunk::<16>) {
        for (length, byte) in short.iter().enumerate() {
            if !PLAIN[usize::from(*byte)] {
                return at + length;
            }
        }
    }
    run_end(bytes, at, special, |byte| {
        byte >= b' ' && byte != b'"' && byte != b'\\'
    })
}

/// Where the run of decimal digits that stands at `at` ends.
#[inline]
pub(crate) fn digits_end(bytes: &[u8], at: usize) -> usize {
    run_end(bytes, at, no_digits, |byte| byte.is_ascii_digit())
}

/// `stops` gives the highest bit of the first byte that ends the run, and no bit below.
#[inline(always)]
fn run_end(
    bytes: &[u8],
    mut at: usize,
    stops: impl Fn(u64) -> u64,
    goes_on: impl Fn(u8) -> bool,
) -> usize {
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let stops = stops(u64::from_le_bytes(*word));
        if stops != 0 {
            return at + stops.trailing_zeros() as usize / 8;
        }
        at += BYTES;
    }
    while bytes.get(at).is_some_and(|byte| goes_on(*byte)) {
        at += 1;
    }
    at
}

/// Subtracting borrows from the next byte only where this one is below: so the first mark is true,
/// those behind it may not be.
#[inline]
fn special(word: u64) -> u64 {
    let quotes = word ^ (ONES * u64::from(b'"'));
    let backslashes = word ^ (ONES * u64::from(b'\\'));
    let below_space = word.wrapping_sub(ONES * u64::from(b' ')) & !word;
    let quote = quotes.wrapping_sub(ONES) & !quotes;
    let backslash = backslashes.wrapping_sub(ONES) & !backslashes;
    (below_space | quote | backslash) & HIGHS
}

#[inline]
fn no_digits(word: u64) -> u64 {
    // A digit becomes 0 to 9, to which 0x76 adds up to 0x7f at most.
    let values = word ^ (ONES * u64::from(b'0'));
    ((values & !HIGHS) + ONES * 0x76 | values) & HIGHS
}
static PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    let mut byte = 0;
    while byte < 32 {
        plain[byte] = false;
        byte += 1;
    }
    plain[b'"' as usize] = false;
    plain[b'\\' as usize] = false;
    plain
};
