//! A length of time in words.

use crate::{Message, unit};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A length of time in its largest unit; two days at least are told in days.
pub fn duration(seconds: u64) -> Message {
    match seconds {
        0..MINUTE => unit::Seconds { count: seconds }.into(),
        MINUTE..HOUR => unit::Minutes {
            count: seconds / MINUTE,
        }
        .into(),
        HOUR..172_800 => unit::Hours {
            count: seconds / HOUR,
        }
        .into(),
        _ => unit::Days {
            count: seconds / DAY,
        }
        .into(),
    }
}
