//! What the hub gives out, compared with what its model expects.

use perpetua_hub::{ConnectionId, DisconnectReason, Remaining};
use serde_json::Value;

use crate::{
    expectation::{Expected, Fate, is_beat},
    model::Model,
    rig::{parse, text},
    world::World,
};

impl World {
    /// A connection reads a batch: each frame is the next that it waits for.
    pub(crate) fn take(&mut self, id: ConnectionId) {
        let (batch, taken) = self.rig.take_frames(id);
        let cut = self.model.seat(id).and_then(|seat| seat.cut);
        if let Some(cut) = cut {
            assert_eq!((batch.len(), taken), (0, Remaining::Disconnect(cut)));
            return;
        }
        self.numbering.took(id, &batch, &self.rig);
        let texts: Vec<_> = batch.into_iter().map(text).collect();
        let (online, dropped) = (self.model.online(), self.rig.seat(id).dropped);
        let Model { seats, uuids, .. } = &mut self.model;
        let seat = seats
            .iter_mut()
            .find(|seat| seat.id == id)
            .expect("it was picked");
        let mut frames: Vec<(&str, Value)> =
            texts.iter().map(|text| (&**text, parse(text))).collect();
        seat.taken += frames.len() as u64;
        if std::mem::take(&mut seat.beat_due) {
            let (text, beat) = frames.pop().expect("a heartbeat is due");
            assert!(is_beat(&beat, online, dropped), "{text}");
        }
        for (text, frame) in &frames {
            while let Some(Expected { what, fate }) = seat.line.pop_front() {
                if what.is(text, frame, uuids) {
                    seat.received += u64::from(fate == Fate::Droppable);
                    break;
                }
                let may_stay_away = fate == Fate::Droppable && seat.small;
                assert!(may_stay_away, "{what:?} did not come, but {text}");
                assert!(!seat.line.is_empty(), "nobody expected {text}");
            }
        }
        if taken == Remaining::Emptied {
            self.woken.remove(&id);
            self.bounds.remove(&id);
            self.numbering.emptied(id, &self.rig);
            let rest = seat
                .line
                .drain(..)
                .find(|one| one.fate == Fate::Kept || !seat.small);
            assert!(rest.is_none(), "{rest:?} did not come");
            assert_eq!(
                seat.offered,
                seat.received + dropped,
                "missed events are not counted"
            );
        } else {
            assert_eq!(taken, Remaining::More);
            assert!(!texts.is_empty());
        }
    }

    /// Connections end for reasons that the model knows, or because a small queue was full.
    pub(crate) fn compare_cuts(&mut self, offered_before: &[(ConnectionId, u64)]) {
        for id in self.rig.hub.cut_off().collect::<Vec<_>>() {
            let (frames, taken) = self.rig.take_batch(id);
            let seat = self
                .model
                .seat(id)
                .expect("it was there when it was cut off");
            assert!(frames.is_empty());
            let Remaining::Disconnect(cut) = taken else {
                panic!("{taken:?} after it was cut off")
            };
            assert!(
                seat.cut == Some(cut) || (cut == DisconnectReason::QueueFull && seat.small),
                "{cut:?}, not {:?}",
                seat.cut
            );
            seat.end(cut);
            seat.cut = Some(cut);
            let before = offered_before
                .iter()
                .find(|(before, _)| *before == id)
                .map_or(0, |(_, offered)| *offered);
            seat.missed = before - seat.received..=seat.offered - seat.received;
            let client = seat.client.clone();
            self.model.count_cut(&client);
            self.woken.remove(&id);
        }
    }

    /// Everything that can be seen from outside is as the model says.
    pub(crate) fn compare(&mut self) {
        for id in self.rig.hub.woken().collect::<Vec<_>>() {
            self.woken.insert(id);
        }
        self.upstream_woken |= self.rig.hub.upstream_woken();
        self.signals_woken |= self.rig.hub.signals_woken();
        assert!(
            self.signals_woken || self.model.news.is_empty(),
            "the supervisor sleeps"
        );
        let presence = (
            self.rig.hub.online(),
            self.rig.hub.offline_reason(),
            self.rig.hub.blocked_since(),
        );
        if self.rig.hub.presence_woken() {
            self.published.clone_from(&presence);
        }
        assert_eq!(self.published, presence, "a change is not told");
        let snapshot = self.rig.hub.snapshot();
        assert_eq!(snapshot.self_id, self.model.presence.account);
        assert_eq!(snapshot.online, self.model.online());
        assert_eq!(snapshot.hung, self.model.presence.hung());
        let blocked_since = self.model.presence.blocked_since();
        assert_eq!(
            snapshot.blocked_since,
            blocked_since.map(|since| self.start + since)
        );
        assert_eq!(snapshot.events, self.model.events);
        assert_eq!(snapshot.other_accounts_events, self.model.left_out);
        assert_eq!(
            (snapshot.unsent, snapshot.unanswered),
            (self.model.unsent(), self.model.unanswered())
        );
        let next = self.model.next_deadline().map(|next| self.start + next);
        assert_eq!(self.rig.hub.next_deadline(), next);
        assert!(
            self.upstream_woken || self.model.next_to_send().is_none(),
            "the upstream sleeps"
        );
        let clients = snapshot
            .clients
            .iter()
            .inspect(|client| self.model.compare_tally(client));
        assert!(
            clients
                .map(|client| &client.name)
                .eq(self.model.clients.keys())
        );
        self.compare_queues();
    }

    /// What waits is within its bounds, and somebody has been told of it.
    fn compare_queues(&mut self) {
        for seat in &self.model.seats {
            if seat.cut.is_some() {
                let found = self.rig.find_seat(seat.id);
                assert!(found.is_none(), "{:?} was cut off", seat.person);
                continue;
            }
            let waits = seat.beat_due || !seat.line.is_empty();
            assert!(
                !waits || self.woken.contains(&seat.id),
                "{:?} sleeps",
                seat.person
            );
            let settings = &self.model.clients[&seat.client];
            let bound = self.bounds.entry(seat.id).or_insert(settings.queue);
            bound.frames = bound.frames.max(settings.queue.frames);
            let queue = self.rig.seat(seat.id);
            assert!(
                queue.queued <= bound.frames.max(1),
                "{} frames wait",
                queue.queued
            );
        }
    }
}
