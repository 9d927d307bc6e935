//! One connection's bounded queue.

use std::collections::VecDeque;

use crate::{Held, Outgoing, OverflowPolicy, QueueLimits};

/// Places that an empty lane keeps for the frames to come; after a jam the rest is given back.
const KEPT_CAPACITY: usize = 512;

/// Frames of the greatest size that may wait together whatever the settings say: who asks for a large file
/// and for another one reads neither too slowly.
const LARGEST_FRAMES: usize = 2;
/// What may wait beside them: the lifecycle, small answers, echoes that are longer than those of the hub.
const BESIDE_THEM: usize = 64 << 10;

/// Frames waiting for one connection, in the order in which they go out.
///
/// Two lanes share one order: frames that must arrive (responses, the lifecycle) and frames that
/// may be dropped (events). Only the second lane gives way when the queue is full. Each has bytes of its
/// own, so that no event is lost because of a large answer.
#[derive(Debug)]
pub(crate) struct Queue {
    limits: QueueLimits,
    /// How many bytes a frame may have.
    frame_size: usize,
    kept: VecDeque<(u64, Outgoing)>,
    droppable: VecDeque<(u64, Outgoing)>,
    next_order: u64,
    kept_bytes: usize,
    /// Those of them that are its connection's own.
    own_bytes: usize,
    droppable_bytes: usize,
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
    pub(crate) fn new(limits: QueueLimits, max_frame_size: usize) -> Self {
        Self {
            limits,
            frame_size: max_frame_size,
            kept: VecDeque::new(),
            droppable: VecDeque::new(),
            next_order: 0,
            kept_bytes: 0,
            own_bytes: 0,
            droppable_bytes: 0,
        }
    }

    pub(crate) fn set_limits(&mut self, limits: QueueLimits) {
        self.limits = limits;
    }

    /// Frames may have this many bytes from now on. Larger ones still come over a link that is open.
    pub(crate) fn allow_frames_of(&mut self, bytes: usize) {
        self.frame_size = self.frame_size.max(bytes);
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
        self.kept_bytes + self.droppable_bytes
    }

    /// What its connection holds by it.
    pub(crate) fn held(&self) -> Held {
        Held {
            own: self.own_bytes,
            events: self.droppable_bytes,
        }
    }

    /// Adds a frame that must arrive.
    pub(crate) fn push_kept(&mut self, frame: Outgoing) -> Pushed {
        let bytes = self.kept_bytes + frame.weight();
        if !self.kept.is_empty() && bytes > self.kept_limit() {
            return Pushed::Full;
        }
        let pushed = self.make_room(Self::has_place);
        if matches!(pushed, Pushed::Waiting { .. }) {
            self.kept_bytes = bytes;
            self.own_bytes += frame.held().own;
            self.kept.push_back((self.next_order, frame));
            self.next_order += 1;
        }
        pushed
    }

    /// Adds a frame that later ones may push out. Where frames may be dropped and nothing else can
    /// give way, it is dropped itself.
    pub(crate) fn push_droppable(&mut self, frame: Outgoing) -> Pushed {
        let weight = frame.weight();
        match self.make_room(|queue| queue.has_place() && queue.has_bytes_for_event(weight)) {
            Pushed::Waiting { dropped } => {
                self.droppable_bytes += weight;
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
        let (lane, bytes) = if is_kept {
            (&mut self.kept, &mut self.kept_bytes)
        } else {
            (&mut self.droppable, &mut self.droppable_bytes)
        };
        let (_, frame) = lane.pop_front()?;
        *bytes -= frame.weight();
        if is_kept {
            self.own_bytes -= frame.held().own;
        }
        if lane.is_empty() && lane.capacity() > KEPT_CAPACITY {
            lane.shrink_to(KEPT_CAPACITY);
        }
        Some(frame)
    }

    /// Throws everything away, as for a connection that is being cut off.
    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.limits, self.frame_size);
    }

    /// Drops the oldest events until there is room; none is dropped in vain.
    fn make_room(&mut self, has_room: impl Fn(&Self) -> bool) -> Pushed {
        if has_room(self) {
            return Pushed::Waiting { dropped: 0 };
        }
        let may_drop = self.limits.when_full == OverflowPolicy::DropOldest;
        if !may_drop || self.is_full_without_events() {
            return Pushed::Full;
        }
        let mut dropped = 0;
        while !has_room(self) {
            let Some((_, oldest)) = self.droppable.pop_front() else {
                break;
            };
            self.droppable_bytes -= oldest.weight();
            dropped += 1;
        }
        Pushed::Waiting { dropped }
    }

    fn is_full_without_events(&self) -> bool {
        !self.kept.is_empty() && self.kept.len() >= self.limits.frames
    }

    fn has_place(&self) -> bool {
        self.is_empty() || self.len() < self.limits.frames
    }

