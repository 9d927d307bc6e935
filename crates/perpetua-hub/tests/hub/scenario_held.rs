//! What frames hold, and who is to blame for it.

use std::collections::HashMap;

use perpetua_hub::{ClientProfile, ClientSettings, ConnectionId, InDriver, Outgoing, Role};

use crate::rig::{BOT, Rig};

/// How large the events of these scenarios are, nearly.
const LARGE: usize = 100_000;

fn event(number: usize) -> String {
    let text = "x".repeat(LARGE);
    format!(r#"{{"self_id":{BOT},"post_type":"message","number":{number},"text":"{text}"}}"#)
}

/// Connections of one client, their greetings read.
fn guests(rig: &mut Rig, count: usize) -> Vec<ConnectionId> {
    let settings = ClientSettings {
        max_connections: count,
        ..ClientSettings::default()
    };
    rig.hub.set_client("bot", settings, rig.now);
    let all: Vec<_> = (0..count)
        .map(|_| rig.connect("bot", Role::Event))
        .collect();
    for id in &all {
        drop(rig.take_frames(*id));
    }
    all
}

/// A connection whose driver writes the next event, and does not come to its end.
struct Stuck {
    id: ConnectionId,
    writes: Vec<Outgoing>,
}

impl Stuck {
    fn take(rig: &mut Rig, id: ConnectionId) -> Self {
        let writes = rig.take_frames(id).0;
        assert_eq!(writes.len(), 1);
        Self { id, writes }
    }

    fn held(&self) -> InDriver {
        InDriver {
            own: 0,
            events: self.writes.iter().map(|frame| frame.held().events).sum(),
            last_event: self.writes[0].event_number().expect("an event"),
        }
    }
}

fn beside(stuck: &[Stuck]) -> impl Fn(ConnectionId) -> InDriver + use<> {
    let held: HashMap<_, _> = stuck.iter().map(|one| (one.id, one.held())).collect();
    move |id| held.get(&id).copied().unwrap_or_default()
}

fn blamed(rig: &Rig, stuck: &[Stuck]) -> usize {
    let shares = rig.hub.shares(beside(stuck));
    shares.iter().map(|share| share.bytes).sum()
}

fn held(rig: &Rig, stuck: &[Stuck]) -> usize {
    rig.hub.held_bytes(beside(stuck))
}

/// In events of these scenarios.
fn events(bytes: usize) -> usize {
    bytes / LARGE
}

#[test]
fn an_event_that_several_write_counts_once_and_each_other_event_too() {
    for count in [1, 2, 10] {
        let mut rig = Rig::online();
        let all = guests(&mut rig, count);
        rig.upstream(&event(0));
        let same: Vec<_> = all.iter().map(|id| Stuck::take(&mut rig, *id)).collect();
        assert_eq!(events(held(&rig, &same)), 1);
        assert_eq!(events(blamed(&rig, &same)), 1);
        drop(same);
        assert_eq!(held(&rig, &[]), 0, "nobody has it");
        let mut different = Vec::new();
        for (number, id) in all.iter().enumerate() {
            rig.upstream(&event(number));
            different.push(Stuck::take(&mut rig, *id));
            for other in &all[number + 1..] {
                drop(rig.take_frames(*other));
            }
        }
        for one in &mut different {
            // What waits for those that were stuck first.
            drop(rig.take(one.id));
        }
        assert_eq!(events(held(&rig, &different)), count);
        assert_eq!(events(blamed(&rig, &different)), count);
    }
}

/// Where one that reads writes the same event at that moment, it is not its fault.
#[test]
fn of_those_that_write_the_same_events_the_slowest_is_to_blame() {
    let mut rig = Rig::online();
    let all = guests(&mut rig, 2);
    let (quick, slow) = (all[0], all[1]);
    rig.upstream(&event(0));
    let stuck = [quick, slow].map(|id| Stuck::take(&mut rig, id));
    rig.upstream(&event(1));
    drop(rig.take_frames(quick));
    let shares = rig.hub.shares(beside(&stuck));
    for share in shares {
        let expected = if share.connection == Some(slow) { 2 } else { 0 };
        assert_eq!(events(share.bytes), expected);
    }
}

/// What is made of a frame when it is written is announced before.
#[test]
fn a_copy_is_announced_before_it_is_made() {
    let mut rig = Rig::online();
    let id = rig.guest("bot", ClientProfile::Standard);
    let echo = "e".repeat(LARGE);
    for text in [
        format!(r#"{{"action":"ask","echo":"{echo}"}}"#),
        format!(r#"{{"action":"ask","params":{{"text":"{echo}"}},"echo":1}}"#),
        format!(r#"{{"action":"ask","params":{{"text":"{echo}"}}}}"#),
    ] {
        rig.send(id, &text);
        let action = rig.hub.take_action(rig.now).expect("it waits");
        let announced = action.bytes_to_make();
        let made = action.into_bytes();
        assert!((made.len()..made.len() + 2).contains(&announced));
        let asked: serde_json::Value = serde_json::from_slice(&made).expect("JSON");
        rig.upstream(&format!(
            r#"{{"status":"ok","retcode":0,"echo":{}}}"#,
            asked["echo"]
        ));
        let (answers, _) = rig.take_frames(id);
        for answer in answers {
            let announced = answer.bytes_to_make();
            let made = answer.into_bytes();
            assert!((made.len()..made.len() + 64).contains(&announced));
        }
    }
    rig.upstream(&event(0));
    let (events, _) = rig.take_frames(id);
    assert_eq!(events[0].bytes_to_make(), 0, "nothing is copied");
}
