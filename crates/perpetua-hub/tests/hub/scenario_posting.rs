//! A client that is posted to: one frame after the other, and what its answers ask for.

use std::time::Duration;

use perpetua_hub::{
    ClientSettings, DialState, DisconnectReason, PostFailure, PostTarget, Posted, QueueLimits,
    QuickOrder, Role, Taken,
};
use serde_json::{Value, json};

use crate::rig::{BOT, Rig};

const CLIENT: &str = "hook";

fn rig() -> (Rig, perpetua_hub::ConnectionId) {
    let mut rig = Rig::online();
    let queue = QueueLimits {
        frames: 16,
        ..QueueLimits::default()
    };
    let settings = ClientSettings {
        posted: true,
        queue,
        ..ClientSettings::default()
    };
    rig.hub.set_client(CLIENT, settings, rig.now);
    let id = rig.connect(CLIENT, Role::Universal);
    (rig, id)
}

fn next(rig: &mut Rig, id: perpetua_hub::ConnectionId) -> Option<Value> {
    match rig.hub.take_one(id, rig.now) {
        Taken::Frame(frame) => Some(serde_json::from_slice(&frame.into_bytes()).expect("JSON")),
        Taken::Nothing => None,
        Taken::Over(cut) => panic!("it is over: {cut:?}"),
    }
}

fn event(number: u64) -> String {
    json!({
        "post_type": "message", "message_type": "private", "self_id": BOT, "user_id": 30001,
        "message_id": number, "message": "x",
    })
    .to_string()
}

#[test]
fn it_is_greeted_as_the_standard_says_for_posts_and_without_a_heartbeat_that_would_wait() {
    let (mut rig, id) = rig();
    let greeting = next(&mut rig, id).expect("a greeting");
    assert_eq!(
        (&greeting["meta_event_type"], &greeting["sub_type"]),
        (&json!("lifecycle"), &json!("enable"))
    );
    assert_eq!(next(&mut rig, id), None);
    let beat = rig.hub.take_heartbeat(id, rig.now).expect("a heartbeat");
    let beat: Value = serde_json::from_slice(&beat.into_bytes()).expect("JSON");
    assert_eq!(beat["status"]["online"], true, "{beat}");
}

#[test]
fn what_is_not_taken_yet_gives_way_in_the_queue_and_is_counted() {
    let (mut rig, id) = rig();
    next(&mut rig, id);
    for number in 1..=20 {
        rig.upstream(&event(number));
    }
    assert_eq!(
        next(&mut rig, id).map(|one| one["message_id"].clone()),
        Some(json!(5))
    );
    rig.upstream(&event(21));
    assert_eq!(
        next(&mut rig, id).map(|one| one["message_id"].clone()),
        Some(json!(6))
    );
    let client = &rig.hub.snapshot().clients[0];
    assert_eq!(
        (client.traffic.dropped, client.connections[0].queued),
        (4, 15)
    );
    rig.hub
        .cut_client(CLIENT, DisconnectReason::SettingsChanged);
    let over = rig.hub.take_one(id, rig.now);
    assert!(matches!(
        over,
        Taken::Over(Some(DisconnectReason::SettingsChanged))
    ));
    rig.hub.disconnect(id, rig.now);
    assert!(matches!(rig.hub.take_one(id, rig.now), Taken::Over(None)));
    assert_eq!(rig.hub.snapshot().clients[0].traffic.dropped, 4 + 15);
}

