//! The numbers of events: at each connection they grow, and what is missing was counted as dropped.

use std::collections::BTreeMap;

use perpetua_hub::{ConnectionId, Outgoing, Role};

use crate::rig::Rig;

/// What each connection has seen of the numbers.
#[derive(Debug, Default)]
pub(crate) struct Numbering(BTreeMap<ConnectionId, Seen>);

#[derive(Debug)]
struct Seen {
    /// The last number that was given before it came.
    before: u64,
    last: u64,
    events: u64,
}

impl Numbering {
    /// A connection has come.
    pub(crate) fn came(&mut self, id: ConnectionId, rig: &Rig) {
        let before = rig.hub.snapshot().last_event;
        // A queue that holds less than the greeting is cut off at once.
        if let Some(seat) = rig.find_seat(id) {
            assert_eq!(seat.last_event, before);
        }
        let seen = Seen {
            before,
            last: before,
            events: 0,
        };
        self.0.insert(id, seen);
    }

    /// A connection was given these frames.
    pub(crate) fn took(&mut self, id: ConnectionId, frames: &[Outgoing], rig: &Rig) {
        let seen = self.0.get_mut(&id).expect("it came");
        for number in frames.iter().filter_map(Outgoing::event_number) {
            assert!(number > seen.last, "{number} after {}", seen.last);
            seen.last = number;
            seen.events += 1;
        }
        assert_eq!(rig.seat(id).last_event, seen.last);
    }

    /// Nothing waits for a connection any more.
    pub(crate) fn emptied(&self, id: ConnectionId, rig: &Rig) {
        let (seen, seat) = (&self.0[&id], rig.seat(id));
        if seat.role != Role::Api {
            let given = rig.hub.snapshot().last_event - seen.before;
            assert_eq!(
                given - seen.events,
                seat.dropped,
                "missing numbers are not those of dropped events"
            );
        }
    }
}
