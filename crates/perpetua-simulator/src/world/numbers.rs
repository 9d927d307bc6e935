//! Ids of messages, requests, files and forwards: made from a seed, so that a run can be repeated.

use fastrand::Rng;

/// Spreads successive counts over all 16 bits; any odd number keeps them distinct.
const SPREAD: u16 = 0x9E37;

/// The source of ids.
#[derive(Debug)]
pub(crate) struct Numbers {
    random: Rng,
    count: u16,
}

impl Numbers {
    pub(crate) fn new(seed: u64) -> Numbers {
        let mut random = Rng::with_seed(seed);
        let count = random.u16(..);
        Self { random, count }
    }

    /// An id made as real cores make it, of a count (high bits) and a random number (low bits): about half
    /// are negative. Distinct from the last 65,535, and never 0, which frameworks take for "none".
    pub(crate) fn message_id(&mut self) -> i32 {
        self.count = self.count.wrapping_add(1);
        let high = u32::from(self.count.wrapping_mul(SPREAD)) << 16;
        (high | u32::from(self.random.u16(..)) | 1).cast_signed()
    }

    /// A name that nothing else has.
    pub(crate) fn name(&mut self) -> String {
        format!("{:016x}{:016x}", self.random.u64(..), self.random.u64(..))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn message_ids_are_distinct_and_of_both_signs() {
        let mut numbers = Numbers::new(7);
        let ids: Vec<i32> = (0..65_536).map(|_| numbers.message_id()).collect();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
        let negative = ids.iter().filter(|id| **id < 0).count();
        assert_eq!(negative, 32_768);
        assert!(!ids.contains(&0));
    }

    #[test]
    fn one_seed_gives_one_sequence() {
        let (mut one, mut same, mut other) = (Numbers::new(1), Numbers::new(1), Numbers::new(2));
        let name = one.name();
        assert_eq!(name, same.name());
        assert_ne!(name, other.name());
    }
}