#[test]
fn an_answer_becomes_actions_whose_responses_reach_nobody() {
    let (mut rig, id) = rig();
    next(&mut rig, id);
    let heed = |rig: &mut Rig, wish: &str| {
        let order = QuickOrder::new(&event(1), wish);
        rig.hub.heed(id, CLIENT, order, rig.now)
    };
    assert_eq!(heed(&mut rig, r#"{"reply":"hi","code":0}"#), Ok(()));
    assert_eq!(heed(&mut rig, r#"{"code":0}"#), Ok(()));
    let wrong = heed(&mut rig, r#"{"delete":"perhaps"}"#).expect_err("nothing can be made of it");
    assert!(wrong.to_string().contains("delete"), "{wrong}");
    let action = rig.hub.take_action(rig.now).expect("an action");
    let action: Value = serde_json::from_slice(&action.into_bytes()).expect("JSON");
    assert_eq!(action["action"], "send_private_msg", "{action}");
    assert!(rig.hub.take_action(rig.now).is_none());
    rig.upstream(
        &json!({ "status": "ok", "retcode": 0, "data": {}, "echo": action["echo"] }).to_string(),
    );
    assert_eq!(next(&mut rig, id), None);
    let traffic = &rig.hub.snapshot().clients[0].traffic;
    assert_eq!((traffic.actions, traffic.refusals), (1, 1));
}

/// It answers in the second that an event may go on when its client is cut off.
#[test]
fn what_is_asked_for_while_the_connection_ends_is_done_for_a_client_that_stays() {
    for cut in [
        DisconnectReason::SettingsChanged,
        DisconnectReason::HeldMost,
        DisconnectReason::QueueFull,
    ] {
        let (mut rig, id) = rig();
        rig.hub.cut_client(CLIENT, cut);
        let order = QuickOrder::new(&event(1), r#"{"reply":"hi"}"#);
        assert_eq!(rig.hub.heed(id, CLIENT, order, rig.now), Ok(()), "{cut:?}");
        assert!(rig.hub.take_action(rig.now).is_some(), "{cut:?}");
    }
    let (mut rig, id) = rig();
    rig.hub.remove_client(CLIENT);
    let order = QuickOrder::new(&event(1), r#"{"reply":"hi"}"#);
    let refused = rig.hub.heed(id, CLIENT, order, rig.now);
    let refused = refused.expect_err("nobody is there").to_string();
    assert!(refused.contains("disabled or removed"), "{refused}");
    assert!(rig.hub.take_action(rig.now).is_none());
}

#[test]
fn what_is_asked_for_about_an_event_of_another_account_is_refused() {
    let (mut rig, id) = rig();
    let other = event(1).replace(&BOT.to_string(), "777");
    let order = QuickOrder::new(&other, r#"{"reply":"hi"}"#);
    let refused = rig.hub.heed(id, CLIENT, order, rig.now);
    assert!(
        refused
            .expect_err("another account")
            .to_string()
            .contains("777")
    );
    assert!(rig.hub.take_action(rig.now).is_none());
}

/// From the cut until the client is back, and when its queue ends unread.
#[test]
fn what_comes_while_it_has_no_queue_is_counted() {
    let (mut rig, id) = rig();
    next(&mut rig, id);
    let missed = |rig: &Rig| rig.hub.snapshot().clients[0].traffic.dropped;
    rig.hub.cut_client(CLIENT, DisconnectReason::HeldMost);
    rig.upstream(&event(1));
    assert_eq!(missed(&rig), 1);
    rig.hub.disconnect(id, rig.now);
    rig.upstream(&event(2));
    assert_eq!(missed(&rig), 2);
    let back = rig.connect(CLIENT, Role::Universal);
    rig.upstream(&event(3));
    assert_eq!(missed(&rig), 2);
    rig.hub.disconnect(back, rig.now);
    assert_eq!(missed(&rig), 3, "what waited");
    let settings = ClientSettings::default();
    rig.hub.set_client(CLIENT, settings, rig.now);
    rig.upstream(&event(4));
    assert_eq!(missed(&rig), 3, "another kind knows that it was away");
}

#[test]
fn how_the_way_to_it_stood_ends_with_its_runtime_and_what_was_counted_stays() {
    let (mut rig, _id) = rig();
    let mut target = PostTarget::new(1);
    target.named();
    target.took(Posted::Event);
    rig.hub.set_post(CLIENT, &target, rig.now);
    rig.hub.set_dial(CLIENT, 0, DialState::Unnamed, 3, rig.now);
    rig.hub.forget_way(CLIENT);
    let client = rig.hub.snapshot().clients.remove(0);
    assert!(client.post.is_none() && client.dials.is_empty() && client.last_call.is_none());
    assert_eq!(client.posts.delivered, 1);
    let mut next = PostTarget::new(1).counting_from(rig.hub.post_counts(CLIENT));
    next.took(Posted::Event);
    rig.hub.set_post(CLIENT, &next, rig.now);
    assert_eq!(rig.hub.snapshot().clients[0].posts.delivered, 2);
}

#[test]
fn how_it_stands_is_shown_with_since_when() {
    let (mut rig, _id) = rig();
    let mut target = PostTarget::new(1);
    target.named();
    let mut since = Vec::new();
    let show = |rig: &mut Rig, target: &PostTarget| {
        rig.now.instant += Duration::from_secs(1);
        rig.hub.set_post(CLIENT, target, rig.now);
        let client = rig.hub.snapshot().clients.remove(0);
        client.post.expect("it is posted to").since
    };
    since.push(show(&mut rig, &target));
    for _ in 0..7 {
        target.began();
        let now = rig.now.instant;
        target.failed(PostFailure::NobodyHere, None, Posted::Event, now);
        since.push(show(&mut rig, &target));
    }
    // Untried, four times failing, three times paused, of which the last two are the same pause.
    since.dedup();
    assert_eq!(since.len(), 3);
    rig.hub.set_post("nobody", &target, rig.now);
}
