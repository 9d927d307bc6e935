//! One connection's bounded queue.

use std::collections::VecDeque;

use crate::{Outgoing, OverflowPolicy, QueueLimits};

/// Places that an empty lane keeps for the frames to come; after a jam the rest is given back.
const KEPT_CAPACITY: usize = 512;

/// Frames waiting for one connection, in the order in which they go out.
///
/// Two lanes share one order: frames that must arrive (responses, the lifecycle) and frames that
/// may be dropped (events). Only the second lane gives way when the queue is full.
#[derive(Debug)]
pub(crate) struct Queue {
    limits: QueueLimits,
    kept: VecDeque<(u64, Outgoing)>,
    droppable: VecDeque<(u64, Outgoing)>,
    next_order: u64,
    bytes: usize,
    /// Of the frames that must arrive.
    kept_bytes: usize,
}

/// What became of a frame that was pushed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Pushed {
    /// It waits; this many older events were dropped to make room.
    Waiting { dropped: u64 },
    /// There is no room, and none can be made.
    Full,
}

impl Queue {
    pub(crate) fn new(limits: QueueLimits) -> Self {
        Self {
            limits,
            kept: VecDeque::new(),
            droppable: VecDeque::new(),
            next_order: 0,
            bytes: 0,
            kept_bytes: 0,
        }
    }

    pub(crate) fn set_limits(&mut self, limits: QueueLimits) {
        self.limits = limits;
    }

    pub(crate) fn len(&self) -> usize {
        self.kept.len() + self.droppable.len()
    }

