//! When the next log file is begun and which old ones are deleted. Pure: files are names, time is an argument.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use perpetua_config::Log;

/// File names sort by time, in UTC: `20261121-022555-123` stands between the series and `.log`.
const TIME_FORMAT: &str = "%Y%m%d-%H%M%S-%3f";
/// Where the milliseconds stand in a name, which the format above does not read back.
const SHORT_FORMAT: &str = "%Y%m%d-%H%M%S";

/// The limits of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RotationPolicy {
    /// Bytes of one file.
    size: u64,
    /// Files, the open one included.
    files: usize,
    /// How long a file is kept after its last line.
    age: Duration,
}

impl RotationPolicy {
    pub(crate) fn new(log: &Log) -> Self {
        Self {
            size: log.max_file_size,
            files: log.max_files,
            age: log.max_age,
        }
    }

    /// The most that fits into a file of this size without passing the limit.
    pub(crate) fn room(&self, size: u64) -> u64 {
        self.size.saturating_sub(size)
    }

    /// Whether a file has been open long enough. A quiet node must begin new files too, or nothing
    /// in its one file would ever be old enough to go; with this span, the files that are kept
    /// reach back as far as the age that is kept.
    pub(crate) fn is_long_open(&self, begun: Timestamp, now: Timestamp) -> bool {
        let files = u32::try_from(self.files).unwrap_or(u32::MAX).max(1);
        is_older(begun, self.age / files, now)
    }

    /// The files to delete, given when each was begun, oldest first, the last one being open.
    /// A file ends where the next one begins, and is as old as its end.
    pub(crate) fn outdated<'f>(&self, begun: &'f [Timestamp], now: Timestamp) -> &'f [Timestamp] {
        let too_many = begun.len().saturating_sub(self.files.max(1));
        let ends = begun.iter().skip(1);
        let too_old = ends
            .take_while(|end| is_older(**end, self.age, now))
            .count();
        &begun[..too_many.max(too_old)]
    }
}

/// Whether more than `age` has passed; a clock that was set back has not passed anything.
fn is_older(since: Timestamp, age: Duration, now: Timestamp) -> bool {
    now.duration_since(since).unsigned_abs() > age && now > since
}

/// The name of a series' file begun at a time, which counts in milliseconds:
/// `perpetua-20261121-022555-123.log`.
pub(crate) fn file_name(series: &str, begun: Timestamp) -> String {
    let time = begun.to_zoned(TimeZone::UTC);
    format!("{series}-{}.log", time.strftime(TIME_FORMAT))
}

/// When a file of a series was begun, from its name; `None` for a file that is none of it.
pub(crate) fn begun_from_name(series: &str, name: &str) -> Option<Timestamp> {
    let time = name.strip_prefix(series)?.strip_prefix('-')?;
    let (seconds, milliseconds) = time.strip_suffix(".log")?.rsplit_once('-')?;
    let whole = strtime::parse(SHORT_FORMAT, seconds)
        .ok()?
        .to_datetime()
        .ok()?;
    let milliseconds: u64 = milliseconds.parse().ok()?;
    let begun =
        whole.to_zoned(TimeZone::UTC).ok()?.timestamp() + Duration::from_millis(milliseconds);
    (file_name(series, begun) == name).then_some(begun)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn policy() -> RotationPolicy {
        RotationPolicy {
            size: 100,
            files: 4,
            age: 8 * HOUR,
        }
    }

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + hours * 3600).expect("time")
    }

    #[test]
    fn names_carry_their_time_and_others_are_left_alone() {
        let begun: Timestamp = "2026-11-21T02:25:55.007Z".parse().expect("time");
        let name = "perpetua-20261121-022555-007.log";
        assert_eq!(file_name("perpetua", begun), name);
        assert_eq!(begun_from_name("perpetua", name), Some(begun));
        for name in [
            "perpetua.log",
            "perpetua-20261121-022555-7.log",
            "perpetua-20261321-022555-007.log",
            "perpetua-20261121-022555-007.log.gz",
            "notes-20261121-022555-007.log",
            "-.log",
            "",
        ] {
            assert_eq!(begun_from_name("perpetua", name), None, "{name}");
        }
        let other = file_name("core-main-2", begun);
        assert_eq!(begun_from_name("core-main", &other), None, "{other}");
    }

    #[test]
    fn a_file_is_closed_after_its_share_of_the_age_that_is_kept() {
        assert!(!policy().is_long_open(at(0), at(2)));
        assert!(policy().is_long_open(at(0), at(2) + Duration::from_millis(1)));
        assert!(
            !policy().is_long_open(at(9), at(0)),
            "the clock was set back"
        );
    }

    #[test]
    fn no_more_files_than_allowed() {
        let begun: Vec<Timestamp> = (0..7).map(at).collect();
        assert_eq!(policy().outdated(&begun, at(7)), &begun[..3]);
        assert!(policy().outdated(&begun[..4], at(7)).is_empty());
    }

    #[test]
    fn a_file_goes_when_all_of_it_is_too_old_and_the_open_one_never() {
        let begun = [at(0), at(1), at(5)];
        assert!(
            policy().outdated(&begun, at(9)).is_empty(),
            "the first ends at 1 and is 8 hours old"
        );
        assert_eq!(policy().outdated(&begun, at(10)), &begun[..1]);
        assert_eq!(policy().outdated(&begun, at(1000)), &begun[..2]);
    }

    proptest! {
        #[test]
        fn every_time_survives_its_name(milliseconds in 0i64..4_000_000_000_000) {
            let begun = Timestamp::from_millisecond(milliseconds).expect("time");
            prop_assert_eq!(begun_from_name("perpetua", &file_name("perpetua", begun)), Some(begun));
        }

        #[test]
        fn no_name_makes_it_panic(name in any::<String>()) {
            let _ = begun_from_name("perpetua", &name);
        }

        #[test]
        fn what_is_kept_keeps_to_the_limits(hours in proptest::collection::btree_set(0i64..200, 1..20), now in 0i64..300) {
            let begun: Vec<Timestamp> = hours.into_iter().map(at).collect();
            let gone = policy().outdated(&begun, at(now)).len();
            prop_assert!(gone < begun.len() && begun.len() - gone <= 4);
        }
    }
}
