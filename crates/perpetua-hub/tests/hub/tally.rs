//! The counts of each client, which outlive its connections.

use std::ops::RangeInclusive;

use perpetua_hub::{ClientSnapshot, ConnectionSnapshot};

use crate::model::{Model, Seat};

/// What is counted at a client, without the connections that are still there.
#[derive(Debug)]
pub(crate) struct Tally {
    sent: u64,
    dropped: RangeInclusive<u64>,
    cuts: u64,
}

impl Tally {
    pub(crate) fn new() -> Self {
        Self {
            sent: 0,
            dropped: 0..=0,
            cuts: 0,
        }
    }
}

impl Model {
    /// A connection of this client was cut off.
    pub(crate) fn count_cut(&mut self, client: &str) {
        if let Some(tally) = self.tallies.get_mut(client) {
            tally.cuts += 1;
        }
    }

    /// A connection has left; `dropped` is what the hub said of it before, unless it was cut off. All that it did not read
    /// is missed then.
    pub(crate) fn count_leaver(&mut self, seat: &Seat, dropped: Option<u64>) {
        if let Some(tally) = self.tallies.get_mut(&seat.client) {
            tally.sent += seat.taken;
            let unread = dropped.map(|_| seat.offered - seat.received);
            tally.dropped = sum(&tally.dropped, &missed(seat, unread));
        }
    }

    /// The hub counts as many as there were.
    pub(crate) fn compare_tally(&self, client: &ClientSnapshot) {
        let tally = &self.tallies[&client.name];
        let (mut sent, mut dropped) = (tally.sent, tally.dropped.clone());
        for seat in self.seats.iter().filter(|seat| seat.client == client.name) {
            let is_its = |one: &&ConnectionSnapshot| one.app_id.to_string() == seat.person.app_id;
            let counted = client.connections.iter().find(is_its);
            sent += seat.taken;
            dropped = sum(&dropped, &missed(seat, counted.map(|one| one.dropped)));
        }
        let counted = &client.traffic;
        assert_eq!((counted.sent, counted.cuts), (sent, tally.cuts));
        assert!(
            dropped.contains(&counted.dropped),
            "{} events counted as missed, not {dropped:?}",
            counted.dropped
        );
    }
}

/// What a connection missed: counted exactly while it is open, within limits once it was cut off.
fn missed(seat: &Seat, counted: Option<u64>) -> RangeInclusive<u64> {
    counted.map_or_else(|| seat.missed.clone(), |counted| counted..=counted)
}

fn sum(one: &RangeInclusive<u64>, other: &RangeInclusive<u64>) -> RangeInclusive<u64> {
    one.start() + other.start()..=one.end() + other.end()
}