    /// How many of the waiting frames are events.
    pub(crate) fn droppable(&self) -> usize {
        self.droppable.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds a frame that must arrive.
    pub(crate) fn push_kept(&mut self, frame: Outgoing) -> Pushed {
        let pushed = self.make_room(frame.weight());
        if matches!(pushed, Pushed::Waiting { .. }) {
            self.bytes += frame.weight();
            self.kept_bytes += frame.weight();
            self.kept.push_back((self.next_order, frame));
            self.next_order += 1;
        }
        pushed
    }

    /// Adds a frame that later ones may push out. Where frames may be dropped and nothing else can
    /// give way, it is dropped itself.
    pub(crate) fn push_droppable(&mut self, frame: Outgoing) -> Pushed {
        match self.make_room(frame.weight()) {
            Pushed::Waiting { dropped } => {
                self.bytes += frame.weight();
                self.droppable.push_back((self.next_order, frame));
                self.next_order += 1;
                Pushed::Waiting { dropped }
            }
            Pushed::Full if self.limits.when_full == OverflowPolicy::DropOldest => {
                Pushed::Waiting { dropped: 1 }
            }
            Pushed::Full => Pushed::Full,
        }
    }

    /// Takes the frame that goes out next.
    pub(crate) fn pop(&mut self) -> Option<Outgoing> {
        let is_kept = match (self.kept.front(), self.droppable.front()) {
            (Some((kept, _)), Some((droppable, _))) => kept < droppable,
            (kept, _) => kept.is_some(),
        };
        let lane = if is_kept {
            &mut self.kept
        } else {
            &mut self.droppable
        };
        let (_, frame) = lane.pop_front()?;
        self.bytes -= frame.weight();
        if is_kept {
            self.kept_bytes -= frame.weight();
        }
        if lane.is_empty() && lane.capacity() > KEPT_CAPACITY {
            lane.shrink_to(KEPT_CAPACITY);
        }
        Some(frame)
    }

    /// Throws everything away, as for a connection that is being cut off.
    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.limits);
    }

    /// Drops the oldest events until there is room; none is dropped in vain.
    fn make_room(&mut self, weight: usize) -> Pushed {
        if self.has_room(weight) {
            return Pushed::Waiting { dropped: 0 };
        }
        let may_drop = self.limits.when_full == OverflowPolicy::DropOldest;
        if !may_drop || !self.has_room_beside_kept(weight) {
            return Pushed::Full;
        }
        let mut dropped = 0;
        while !self.has_room(weight) {
            let Some((_, oldest)) = self.droppable.pop_front() else {
                break;
            };
            self.bytes -= oldest.weight();
            dropped += 1;
        }
        Pushed::Waiting { dropped }
    }

    /// Whether there would be room if all events were gone.
    fn has_room_beside_kept(&self, weight: usize) -> bool {
        let (frames, bytes) = (self.kept.len(), self.kept_bytes);
        frames == 0 || (frames < self.limits.frames && bytes + weight <= self.limits.bytes)
    }

    fn has_room(&self, weight: usize) -> bool {
        self.is_empty()
            || (self.len() < self.limits.frames && self.bytes + weight <= self.limits.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{Pushed, Queue};
    use crate::{Outgoing, OverflowPolicy, QueueLimits};

    #[test]
    fn both_lanes_come_out_in_the_order_in_which_they_went_in() {
        let mut queue = queue(8, 1000, OverflowPolicy::DropOldest);
        queue.push_droppable(frame("1"));
        queue.push_kept(frame("2"));
        queue.push_droppable(frame("3"));
        queue.push_kept(frame("4"));
        assert_eq!(rest(&mut queue), ["1", "2", "3", "4"]);
        assert_eq!(queue.bytes(), 0);
    }

    #[test]
    fn the_oldest_events_give_way_and_are_counted() {
        let mut queue = queue(3, 1000, OverflowPolicy::DropOldest);
        queue.push_kept(frame("response"));
        queue.push_droppable(frame("1"));
        queue.push_droppable(frame("2"));
        assert_eq!(
            queue.push_droppable(frame("3")),
            Pushed::Waiting { dropped: 1 }
        );
        assert_eq!(rest(&mut queue), ["response", "2", "3"]);
    }

    #[test]
    fn bytes_are_bounded_too_but_one_large_frame_always_fits_alone() {
        let mut queue = queue(100, 10, OverflowPolicy::DropOldest);
        assert_eq!(
            queue.push_droppable(frame("0123456789abc")),
            Pushed::Waiting { dropped: 0 }
        );
        assert_eq!(
            queue.push_droppable(frame("x")),
            Pushed::Waiting { dropped: 1 }
        );
        assert_eq!(rest(&mut queue), ["x"]);
    }

    #[test]
    fn a_queue_full_of_responses_drops_none_of_them() {
        let mut queue = queue(2, 1000, OverflowPolicy::DropOldest);
        queue.push_kept(frame("1"));
        queue.push_kept(frame("2"));
        assert_eq!(queue.push_kept(frame("3")), Pushed::Full);
        assert_eq!(rest(&mut queue), ["1", "2"]);
    }

    #[test]
    fn an_event_that_finds_only_responses_is_dropped_itself() {
        let mut queue = queue(1, 1000, OverflowPolicy::DropOldest);
        queue.push_kept(frame("response"));
        assert_eq!(
            queue.push_droppable(frame("event")),
            Pushed::Waiting { dropped: 1 }
        );
        assert_eq!(rest(&mut queue), ["response"]);
    }

    #[test]
    fn no_event_is_dropped_for_one_that_fits_nowhere() {
        let mut queue = queue(8, 100, OverflowPolicy::DropOldest);
        queue.push_kept(frame("a response of 23 bytes."));
        queue.push_droppable(frame("1"));
        queue.push_droppable(frame("2"));
        let large: Outgoing = "x".repeat(78).into();
        assert_eq!(
            queue.push_droppable(large.clone()),
            Pushed::Waiting { dropped: 1 },
            "itself"
        );
        assert_eq!(queue.push_kept(large), Pushed::Full);
        assert_eq!(rest(&mut queue), ["a response of 23 bytes.", "1", "2"]);
    }

    #[test]
    fn with_disconnect_nothing_is_dropped() {
        let mut queue = queue(1, 1000, OverflowPolicy::Disconnect);
        queue.push_droppable(frame("1"));
        assert_eq!(queue.push_droppable(frame("2")), Pushed::Full);
    }

    fn queue(frames: usize, bytes: usize, when_full: OverflowPolicy) -> Queue {
        Queue::new(QueueLimits {
            frames,
            bytes,
            when_full,
        })
    }

    fn frame(text: &'static str) -> Outgoing {
        text.to_owned().into()
    }

    fn rest(queue: &mut Queue) -> Vec<String> {
        std::iter::from_fn(|| queue.pop())
            .map(|frame| String::from_utf8(frame.into_bytes().into()).expect("text"))
            .collect()
    }
}
