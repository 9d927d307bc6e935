//! Where runs of plain string text and of digits end, found eight bytes at a time.
//!
//! A word is eight bytes as one number; arithmetic on it marks bytes by their highest bit.

/// 1 in every byte.
const ONES: u64 = u64::MAX / 0xff;
/// The highest bit of every byte.
const HIGHS: u64 = ONES << 7;
/// Strings of up to this many bytes, among them nearly all keys, are looked at byte by byte.
///
/// A word tells its end only at the end of a chain of arithmetic, which the next token waits for; the
/// branches of a loop over bytes are foretold. That made frames a fifth faster; 12 and 24 were no better.
const SHORT: usize = 16;

/// Whether a byte stands for itself in a string: no quote, backslash or control character.
const PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    plain[b'"' as usize] = false;
    plain[b'\\' as usize] = false;
    let mut control = 0;
    while control < b' ' {
        plain[control as usize] = false;
        control += 1;
    }
    plain
};

/// Where the run of plain string text that stands at `at` ends: at a quote, a backslash, a control
/// character or the end of `bytes`.
#[inline(never)] // Apart from its callers its loops stay in registers.
pub(crate) fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    for _ in 0..SHORT {
        match bytes.get(at) {
            Some(byte) if PLAIN[usize::from(*byte)] => at += 1,
            _ => return at,
        }
    }
    run_end(bytes, at, specials, |byte| PLAIN[usize::from(byte)])
}

/// Where the run of decimal digits that stands at `at` ends.
#[inline]
pub(crate) fn digits_end(bytes: &[u8], at: usize) -> usize {
    run_end(bytes, at, no_digits, |byte| byte.is_ascii_digit())
}

/// `marks` marks the first byte of a word that ends the run, and none before it.
#[inline]
fn run_end(
    bytes: &[u8],
    mut at: usize,
    marks: impl Fn(u64) -> u64,
    goes_on: impl Fn(u8) -> bool,
) -> usize {
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let marks = marks(u64::from_le_bytes(*word));
        if marks != 0 {
            return at + marks.trailing_zeros() as usize / 8;
        }
        at += size_of::<u64>();
    }
    while bytes.get(at).is_some_and(|byte| goes_on(*byte)) {
        at += 1;
    }
    at
}

/// Marks quotes, backslashes and control characters.
///
/// A subtraction that goes below zero marks its byte and borrows from the next: so the first mark is
/// true, and those behind it may be false.
#[inline]
fn specials(word: u64) -> u64 {
    let quotes = word ^ (ONES * u64::from(b'"'));
    let backslashes = word ^ (ONES * u64::from(b'\\'));
    let quote = quotes.wrapping_sub(ONES) & !quotes;
    let backslash = backslashes.wrapping_sub(ONES) & !backslashes;
    let control = word.wrapping_sub(ONES * u64::from(b' ')) & !word;
    (quote | backslash | control) & HIGHS
}

/// Marks all that are no decimal digits.
#[inline]
fn no_digits(word: u64) -> u64 {
    // A digit becomes 0 to 9, and with 0x76 at most 0x7f; nothing is carried into the next byte.
    let values = word ^ (ONES * u64::from(b'0'));
    (((values & !HIGHS) + ONES * 0x76) | values) & HIGHS
}

#[cfg(test)]
mod tests {
    use super::{digits_end, plain_end};

    /// Each byte, at each place of runs that are short, long and at the end of the text.
    fn ends_where(run: u8, end: fn(&[u8], usize) -> usize, goes_on: fn(u8) -> bool) {
        for length in 0..40 {
            for byte in 0..=u8::MAX {
                for place in 0..length {
                    let mut text = vec![run; length];
                    text[place] = byte;
                    let expected = if goes_on(byte) { length } else { place };
                    assert_eq!(end(&text, 0), expected, "{byte} at {place} of {length}");
                    assert_eq!(end(&text, place), expected);
                }
            }
        }
    }

    #[test]
    fn text_ends_at_what_is_special_in_a_string() {
        for run in [b'x', b' ', 0x7f, 0x80, 0xff] {
            ends_where(run, plain_end, |byte| {
                byte >= b' ' && byte != b'"' && byte != b'\\'
            });
        }
    }

    #[test]
    fn digits_end_at_anything_else() {
        for run in [b'0', b'9'] {
            ends_where(run, digits_end, |byte| byte.is_ascii_digit());
        }
    }

    #[test]
    fn a_run_behind_the_end_is_empty() {
        assert_eq!(plain_end(b"x", 2), 2);
        assert_eq!(digits_end(b"", 0), 0);
    }
}
