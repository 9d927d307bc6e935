//! Times and sizes as people write them: `"60s"`, `"10MB"`.

use std::time::Duration;

/// Units of time and how many milliseconds they have, longest first.
const TIME_UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

/// Units of size and how many bytes they have. `KB` is 1000 as on a disk's label, `KiB` 1024.
const SIZE_UNITS: [(&str, u64); 7] = [
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1000),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

/// Reads `"500ms"`, `"15s"`, `"2m"`, `"1h"` or `"7d"`.
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    parse(text, &TIME_UNITS).map(Duration::from_millis)
}

/// Reads `"512KB"`, `"10MB"`, `"1GiB"` or `"100B"` into bytes.
pub(crate) fn parse_size(text: &str) -> Option<u64> {
    parse(text, &SIZE_UNITS)
}

/// Writes a time the way [`parse_duration`] reads it.
pub(crate) fn show_duration(duration: Duration) -> String {
    show(
        u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
        &TIME_UNITS,
        "0s",
    )
}

/// Writes a number of bytes the way [`parse_size`] reads it.
pub(crate) fn show_size(bytes: u64) -> String {
    show(bytes, &SIZE_UNITS, "0B")
}

/// A whole number, perhaps a space, and a unit in any case.
fn parse(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let unit_at = text.find(|character: char| !character.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit_at);
    let unit = unit.strip_prefix(' ').unwrap_or(unit);
    let (_, factor) = units
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

/// The number in the largest unit that leaves no rest.
fn show(amount: u64, units: &[(&str, u64)], zero: &str) -> String {
    units
        .iter()
        .find(|(_, factor)| amount > 0 && amount.is_multiple_of(*factor))
        .map_or_else(
            || zero.to_owned(),
            |(name, factor)| format!("{}{name}", amount / factor),
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_and_sizes_with_and_without_a_space() {
        assert_eq!(parse_duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(parse_duration("2 m"), Some(Duration::from_mins(2)));
        assert_eq!(parse_size("10MB"), Some(10_000_000));
        assert_eq!(parse_size("64 kib"), Some(65_536));
    }

    #[test]
    fn what_has_no_number_no_unit_or_too_much_of_it_is_refused() {
        for text in [
            "",
            "5",
            "s",
            "-5s",
            "1.5s",
            "5  s",
            "5x",
            "99999999999999999999s",
            "18446744073709551615h",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_read(amount in 0..u64::MAX / 4) {
            prop_assert_eq!(parse_size(&show_size(amount)), Some(amount));
            let time = Duration::from_millis(amount);
            prop_assert_eq!(parse_duration(&show_duration(time)), Some(time));
        }
    }
}
