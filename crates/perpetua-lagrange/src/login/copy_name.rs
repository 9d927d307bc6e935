//! The names of sealed copies, `login-<number>-<time>`, and which of two was made later.

use std::time::SystemTime;

use crate::files;

const PREFIX: &str = "login-";
pub(super) const SUFFIX: &str = ".sealed";

/// How many digits a number has at least, so that names of a folder stand in their order.
const DIGITS: usize = 6;

/// When a copy was made, as far as its name tells: later ones are greater.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Made {
    /// At a time that has not come yet: the clock was wrong when it was made, or is now.
    InTheFuture(String),
    /// At this time, by an older program.
    At(String),
    /// As the one of this number.
    Numbered(CopyNumber, String),
}

impl Made {
    /// What the name of a copy tells at a time, which is a stamp as in names.
    pub(super) fn of(name: &str, now: &str) -> Self {
        let rest = name.strip_prefix(PREFIX).unwrap_or(name);
        match CopyNumber::of(name) {
            Some(number) => Self::Numbered(number, rest.to_owned()),
            None if rest.get(..now.len()).unwrap_or(rest) > now => {
                Self::InTheFuture(rest.to_owned())
            }
            None => Self::At(rest.to_owned()),
        }
    }
}

/// The number in a name. It has as many digits as it takes: no file that somebody has put there is the last one
/// that there can be.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CopyNumber {
    length: usize,
    /// Without zeros in front.
    digits: String,
}

impl CopyNumber {
    /// The number in `login-<number>-<time>`; the time of an older one has a `T` in it.
    fn of(name: &str) -> Option<Self> {
        let (number, _time) = name.strip_prefix(PREFIX)?.split_once('-')?;
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| Self::from(number.trim_start_matches('0').to_owned()))
    }

    /// The number after this one.
    fn next(&self) -> Self {
        let head = self.digits.trim_end_matches('9');
        let zeros = "0".repeat(self.length - head.len());
        let mut head = head.to_owned();
        let more = |digit: char| char::from_digit(digit.to_digit(10)? + 1, 10);
        let last = head.pop().and_then(more).unwrap_or('1');
        Self::from(format!("{head}{last}{zeros}"))
    }
}

impl From<String> for CopyNumber {
    fn from(digits: String) -> Self {
        Self {
            length: digits.len(),
            digits,
        }
    }
}

/// Whether a file has the name of a copy: a number or a time follows the prefix.
pub(super) fn is_copy(file: &str) -> bool {
    let rest = file.strip_prefix(PREFIX);
    let rest = rest.and_then(|rest| rest.strip_suffix(SUFFIX));
    rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

/// A name that is later than all of these.
pub(super) fn next_name<'n>(names: impl Iterator<Item = &'n str>, now: SystemTime) -> String {
    let latest = names.filter_map(CopyNumber::of).max().unwrap_or_default();
    let number = latest.next().digits;
    format!("{PREFIX}{number:0>DIGITS$}-{}", files::time_stamp(now))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::CopyNumber;

    fn number(text: &str) -> CopyNumber {
        CopyNumber::of(&format!("login-{text}-20260101T000000Z")).expect("a number")
    }

    proptest! {
        #[test]
        fn numbers_are_counted_and_compared_as_numbers(
            one in prop_oneof![0..2000_u128, any::<u128>()],
            other in prop_oneof![0..2000_u128, any::<u128>()],
        ) {
            let (one, other) = (one.min(u128::MAX - 1), other.min(u128::MAX - 1));
            let written = number(&format!("{one:06}"));
            prop_assert!(written.next() == number(&(one + 1).to_string()));
            prop_assert_eq!(written.cmp(&number(&other.to_string())), one.cmp(&other));
        }
    }
}