    fn has_bytes_for_event(&self, weight: usize) -> bool {
        self.droppable.is_empty() || self.droppable_bytes + weight <= self.limits.bytes
    }

    /// How many bytes of frames may wait that must arrive.
    fn kept_limit(&self) -> usize {
        let largest_frames = LARGEST_FRAMES.saturating_mul(self.frame_size);
        self.limits
            .bytes
            .max(largest_frames.saturating_add(BESIDE_THEM))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BESIDE_THEM, LARGEST_FRAMES, Pushed, Queue};
    use crate::{Outgoing, OverflowPolicy, QueueLimits};

    /// How many bytes a frame may have in these tests.
    const FRAME_SIZE: usize = 100_000;

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
        queue.push_kept(frame("response"));
        queue.push_droppable(frame("1"));
        queue.push_droppable(frame("2"));
        let large: Outgoing = "x".repeat(2 * FRAME_SIZE + BESIDE_THEM).into();
        assert_eq!(queue.push_kept(large), Pushed::Full);
        assert_eq!(rest(&mut queue), ["response", "1", "2"]);
    }

    /// Two answers of the greatest size beside small ones, whatever the settings leave to events.
    #[test]
    fn answers_of_every_size_that_may_come_have_room_beside_others() {
        for when_full in [OverflowPolicy::DropOldest, OverflowPolicy::Disconnect] {
            for sizes in [
                &[1, FRAME_SIZE][..],
                &[FRAME_SIZE, 1],
                &[FRAME_SIZE, 20, FRAME_SIZE, 20],
                &[FRAME_SIZE * 2 / 3; 3],
            ] {
                let mut queue = queue(8, 100, when_full);
                let waiting = Pushed::Waiting { dropped: 0 };
                assert_eq!(queue.push_droppable(frame("before")), waiting);
                for size in sizes {
                    let answer = "x".repeat(*size).into();
                    assert_eq!(queue.push_kept(answer), waiting, "{sizes:?}");
                }
                assert_eq!(queue.push_droppable(frame("behind")), waiting);
                let bytes = sizes.iter().sum::<usize>() + "before".len() + "behind".len();
                assert_eq!(queue.bytes(), bytes);
                assert_eq!(rest(&mut queue).len(), sizes.len() + 2);
            }
        }
    }

    #[test]
    fn a_larger_limit_of_frames_gives_room_and_a_smaller_one_takes_none() {
        let mut queue = queue(8, 100, OverflowPolicy::Disconnect);
        queue.allow_frames_of(3 * FRAME_SIZE);
        queue.allow_frames_of(1);
        for _ in 0..2 {
            let answer = "x".repeat(3 * FRAME_SIZE).into();
            assert_eq!(queue.push_kept(answer), Pushed::Waiting { dropped: 0 });
        }
    }

    #[test]
    fn with_disconnect_nothing_is_dropped() {
        let mut queue = queue(1, 1000, OverflowPolicy::Disconnect);
        queue.push_droppable(frame("1"));
        assert_eq!(queue.push_droppable(frame("2")), Pushed::Full);
    }

    proptest! {
        /// Both lanes keep within their bounds, and nothing is dropped that is not counted.
        #[test]
        fn the_lanes_are_bounded(
            pushes in prop::collection::vec((any::<bool>(), 0..FRAME_SIZE), 0..60),
            frames in 1..20_usize,
            bytes in 1000..4 * FRAME_SIZE,
            may_drop in any::<bool>(),
        ) {
            let when_full = if may_drop { OverflowPolicy::DropOldest } else { OverflowPolicy::Disconnect };
            let mut queue = queue(frames, bytes, when_full);
            let (mut taken, mut dropped_in_all) = (0, 0);
            for (is_kept, size) in pushes {
                let frame = "x".repeat(size).into();
                let pushed = if is_kept { queue.push_kept(frame) } else { queue.push_droppable(frame) };
                if let Pushed::Waiting { dropped } = pushed {
                    taken += 1;
                    dropped_in_all += dropped;
                }
                prop_assert!(queue.len() <= frames);
                prop_assert!(queue.droppable.len() <= 1 || queue.droppable_bytes <= bytes);
                let kept_limit = bytes.max(LARGEST_FRAMES * FRAME_SIZE + BESIDE_THEM);
                prop_assert!(queue.kept.len() <= 1 || queue.kept_bytes <= kept_limit);
            }
            prop_assert_eq!(rest(&mut queue).len() as u64 + dropped_in_all, taken);
            prop_assert_eq!(queue.bytes(), 0);
        }
    }

    fn queue(frames: usize, bytes: usize, when_full: OverflowPolicy) -> Queue {
        let limits = QueueLimits {
            frames,
            bytes,
            when_full,
        };
        Queue::new(limits, FRAME_SIZE)
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
