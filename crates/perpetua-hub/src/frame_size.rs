//! Sizes of frames, as people are told them.

use std::fmt;

/// A size in the unit in which the limit is written, rounded up: sizes that are nearly equal are one
/// notice and not many.
#[derive(Clone, Copy, Debug)]
pub struct FrameSize {
    bytes: u64,
    unit: (&'static str, u64),
}

impl FrameSize {
    /// The size of a frame that goes beyond a limit.
    pub fn of(bytes: u64, limit: usize) -> Self {
        let is_binary = limit.is_multiple_of(1 << 20);
        let unit = if is_binary {
            ("MiB", 1 << 20)
        } else {
            ("MB", 1_000_000)
        };
        Self { bytes, unit }
    }

    /// The size of a frame that goes beyond none of ours.
    pub(crate) fn alone(bytes: usize) -> Self {
        let unit = if bytes < 1 << 20 {
            ("KiB", 1 << 10)
        } else {
            ("MiB", 1 << 20)
        };
        Self {
            bytes: bytes as u64,
            unit,
        }
    }

    /// The limit itself.
    pub fn limit(limit: usize) -> Self {
        Self::of(limit as u64, limit)
    }
}

impl fmt::Display for FrameSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, unit) = self.unit;
        let tenths = (u128::from(self.bytes) * 10).div_ceil(u128::from(unit));
        let (whole, tenth) = (tenths / 10, tenths % 10);
        if tenth == 0 {
            write!(f, "{whole} {name}")
        } else {
            write!(f, "{whole}.{tenth} {name}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FrameSize;

    #[test]
    fn without_a_limit_the_unit_follows_the_size() {
        for (bytes, size) in [
            (64 << 10, "64 KiB"),
            (1_000_000, "976.6 KiB"),
            (2_500_000, "2.4 MiB"),
        ] {
            assert_eq!(FrameSize::alone(bytes).to_string(), size);
        }
    }

    #[test]
    fn sizes_are_written_as_the_limit_is_and_never_look_smaller_than_it() {
        for (bytes, limit, size, limit_size) in [
            (70_000_000, 64 << 20, "66.8 MiB", "64 MiB"),
            ((64 << 20) + 1, 64 << 20, "64.1 MiB", "64 MiB"),
            (200_000_001, 200_000_000, "200.1 MB", "200 MB"),
            (2_000_000, 1_500_000, "2 MB", "1.5 MB"),
        ] {
            assert_eq!(FrameSize::of(bytes, limit).to_string(), size);
            assert_eq!(FrameSize::limit(limit).to_string(), limit_size);
        }
    }
}
