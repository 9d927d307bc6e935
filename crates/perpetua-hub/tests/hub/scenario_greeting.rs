//! What a new connection is given first.

use std::time::Duration;

use perpetua_hub::{ClientProfile, ClientSettings, QueueLimits, Role};
use serde_json::json;

use crate::rig::{BOT, Rig, kinds};

#[test]
fn a_standard_client_is_greeted_with_lifecycle_and_heartbeat() {
    let mut rig = Rig::online();
    rig.client("nonebot", ClientProfile::Standard);
    let id = rig.connect("nonebot", Role::Universal);
    let lifecycle = json!({
        "time": 1_700_000_000, "self_id": BOT, "post_type": "meta_event",
        "meta_event_type": "lifecycle", "sub_type": "connect",
    });
    let heartbeat = json!({
        "time": 1_700_000_000, "self_id": BOT, "post_type": "meta_event",
        "meta_event_type": "heartbeat", "status": {"online": true, "good": true}, "interval": 5000,
    });
    assert_eq!(rig.take(id), [lifecycle, heartbeat]);
}

#[test]
fn a_perpetua_client_also_sees_itself_come() {
    let mut rig = Rig::online();
    rig.client("lease", ClientProfile::Perpetua);
    let id = rig.connect("lease", Role::Universal);
    let app_id = rig.hub.app_id(id).expect("it is there");
    let frames = rig.take(id);
    assert_eq!(kinds(&frames), ["lifecycle", "client_status", "heartbeat"]);
    let status = json!({
        "time": 1_700_000_000_250_i64, "self_id": BOT, "post_type": "notice", "notice_type": "client_status",
        "client": {"app_id": app_id}, "online": true, "self_client": true,
    });
    assert_eq!(frames[1], status);
}

#[test]
fn the_greeting_waits_until_the_account_is_known() {
    let mut rig = Rig::new();
    rig.client("nonebot", ClientProfile::Standard);
    let id = rig.connect("nonebot", Role::Universal);
    rig.open();
    assert!(
        rig.take(id).is_empty(),
        "nobody knows yet whose bot this is"
    );
    rig.log_in(BOT);
    assert_eq!(kinds(&rig.take(id)), ["lifecycle", "heartbeat"]);
}

#[test]
fn an_event_that_tells_the_account_comes_after_the_greeting() {
    let mut rig = Rig::new();
    rig.client("nonebot", ClientProfile::Standard);
    let id = rig.connect("nonebot", Role::Universal);
    rig.open();
    rig.message(1);
    assert_eq!(kinds(&rig.take(id)), ["lifecycle", "heartbeat", "message"]);
}

#[test]
fn events_before_the_greeting_are_told_as_missed() {
    let mut rig = Rig::new();
    rig.client("nonebot", ClientProfile::Standard);
    let id = rig.connect("nonebot", Role::Universal);
    rig.open();
    rig.upstream(r#"{"post_type":"message","of":"an account that nobody knows"}"#);
    rig.log_in(BOT);
    let frames = rig.take(id);
    assert_eq!(kinds(&frames), ["lifecycle", "heartbeat"]);
    assert_eq!(frames[1]["status"]["dropped"], 1);
}

#[test]
fn the_account_zero_is_none() {
    let mut rig = Rig::new();
    rig.client("nonebot", ClientProfile::Standard);
    let id = rig.connect("nonebot", Role::Universal);
    rig.open();
    rig.hub.learn_self_id(0, rig.now);
    assert!(
        rig.take(id).is_empty(),
        "a core that has not logged in yet says 0"
    );
}

#[test]
fn each_role_is_greeted_by_what_it_speaks() {
    let mut rig = Rig::online();
    rig.client("koishi", ClientProfile::Standard);
    let actions = rig.connect("koishi", Role::Api);
    let events = rig.connect("koishi", Role::Event);
    assert!(rig.take(actions).is_empty());
    assert_eq!(kinds(&rig.take(events)), ["lifecycle", "heartbeat"]);
}

#[test]
fn the_whole_greeting_is_kept_when_events_are_dropped_around_it() {
    let mut rig = Rig::online();
    let queue = QueueLimits {
        frames: 4,
        ..QueueLimits::default()
    };
    let settings = ClientSettings {
        profile: ClientProfile::Perpetua,
        queue,
        ..ClientSettings::default()
    };
    rig.hub.set_client("lease", settings, rig.now);
    let id = rig.connect("lease", Role::Universal);
    (1..=9).for_each(|number| rig.message(number));
    let frames = rig.take(id);
    let expected = ["lifecycle", "client_status", "heartbeat", "message"];
    assert_eq!(kinds(&frames), expected);
    assert_eq!(frames[3]["number"], 9);
}

#[test]
fn the_heartbeat_of_the_greeting_is_of_its_moment_and_what_changed_since_follows() {
    let mut rig = Rig::online();
    rig.client("nonebot", ClientProfile::Standard);
    let id = rig.connect("nonebot", Role::Universal);
    rig.pass(Duration::from_secs(3));
    rig.lose();
    let frames = rig.take(id);
    assert_eq!(kinds(&frames), ["lifecycle", "heartbeat", "heartbeat"]);
    let told = |beat: usize| json!([frames[beat]["time"], frames[beat]["status"]["online"]]);
    assert_eq!(told(1), json!([1_700_000_000, true]));
    assert_eq!(told(2), json!([1_700_000_003, false]));
}

#[test]
fn a_heartbeat_is_made_when_it_is_read() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    rig.hub.heartbeat(id);
    rig.hub.heartbeat(id);
    rig.pass(Duration::from_secs(3));
    rig.lose();
    let frames = rig.take(id);
    assert_eq!(kinds(&frames), ["heartbeat"], "one is enough");
    assert_eq!(frames[0]["time"], 1_700_000_003);
    assert_eq!(frames[0]["status"]["online"], false);
}
