//! How many sockets the callers of a port may have. Most of them keep theirs open for the next call: where there is no
//! seat, the one that has been idle for the longest time gives its up.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;

/// The seats of a port. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Seats(Arc<Mutex<Taken>>);

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    /// How often somebody has become idle.
    turns: u64,
    seats: BTreeMap<u64, State>,
}

#[derive(Debug)]
struct State {
    /// When it became idle, as a number that grows; `None` while it is answered.
    idle: Option<u64>,
    leaves: CancellationToken,
}

/// A seat, until it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Seats,
    number: u64,
}

impl Seats {
    /// Takes one of `limit` seats for somebody who is to be answered, if need be that of an idle one. Who has to leave
    /// again finds `leaves` cancelled. `None`: all are being answered.
    pub(super) fn take(&self, limit: usize, leaves: &CancellationToken) -> Option<Seat> {
        let mut taken = self.lock();
        while taken.seats.len() >= limit {
            let idle = taken.seats.iter();
            let idle = idle.filter_map(|(number, state)| Some((state.idle?, *number)));
            let (_, number) = idle.min()?;
            if let Some(state) = taken.seats.remove(&number) {
                state.leaves.cancel();
            }
        }
        let number = taken.next;
        taken.next += 1;
        let state = State {
            idle: None,
            leaves: leaves.clone(),
        };
        taken.seats.insert(number, state);
        drop(taken);
        Some(Seat {
            seats: self.clone(),
            number,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// It asks for something. If it has to leave already, it gets this last answer.
    pub(super) fn asks(&self) {
        let mut taken = self.seats.lock();
        if let Some(state) = taken.seats.get_mut(&self.number) {
            state.idle = None;
        }
    }

    /// It has its answer.
    pub(super) fn is_answered(&self) {
        let mut taken = self.seats.lock();
        taken.turns += 1;
        let turn = taken.turns;
        if let Some(state) = taken.seats.get_mut(&self.number) {
            state.idle = Some(turn);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.lock().seats.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use tokio_util::sync::CancellationToken;

    use super::{Seat, Seats};

    fn take(seats: &Seats, limit: usize) -> Option<(Seat, CancellationToken)> {
        let leaves = CancellationToken::new();
        Some((seats.take(limit, &leaves)?, leaves))
    }

    #[test]
    fn who_has_been_idle_for_the_longest_time_gives_way_and_who_is_answered_does_not() {
        let seats = Seats::default();
        let (first, first_leaves) = take(&seats, 3).expect("a seat");
        let (second, second_leaves) = take(&seats, 3).expect("a seat");
        let (third, third_leaves) = take(&seats, 3).expect("a seat");
        assert!(take(&seats, 3).is_none());
        second.is_answered();
        first.is_answered();
        let (_fourth, _) = take(&seats, 3).expect("that of the second");
        assert!(second_leaves.is_cancelled() && !first_leaves.is_cancelled());
        second.asks();
        first.asks();
        assert!(take(&seats, 3).is_none());
        drop(third);
        assert!(!third_leaves.is_cancelled());
        assert!(take(&seats, 3).is_some());
    }

    #[test]
    fn a_limit_that_was_lowered_holds_for_who_comes_next() {
        let seats = Seats::default();
        let all: Vec<_> = (0..4).filter_map(|_| take(&seats, 4)).collect();
        for (seat, _) in &all {
            seat.is_answered();
        }
        let _newest = take(&seats, 2).expect("a seat");
        let left = all.iter().filter(|(_, leaves)| leaves.is_cancelled());
        assert_eq!(left.count(), 3);
        assert!(take(&seats, 0).is_none());
    }
}
