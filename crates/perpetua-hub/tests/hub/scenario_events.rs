//! Events on their way to fast and slow connections.

use perpetua_hub::{
    AccountLimits, ClientProfile, ClientSettings, ConnectionId, DisconnectReason, OverflowPolicy,
    QueueLimits, Remaining, Role,
};
use serde_json::Value;

use crate::rig::{BOT, Rig};

#[test]
fn a_full_queue_drops_its_oldest_events_and_tells_how_many() {
    let mut rig = Rig::online();
    let id = slow(&mut rig, limited(3, OverflowPolicy::DropOldest));
    (1..=10).for_each(|number| rig.message(number));
    rig.hub.heartbeat(id);
    let frames = rig.take(id);
    assert_eq!(numbers(&frames), [8, 9, 10]);
    assert_eq!(frames[3]["status"]["dropped"], 7);
    assert_eq!(rig.hub.snapshot().clients[0].traffic.dropped, 7);
}

#[test]
fn responses_outlive_the_events_around_them() {
    let mut rig = Rig::online();
    let id = slow(&mut rig, limited(2, OverflowPolicy::DropOldest));
    rig.message(1);
    rig.send(id, r#"{"action":"set_restart","echo":1}"#);
    (2..=5).for_each(|number| rig.message(number));
    let frames = rig.take(id);
    assert_eq!(
        (&frames[0]["echo"], &frames[1]["number"]),
        (&1.into(), &5.into())
    );
}

#[test]
fn a_queue_that_disconnects_drops_nothing_and_says_why() {
    let mut rig = Rig::online();
    let id = slow(&mut rig, limited(3, OverflowPolicy::Disconnect));
    (1..=4).for_each(|number| rig.message(number));
    assert_eq!(
        rig.take_batch(id),
        (
            Vec::new(),
            Remaining::Disconnect(DisconnectReason::QueueFull)
        )
    );
    assert_eq!(rig.hub.cut_off().collect::<Vec<_>>(), [id]);
    assert_eq!(rig.hub.snapshot().clients[0].traffic.dropped, 4);
    assert_eq!(rig.hub.snapshot().clients[0].traffic.cuts, 1);
}

#[test]
fn events_dropped_in_vain_are_counted_too() {
    let mut rig = Rig::online();
    rig.hub.set_limits(AccountLimits {
        max_frame_size: 1000,
        ..AccountLimits::default()
    });
    let limits = QueueLimits {
        bytes: 300,
        ..QueueLimits::default()
    };
    let id = slow(&mut rig, limits);
    rig.send(id, r#"{"action":"send_msg","echo":"long"}"#);
    rig.send(id, r#"{"action":"send_msg","echo":"longer"}"#);
    let actions = rig.take_actions();
    rig.answer(&actions[0], &format!("\"{}\"", "x".repeat(40_000)));
    rig.message(1);
    rig.answer(&actions[1], &format!("\"{}\"", "x".repeat(40_000)));
    assert_eq!(
        rig.take_batch(id),
        (
            Vec::new(),
            Remaining::Disconnect(DisconnectReason::QueueFull)
        )
    );
    assert_eq!(rig.hub.snapshot().clients[0].traffic.dropped, 1);
}

#[test]
fn an_event_ends_no_connection_that_drops_its_events() {
    let mut rig = Rig::online();
    let id = slow(&mut rig, limited(1, OverflowPolicy::DropOldest));
    rig.send(id, r#"{"action":"set_restart","echo":1}"#);
    rig.message(1);
    let (frames, taken) = rig.take_batch(id);
    assert_eq!(
        (frames.len(), taken),
        (1, Remaining::Emptied),
        "the response waits, the event is missed"
    );
    assert_eq!(rig.seat(id).dropped, 1);
}

#[test]
fn a_stuck_connection_takes_nothing_from_another() {
    let mut rig = Rig::online();
    let stuck = slow(&mut rig, limited(10, OverflowPolicy::DropOldest));
    let healthy = rig.guest("healthy", ClientProfile::Standard);
    let mut seen = Vec::new();
    for number in 0..20_000 {
        rig.message(number);
        if number % 100 == 0 {
            seen.extend(numbers(&rig.take(healthy)));
        }
    }
    seen.extend(numbers(&rig.take(healthy)));
    assert!(seen.into_iter().eq(0..20_000));
    assert_eq!(rig.seat(healthy).dropped, 0);
    assert_eq!(rig.seat(stuck).queued, 10);
}

#[test]
fn each_role_is_given_only_what_it_speaks() {
    let mut rig = Rig::online();
    rig.client("koishi", ClientProfile::Standard);
    let actions = rig.connect("koishi", Role::Api);
    let events = rig.connect("koishi", Role::Event);
    rig.take(events);
    rig.message(1);
    rig.send(actions, r#"{"action":"set_restart","echo":1}"#);
    rig.send(events, r#"{"action":"set_restart","echo":2}"#);
    rig.send(events, r#"{"action":"send_msg","echo":3}"#);
    assert!(rig.take_actions().is_empty());
    assert_eq!(rig.take(actions)[0]["echo"], 1);
    assert_eq!(numbers(&rig.take(events)), [1]);
}

#[test]
fn an_event_is_forwarded_as_the_bytes_that_came() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    let text =
        " {\"post_type\" : \"message\", \"text\":\"\\u4F60\", \"id\":9007199254740993.10 }\n";
    rig.upstream(text);
    assert_eq!(rig.take_texts(id), [text]);
}

#[test]
fn an_event_never_carries_an_echo() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    rig.upstream(r#"{"post_type":"notice","echo":null,"raw":{"echo":1}}"#);
    assert_eq!(
        rig.take_texts(id),
        [r#"{"post_type":"notice","raw":{"echo":1}}"#]
    );
}

#[test]
fn the_upstreams_own_heartbeats_and_lifecycles_end_here() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    for kind in ["heartbeat", "lifecycle"] {
        rig.upstream(&format!(
            r#"{{"self_id":{BOT},"post_type":"meta_event","meta_event_type":"{kind}"}}"#
        ));
    }
    assert!(rig.take(id).is_empty());
}

#[test]
fn a_message_with_a_foreign_member_is_still_a_message() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    rig.upstream(r#"{"post_type":"message","meta_event_type":"heartbeat","number":1}"#);
    assert_eq!(numbers(&rig.take(id)), [1]);
}

#[test]
fn more_than_a_batch_comes_in_order() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    (0..1000).for_each(|number| rig.message(number));
    let (first, taken) = rig.take_batch(id);
    assert!(first.len() < 1000);
    assert_eq!(taken, Remaining::More);
    let rest = numbers(&rig.take(id));
    assert!(rest.into_iter().eq(first.len() as u64..1000));
}

fn limited(frames: usize, when_full: OverflowPolicy) -> QueueLimits {
    QueueLimits {
        frames,
        when_full,
        ..QueueLimits::default()
    }
}

/// A connection whose queue is small; its greeting is read.
fn slow(rig: &mut Rig, queue: QueueLimits) -> ConnectionId {
    let id = rig.guest("a slow one", ClientProfile::Standard);
    let settings = ClientSettings {
        queue,
        ..ClientSettings::default()
    };
    rig.hub.set_client("a slow one", settings, rig.now);
    id
}

/// The numbers of the messages among the frames.
fn numbers(frames: &[Value]) -> Vec<u64> {
    frames
        .iter()
        .filter_map(|frame| frame["number"].as_u64())
        .collect()
}
