//! Programs that are there for one action, which they ask for over HTTP.

use perpetua_hub::{
    ClientProfile, ClientSettings, ConnectionId, DisconnectReason, Remaining, Role,
};
use serde_json::json;

use crate::rig::{BOT, Rig, kinds};

fn called(rig: &mut Rig, client: &str) -> ConnectionId {
    let admitted = rig.hub.begin_call(client, rig.now);
    admitted.expect("the client is there").id
}

#[test]
fn a_call_gets_its_answer_and_nothing_else() {
    let mut rig = Rig::online();
    rig.client("script", ClientProfile::Standard);
    let call = called(&mut rig, "script");
    rig.message(1);
    rig.hub.heartbeat(call);
    rig.send(call, r#"{"action":"send_msg","params":{}}"#);
    let actions = rig.take_actions();
    rig.answer(&actions[0], "7");
    let answers = rig.take(call);
    assert_eq!(
        answers,
        [json!({ "status": "ok", "retcode": 0, "data": 7 })]
    );
}

#[test]
fn nobody_is_told_of_a_call_and_it_is_no_connection() {
    let mut rig = Rig::new();
    let watcher = rig.guest("watcher", ClientProfile::Perpetua);
    rig.client("script", ClientProfile::Perpetua);
    let early = called(&mut rig, "script");
    rig.hub.learn_self_id(BOT, rig.now);
    rig.take(watcher);
    let late = called(&mut rig, "script");
    let script = |rig: &Rig| {
        let clients = rig.hub.snapshot().clients;
        let mut found = clients.into_iter().filter(|one| one.name == "script");
        found.next().expect("it is there")
    };
    let since = script(&rig).since;
    assert!(script(&rig).connections.is_empty());
    assert_eq!(script(&rig).last_call, Some(rig.now.instant));
    rig.pass(std::time::Duration::from_secs(1));
    for call in [early, late] {
        assert!(rig.take(call).is_empty(), "no greeting");
        rig.hub.disconnect(call, rig.now);
    }
    assert_eq!(script(&rig).since, since);
    assert_eq!(kinds(&rig.take(watcher)), [""; 0]);
}

#[test]
fn calls_are_none_of_the_connections_that_a_client_may_have() {
    let mut rig = Rig::online();
    let settings = ClientSettings {
        max_connections: 1,
        ..ClientSettings::default()
    };
    rig.hub.set_client("script", settings, rig.now);
    let calls: Vec<_> = (0..3).map(|_| called(&mut rig, "script")).collect();
    let stream = rig.connect("script", Role::Event);
    assert_eq!(rig.hub.connection_limit("script"), Some(1));
    assert_eq!(rig.hub.connection_limit("nobody"), None);
    rig.hub
        .cut_client("script", DisconnectReason::SettingsChanged);
    for id in calls.into_iter().chain([stream]) {
        let (frames, remaining) = rig.take_batch(id);
        assert!(frames.is_empty());
        let cut = DisconnectReason::SettingsChanged;
        assert_eq!(remaining, Remaining::Disconnect(cut));
    }
    rig.hub.remove_client("script");
    assert!(rig.hub.begin_call("script", rig.now).is_err());
}

#[test]
fn no_more_frames_are_taken_than_are_wanted() {
    let mut rig = Rig::online();
    let guest = rig.guest("guest", ClientProfile::Standard);
    for number in 1..=3 {
        rig.message(number);
    }
    let mut batch = Vec::new();
    let taken = rig.hub.take_at_most(2, guest, rig.now, &mut batch);
    assert_eq!((batch.len(), taken), (2, Remaining::More));
    let taken = rig.hub.take_at_most(2, guest, rig.now, &mut batch);
    assert_eq!((batch.len(), taken), (3, Remaining::Emptied));
}
